/** The rules of notes: contracts/receivables/Transfers.sol, Financing.sol and half of Settlement.sol. */
import { isNoteOpen } from '../note/note-states.ts'
import { encodeNoteWord, type NoteFields, type NotePurpose } from '../note/note-word.ts'
import { noteIdOf, noteIdToHex, startOfNote } from '../note/span.ts'
import type { Terms } from '../receivable/terms.ts'
import type { StateEvent } from './record.ts'
import {
  bigintOf,
  mismatch,
  openTerms,
  payeeAt,
  requireNoteMove,
  requireThat,
  requireWord,
  unopened,
  wordOf,
  type Book,
  type Deed,
  type ReplayedNote
} from './replay-book.ts'
import { MAX_TENOR } from './replay-receivable.ts'

/** Longest freeze by one order: contracts/receivables/Settlement.sol. Seconds. */
const MAX_FREEZE = 3 * 365 * 86_400

interface Rule {
  /** Whether the event may be about a piece that it cuts off a note. */
  cuts?: boolean
  /** Whether a freeze in force lets it through. */
  movesFrozen?: boolean
  /** Checks the event and gives the note after it, and who may have ordered it. */
  apply(note: ReplayedNote, at: Circumstances): { after: Partial<ReplayedNote>; actors: number[] | undefined }
}

interface Circumstances {
  event: StateEvent
  /** What the event says; what of it is free to choose is checked against the rules, all else must follow. */
  word: NoteFields
  terms: Terms
  time: number
  book: Book
  /** Whether the note is a piece that this event cuts off. */
  isPiece: boolean
}

const unbound = { counterparty: 0, deadline: 0, purpose: 'none' } as const

/** In the hands of its counterparty, who has it from the holder before. */
function taken({ counterparty, holder }: ReplayedNote, hasRecourse = false): Partial<ReplayedNote> {
  return { ...unbound, state: 'live', holder: counterparty, assignor: holder, hasRecourse }
}

/** Bound to a counterparty of the caller's choice: a transfer's offer or a lock. */
function bind(state: 'offered' | 'locked', purposes: readonly NotePurpose[]): Rule {
  return {
    cuts: true,
    apply(note, { event, word, terms, time, book }) {
      const { counterparty, deadline, purpose } = word
      requireState(note, 'live', event)
      requireThat(!book.isDisputed, event, 'is of a disputed receivable')
      requireThat(purposes.includes(purpose), event, 'has another purpose', purpose, purposes.join())
      const isParty = counterparty !== 0 && counterparty !== note.holder && counterparty !== terms.debtor
      requireThat(isParty, event, 'has a party that may not take it', counterparty)
      requireDeadline(event, deadline, time, terms.maturity - 1)
      return { after: { state, counterparty, deadline, purpose }, actors: [note.holder] }
    }
  }
}

/** Back to its holder. */
function free(from: 'offered' | 'locked' | 'pledged', actorsOf: (note: ReplayedNote, time: number) => number[]): Rule {
  return {
    apply(note, { event, time }) {
      requireState(note, from, event)
      return { after: { ...unbound, state: 'live' }, actors: actorsOf(note, time) }
    }
  }
}

/** Taken up by whom it waits for. */
function take(
  from: 'offered' | 'locked',
  purposes: readonly NotePurpose[],
  afterOf: (note: ReplayedNote) => Partial<ReplayedNote>
): Rule {
  return {
    apply(note, { event, time }) {
      requireState(note, from, event)
      requireThat(purposes.includes(note.purpose), event, 'has another purpose', note.purpose, purposes.join())
      requireThat(time <= note.deadline, event, 'is after the deadline', time, note.deadline)
      return { after: afterOf(note), actors: [note.counterparty] }
    }
  }
}

