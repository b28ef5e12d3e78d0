import { lowIntegerOf } from '../chain/hex-word.ts'

/** Amounts stay below 2^63 minor units, so that a Postgres int8range can hold a span. */
export const AMOUNT_MAX = (1n << 63n) - 1n

/** A half-open span `[start, end)` of a receivable's minor units. */
export interface Span {
  start: bigint
  end: bigint
}

/** Id of the note that starts at `start`: `receivableId << 64 | start`. */
export function noteIdOf(receivableId: bigint, start: bigint): bigint {
  if (receivableId < 0n || receivableId >= 1n << 192n) throw new RangeError('receivableId must have 192 bits')
  if (start < 0n || start > AMOUNT_MAX) throw new RangeError('start must be an amount')
  return (receivableId << 64n) | start
}

export function receivableIdOfNote(noteId: bigint): bigint {
  return noteId >> 64n
}

export function startOfNote(noteId: bigint): bigint {
  return noteId & ((1n << 64n) - 1n)
}

/** The same of an id as 0x and 64 hex digits, without reading the receivable's. */
export function startOfNoteHex(noteId: string): bigint {
  return lowIntegerOf(noteId)
}

/** Id of the piece when `amount` is cut off the end of `[start, end)`; the note itself when it is taken whole. */
export function cutNoteId(noteId: bigint, end: bigint, amount: bigint): bigint {
  const start = startOfNote(noteId)
  if (amount <= 0n || amount > end - start) throw new RangeError('amount must be within the span')
  return amount === end - start ? noteId : noteIdOf(receivableIdOfNote(noteId), end - amount)
}

/** Receivable ids are written as 48 hex digits, note ids as 64, both with 0x. */
export function receivableIdToHex(receivableId: bigint): string {
  return `0x${receivableId.toString(16).padStart(48, '0')}`
}

export function noteIdToHex(noteId: bigint): string {
  return `0x${noteId.toString(16).padStart(64, '0')}`
}
