import { p256 } from '@noble/curves/p256'
import {
  AbiCoder,
  concat,
  getBytes,
  id,
  keccak256,
  recoverAddress,
  Signature,
  TypedDataEncoder,
  type TypedDataDomain,
  type TypedDataField
} from 'ethers'
import { hasOtherUserId, verify as isSignedBySm2 } from '../crypto/sm2.ts'
import type { Verifiers } from '../participant/signers.ts'
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

/** EIP-712 hash of one call: what {@link digestOfCalls} needs of a call that is not shown. */
export function hashOfCall(call: Call): string {
  return TypedDataEncoder.hashStruct('Call', { Call: executeTypes.Call }, call)
}

const EXECUTE_TYPE_HASH = id(TypedDataEncoder.from(executeTypes).encodeType('Execute'))

/** The digest of {@link executeTypedData} from the hashes of its calls alone. `deadline` in unix seconds. */
export function digestOfCalls(
  chainId: number,
  account: string,
  calls: readonly string[],
  nonce: bigint,
  deadline: number
): string {
  const { domain } = executeTypedData(chainId, account, [], nonce, deadline)
  const message = AbiCoder.defaultAbiCoder().encode(
    ['bytes32', 'bytes32', 'uint256', 'uint48'],
    [EXECUTE_TYPE_HASH, keccak256(concat(calls)), nonce, deadline]
  )
  return keccak256(concat(['0x1901', TypedDataEncoder.hashDomain(domain), keccak256(message)]))
}

/** One signer's part: `signer` is the ERC-7913 signer (20 bytes for an EOA, else verifier ‖ key). */
export interface SignerPart {
  signer: string
  signature: string
}

/**
 * Whether one signer made its part over the 32-byte digest, as the account would find: a secp256k1 key by recovery, a key of
 * `p256Verifier` (`verifier ‖ x ‖ y`) by an `r ‖ s` with the lower `s`, a key of `sm2Verifier` by an `r ‖ s` over the digest as
 * the message. Undefined for a signer of any other verifier: only the chain can ask that one.
 */
export function isValidPart(
  digest: string,
  { signer, signature }: SignerPart,
  verifiers: Verifiers
): boolean | undefined {
  const isPlain = signer.length === 42
  const isOf = (verifier: string): boolean => signer.slice(0, 42).toLowerCase() === verifier.toLowerCase()
  if (!isPlain && !isOf(verifiers.p256Verifier) && !isOf(verifiers.sm2Verifier)) return undefined
  try {
    if (isPlain) return isRecovered(digest, signer, signature)
    const key = getBytes(`0x${signer.slice(42)}`)
    if (isOf(verifiers.sm2Verifier)) {
      return key.length === 64 && isSignedBySm2(key, getBytes(digest), getBytes(signature))
    }
    const point = Uint8Array.of(4, ...key)
    return p256.verify(getBytes(signature), getBytes(digest), point, {
      format: 'compact',
      lowS: true
    })
  } catch {
    // A key off the curve, or bytes that are no signature.
    return false
  }
}

/** Whether a part that is not valid is an SM2 signature made under no user id: for telling what is wrong. */
export function isUserIdWrong(digest: string, { signer, signature }: SignerPart, verifiers: Verifiers): boolean {
  if (signer.slice(0, 42).toLowerCase() !== verifiers.sm2Verifier.toLowerCase()) return false
  return hasOtherUserId(getBytes(`0x${signer.slice(42)}`), getBytes(digest), getBytes(signature))
}

/** The contract takes 65 bytes with 27 or 28 at the end; ethers reads other forms too, but no upper `s`. */
function isRecovered(digest: string, signer: string, signature: string): boolean {
  const parsed = Signature.from(signature)
  return (
    parsed.serialized === signature.toLowerCase() &&
    recoverAddress(digest, parsed).toLowerCase() === signer.toLowerCase()
  )
}

/** The bytes `ParticipantAccount.execute` takes: signers ordered by keccak256, which costs the contract least. */
export function encodeMultiSignature(parts: readonly SignerPart[]): string {
  const ordered = [...parts].sort((a, b) => (BigInt(keccak256(a.signer)) < BigInt(keccak256(b.signer)) ? -1 : 1))
  return AbiCoder.defaultAbiCoder().encode(
    ['bytes[]', 'bytes[]'],
    [ordered.map((part) => part.signer), ordered.map((part) => part.signature)]
  )
}
