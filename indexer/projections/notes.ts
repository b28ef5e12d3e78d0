import { isNoteOpen, noteStates } from '../../domain/note/note-states.ts'
import { decodeNoteWord } from '../../domain/note/note-word.ts'
import { startOfNote } from '../../domain/note/span.ts'
import type { EventArgs, EventName, PlacedEvent } from '../decode.ts'
import { joinAsParty } from './parties.ts'
import { any, one, type Handlers, type Statement } from './statement.ts'

type NoteEvent = Extract<EventName, `Note${string}`>

const open = `state in (${noteStates
  .filter(isNoteOpen)
  .map((state) => `'${state}'`)
  .join(', ')})`

/** Whom a note is paid to at a time: `Receivables.payeeOf` in SQL. */
export const payeeAt = (time: string) =>
  `case when frozen_until > ${time} then freeze_escrow when state = 'pledged' then counterparty else holder end`

// Guards over a stored note and the word that replaces it, whose fields are the parameters of `storeWord`.
const live = `state = 'live'`
const unfrozen = '(frozen_until is null or frozen_until <= $12)'
/** Holder, assignor, tier and recourse stay as they are. */
const sameHands =
  '(holder = $3 and assignor is not distinct from nullif($5::integer, 0) and tier = $8 and has_recourse = $11)'
/** The counterparty has it from the holder. */
const taken = '(counterparty = $3 and holder = $5::integer)'
const isTransfer = `purpose in ('transfer', 'trade-transfer')`
const freed = (from: string) => `state = '${from}' and $9 = 'live' and ${unfrozen} and ${sameHands}`
const bound = (to: string, purposes: string) =>
  `${live} and $9 = '${to}' and $10 in (${purposes}) and ${unfrozen} and ${sameHands}`

/** Stores the word of an event, if the note is as the event presupposes. `more` are further columns from `$15` on. */
function storeWord(event: PlacedEvent<NoteEvent>, guard: string, more: Record<string, string> = {}): Statement {
  const note = decodeNoteWord(BigInt(event.args.note))
  const further = Object.keys(more).map((column, i) => `, ${column} = $${15 + i}`)
  return one(
    event.name,
    `update note set holder = $3, counterparty = nullif($4::integer, 0), assignor = nullif($5::integer, 0),
       deadline = nullif($6::bigint, 0), frozen_until = nullif($7::bigint, 0), tier = $8, state = $9, purpose = $10,
       has_recourse = $11, changed_at = $12, changed_block = $13, changed_tx = $14${further.join('')}
     where note_id = $1 and upper(span) = $2 and ${guard}`,
    [
      event.args.noteId,
      note.end,
      note.holder,
      note.counterparty,
      note.assignor,
      note.deadline,
      note.frozenUntil,
      note.tier,
      note.state,
      note.purpose,
      note.hasRecourse,
      event.blockTime,
      event.blockNumber,
      event.txHash,
      ...Object.values(more)
    ]
  )
}

/**
 * Cuts the piece off the note that spans its start, unless it is there already: an event of a note that is not there tells
 * of a cut. The note shrinks and the piece takes over all that it had, in one statement, so that no state shows the value
 * twice (N1). The event itself then moves the piece, and refuses if there was nothing to cut.
 */
function cut({ args, receivableId, blockNumber, blockTime, txHash }: PlacedEvent<NoteEvent>): Statement[] {
  const start = startOfNote(BigInt(args.noteId))
  if (start === 0n) return []
  const { end } = decodeNoteWord(BigInt(args.note))
  return [
    any(
      'note_cut',
      `with rest as (
         update note set span = int8range(lower(span), $3), changed_at = $5, changed_block = $6, changed_tx = $7
         where receivable_id = $1 and span @> $3::bigint and lower(span) < $3 and upper(span) = $4
         returning *)
       insert into note (note_id, receivable_id, span, holder, counterparty, assignor, deadline, frozen_until, tier, state,
         purpose, has_recourse, trade_document, credit_note, quote, disbursement, repayment, demand,
         freeze_order, freeze_escrow, freeze_authority, opened_block, changed_at, changed_block, changed_tx)
       select $2, receivable_id, int8range($3, $4), holder, counterparty, assignor, deadline, frozen_until, tier, state,
         purpose, has_recourse, trade_document, credit_note, quote, disbursement, repayment, demand,
         freeze_order, freeze_escrow, freeze_authority, $6, $5, $6, $7
       from rest`,
      [receivableId, args.noteId, start, end, blockTime, blockNumber, txHash]
    )
  ]
}

