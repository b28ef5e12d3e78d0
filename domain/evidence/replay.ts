/**
 * Replays the events of one receivable, as state records tell them, by the contracts' own rules: every move is an edge of
 * the state tables, every word follows from the one before, deadlines, freezes and maturity hold by block time, and the
 * spans always partition `[0, amount)` (N1). What the operator of the log made up does not fold. What no record says is not
 * checked: roles, suspensions, the registry's policy, and what the claims of other documents are.
 */
import { noteIdToHex, receivableIdOfNote, receivableIdToHex } from '../note/span.ts'
import type { ReceivableState } from '../receivable/receivable-states.ts'
import type { Terms } from '../receivable/terms.ts'
import type { StateEvent, StateRecord } from './record.ts'
import { inChainOrder, type PlacedRecord } from './record-order.ts'
import { incomplete, mismatch, type Book, type ReplayedNote, type Step } from './replay-book.ts'
import { applyCut, applyToNote } from './replay-notes.ts'
import { applyToReceivable } from './replay-receivable.ts'
import { unixSeconds } from './shape.ts'

export interface Replayed {
  receivableId: bigint
  state: ReceivableState
  isDisputed: boolean
  terms: Terms
  fingerprints: string[]
  /** Sums of the notes in these states; undefined in a lineage. */
  settled: bigint | undefined
  cancelled: bigint | undefined
  /** By start. */
  notes: ReplayedNote[]
  /** Those of `notes` that the replay is about: all, or the one whose lineage it is. */
  subjects: ReplayedNote[]
  steps: Step[]
  /** The newest transaction of the receivable. */
  last: StateRecord
}

/** Receivable an event is about; undefined for events of other contracts. */
export function receivableOfEvent(event: StateEvent): bigint | undefined {
  if (event.contract !== 'receivables') return undefined
  const { receivableId, noteId } = event.args
  if (typeof receivableId === 'string') return BigInt(receivableId)
  return typeof noteId === 'string' ? receivableIdOfNote(BigInt(noteId)) : undefined
}

/**
 * Replays the events of `receivableId` in chain order, whatever the order of the records. With `noteId` they are the
 * lineage of that note alone ({@link lineageOf}): cut records stand for the pieces that others have, and what is left in
 * the book of other notes is as it was when the lineage left them.
 * @throws EvidenceError STATE_MISMATCH for a move the rules forbid, LINEAGE_INCOMPLETE when an event is missing before it
 */
export function replay(receivableId: bigint, records: readonly PlacedRecord[], noteId?: bigint): Replayed {
  const book: Book = {
    id: receivableId,
    state: 'none',
    isDisputed: false,
    isLineage: noteId !== undefined,
    terms: undefined,
    fingerprints: [],
    notes: new Map()
  }
  const steps: Step[] = []
  for (const record of inChainOrder(records)) {
    if (record.kind === 'cut') {
      if (BigInt(record.receivableId) === receivableId) applyCut(book, BigInt(record.at))
      continue
    }
    const { event } = record
    if (receivableOfEvent(event) !== receivableId) continue
    const apply = 'noteId' in event.args ? applyToNote : applyToReceivable
    steps.push({ record, event, ...apply(book, event, unixSeconds(record.blockTime)) })
  }
  return close(book, steps, noteId)
}

function close(book: Book, steps: Step[], noteId: bigint | undefined): Replayed {
  const { id, state, isDisputed, terms, fingerprints } = book
  const last = steps.at(-1)?.record
  if (!terms || !last) incomplete(`no record opens receivable ${receivableIdToHex(id)}`)
  const notes = [...book.notes.values()].sort((a, b) => (a.start < b.start ? -1 : 1))
  // Cuts and merges keep the partition; this would be a fault of the replay itself. A lineage leaves gaps to others.
  let covered = 0n
  for (const note of book.isLineage ? [] : notes) {
    if (note.start !== covered) mismatch(`spans do not follow each other at ${covered}`, note.start, covered)
    covered = note.end
  }
  if (noteId !== undefined && !book.notes.has(noteId)) {
    incomplete('no record opens the note', undefined, noteIdToHex(noteId))
  }
  const sumOf = (wanted: ReplayedNote['state']): bigint | undefined =>
    noteId === undefined
      ? notes.reduce((sum, { state, start, end }) => (state === wanted ? sum + end - start : sum), 0n)
      : undefined
  return {
    receivableId: id,
    state,
    isDisputed,
    terms,
    fingerprints,
    settled: sumOf('settled'),
    cancelled: sumOf('cancelled'),
    notes,
    subjects: noteId === undefined ? notes : notes.filter((note) => note.noteId === noteId),
    steps,
    last
  }
}
