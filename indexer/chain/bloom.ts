import type { RawLog } from '../decode.ts'
import { isHex } from './header.ts'
import { keccakBytes } from '#keccak'

/**
 * The 2048-bit filter of a block header over its logs' addresses and topics (Ethereum yellow paper §4.3.1). A node that
 * lost logs still has the header, so that an empty or short answer is told from an empty block.
 */
export const BLOOM_BYTES = 256

/** Where the three bits of a value stand, by its place in `bits`. Addresses, event topics and ids come again and again. */
let known = new Map<string, number>()
const KNOWN_MAX = 65_536
const bits = new Uint16Array(3 * KNOWN_MAX)
/** For the bytes of a topic. */
const scratch = Buffer.alloc(32)

/** Whether a value is hex digits under 0x, so many bytes. One whose bits were looked up of late needs no second look. */
export function isValue(value: unknown, bytes: number): value is string {
  return typeof value === 'string' && value.length === 2 + 2 * bytes && (known.has(value) || isSpelled(value, bytes))
}

/** Addresses alone may be spelled with capitals (execution-apis, base types). */
const isSpelled = (value: string, bytes: number): boolean => isHex(bytes === 20 ? value.toLowerCase() : value)

/** The place of a value's bits in `bits`, good until the next call; undefined for what is no value of so many bytes. */
function bitsOf(value: string, bytes: number): number | undefined {
  if (value.length !== 2 + 2 * bytes) return undefined
  const cached = known.get(value)
  if (cached !== undefined) return cached
  if (!isSpelled(value, bytes)) return undefined
  const hash = keccakBytes(scratch.subarray(0, scratch.write(value.slice(2), 'hex')))
  if (known.size >= KNOWN_MAX) known = new Map()
  const at = 3 * known.size
  for (let i = 0; i < 3; i++) bits[at + i] = ((hash[2 * i]! << 8) | hash[2 * i + 1]!) & 2047
  known.set(value, at)
  return at
}

/**
 * Whether a header's bloom may cover logs of any of these addresses or with any of these topics, which are lower-case; false is
 * certain. Their bits are worked out once: each header is asked about every registry version that there could be.
 */
export function filterOf(values: readonly string[]): (bloom: Uint8Array) => boolean {
  const places = values.map((value) => {
    const at = bitsOf(value, (value.length - 2) / 2)!
    return [bits[at]!, bits[at + 1]!, bits[at + 2]!] as const
  })
  const has = (bloom: Uint8Array, bit: number): boolean =>
    (bloom[BLOOM_BYTES - 1 - (bit >> 3)]! & (1 << (bit & 7))) !== 0
  return (bloom) => places.some(([a, b, c]) => has(bloom, a) && has(bloom, b) && has(bloom, c))
}

/** The filter of all logs of a block; undefined when an address or a topic is no hex of its length. */
export function bloomOf(logs: readonly Pick<RawLog, 'address' | 'topics'>[]): Uint8Array | undefined {
  const bloom = new Uint8Array(BLOOM_BYTES)
  for (const { address, topics } of logs) {
    if (!add(bloom, address, 20)) return undefined
    for (const topic of topics) if (!add(bloom, topic, 32)) return undefined
  }
  return bloom
}

function add(bloom: Uint8Array, value: string, bytes: number): boolean {
  const at = bitsOf(value, bytes)
  if (at === undefined) return false
  for (let i = at; i < at + 3; i++) bloom[BLOOM_BYTES - 1 - (bits[i]! >> 3)]! |= 1 << (bits[i]! & 7)
  return true
}
