import type { RawLog } from '../decode.ts'
import { isHex } from './hex.ts'
import { SLOTS, slotOf } from './known-values.ts'
import { keccakBytes } from '#keccak'

/**
 * The 2048-bit filter of a block header over its logs' addresses and topics (Ethereum yellow paper §4.3.1). A node that
 * lost logs still has the header, so that an empty or short answer is told from an empty block.
 */
export const BLOOM_BYTES = 256

/** What was seen of late, by its slot, and where its three bits stand. */
const held: string[] = []
const bits = new Uint16Array(3 * SLOTS)
/** For the bytes of an address or a topic. */
const scratch = new Map([20, 32].map((bytes) => [bytes, Buffer.alloc(bytes)]))

/** Whether a value is hex digits under 0x, so many bytes. One that was looked up of late needs no second look. */
export function isValue(value: unknown, bytes: number): value is string {
  return (
    typeof value === 'string' &&
    value.length === 2 + 2 * bytes &&
    (held[slotOf(value)] === value || isSpelled(value, bytes))
  )
}

/** Addresses alone may be spelled with capitals (execution-apis, base types). */
const isSpelled = (value: string, bytes: number): boolean => isHex(bytes === 20 ? value.toLowerCase() : value)

/** The slot of a value, which has its bits until the next call; undefined for what is no value of so many bytes. */
function hold(value: string, bytes: number): number | undefined {
  if (value.length !== 2 + 2 * bytes) return undefined
  const slot = slotOf(value)
  if (held[slot] === value) return slot
  if (!isSpelled(value, bytes)) return undefined
  const digits = scratch.get(bytes)!
  digits.write(value.slice(2), 'hex')
  const hash = keccakBytes(digits)
  for (let i = 0; i < 3; i++) bits[3 * slot + i] = ((hash[2 * i]! << 8) | hash[2 * i + 1]!) & 2047
  held[slot] = value
  return slot
}

/**
 * Whether a header's bloom may cover logs of any of these addresses or with any of these topics, which are lower-case; false is
 * certain. Their bits are worked out once: each header is asked about every registry version that there could be.
 */
export function filterOf(values: readonly string[]): (bloom: Uint8Array) => boolean {
  const places = values.map((value) => {
    const at = 3 * hold(value, (value.length - 2) / 2)!
    return [bits[at]!, bits[at + 1]!, bits[at + 2]!] as const
  })
  const has = (bloom: Uint8Array, bit: number): boolean =>
    (bloom[BLOOM_BYTES - 1 - (bit >> 3)]! & (1 << (bit & 7))) !== 0
  return (bloom) => places.some(([a, b, c]) => has(bloom, a) && has(bloom, b) && has(bloom, c))
}

/**
 * The filter of all logs of a block; undefined when an address or a topic is no hex of its length. Each log gets the strings that were
 * seen first.
 */
export function bloomOf(logs: readonly Pick<RawLog, 'address' | 'topics'>[]): Uint8Array | undefined {
  const bloom = new Uint8Array(BLOOM_BYTES)
  for (const log of logs) {
    const address = add(bloom, log.address, 20)
    if (address === undefined) return undefined
    log.address = address
    const { topics } = log
    for (let i = 0; i < topics.length; i++) {
      const topic = add(bloom, topics[i]!, 32)
      if (topic === undefined) return undefined
      topics[i] = topic
    }
  }
  return bloom
}

function add(bloom: Uint8Array, value: string, bytes: number): string | undefined {
  const slot = hold(value, bytes)
  if (slot === undefined) return undefined
  for (let i = 3 * slot; i < 3 * slot + 3; i++) bloom[BLOOM_BYTES - 1 - (bits[i]! >> 3)]! |= 1 << (bits[i]! & 7)
  return held[slot]
}
