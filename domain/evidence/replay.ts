/**
 * Replays the events of one receivable, as state records tell them, by the contracts' own rules: every move is an edge of
 * the state tables, every word follows from the one before, deadlines, freezes and maturity hold by block time, and the
 * spans always partition `[0, amount)` (N1). What the operator of the log made up does not fold. What no record says is not
 * checked: roles, suspensions, the registry's policy, and what the claims of other documents are.
 */
import { receivableIdOfNote, receivableIdToHex } from '../note/span.ts'
import type { ReceivableState } from '../receivable/receivable-states.ts'
import type { Terms } from '../receivable/terms.ts'
import type { StateEvent, StateRecord } from './record.ts'
import { incomplete, mismatch, type Book, type ReplayedNote, type Step } from './replay-book.ts'
import { applyToNote } from './replay-notes.ts'
import { applyToReceivable } from './replay-receivable.ts'
import { unixSeconds } from './shape.ts'

export interface Replayed {
  receivableId: bigint
  state: ReceivableState
  isDisputed: boolean
  terms: Terms
  fingerprints: string[]
  /** Sums of the notes in these states. */
  settled: bigint
  cancelled: bigint
  /** By start. */
  notes: ReplayedNote[]
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
 * Replays all events of `receivableId` in chain order, whatever the order of the records.
 * @throws EvidenceError STATE_MISMATCH for a move the rules forbid, LINEAGE_INCOMPLETE when an event is missing before it
 */
export function replay(receivableId: bigint, records: readonly StateRecord[]): Replayed {
  const book: Book = {
    id: receivableId,
    state: 'none',
    isDisputed: false,
    terms: undefined,
    fingerprints: [],
    notes: new Map()
  }
  const steps: Step[] = []
  for (const record of inChainOrder(records)) {
    const time = unixSeconds(record.blockTime)
    const events = [...record.events].sort((a, b) => Number(BigInt(a.logIndex) - BigInt(b.logIndex)))
    for (const event of events) {
      if (receivableOfEvent(event) !== receivableId) continue
      const apply = 'noteId' in event.args ? applyToNote : applyToReceivable
      steps.push({ record, event, ...apply(book, event, time) })
    }
  }
  return close(book, steps)
}

/** Blocks have one hash and one time, and later blocks are not earlier; a transaction and a log are told once. */
function inChainOrder(records: readonly StateRecord[]): StateRecord[] {
  const firstLog = (record: StateRecord): bigint =>
    record.events.reduce((least, { logIndex }) => (BigInt(logIndex) < least ? BigInt(logIndex) : least), 1n << 255n)
  const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)
  const ordered = [...records].sort(
    (a, b) => compare(BigInt(a.blockNumber), BigInt(b.blockNumber)) || compare(firstLog(a), firstLog(b))
  )
  const seen = new Set<string>()
  let before: StateRecord | undefined
  for (const record of ordered) {
    const places = record.events.map(({ logIndex }) => `${record.blockNumber}/${logIndex}`)
    for (const key of [record.txHash, ...places]) {
      if (seen.has(key)) mismatch(`${key} is told twice`)
      seen.add(key)
    }
    if (before?.blockNumber === record.blockNumber) {
      if (before.blockHash !== record.blockHash || before.blockTime !== record.blockTime) {
        mismatch(`block ${record.blockNumber} is told in two ways`, record.blockHash, before.blockHash)
      }
    } else if (before && unixSeconds(before.blockTime) > unixSeconds(record.blockTime)) {
      mismatch(`block ${record.blockNumber} is older than one before it`, record.blockTime, before.blockTime)
    }
    before = record
  }
  return ordered
}

function close(book: Book, steps: Step[]): Replayed {
  const { id, state, isDisputed, terms, fingerprints } = book
  const last = steps.at(-1)?.record
  if (!terms || !last) incomplete(`no record opens receivable ${receivableIdToHex(id)}`)
  const notes = [...book.notes.values()].sort((a, b) => (a.start < b.start ? -1 : 1))
  // Cuts and merges keep the partition; this would be a fault of the replay itself.
  let covered = 0n
  for (const note of notes) {
    if (note.start !== covered) mismatch(`spans do not follow each other at ${covered}`, note.start, covered)
    covered = note.end
  }
  const sumOf = (wanted: ReplayedNote['state']): bigint =>
    notes.reduce((sum, { state, start, end }) => (state === wanted ? sum + end - start : sum), 0n)
  return {
    receivableId: id,
    state,
    isDisputed,
    terms,
    fingerprints,
    settled: sumOf('settled'),
    cancelled: sumOf('cancelled'),
    notes,
    steps,
    last
  }
}
