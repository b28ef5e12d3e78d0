import { isNoteOpen } from '../../domain/note/note-states.ts'
import { decodeNoteHex, type NoteFields, type NotePurpose } from '../../domain/note/note-word.ts'
import { startOfNoteHex, type Span } from '../../domain/note/span.ts'
import type { EventName, PlacedEvent } from '../decode.ts'
import { changedBy, changeReceivable, requireState, type Handlers } from './handler.ts'
import { joinAsParty } from './parties.ts'
import type { NoteDocuments, NoteRow } from './rows.ts'
import type { WorkingSet } from './working-set.ts'

type NoteEvent = Extract<EventName, `Note${string}`>

/** Whether the stored note may become what the event's word says, at the block's time. */
type Guard = (before: NoteRow, after: NoteFields, event: PlacedEvent) => boolean

const orNull = (value: number): number | null => (value === 0 ? null : value)

/** Whom a note is paid to at a time: `Receivables.payeeOf`. */
function payeeOf(note: NoteRow, time: number): number | null {
  if (note.frozen_until !== null && note.frozen_until > time) return note.freeze_escrow
  return note.state === 'pledged' ? note.counterparty : note.holder
}

const isOpen: Guard = (before) => isNoteOpen(before.state)
const isUnfrozen: Guard = (before, _, { blockTime }) => before.frozen_until === null || before.frozen_until <= blockTime
/** Holder, assignor, tier and recourse stay as they are. */
const keepsHands: Guard = (before, after) =>
  before.holder === after.holder &&
  before.assignor === orNull(after.assignor) &&
  before.tier === after.tier &&
  before.has_recourse === after.hasRecourse
/** The counterparty has it from the holder. */
const isTaken: Guard = (before, after) => before.counterparty === after.holder && before.holder === after.assignor
const isFor =
  (...purposes: NotePurpose[]): Guard =>
  (before) =>
    purposes.includes(before.purpose)
const becomes =
  (from: NoteRow['state'], to: NoteRow['state'], ...purposes: NotePurpose[]): Guard =>
  (before, after) =>
    before.state === from && after.state === to && (purposes.length === 0 || purposes.includes(after.purpose))
const all =
  (...guards: Guard[]): Guard =>
  (before, after, event) =>
    guards.every((guard) => guard(before, after, event))

const freed = (from: NoteRow['state']): Guard => all(becomes(from, 'live'), isUnfrozen, keepsHands)
const bound = (to: NoteRow['state'], ...purposes: NotePurpose[]): Guard =>
  all(becomes('live', to, ...purposes), isUnfrozen, keepsHands)

/** Stores the word of an event, if the note is as the event presupposes, and what documents it brings. Returns what the word says. */
function storeWord(
  event: PlacedEvent<NoteEvent>,
  { notes }: WorkingSet,
  guard: Guard,
  documents?: Partial<NoteDocuments>,
  after: NoteFields = decodeNoteHex(event.args.note)
): NoteFields {
  const before = notes.get(event.args.noteId)
  requireState(before !== undefined, event, () => 'the note is not there and can’t be cut off one')
  requireState(before.span.end === after.end, event, () => `the note ends at ${before.span.end}, told ${after.end}`)
  requireState(
    guard(before, after, event),
    event,
    () => `the note is ${before.state} for ${before.purpose}, told ${after.state}`
  )
  before.holder = after.holder
  before.counterparty = orNull(after.counterparty)
  before.assignor = orNull(after.assignor)
  before.deadline = orNull(after.deadline)
  before.frozen_until = orNull(after.frozenUntil)
  before.tier = after.tier
  before.state = after.state
  before.purpose = after.purpose
  before.has_recourse = after.hasRecourse
  before.changed_at = event.blockTime
  before.changed_block = event.blockNumber
  before.changed_tx = event.txHash
  if (documents) Object.assign(before, documents)
  notes.put(before)
  return after
}

/**
 * Cuts the piece off the note that spans its start, unless it is there already: an event of a note that is not there tells
 * of a cut. The note shrinks and the piece takes over all that it had (N1). The event itself then moves the piece, and
 * refuses if there was nothing to cut.
 */
function cut(event: PlacedEvent<NoteEvent>, { notes }: WorkingSet, { end }: NoteFields): void {
  const { noteId } = event.args
  if (notes.get(noteId)) return
  const start = startOfNoteHex(noteId)
  for (const whole of notes.of(event.receivableId!)) {
    if (whole.span.start >= start || whole.span.end !== end || end <= start) continue
    const changed = { changed_at: event.blockTime, ...changedBy(event) }
    notes.put(Object.assign(whole, { span: { start: whole.span.start, end: start } }, changed))
    const settlement = { payment: null, payee: null }
    notes.put({ ...whole, note_id: noteId, span: { start, end }, opened_block: event.blockNumber, ...settlement })
    return
  }
}

