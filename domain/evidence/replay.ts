/**
 * Replays the events of one receivable, as state records tell them, by the contracts' own rules: every move is an edge of
 * the state tables, every party is the one entitled, deadlines and maturity hold by block time, and the spans always
 * partition `[0, amount)` (N1). What the operator of the log made up does not fold.
 */
import { canNoteMove, type NoteState } from '../note/note-states.ts'
import { noteIdToHex, receivableIdOfNote, receivableIdToHex, startOfNote } from '../note/span.ts'
import { canReceivableMove, type ReceivableState } from '../receivable/receivable-states.ts'
import { receivableIdOf, type Terms } from '../receivable/terms.ts'
import { EvidenceError } from './errors.ts'
import type { StateEvent, StateRecord } from './record.ts'
import { unixSeconds } from './shape.ts'

/** A note after the replay. Parties are participant numbers, zero for none; `deadline` unix seconds. */
export interface ReplayedNote {
  noteId: bigint
  start: bigint
  end: bigint
  state: NoteState
  holder: number
  counterparty: number
  assignor: number
  deadline: number
  tier: number
}

/** One event of the receivable, with who may have caused it (undefined: any clearing agent, null: follows from another). */
export interface Step {
  record: StateRecord
  event: StateEvent
  actors: number[] | undefined | null
  /** The span concerned; the whole receivable when undefined. */
  span: { start: bigint; end: bigint } | undefined
}

export interface Replayed {
  receivableId: bigint
  state: ReceivableState
  terms: Terms
  fingerprints: string[]
  settled: bigint
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
  const ordered = inChainOrder(records)
  const book = new Book(receivableId)
  for (const record of ordered) {
    const events = [...record.events].sort((a, b) => Number(BigInt(a.logIndex) - BigInt(b.logIndex)))
    for (const event of events) if (receivableOfEvent(event) === receivableId) book.apply(record, event)
  }
  return book.close()
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

class Book {
  readonly #id: bigint
  #state: ReceivableState = 'none'
  #terms: Terms | undefined
  #fingerprints: string[] = []
  #settled = 0n
  readonly #notes = new Map<bigint, ReplayedNote>()
  readonly #steps: Step[] = []
  #last: StateRecord | undefined

  constructor(receivableId: bigint) {
    this.#id = receivableId
  }

  apply(record: StateRecord, event: StateEvent): void {
    const time = unixSeconds(record.blockTime)
    const done = 'noteId' in event.args ? this.#applyToNote(event, time) : this.#applyToReceivable(event, time)
    this.#steps.push({ record, event, ...done })
    this.#last = record
  }

