/** {@link keccak.ts} for browsers: what a page hashes is little, and it may run no WebAssembly. */
import { keccak256 } from 'ethers/crypto'
import { getBytes } from 'ethers/utils'

/** keccak256, as 64 hex digits without 0x. */
export function keccakOf(bytes: Uint8Array): string {
  return keccak256(bytes).slice(2)
}

/** keccak256 of hex digits without 0x, as such. */
export function keccakOfHex(digits: string): string {
  return keccakOf(getBytes(`0x${digits}`))
}

/** keccak256 as bytes. */
export function keccakBytes(bytes: Uint8Array): Uint8Array {
  return getBytes(keccak256(bytes))
}
