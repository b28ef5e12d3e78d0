/** What a replay keeps of one receivable, and how it refuses. */
import { decodeNoteWord, encodeNoteWord, type NoteFields } from '../note/note-word.ts'
import { canNoteMove, type NoteState } from '../note/note-states.ts'
import { noteIdToHex, receivableIdToHex, type Span } from '../note/span.ts'
import { canReceivableMove, type ReceivableState } from '../receivable/receivable-states.ts'
import type { Terms } from '../receivable/terms.ts'
import { EvidenceError } from './errors.ts'
import type { StateEvent, StateRecord } from './record.ts'

/** A note after the replay: what the contract stores of it, and what settlement and freezes left beside. */
export interface ReplayedNote extends NoteFields, Span {
  noteId: bigint
  /** Who was paid; zero until it is settled. */
  payee: number
  /** The newest freeze, in force or not. */
  freeze: { escrow: number; authority: number } | undefined
}

/** What one event did, and by whose order. */
export interface Deed {
  /** Who may have ordered it; undefined: anybody with the role for it. */
  actors: number[] | undefined
  /** The span concerned; the whole receivable when undefined. */
  span: Span | undefined
  /** The note after it. */
  note?: ReplayedNote
  /** The note that was ordered about: where the piece was cut off, else the note itself. */
  from?: bigint
  /** The note that was joined to it and is gone. */
  joined?: bigint
}

export interface Step extends Deed {
  record: StateRecord
  event: StateEvent
}

export interface Book {
  readonly id: bigint
  state: ReceivableState
  isDisputed: boolean
  /** Whether it follows one note only: others are as they were when the note was cut off them. */
  readonly isLineage: boolean
  terms: Terms | undefined
  fingerprints: string[]
  readonly notes: Map<bigint, ReplayedNote>
}

/** The terms of a receivable that is open already. */
export function openTerms(book: Book, event: StateEvent): Terms {
  return (
    book.terms ?? incomplete(`${event.name} comes before any record opens receivable ${receivableIdToHex(book.id)}`)
  )
}

export function moveReceivable(book: Book, to: ReceivableState, event: StateEvent): void {
  requireThat(canReceivableMove(book.state, to), event, `moves the receivable from ${book.state} to ${to}`)
  book.state = to
}

export function requireNoteMove(from: NoteState, to: NoteState, event: StateEvent): void {
  requireThat(canNoteMove(from, to), event, `moves a note from ${from} to ${to}`, from, to)
}

/** The word that the event carries. */
export function wordOf(event: StateEvent): NoteFields {
  return decodeNoteWord(bigintOf(event, 'note'))
}

/** The contracts leave no field of a word to chance: what the rules make of the note is what the event must carry. */
export function requireWord(expected: NoteFields, event: StateEvent): void {
  const word = wordOf(event)
  if (encodeNoteWord(expected) === bigintOf(event, 'note')) return
  const fields = Object.keys(word) as (keyof NoteFields)[]
  const other = fields.find((field) => word[field] !== expected[field])
  mismatch(`${event.name} has another ${other ?? 'word'}`, other && word[other], other && expected[other])
}

/** Whom the debtor pays if it pays at `time`: {IReceivables-payeeOf}. */
export function payeeAt(note: ReplayedNote, time: number): number {
  if (note.frozenUntil > time && note.freeze) return note.freeze.escrow
  return note.state === 'pledged' ? note.counterparty : note.holder
}

export function bigintOf(event: StateEvent, arg: string): bigint {
  return BigInt(event.args[arg] as string)
}

export function requireThat(
  holds: boolean,
  event: StateEvent,
  problem: string,
  presented?: unknown,
  required?: unknown
): void {
  if (!holds) mismatch(`${event.name} ${problem}`, presented, required)
}

export function mismatch(message: string, presented?: unknown, required?: unknown): never {
  throw new EvidenceError('STATE_MISMATCH', message, { presented, required })
}

export function incomplete(message: string, presented?: unknown, required?: unknown): never {
  throw new EvidenceError('LINEAGE_INCOMPLETE', message, { presented, required })
}

export function unopened(event: StateEvent, noteId: bigint): never {
  return incomplete(`${event.name} is about note ${noteIdToHex(noteId)}, which no record opens`)
}