  close(): Replayed {
    if (!this.#terms || !this.#last) incomplete(`no record opens receivable ${receivableIdToHex(this.#id)}`)
    const notes = [...this.#notes.values()].sort((a, b) => (a.start < b.start ? -1 : 1))
    const isOpened = this.#state === 'confirmed' || this.#state === 'settled'
    let covered = 0n
    for (const note of notes) {
      if (note.start !== covered) incomplete(`spans do not follow each other at ${covered}`, note.start, covered)
      covered = note.end
    }
    if (isOpened && covered !== this.#terms.amount) {
      incomplete('spans do not cover the receivable', `[0, ${covered})`, `[0, ${this.#terms.amount})`)
    }
    return {
      receivableId: this.#id,
      state: this.#state,
      terms: this.#terms,
      fingerprints: this.#fingerprints,
      settled: this.#settled,
      notes,
      steps: this.#steps,
      last: this.#last
    }
  }

  #applyToReceivable(event: StateEvent, time: number): Pick<Step, 'actors' | 'span'> {
    if (event.name === 'ReceivableRegistered' || event.name === 'ReceivableIssued') return this.#open(event, time)
    const terms = this.#openTerms(event)
    switch (event.name) {
      case 'ReceivableConfirmed':
        this.#moveReceivable('confirmed', event)
        requireThat(time < terms.maturity, event, 'is after maturity', time, terms.maturity)
        return { actors: [terms.debtor], span: undefined }
      case 'ReceivableRejected':
        this.#moveReceivable('rejected', event)
        return { actors: [terms.debtor], span: undefined }
      case 'ReceivableWithdrawn':
        this.#moveReceivable('withdrawn', event)
        return { actors: [terms.creditor], span: undefined }
      case 'ReceivableSettled':
        this.#moveReceivable('settled', event)
        requireThat(this.#settled === terms.amount, event, 'leaves notes open', this.#settled, terms.amount)
        return { actors: null, span: undefined }
      default:
        return mismatch(`${event.name} is not an event the replay knows`)
    }
  }

  #open(event: StateEvent, time: number): Pick<Step, 'actors' | 'span'> {
    const terms = termsOf(event)
    const fingerprints = event.args['fingerprints'] as string[]
    const id = receivableIdOf(terms, fingerprints)
    requireThat(id === this.#id, event, 'has terms of another id', receivableIdToHex(id), receivableIdToHex(this.#id))
    requireThat(terms.amount > 0n && terms.creditor !== terms.debtor, event, 'has terms the contract refuses')
    requireThat(time < terms.maturity, event, 'is after maturity', time, terms.maturity)
    this.#moveReceivable(event.name === 'ReceivableIssued' ? 'confirmed' : 'registered', event)
    this.#terms = terms
    this.#fingerprints = fingerprints
    return { actors: [event.name === 'ReceivableIssued' ? terms.debtor : terms.creditor], span: undefined }
  }

  #applyToNote(event: StateEvent, time: number): Pick<Step, 'actors' | 'span'> {
    const terms = this.#openTerms(event)
    if (event.name === 'NoteOpened') return this.#openFirst(event, terms)
    if (event.name === 'NoteOffered' || event.name === 'NoteLocked') return this.#commit(event, terms, time)
    const note = this.#noteOf(event, 'noteId')
    const { start, end, holder, counterparty, deadline } = note
    const span = { start, end }
    switch (event.name) {
      case 'NoteAccepted':
      case 'NoteFinanced':
        this.#take(note, event, terms, time)
        return { actors: [counterparty], span }
      case 'NoteRefused':
      case 'NoteRecalled':
        requireThat(note.state === 'offered', event, 'needs an offered note', note.state, 'offered')
        this.#free(note, event)
        return { actors: [event.name === 'NoteRefused' ? counterparty : holder], span }
      case 'NoteUnlocked':
        requireThat(note.state === 'locked', event, 'needs a locked note', note.state, 'locked')
        this.#free(note, event)
        return { actors: time > deadline ? [counterparty, holder] : [counterparty], span }
      case 'NoteSettled':
        this.#moveNote(note, 'settled', event)
        requireThat(
          numberOf(event, 'holder') === holder,
          event,
          'pays another than the holder',
          event.args['holder'],
          holder
        )
        requireThat(
          bigintOf(event, 'amount') === end - start,
          event,
          'is not of the span',
          event.args['amount'],
          end - start
        )
        requireThat(time >= terms.maturity, event, 'is before maturity', time, terms.maturity)
        this.#settled += end - start
        return { actors: undefined, span }
      default:
        return mismatch(`${event.name} is not an event the replay knows`)
    }
  }

  #openFirst(event: StateEvent, terms: Terms): Pick<Step, 'actors' | 'span'> {
    const noteId = bigintOf(event, 'noteId')
    const isFirst = this.#state === 'confirmed' && this.#notes.size === 0 && startOfNote(noteId) === 0n
    requireThat(isFirst, event, 'opens a first note that can only be opened once, by confirmation')
    const [end, holder] = [bigintOf(event, 'end'), numberOf(event, 'holder')]
    requireThat(end === terms.amount, event, 'does not span the receivable', end, terms.amount)
    requireThat(holder === terms.creditor, event, 'is not held by the creditor', holder, terms.creditor)
    const note: ReplayedNote = {
      noteId,
      start: 0n,
      end,
      state: 'none',
      holder,
      counterparty: 0,
      assignor: 0,
      deadline: 0,
      tier: 0
    }
    this.#notes.set(noteId, note)
    this.#moveNote(note, 'live', event)
    return { actors: null, span: { start: 0n, end } }
  }