const rules: Record<string, Rule> = {
  NoteOffered: bind('offered', ['transfer', 'trade-transfer']),
  NoteAccepted: take('offered', ['transfer', 'trade-transfer'], (note) => ({ ...taken(note), tier: note.tier + 1 })),
  NoteRefused: free('offered', ({ counterparty }) => [counterparty]),
  NoteRecalled: free('offered', ({ holder }) => [holder]),
  NoteDilutionOffered: {
    cuts: true,
    apply(note, { event, word, terms, time }) {
      requireState(note, 'live', event)
      const isUnsold = note.holder === terms.creditor && note.tier === 0 && note.assignor === 0
      requireThat(isUnsold, event, 'is not of what the creditor never sold')
      requireDeadline(event, word.deadline, time, terms.maturity - 1)
      const { deadline } = word
      const after = { state: 'offered', counterparty: terms.debtor, deadline, purpose: 'dilution' } as const
      return { after, actors: [note.holder] }
    }
  },
  NoteCancelled: take('offered', ['dilution'], () => ({ ...unbound, state: 'cancelled' })),
  NoteLocked: bind('locked', ['assignment', 'recourse-assignment', 'pledge']),
  NoteUnlocked: free('locked', ({ counterparty, holder, deadline }, time) =>
    time > deadline ? [counterparty, holder] : [counterparty]
  ),
  NoteFinanced: take('locked', ['assignment', 'recourse-assignment', 'pledge'], (note) =>
    note.purpose === 'pledge' ? { state: 'pledged', deadline: 0 } : taken(note, note.purpose === 'recourse-assignment')
  ),
  NoteReleased: free('pledged', ({ counterparty }) => [counterparty]),
  NoteForeclosed: {
    apply(note, { event, terms, time }) {
      requireState(note, 'pledged', event)
      requireMatured(event, terms, time)
      return { after: taken(note), actors: [note.counterparty] }
    }
  },
  NoteReturnOffered: {
    apply(note, { event, word, terms, time }) {
      requireState(note, 'live', event)
      requireThat(note.hasRecourse, event, 'is of a note without recourse')
      requireMatured(event, terms, time)
      requireDeadline(event, word.deadline, time, time + MAX_TENOR)
      const { deadline } = word
      const after = { state: 'offered', counterparty: note.assignor, deadline, purpose: 'return' } as const
      return { after, actors: [note.holder] }
    }
  },
  NoteReturned: take('offered', ['return'], (note) => taken(note)),
  NoteFrozen: {
    cuts: true,
    apply(note, { event, word, time, isPiece }) {
      requireThat(isNoteOpen(note.state), event, `is of a note that is ${note.state}`)
      const { frozenUntil } = word
      const isWithin = frozenUntil > time && frozenUntil <= time + MAX_FREEZE
      requireThat(isWithin, event, 'ends out of bounds', frozenUntil)
      const { escrow, authority } = event.args['freeze'] as Record<'escrow' | 'authority', string>
      const freeze = { escrow: Number(escrow), authority: Number(authority) }
      // One claim of a trade document can't stand for two offers: the offer of a piece cut off one ends.
      const isEnded = isPiece && note.purpose === 'trade-transfer'
      const offer = isEnded ? ({ ...unbound, state: 'live' } as const) : {}
      return { after: { ...offer, frozenUntil, freeze }, actors: [freeze.authority] }
    }
  },
  NoteUnfrozen: {
    movesFrozen: true,
    apply(note, { event }) {
      requireThat(isNoteOpen(note.state), event, `is of a note that is ${note.state}`)
      requireThat(note.frozenUntil !== 0, event, 'lifts a freeze that is not in force')
      return { after: { frozenUntil: 0 }, actors: [note.freeze!.authority] }
    }
  },
  NoteSettled: {
    cuts: true,
    movesFrozen: true,
    apply(note, { event, terms, time }) {
      requireMatured(event, terms, time)
      const payee = payeeAt(note, time)
      const after = { ...unbound, state: 'settled', counterparty: payee, frozenUntil: 0, payee } as const
      return { after, actors: undefined }
    }
  }
}

