import { startOfNote } from '../../domain/note/span.ts'
import type { PlacedEvent } from '../decode.ts'
import { joinAsParty } from './receivables.ts'
import { one, type Handlers, type Statement } from './statement.ts'

type NoteEvent =
  | 'NoteOpened'
  | 'NoteOffered'
  | 'NoteAccepted'
  | 'NoteRefused'
  | 'NoteRecalled'
  | 'NoteLocked'
  | 'NoteUnlocked'
  | 'NoteFinanced'
  | 'NoteSettled'

/**
 * Binds a span to a counterparty. A piece that is cut off takes over all that its note had; the note shrinks first, so
 * that no state shows the value twice (N1).
 */
function commit(
  event: PlacedEvent<'NoteOffered' | 'NoteLocked'>,
  state: 'offered' | 'locked',
  counterparty: string,
  document: { column: 'trade_document' | 'quote'; value: string }
): Statement[] {
  const { args, receivableId, blockNumber, blockTime, txHash } = event
  const bound = [args.noteId, counterparty, args.deadline, document.value, blockTime, blockNumber, txHash]
  const bind = one(
    `note_${state}`,
    `update note set state = '${state}', counterparty = $2, deadline = $3, ${document.column} = $4,
       changed_at = $5, changed_block = $6, changed_tx = $7
     where note_id = $1 and state = 'live' and upper(span) = $8 and holder = $9`,
    [...bound, args.end, args.holder]
  )
  const party = joinAsParty(receivableId, counterparty, blockNumber)
  if (args.noteId === args.fromNoteId) return [bind, party]
  const start = startOfNote(BigInt(args.noteId)).toString()
  return [
    one(
      'note_cut',
      `update note set span = int8range(lower(span), $2), changed_at = $5, changed_block = $6, changed_tx = $7
       where note_id = $1 and state = 'live' and lower(span) < $2 and upper(span) = $3 and holder = $4`,
      [args.fromNoteId, start, args.end, args.holder, blockTime, blockNumber, txHash]
    ),
    one(
      'note_piece',
      `insert into note (note_id, receivable_id, span, holder, assignor, tier, state,
         trade_document, quote, disbursement, opened_block, changed_at, changed_block, changed_tx)
       select $2, receivable_id, int8range($3, $4), holder, assignor, tier, 'live',
         trade_document, quote, disbursement, $6, $5, $6, $7
       from note where note_id = $1 and upper(span) = $3`,
      [args.fromNoteId, args.noteId, start, args.end, blockTime, blockNumber, txHash]
    ),
    bind,
    party
  ]
}

/** Back to its holder. */
function free(
  event: PlacedEvent<'NoteRefused' | 'NoteRecalled' | 'NoteUnlocked'>,
  from: 'offered' | 'locked'
): Statement[] {
  return [
    one(
      `note_freed_${from}`,
      `update note set state = 'live', counterparty = null, deadline = null,
         changed_at = $2, changed_block = $3, changed_tx = $4
       where note_id = $1 and state = '${from}'`,
      [event.args.noteId, event.blockTime, event.blockNumber, event.txHash]
    )
  ]
}

/** Notes. Each move is guarded by state, parties and span before it (domain/note/note-states.ts). */
export const noteHandlers: Handlers<NoteEvent> = {
  NoteOpened: ({ args, receivableId, blockNumber, blockTime, txHash }) => [
    one(
      'note_opened',
      `insert into note (note_id, receivable_id, span, holder, tier, state, opened_block,
         changed_at, changed_block, changed_tx)
       select $1, receivable_id, int8range(0, $3), $4, 0, 'live', $6, $5, $6, $7
       from receivable where receivable_id = $2 and state = 'confirmed' and amount = $3 and creditor = $4`,
      [args.noteId, receivableId, args.end, args.holder, blockTime, blockNumber, txHash]
    )
  ],
  NoteOffered: (event) =>
    commit(event, 'offered', event.args.assignee, { column: 'trade_document', value: event.args.tradeDocument }),
  NoteAccepted: ({ args, blockNumber, blockTime, txHash }) => [
    one(
      'note_accepted',
      `update note set state = 'live', holder = $2, assignor = $3, tier = $4, counterparty = null, deadline = null,
         changed_at = $5, changed_block = $6, changed_tx = $7
       where note_id = $1 and state = 'offered' and counterparty = $2 and holder = $3 and tier = $4 - 1`,
      [args.noteId, args.holder, args.assignor, args.tier, blockTime, blockNumber, txHash]
    )
  ],
  NoteRefused: (event) => free(event, 'offered'),
  NoteRecalled: (event) => free(event, 'offered'),
  NoteLocked: (event) => commit(event, 'locked', event.args.factor, { column: 'quote', value: event.args.quote }),
  NoteUnlocked: (event) => free(event, 'locked'),
  NoteFinanced: ({ args, blockNumber, blockTime, txHash }) => [
    one(
      'note_financed',
      `update note set state = 'live', holder = $2, assignor = $3, disbursement = $4, counterparty = null,
         deadline = null, changed_at = $5, changed_block = $6, changed_tx = $7
       where note_id = $1 and state = 'locked' and counterparty = $2 and holder = $3`,
      [args.noteId, args.holder, args.assignor, args.disbursement, blockTime, blockNumber, txHash]
    )
  ],
  NoteSettled: ({ args, receivableId, blockNumber, blockTime, txHash }) => [
    one(
      'note_settled',
      `update note set state = 'settled', payment = $4, counterparty = null, deadline = null,
         changed_at = $5, changed_block = $6, changed_tx = $7
       where note_id = $1 and state in ('live', 'offered', 'locked') and holder = $2
         and upper(span) - lower(span) = $3::bigint`,
      [args.noteId, args.holder, args.amount, args.payment, blockTime, blockNumber, txHash]
    ),
    one(
      'receivable_collected',
      `update receivable set settled = settled + $2::bigint, changed_at = $3, changed_block = $4, changed_tx = $5
       where receivable_id = $1 and state = 'confirmed' and settled + $2::bigint <= amount`,
      [receivableId, args.amount, blockTime, blockNumber, txHash]
    )
  ]
}