  /** An offer or a lock: of the whole note, or of a piece cut off its end. */
  #commit(event: StateEvent, terms: Terms, time: number): Pick<Step, 'actors' | 'span'> {
    const from = this.#noteOf(event, 'fromNoteId')
    const state = event.name === 'NoteOffered' ? 'offered' : 'locked'
    const counterparty = numberOf(event, event.name === 'NoteOffered' ? 'assignee' : 'factor')
    const noteId = bigintOf(event, 'noteId')
    const start = startOfNote(noteId)
    const [end, holder, deadline] = [bigintOf(event, 'end'), numberOf(event, 'holder'), numberOf(event, 'deadline')]
    requireThat(canNoteMove(from.state, state), event, `cuts a note that is ${from.state}`, from.state, 'live')
    requireThat(holder === from.holder, event, 'is not by the holder', holder, from.holder)
    requireThat(end === from.end && start >= from.start && start < end, event, 'does not cut the end of its note')
    requireThat(time < terms.maturity, event, 'is after maturity', time, terms.maturity)
    requireThat(deadline <= terms.maturity && deadline >= time, event, 'has a deadline out of bounds', deadline)
    requireThat(counterparty !== holder && counterparty !== terms.debtor, event, 'has a party that may not take it')
    let note = from
    if (noteId !== from.noteId) {
      from.end = start
      note = { ...from, noteId, start, end, state: 'none' }
      this.#notes.set(noteId, note)
    }
    this.#moveNote(note, state, event)
    Object.assign(note, { counterparty, deadline })
    return { actors: [holder], span: { start, end } }
  }

  #take(note: ReplayedNote, event: StateEvent, terms: Terms, time: number): void {
    const from = event.name === 'NoteAccepted' ? 'offered' : 'locked'
    const tier = note.tier + (event.name === 'NoteAccepted' ? 1 : 0)
    const [holder, assignor] = [numberOf(event, 'holder'), numberOf(event, 'assignor')]
    requireThat(note.state === from, event, `needs a note that is ${from}`, note.state, from)
    requireThat(holder === note.counterparty, event, 'is not by the named party', holder, note.counterparty)
    requireThat(assignor === note.holder, event, 'is not from the holder', assignor, note.holder)
    if ('tier' in event.args)
      requireThat(numberOf(event, 'tier') === tier, event, 'has another tier', event.args['tier'], tier)
    requireThat(time < terms.maturity, event, 'is after maturity', time, terms.maturity)
    requireThat(time <= note.deadline, event, 'is after the deadline', time, note.deadline)
    this.#free(note, event)
    Object.assign(note, { holder, assignor, tier })
  }

  #free(note: ReplayedNote, event: StateEvent): void {
    this.#moveNote(note, 'live', event)
    Object.assign(note, { counterparty: 0, deadline: 0 })
  }

  #moveNote(note: ReplayedNote, to: NoteState, event: StateEvent): void {
    requireThat(canNoteMove(note.state, to), event, `moves ${noteIdToHex(note.noteId)} from ${note.state} to ${to}`)
    note.state = to
  }

  #moveReceivable(to: ReceivableState, event: StateEvent): void {
    requireThat(canReceivableMove(this.#state, to), event, `moves the receivable from ${this.#state} to ${to}`)
    this.#state = to
  }

  #openTerms(event: StateEvent): Terms {
    return (
      this.#terms ?? incomplete(`${event.name} comes before any record opens receivable ${receivableIdToHex(this.#id)}`)
    )
  }

  #noteOf(event: StateEvent, arg: 'noteId' | 'fromNoteId'): ReplayedNote {
    const noteId = bigintOf(event, arg)
    return (
      this.#notes.get(noteId) ?? incomplete(`${event.name} is about note ${noteIdToHex(noteId)}, which no record opens`)
    )
  }
}

function termsOf(event: StateEvent): Terms {
  const terms = event.args['terms'] as Record<keyof Terms, string>
  return {
    creditor: Number(terms.creditor),
    debtor: Number(terms.debtor),
    amount: BigInt(terms.amount),
    currency: Number(terms.currency),
    maturity: Number(terms.maturity),
    contentCommitment: terms.contentCommitment
  }
}

function bigintOf(event: StateEvent, arg: string): bigint {
  return BigInt(event.args[arg] as string)
}

function numberOf(event: StateEvent, arg: string): number {
  return Number(event.args[arg])
}

function requireThat(
  holds: boolean,
  event: StateEvent,
  problem: string,
  presented?: unknown,
  required?: unknown
): void {
  if (!holds) mismatch(`${event.name} ${problem}`, presented, required)
}

function mismatch(message: string, presented?: unknown, required?: unknown): never {
  throw new EvidenceError('STATE_MISMATCH', message, { presented, required })
}

function incomplete(message: string, presented?: unknown, required?: unknown): never {
  throw new EvidenceError('LINEAGE_INCOMPLETE', message, { presented, required })
}
