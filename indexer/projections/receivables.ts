import type { PlacedEvent } from '../decode.ts'
import { openRootNote, settleOpenNotes } from './notes.ts'
import { joinAsParty } from './parties.ts'
import { one, type Handlers, type Statement } from './statement.ts'

type ReceivableEvent =
  | 'ReceivableRegistered'
  | 'ReceivableIssued'
  | 'ReceivableConfirmed'
  | 'ReceivableRejected'
  | 'ReceivableWithdrawn'
  | 'ReceivableDisputed'
  | 'ReceivableDisputeLifted'
  | 'ReceivableSettled'
  | 'ReceivableClosed'

function create(
  { args, blockNumber, blockTime, txHash }: PlacedEvent<'ReceivableRegistered' | 'ReceivableIssued'>,
  state: 'registered' | 'confirmed'
): Statement[] {
  const { receivableId, terms, fingerprints } = args
  return [
    one(
      'receivable_created',
      `insert into receivable (receivable_id, creditor, debtor, amount, settled, cancelled, currency, maturity,
         content_commitment, fingerprints, state, disputed, registered_at, registered_block, registered_tx, confirmed_at,
         changed_at, changed_block, changed_tx)
       values ($1, $2, $3, $4, 0, 0, $5, $6, $7, $8, $9, false, $10, $11, $12, $13, $10, $11, $12)`,
      [
        receivableId,
        terms.creditor,
        terms.debtor,
        terms.amount,
        terms.currency,
        terms.maturity,
        terms.contentCommitment,
        fingerprints,
        state,
        blockTime,
        blockNumber,
        txHash,
        state === 'confirmed' ? blockTime : null
      ]
    ),
    joinAsParty(receivableId, terms.creditor, blockNumber),
    joinAsParty(receivableId, terms.debtor, blockNumber)
  ]
}

/** Receivables. Each move is guarded by the state before it (domain/receivable/receivable-states.ts). */
export const receivableHandlers: Handlers<ReceivableEvent> = {
  ReceivableRegistered: (event) => create(event, 'registered'),
  ReceivableIssued: (event) => [...create(event, 'confirmed'), openRootNote(event)],
  ReceivableConfirmed: (event) => [
    one(
      'receivable_confirmed',
      `update receivable set state = 'confirmed', confirmed_at = $2, changed_at = $2, changed_block = $3, changed_tx = $4
       where receivable_id = $1 and state = 'registered'`,
      [event.args.receivableId, event.blockTime, event.blockNumber, event.txHash]
    ),
    openRootNote(event)
  ],
  ReceivableRejected: ({ args, blockNumber, blockTime, txHash }) => [
    one(
      'receivable_rejected',
      `update receivable set state = 'rejected', reason = $5, changed_at = $2, changed_block = $3, changed_tx = $4
       where receivable_id = $1 and state = 'registered'`,
      [args.receivableId, blockTime, blockNumber, txHash, args.reason]
    )
  ],
  ReceivableWithdrawn: ({ args, blockNumber, blockTime, txHash }) => [
    one(
      'receivable_withdrawn',
      `update receivable set state = 'withdrawn', changed_at = $2, changed_block = $3, changed_tx = $4
       where receivable_id = $1 and state = 'registered'`,
      [args.receivableId, blockTime, blockNumber, txHash]
    )
  ],
  ReceivableDisputed: (event) => dispute(event, true),
  ReceivableDisputeLifted: (event) => dispute(event, false),
  ReceivableSettled: (event) => [
    settleOpenNotes(event),
    one(
      'receivable_settled',
      `update receivable set state = 'settled', settled = amount - cancelled, payment = $5,
         changed_at = $2, changed_block = $3, changed_tx = $4
       where receivable_id = $1 and state = 'confirmed' and maturity <= $2 and amount - cancelled = (
         select coalesce(sum(upper(span) - lower(span)), 0) from note where receivable_id = $1 and state = 'settled')`,
      [event.args.receivableId, event.blockTime, event.blockNumber, event.txHash, event.args.payment]
    )
  ],
  ReceivableClosed: ({ args, blockNumber, blockTime, txHash }) => [
    one(
      'receivable_closed',
      `update receivable set state = 'settled', changed_at = $2, changed_block = $3, changed_tx = $4
       where receivable_id = $1 and state = 'confirmed' and settled + cancelled = amount`,
      [args.receivableId, blockTime, blockNumber, txHash]
    )
  ]
}

function dispute(
  { args, blockNumber, blockTime, txHash }: PlacedEvent<'ReceivableDisputed' | 'ReceivableDisputeLifted'>,
  disputed: boolean
): Statement[] {
  return [
    one(
      'receivable_disputed',
      `update receivable set disputed = $5, dispute_reason = $6, changed_at = $2, changed_block = $3, changed_tx = $4
       where receivable_id = $1 and state = 'confirmed' and disputed <> $5`,
      [args.receivableId, blockTime, blockNumber, txHash, disputed, args.reason]
    )
  ]
}
