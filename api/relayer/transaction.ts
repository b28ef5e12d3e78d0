import { secp256k1 } from '@noble/curves/secp256k1'
import { createKeccak } from 'hash-wasm'

// WebAssembly: two hashes of a whole transaction each would be a tenth of what a command costs in plain JavaScript.
const hasher = await createKeccak(256)

/** A legacy transaction at price zero that calls a contract and carries no value. */
export interface CallTransaction {
  chainId: number
  nonce: number
  gasLimit: bigint
  /** Address and call data, hex with 0x. */
  to: string
  data: string
}

export interface SignedTransaction {
  raw: string
  hash: string
}

/**
 * Signs it for its chain (EIP-155). Ethers gives the same bytes at twice the processor time, which is a large part of what the relayer
 * spends on a command: test/api/transaction.test.ts holds them against each other.
 * @param key 32 bytes
 */
export function signTransaction(key: Uint8Array, transaction: CallTransaction): SignedTransaction {
  const { chainId, nonce, gasLimit, to, data } = transaction
  const fields = [integer(BigInt(nonce)), nothing, integer(gasLimit), bytesOf(to), nothing, bytesOf(data)].map(item)
  const digest = keccak(list([...fields, item(integer(BigInt(chainId))), item(nothing), item(nothing)]))
  const { r, s, recovery } = secp256k1.sign(digest, key)
  const v = BigInt(chainId) * 2n + 35n + BigInt(recovery)
  const signed = list([...fields, ...[v, r, s].map((one) => item(integer(one)))])
  return { raw: `0x${signed.toString('hex')}`, hash: `0x${keccak(signed).toString('hex')}` }
}

const nothing = Buffer.alloc(0)

function keccak(bytes: Uint8Array): Buffer {
  return Buffer.from(hasher.init().update(bytes).digest('binary'))
}

function bytesOf(hex: string): Buffer {
  const bytes = Buffer.from(hex.slice(2), 'hex')
  // Buffer stops in silence where a digit is none.
  if (!hex.startsWith('0x') || bytes.length * 2 + 2 !== hex.length) throw new TypeError('not hex with 0x')
  return bytes
}

/** Big-endian without leading zeros, zero as the empty string: RLP's form of an integer. */
function integer(value: bigint): Buffer {
  if (value === 0n) return nothing
  const digits = value.toString(16)
  return Buffer.from(digits.length % 2 === 1 ? `0${digits}` : digits, 'hex')
}

function item(bytes: Buffer): Buffer {
  if (bytes.length === 1 && bytes[0]! < 0x80) return bytes
  return Buffer.concat([head(0x80, bytes.length), bytes])
}

function list(items: readonly Buffer[]): Buffer {
  const payload = Buffer.concat(items)
  return Buffer.concat([head(0xc0, payload.length), payload])
}

function head(offset: number, length: number): Buffer {
  if (length < 56) return Buffer.from([offset + length])
  const size = integer(BigInt(length))
  return Buffer.concat([Buffer.from([offset + 55 + size.length]), size])
}
