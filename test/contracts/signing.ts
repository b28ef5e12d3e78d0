import { p256 } from '@noble/curves/p256'
import {
  TypedDataEncoder,
  concat,
  getBytes,
  hexlify,
  keccak256,
  toUtf8Bytes,
  type BaseContract,
  type TransactionResponse,
  type TypedDataDomain,
  type TypedDataField
} from 'ethers'
import { SigningKey as Sm2SigningKey } from '../../domain/crypto/sm2.ts'
import type { Call } from '../../domain/intent/commands.ts'
import { encodeMultiSignature, executeTypedData, type ExecuteTypedData } from '../../domain/intent/typed-data.ts'
import type { Signer } from './world.ts'

/** Enough for every call; a fixed limit keeps estimation from mining or refusing on its own. */
export const gasLimit = 8_000_000

/** EIP-712 typed data: a batch of an account, or what another application has signed. */
export interface Signable {
  domain: TypedDataDomain
  types: Record<string, TypedDataField[]>
  message: Record<string, unknown>
}

/** What signs for a participant's account: its ERC-7913 bytes and how it signs. */
export interface Key {
  signer: string
  sign(data: Signable): Promise<string>
}

export function eoaKey(wallet: Signer): Key {
  return {
    signer: wallet.address,
    sign: (data) => wallet.signTypedData(data.domain, data.types, data.message)
  }
}

/** A P-256 key that is always the same for the same name. It signs the digest itself, low s, as `r ‖ s`. */
export function p256Key(verifier: string, name: string): Key {
  const secret = getBytes(keccak256(toUtf8Bytes(name)))
  return {
    signer: concat([verifier, p256.getPublicKey(secret, false).slice(1)]),
    sign: async (data) => {
      const digest = getBytes(TypedDataEncoder.hash(data.domain, data.types, data.message))
      return hexlify(p256.sign(digest, secret, { lowS: true, prehash: false }).toCompactRawBytes())
    }
  }
}

/** An SM2 key that is always the same for the same name. It signs the digest as its message, as `r ‖ s`. */
export function sm2Key(verifier: string, name: string): Key {
  const secret = getBytes(keccak256(toUtf8Bytes(name)))
  const key = new Sm2SigningKey(secret)
  return {
    signer: concat([verifier, key.publicKey]),
    sign: async (data) => hexlify(key.sign(getBytes(TypedDataEncoder.hash(data.domain, data.types, data.message))))
  }
}

export const duty = { none: 0, maker: 1, checker: 2 } as const

/** Signers as the account takes them: all the makers, then all the checkers. */
export function signersOf(makers: readonly Key[], checkers: readonly Key[] = []) {
  return [
    ...makers.map(({ signer }) => ({ signer, duty: duty.maker })),
    ...checkers.map(({ signer }) => ({ signer, duty: duty.checker }))
  ]
}

let intents = 0n

/** A nonce that no intent of this file had before. */
export function freshNonce(): bigint {
  return ++intents << 64n
}

/** What the signers of `account` are asked to sign. */
export async function typedDataOf(
  account: BaseContract,
  calls: Call[],
  { nonce = freshNonce(), deadline = 2 ** 40, chainId = 31337 } = {}
): Promise<ExecuteTypedData> {
  return executeTypedData(chainId, await account.getAddress(), calls, nonce, deadline)
}

/** The keys' parts over the typed data, encoded for the account. */
export async function sign(data: Signable, keys: readonly Key[]): Promise<string> {
  const parts = keys.map(async (key) => ({ signer: key.signer, signature: await key.sign(data) }))
  return encodeMultiSignature(await Promise.all(parts))
}

/** Has `relayer` carry a batch. */
export async function carry(
  account: BaseContract,
  { message }: ExecuteTypedData,
  signature: string,
  relayer: Signer,
  limit = gasLimit
): Promise<TransactionResponse> {
  const execute = (account.connect(relayer) as BaseContract).getFunction('execute')
  return execute(message.calls, message.nonce, message.deadline, signature, { gasLimit: limit })
}

/** Signs a batch and has `relayer` carry it. */
export async function executeSigned(
  account: BaseContract,
  calls: Call[],
  keys: readonly Key[],
  relayer: Signer
): Promise<TransactionResponse> {
  const data = await typedDataOf(account, calls)
  return carry(account, data, await sign(data, keys), relayer)
}