const spanOf = ({ args }: PlacedEvent<NoteEvent>, { end }: NoteFields): Span => ({
  start: startOfNoteHex(args.noteId),
  end
})

/** An offer to an assignee or a lock for a factor, who becomes a party of the span. */
function bind(
  event: PlacedEvent<'NoteOffered' | 'NoteLocked'>,
  rows: WorkingSet,
  guard: Guard,
  document: Partial<NoteDocuments>
): void {
  const after = decodeNoteHex(event.args.note)
  cut(event, rows, after)
  storeWord(event, rows, guard, document, after)
  joinAsParty(rows, event, after.counterparty, spanOf(event, after))
}

/** Adds the note to one of the sums that the receivable keeps of its notes in a final state. */
function addTo(
  sum: 'settled' | 'cancelled',
  event: PlacedEvent<'NoteSettled' | 'NoteCancelled'>,
  rows: WorkingSet,
  after: NoteFields
): void {
  const { start, end } = spanOf(event, after)
  const amount = end - start
  changeReceivable(event, rows, 'confirmed', (before) => ({ [sum]: before[sum] + amount }))
}

/** Confirmation opens the root note `[0, amount)` of the creditor. */
export function openRootNote(
  event: PlacedEvent<'ReceivableConfirmed' | 'ReceivableIssued'>,
  { receivables, notes }: WorkingSet
): void {
  const { receivableId } = event.args
  const { amount, creditor, registry } = receivables.get(receivableId)!
  const note_id = `${receivableId}${'0'.repeat(16)}`
  requireState(notes.get(note_id) === undefined, event, () => 'its root note is there already')
  notes.put({
    note_id,
    receivable_id: receivableId,
    registry,
    span: { start: 0n, end: amount },
    holder: creditor,
    counterparty: null,
    assignor: null,
    deadline: null,
    frozen_until: null,
    tier: 0,
    state: 'live',
    purpose: 'none',
    has_recourse: false,
    trade_document: null,
    credit_note: null,
    quote: null,
    disbursement: null,
    repayment: null,
    demand: null,
    freeze_order: null,
    freeze_escrow: null,
    freeze_authority: null,
    payment: null,
    payee: null,
    opened_block: event.blockNumber,
    changed_at: event.blockTime,
    ...changedBy(event)
  })
}

/** Settles every open note at once: each to its payee of that moment, all else as it is. Returns what is settled in all. */
export function settleOpenNotes(event: PlacedEvent<'ReceivableSettled'>, { notes }: WorkingSet): bigint {
  let settled = 0n
  for (const note of notes.of(event.args.receivableId)) {
    if (isNoteOpen(note.state)) {
      const payee = payeeOf(note, event.blockTime)
      const paid = { payee, state: 'settled', payment: event.args.payment, changed_at: event.blockTime } as const
      notes.put(Object.assign(note, paid, changedBy(event)))
    }
    if (note.state === 'settled') settled += note.span.end - note.span.start
  }
  return settled
}

function merge(event: PlacedEvent<'NotesMerged'>, rows: WorkingSet): void {
  const { notes } = rows
  const [kept, gone] = [notes.get(event.args.noteId), notes.get(event.args.mergedId)]
  requireState(kept !== undefined && gone !== undefined, event, () => 'one of the notes is not there')
  const areNeighbours = gone.receivable_id === kept.receivable_id && gone.span.start === kept.span.end
  const areAlike =
    gone.holder === kept.holder &&
    gone.assignor === kept.assignor &&
    gone.tier === kept.tier &&
    gone.has_recourse === kept.has_recourse
  requireState(areNeighbours && areAlike, event, () => 'the notes are not neighbours that are alike')
  const isFree = gone.state === 'live' && (gone.frozen_until === null || gone.frozen_until <= event.blockTime)
  requireState(isFree, event, () => 'the second note is not free')
  notes.remove(gone)
  kept.span = { start: kept.span.start, end: gone.span.end }
  storeWord(event, rows, all(becomes('live', 'live', 'none'), isUnfrozen, keepsHands))
}

const pledged = all(
  becomes('locked', 'pledged', 'pledge'),
  isUnfrozen,
  keepsHands,
  (before, after) => before.counterparty === after.counterparty
)
const assigned = all(
  becomes('locked', 'live'),
  isUnfrozen,
  isTaken,
  (before, after) => before.tier === after.tier && after.hasRecourse === (before.purpose === 'recourse-assignment')
)
const financed: Guard = (before, ...of) => (before.purpose === 'pledge' ? pledged : assigned)(before, ...of)