/** Applies an event that names a note. Throws STATE_MISMATCH, or LINEAGE_INCOMPLETE when no record opens that note. */
export function applyToNote(book: Book, event: StateEvent, time: number): Deed {
  const terms = openTerms(book, event)
  if (event.name === 'NotesMerged') return merge(book, event, terms, time)
  const rule = rules[event.name] ?? mismatch(`${event.name} is not an event the replay knows`)
  const noteId = bigintOf(event, 'noteId')
  const whole = book.notes.get(noteId)
  const from = whole ?? (rule.cuts ? spanning(book, noteId) : undefined) ?? unopened(event, noteId)
  const stored = whole ?? { ...from, noteId, start: startOfNote(noteId) }
  const note = asOf(stored, time)
  if (!rule.movesFrozen) requireUnfrozen(note, event)
  const at = { event, word: wordOf(event), terms, time, book, isPiece: !whole }
  const { after, actors } = rule.apply(note, at)
  const next = { ...note, ...after }
  if (after.state) requireNoteMove(note.state, after.state, event)
  requireWord(next, event)
  if (!whole) from.end = next.start
  book.notes.set(noteId, next)
  const { start, end } = next
  return { actors, span: { start, end }, note: { ...next }, from: from.noteId }
}

/** A piece that begins at `at` goes to somebody else. Nothing to do where a note begins there already. */
export function applyCut(book: Book, at: bigint): void {
  const from = spanning(book, noteIdOf(book.id, at))
  if (from) from.end = at
}

function merge(book: Book, event: StateEvent, terms: Terms, time: number): Deed {
  const [noteId, mergedId] = [bigintOf(event, 'noteId'), bigintOf(event, 'mergedId')]
  const [kept, gone] = [noteId, mergedId].map((id) => asOf(book.notes.get(id) ?? unopened(event, id), time)) as [
    ReplayedNote,
    ReplayedNote
  ]
  for (const note of [kept, gone]) {
    requireState(note, 'live', event)
    requireUnfrozen(note, event)
  }
  const isLike = encodeNoteWord({ ...gone, end: kept.end }) === encodeNoteWord(kept)
  requireThat(gone.start === kept.end && isLike, event, `joins unlike notes with ${noteIdToHex(mergedId)}`)
  requireThat(time < terms.maturity, event, 'is after maturity', time, terms.maturity)
  const next = { ...kept, end: gone.end }
  requireWord(next, event)
  book.notes.delete(mergedId)
  book.notes.set(noteId, next)
  return {
    actors: [kept.holder],
    span: { start: next.start, end: next.end },
    note: { ...next },
    from: noteId,
    joined: mergedId
  }
}

/** The note that a piece is cut off: the one that spans its start. */
function spanning(book: Book, noteId: bigint): ReplayedNote | undefined {
  const start = startOfNote(noteId)
  return [...book.notes.values()].find((note) => note.start < start && start < note.end)
}

/** A freeze that is over is none. */
function asOf(note: ReplayedNote, time: number): ReplayedNote {
  return { ...note, frozenUntil: note.frozenUntil > time ? note.frozenUntil : 0 }
}

function requireState({ state }: ReplayedNote, required: ReplayedNote['state'], event: StateEvent): void {
  requireThat(state === required, event, `needs a note that is ${required}`, state, required)
}

function requireUnfrozen({ frozenUntil }: ReplayedNote, event: StateEvent): void {
  requireThat(frozenUntil === 0, event, 'moves a frozen note', frozenUntil)
}

function requireMatured(event: StateEvent, { maturity }: Terms, time: number): void {
  requireThat(time >= maturity, event, 'is before maturity', time, maturity)
}

/** The least window that the registry gives is policy, which no record says: here a deadline must only not be over. */
function requireDeadline(event: StateEvent, deadline: number, time: number, latest: number): void {
  requireThat(deadline >= time && deadline <= latest, event, 'has a deadline out of bounds', deadline, latest)
}
