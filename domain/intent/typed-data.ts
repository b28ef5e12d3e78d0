import {
  AbiCoder,
  keccak256,
  TypedDataEncoder,
  verifyTypedData,
  type TypedDataDomain,
  type TypedDataField
} from 'ethers'
import type { Call } from './commands.ts'

/** EIP-712 types of `ParticipantAccount.execute`. One changed byte breaks every signature: add a version instead. */
export const executeTypes: { Execute: TypedDataField[]; Call: TypedDataField[] } = {
  Execute: [
    { name: 'calls', type: 'Call[]' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint48' }
  ],
  Call: [
    { name: 'target', type: 'address' },
    { name: 'data', type: 'bytes' }
  ]
}

/** What the participant signs. Plain JSON: numbers beyond 2^53 are decimal strings. */
export interface ExecuteTypedData {
  domain: { name: string; version: string; chainId: number; verifyingContract: string }
  types: { Execute: TypedDataField[]; Call: TypedDataField[] }
  primaryType: 'Execute'
  message: { calls: Call[]; nonce: string; deadline: number }
}

/**
 * The keyed nonce of an intent: its 128-bit id as the key, sequence 0. So an intent runs once, independent of others,
 * and whether it ran can be asked of the account by its id.
 */
export function nonceOfIntent(intentId: string): bigint {
  const hex = intentId.replaceAll('-', '')
  if (!/^[0-9a-f]{32}$/.test(hex)) throw new RangeError(`intent id must be a lower-case UUID, got ${intentId}`)
  return BigInt(`0x${hex}`) << 64n
}

/** Typed data of a batch for one account. `deadline` in unix seconds. */
export function executeTypedData(
  chainId: number,
  account: string,
  calls: Call[],
  nonce: bigint,
  deadline: number
): ExecuteTypedData {
  return {
    domain: { name: 'Tallystick Account', version: '1', chainId, verifyingContract: account },
    types: executeTypes,
    primaryType: 'Execute',
    message: { calls, nonce: nonce.toString(), deadline }
  }
}

/** The 32-byte EIP-712 digest, 0x-hex: equal to `ParticipantAccount.digestOf`. */
export function digestOfTypedData(data: ExecuteTypedData): string {
  return TypedDataEncoder.hash(data.domain as TypedDataDomain, data.types, data.message)
}

/** Address that made an ECDSA signature over the typed data. Throws when the signature is malformed. */
export function recoverSigner(data: ExecuteTypedData, signature: string): string {
  return verifyTypedData(data.domain as TypedDataDomain, data.types, data.message, signature)
}

/** One signer's part: `signer` is the ERC-7913 signer (20 bytes for an EOA, else verifier ‖ key). */
export interface SignerPart {
  signer: string
  signature: string
}

/** The bytes `ParticipantAccount.execute` takes: signers ordered by keccak256, which costs the contract least. */
export function encodeMultiSignature(parts: readonly SignerPart[]): string {
  const ordered = [...parts].sort((a, b) => (BigInt(keccak256(a.signer)) < BigInt(keccak256(b.signer)) ? -1 : 1))
  return AbiCoder.defaultAbiCoder().encode(
    ['bytes[]', 'bytes[]'],
    [ordered.map((part) => part.signer), ordered.map((part) => part.signature)]
  )
}