/** One claim of a trade document can't stand for two offers: the offer of a piece that a freeze just cut off one ends. */
const endsOffer: Guard = (before, after, { blockNumber }) =>
  before.state === 'offered' &&
  before.purpose === 'trade-transfer' &&
  before.opened_block === blockNumber &&
  after.state === 'live' &&
  after.purpose === 'none'
const keepsPurpose: Guard = (before, after) => before.state === after.state && before.purpose === after.purpose
const isPaidRightly: Guard = (before, after, { blockTime }) => after.counterparty === payeeOf(before, blockTime)

const transferred = all(
  becomes('offered', 'live'),
  isFor('transfer', 'trade-transfer'),
  isUnfrozen,
  isTaken,
  (before, after) => before.tier === after.tier - 1 && !after.hasRecourse
)
/** Taken without being a transfer: on the same tier, and nobody answers for it any more. */
const takenBack = (from: NoteRow['state'], ...purposes: NotePurpose[]): Guard =>
  all(becomes(from, 'live'), isFor(...purposes), isUnfrozen, isTaken, (before, after) => {
    return before.tier === after.tier && !after.hasRecourse
  })
const refused = freed('offered')
const unlocked = freed('locked')
const released = freed('pledged')
const foreclosed = takenBack('pledged', 'pledge')
const returned = takenBack('offered', 'return')
const offered = bound('offered', 'transfer', 'trade-transfer')
const locked = bound('locked', 'assignment', 'recourse-assignment', 'pledge')
const diluted = all(bound('offered', 'dilution'), (before) => before.tier === 0 && before.assignor === null)
const cancelled = all(becomes('offered', 'cancelled'), isFor('dilution'), isUnfrozen, keepsHands)
const returnOffered = all(
  bound('offered', 'return'),
  (before, after) => before.has_recourse && before.assignor === after.counterparty
)
const frozen = all(
  isOpen,
  (before, after, event) => keepsPurpose(before, after, event) || endsOffer(before, after, event),
  keepsHands,
  isUnfrozen,
  (_, after, { blockTime }) => after.frozenUntil > blockTime
)
const unfrozen = all(isOpen, keepsPurpose, keepsHands, (...of) => !isUnfrozen(...of))
const settled = all(isOpen, (_, after) => after.state === 'settled', keepsHands, isPaidRightly)

/** Notes. Each move is guarded by state, parties and span before it (domain/note/note-states.ts). */
export const noteHandlers: Handlers<NoteEvent> = {
  NoteOffered: (event, rows) => bind(event, rows, offered, { trade_document: event.args.tradeDocument }),
  NoteAccepted: (event, rows) => void storeWord(event, rows, transferred),
  NoteRefused: (event, rows) => void storeWord(event, rows, refused),
  NoteRecalled: (event, rows) => void storeWord(event, rows, refused),
  NotesMerged: merge,
  NoteDilutionOffered(event, rows) {
    const after = decodeNoteHex(event.args.note)
    cut(event, rows, after)
    storeWord(event, rows, diluted, { credit_note: event.args.creditNote }, after)
  },
  NoteCancelled(event, rows) {
    addTo('cancelled', event, rows, storeWord(event, rows, cancelled))
  },
  NoteLocked: (event, rows) => bind(event, rows, locked, { quote: event.args.quote }),
  NoteUnlocked: (event, rows) => void storeWord(event, rows, unlocked),
  NoteFinanced: (event, rows) => void storeWord(event, rows, financed, { disbursement: event.args.disbursement }),
  NoteReleased: (event, rows) => void storeWord(event, rows, released, { repayment: event.args.repayment }),
  NoteForeclosed: (event, rows) => void storeWord(event, rows, foreclosed),
  NoteReturnOffered: (event, rows) => void storeWord(event, rows, returnOffered, { demand: event.args.demand }),
  NoteReturned: (event, rows) => void storeWord(event, rows, returned),
  NoteFrozen(event, rows) {
    const after = decodeNoteHex(event.args.note)
    cut(event, rows, after)
    const { order, escrow, authority } = event.args.freeze
    const parties = { freeze_escrow: Number(escrow), freeze_authority: Number(authority) }
    storeWord(event, rows, frozen, { freeze_order: order, ...parties }, after)
    const span = spanOf(event, after)
    for (const party of Object.values(parties)) joinAsParty(rows, event, party, span)
  },
  NoteUnfrozen: (event, rows) => void storeWord(event, rows, unfrozen),
  NoteSettled(event, rows) {
    const after = decodeNoteHex(event.args.note)
    cut(event, rows, after)
    storeWord(event, rows, settled, { payment: event.args.payment, payee: after.counterparty }, after)
    addTo('settled', event, rows, after)
  }
}