/** An offer to an assignee or a lock for a factor, who becomes a party. */
function bind(
  event: PlacedEvent<'NoteOffered' | 'NoteLocked'>,
  guard: string,
  document: Record<string, string>
): Statement[] {
  const { counterparty } = decodeNoteWord(BigInt(event.args.note))
  return [
    ...cut(event),
    storeWord(event, guard, document),
    joinAsParty(event.receivableId, counterparty, event.blockNumber)
  ]
}

/** Adds the note to one of the sums that the receivable keeps of its notes in a final state. */
function addTo(sum: 'settled' | 'cancelled', event: PlacedEvent<'NoteSettled' | 'NoteCancelled'>): Statement {
  const { args, receivableId, blockNumber, blockTime, txHash } = event
  const amount = decodeNoteWord(BigInt(args.note)).end - startOfNote(BigInt(args.noteId))
  return one(
    `receivable_${sum}_sum`,
    `update receivable set ${sum} = ${sum} + $2::bigint, changed_at = $3, changed_block = $4, changed_tx = $5
     where receivable_id = $1 and state = 'confirmed'`,
    [receivableId, amount, blockTime, blockNumber, txHash]
  )
}

/** Confirmation opens the root note `[0, amount)` of the creditor. */
export function openRootNote(event: PlacedEvent<'ReceivableConfirmed' | 'ReceivableIssued'>): Statement {
  const { args, blockNumber, blockTime, txHash } = event
  return one(
    'note_opened',
    `insert into note (note_id, receivable_id, span, holder, tier, state, purpose, has_recourse, opened_block,
       changed_at, changed_block, changed_tx)
     select receivable_id || repeat('0', 16), receivable_id, int8range(0, amount), creditor, 0, 'live', 'none', false, $3,
       $2, $3, $4
     from receivable where receivable_id = $1 and state = 'confirmed'`,
    [args.receivableId, blockTime, blockNumber, txHash]
  )
}

/** Settles every open note at once: each to its payee of that moment, all else as it is. */
export function settleOpenNotes(event: PlacedEvent<'ReceivableSettled'>): Statement {
  const { args, blockNumber, blockTime, txHash } = event
  return any(
    'notes_settled',
    `update note set payee = ${payeeAt('$2::bigint')}, state = 'settled', payment = $5,
       changed_at = $2, changed_block = $3, changed_tx = $4
     where receivable_id = $1 and ${open}`,
    [args.receivableId, blockTime, blockNumber, txHash, args.payment]
  )
}

function merge(event: PlacedEvent<'NotesMerged'>): Statement[] {
  const { args } = event
  const kept = decodeNoteWord(BigInt(args.note))
  return [
    one(
      'note_merged_away',
      `delete from note gone using note kept
       where kept.note_id = $1 and gone.note_id = $2 and gone.receivable_id = kept.receivable_id
         and lower(gone.span) = upper(kept.span) and upper(gone.span) = $3 and gone.state = 'live' and kept.state = 'live'
         and gone.holder = kept.holder and gone.assignor is not distinct from kept.assignor
         and gone.tier = kept.tier and gone.has_recourse = kept.has_recourse
         and (gone.frozen_until is null or gone.frozen_until <= $4)`,
      [args.noteId, args.mergedId, kept.end, event.blockTime]
    ),
    one(
      'note_merged_into',
      `update note set span = int8range(lower(span), $3) where note_id = $1 and upper(span) = $2 and state = 'live'`,
      [args.noteId, startOfNote(BigInt(args.mergedId)), kept.end]
    ),
    storeWord(event, `${live} and $9 = 'live' and $10 = 'none' and ${unfrozen} and ${sameHands}`)
  ]
}

