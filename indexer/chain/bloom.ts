import type { RawLog } from '../decode.ts'
import { keccakBytes } from './keccak.ts'

/**
 * The 2048-bit filter of a block header over its logs' addresses and topics (Ethereum yellow paper §4.3.1). A node that
 * lost logs still has the header, so that an empty or short answer is told from an empty block.
 */
export const BLOOM_BYTES = 256

/** Addresses, event topics and ids come again and again. */
let known = new Map<string, readonly number[]>()
const KNOWN_MAX = 65_536

function bitsOf(value: string): readonly number[] {
  const cached = known.get(value)
  if (cached) return cached
  const hash = keccakBytes(Buffer.from(value.slice(2), 'hex'))
  const bits = [0, 2, 4].map((i) => ((hash[i]! << 8) | hash[i + 1]!) & 2047)
  if (known.size >= KNOWN_MAX) known = new Map()
  known.set(value, bits)
  return bits
}

/** Whether a header's bloom may cover logs of `address`; false is certain. */
export function mayContain(bloom: Uint8Array, address: string): boolean {
  return bitsOf(address.toLowerCase()).every((bit) => (bloom[BLOOM_BYTES - 1 - (bit >> 3)]! & (1 << (bit & 7))) !== 0)
}

/** The filter of all logs of a block. */
export function bloomOf(logs: readonly RawLog[]): Uint8Array {
  const bloom = new Uint8Array(BLOOM_BYTES)
  for (const log of logs) {
    for (const value of [log.address.toLowerCase(), ...log.topics]) {
      for (const bit of bitsOf(value)) bloom[BLOOM_BYTES - 1 - (bit >> 3)]! |= 1 << (bit & 7)
    }
  }
  return bloom
}
