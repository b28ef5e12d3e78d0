/**
 * Arguments of events straight from topics and data words (Solidity, "Contract ABI Specification"), by a layout that is worked
 * out once an event: a generic decoder takes most of the time of a backfill. test/indexer/layout.test.ts holds it equal to
 * the generic one for every event.
 */
import { checksummed } from '../domain/chain/address.ts'
import { receivableIdAt } from './chain/known-values.ts'
import type { ContractEvent, Parameter } from '../domain/chain/events.ts'

/** Digits of a word. */
const WORD = 64

/** Reads one argument out of the words of the topics and of the data. */
type Reader = (topics: readonly string[], data: string) => unknown

export interface EventLayout {
  name: string
  /** @throws RangeError when the log has another layout */
  read(topics: readonly string[], data: string): Record<string, unknown>
}

/** The layout of an event. @throws TypeError for types that no event of ours has */
export function layoutOf(event: ContractEvent): EventLayout {
  let topic = 1
  let words = 0
  let arrays = 0
  const readers = event.inputs.map((input): [string, Reader] => {
    if (input.indexed) {
      return [input.name, topicReader(input, topic++)]
    }
    if (input.type.endsWith('[]')) {
      arrays++
      return [input.name, arrayReader({ ...input, type: input.type.slice(0, -2) }, words++)]
    }
    const at = words
    words += wordsOf(input)
    return [input.name, staticReader(input, at)]
  })
  // One array's place and length tell where the data ends; with two of them there would be more than one way.
  if (arrays > 1) throw new TypeError(`event ${event.name} has more than one array`)
  const end = words * WORD
  return {
    name: event.name,
    read(topics, data) {
      const isFitting =
        topics.length === topic && (arrays === 0 ? data.length === 2 + end : data.length >= 2 + end + WORD)
      if (!isFitting) throw new RangeError(`log of ${event.name} has ${topics.length} topics and ${data.length} digits`)
      const args: Record<string, unknown> = {}
      for (const [name, read] of readers) args[name] = read(topics, data)
      return args
    }
  }

  function arrayReader(item: Parameter, at: number): Reader {
    const value = valueReader(item)
    return (_, data) => {
      const place = toNumber(wordAt(data, at))
      const count = toNumber(wordAt(data, words))
      if (place !== words * 32 || data.length !== 2 + (words + 1 + count) * WORD) {
        throw new RangeError(`array of ${event.name} lies elsewhere`)
      }
      return Array.from({ length: count }, (_, i) => value(wordAt(data, words + 1 + i)))
    }
  }
}

function topicReader(input: Parameter, at: number): Reader {
  // As it is: one string less to make, and one whose hash is known from its place in the bloom.
  if (isWholeWord(input)) return (topics) => topics[at]
  const value = valueReader(input)
  return (topics) => value(topics[at]!.slice(2))
}

function staticReader(type: Parameter, at: number): Reader {
  if (!type.components) {
    const value = valueReader(type)
    return (_, data) => value(wordAt(data, at))
  }
  let next = at
  const fields = type.components.map((component): [string, Reader] => {
    const reader = staticReader(component, next)
    next += wordsOf(component)
    return [component.name, reader]
  })
  return (topics, data) => {
    const tuple: Record<string, unknown> = {}
    for (const [name, read] of fields) tuple[name] = read(topics, data)
    return tuple
  }
}

function wordsOf(type: Parameter): number {
  return type.components ? type.components.reduce((sum, component) => sum + wordsOf(component), 0) : 1
}

const wordAt = (data: string, at: number): string => data.slice(2 + at * WORD, 2 + (at + 1) * WORD)

/** Hashes, note ids and words, which are stored as the log has them (domain/note/span.ts). */
const isWholeWord = ({ type }: Parameter): boolean => type === 'bytes32' || type === 'uint256'

/** Reads a word's digits as events are stored: ids and words as hex, other integers as decimals. */
function valueReader(input: Parameter): (word: string) => unknown {
  const { type } = input
  if (isWholeWord(input)) return (word) => `0x${word}`
  if (type === 'address') return (word) => checksummed(`0x${lower(word, 40)}`)
  if (type === 'bool') {
    return (word) => {
      const value = toNumber(word)
      if (value > 1) throw new RangeError(`word ${word} is no boolean`)
      return value === 1
    }
  }
  const bits = Number(/^uint(\d+)$/.exec(type)?.[1])
  // Only receivable ids have this width (contracts/interfaces): they are written as in domain/note/span.ts.
  if (bits === 192) {
    return (word) => {
      requireZeros(word, 16)
      return receivableIdAt(word, 16)
    }
  }
  if (bits <= 48) return (word) => String(Number.parseInt(lower(word, bits / 4), 16))
  if (bits <= 128) return (word) => BigInt(`0x${lower(word, bits / 4)}`).toString()
  throw new TypeError(`no event of ours has an argument of type ${type}`)
}

/** The lower digits of a word whose upper ones must be zero. */
function lower(word: string, digits: number): string {
  requireZeros(word, WORD - digits)
  return word.slice(WORD - digits)
}

function requireZeros(word: string, count: number): void {
  if (!word.startsWith(zeros[count]!)) throw new RangeError(`word ${word} has more than ${WORD - count} digits`)
}
/** By how many there are. */
const zeros = Array.from({ length: WORD + 1 }, (_, count) => '0'.repeat(count))

function toNumber(word: string): number {
  return Number.parseInt(lower(word, 8), 16)
}