/** Notes. Each move is guarded by state, parties and span before it (domain/note/note-states.ts). */
export const noteHandlers: Handlers<NoteEvent> = {
  NoteOffered: (event) =>
    bind(event, bound('offered', `'transfer', 'trade-transfer'`), { trade_document: event.args.tradeDocument }),
  NoteAccepted: (event) => [
    storeWord(
      event,
      `state = 'offered' and ${isTransfer} and $9 = 'live' and ${unfrozen} and ${taken} and tier = $8 - 1 and not $11`
    )
  ],
  NoteRefused: (event) => [storeWord(event, freed('offered'))],
  NoteRecalled: (event) => [storeWord(event, freed('offered'))],
  NotesMerged: merge,
  NoteDilutionOffered: (event) => [
    ...cut(event),
    storeWord(event, `${bound('offered', `'dilution'`)} and tier = 0 and assignor is null`, {
      credit_note: event.args.creditNote
    })
  ],
  NoteCancelled: (event) => [
    storeWord(
      event,
      `state = 'offered' and purpose = 'dilution' and $9 = 'cancelled' and ${unfrozen} and ${sameHands}`
    ),
    addTo('cancelled', event)
  ],
  NoteLocked: (event) =>
    bind(event, bound('locked', `'assignment', 'recourse-assignment', 'pledge'`), { quote: event.args.quote }),
  NoteUnlocked: (event) => [storeWord(event, freed('locked'))],
  NoteFinanced: (event) => [
    storeWord(
      event,
      `state = 'locked' and ${unfrozen} and tier = $8 and case purpose
         when 'pledge' then $9 = 'pledged' and $10 = 'pledge' and counterparty = $4::integer and ${sameHands}
         else $9 = 'live' and ${taken} and $11 = (purpose = 'recourse-assignment') end`,
      { disbursement: event.args.disbursement }
    )
  ],
  NoteReleased: (event) => [storeWord(event, freed('pledged'), { repayment: event.args.repayment })],
  NoteForeclosed: (event) => [
    storeWord(event, `state = 'pledged' and $9 = 'live' and ${unfrozen} and ${taken} and tier = $8 and not $11`)
  ],
  NoteReturnOffered: (event) => [
    storeWord(event, `${bound('offered', `'return'`)} and has_recourse and assignor = $4::integer`, {
      demand: event.args.demand
    })
  ],
  NoteReturned: (event) => [
    storeWord(
      event,
      `state = 'offered' and purpose = 'return' and $9 = 'live' and ${unfrozen} and ${taken} and tier = $8 and not $11`
    )
  ],
  NoteFrozen: (event) => freeze(event, event.args.freeze),
  NoteUnfrozen: (event) => [
    storeWord(event, `${open} and state = $9 and purpose = $10 and ${sameHands} and frozen_until > $12`)
  ],
  NoteSettled: (event) => [
    ...cut(event),
    storeWord(event, `${open} and $9 = 'settled' and ${sameHands} and $16::integer = ${payeeAt('$12')}`, {
      payment: event.args.payment,
      payee: String(decodeNoteWord(BigInt(event.args.note)).counterparty)
    }),
    addTo('settled', event)
  ]
}

const isKept = '(state = $9 and purpose = $10)'
/** One claim of a trade document can't stand for two offers: the offer of a piece that a freeze just cut off one ends. */
const isOfferEnded = `(state = 'offered' and purpose = 'trade-transfer' and opened_block = $13 and $9 = 'live' and $10 = 'none')`

function freeze(event: PlacedEvent<'NoteFrozen'>, { order, escrow, authority }: EventArgs['NoteFrozen']['freeze']) {
  return [
    ...cut(event),
    storeWord(
      event,
      `${open} and (${isKept} or ${isOfferEnded}) and ${sameHands} and ${unfrozen} and $7::bigint > $12`,
      {
        freeze_order: order,
        freeze_escrow: escrow,
        freeze_authority: authority
      }
    ),
    joinAsParty(event.receivableId, escrow, event.blockNumber),
    joinAsParty(event.receivableId, authority, event.blockNumber)
  ]
}
