/**
 * Arguments of events straight from topics and data words (Solidity, "Contract ABI Specification"), by a layout that is worked
 * out once an event: a generic decoder takes most of the time of a backfill. test/indexer/layout.test.ts holds it equal to
 * the generic one for every event.
 */
import { checksummed } from '../domain/chain/address.ts'
import { numberAt as readNumber } from '../domain/chain/hex-word.ts'
import { receivableIdAt } from './chain/known-values.ts'
import type { ContractEvent, Parameter } from '../domain/chain/events.ts'

/** Digits of a word. */
const WORD = 64

/** Reads one argument out of the words of the topics and of the data. */
type Reader = (topics: readonly string[], data: string) => unknown

/** Reads the word whose digits begin at a place of some hex. */
type WordReader = (hex: string, at: number) => unknown

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
      return readAll(readers, topics, data)
    }
  }

  function arrayReader(item: Parameter, at: number): Reader {
    const value = valueReader(item)
    return (_, data) => {
      const place = numberAt(data, placeOf(at), 32)
      const count = numberAt(data, placeOf(words), 32)
      if (place !== words * 32 || data.length !== placeOf(words + 1 + count)) {
        throw new RangeError(`array of ${event.name} lies elsewhere`)
      }
      return Array.from({ length: count }, (_, i) => value(data, placeOf(words + 1 + i)))
    }
  }
}

function readAll(
  readers: readonly [string, Reader][],
  topics: readonly string[],
  data: string
): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (let i = 0; i < readers.length; i++) {
    const reader = readers[i]!
    values[reader[0]] = reader[1](topics, data)
  }
  return values
}

function topicReader(input: Parameter, at: number): Reader {
  // As it is: one string less to make, and one whose hash is known from its place in the bloom.
  if (isWholeWord(input)) return (topics) => topics[at]
  const value = valueReader(input)
  return (topics) => value(topics[at]!, 2)
}

function staticReader(type: Parameter, at: number): Reader {
  if (!type.components) {
    const value = valueReader(type)
    return (_, data) => value(data, placeOf(at))
  }
  let next = at
  const fields = type.components.map((component): [string, Reader] => {
    const reader = staticReader(component, next)
    next += wordsOf(component)
    return [component.name, reader]
  })
  return (topics, data) => readAll(fields, topics, data)
}

function wordsOf(type: Parameter): number {
  return type.components ? type.components.reduce((sum, component) => sum + wordsOf(component), 0) : 1
}

/** Where a word of some data begins. */
const placeOf = (word: number): number => 2 + word * WORD

/** Hashes, note ids and words, which are stored as the log has them (domain/note/span.ts). */
const isWholeWord = ({ type }: Parameter): boolean => type === 'bytes32' || type === 'uint256'

/** Reads a word as events are stored: ids and words as hex, other integers as decimals. */
function valueReader(input: Parameter): WordReader {
  const { type } = input
  if (isWholeWord(input)) {
    return (hex, at) => (at === 2 && hex.length === 2 + WORD ? hex : `0x${hex.slice(at, at + WORD)}`)
  }
  if (type === 'address') {
    return (hex, at) => {
      requireZeros(hex, at, WORD - 40)
      return checksummed(`0x${hex.slice(at + WORD - 40, at + WORD)}`)
    }
  }
  if (type === 'bool') return (hex, at) => numberAt(hex, at, 1) === 1
  const bits = Number(/^uint(\d+)$/.exec(type)?.[1])
  // Only receivable ids have this width (contracts/interfaces): they are written as in domain/note/span.ts.
  if (bits === 192) {
    return (hex, at) => {
      requireZeros(hex, at, 16)
      return receivableIdAt(hex, at + 16)
    }
  }
  if (bits <= 48) return (hex, at) => String(numberAt(hex, at, bits))
  if (bits <= 128) {
    return (hex, at) => {
      requireZeros(hex, at, WORD - bits / 4)
      return BigInt(`0x${hex.slice(at + WORD - bits / 4, at + WORD)}`).toString()
    }
  }
  throw new TypeError(`no event of ours has an argument of type ${type}`)
}

/** The number of a word that must have no more than so many bits, 48 at most. */
function numberAt(hex: string, at: number, bits: number): number {
  const value = readNumber(hex, at - 2, at - 2 + WORD)
  if (value < 2 ** bits) return value
  throw new RangeError(`word ${hex.slice(at, at + WORD)} has more than ${bits} bits`)
}

function requireZeros(hex: string, at: number, count: number): void {
  for (let i = at; i < at + count; i++) {
    if (hex.charCodeAt(i) !== ZERO) {
      throw new RangeError(`word ${hex.slice(at, at + WORD)} has more than ${WORD - count} digits`)
    }
  }
}
const ZERO = 48
