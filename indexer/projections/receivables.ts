import type { PlacedEvent } from '../decode.ts'
import { any, one, type Handlers, type Statement } from './statement.ts'

type ReceivableEvent =
  | 'ReceivableRegistered'
  | 'ReceivableIssued'
  | 'ReceivableConfirmed'
  | 'ReceivableRejected'
  | 'ReceivableWithdrawn'
  | 'ReceivableSettled'

/** Records that a participant is or was a party, from the block where it became one. */
export function joinAsParty(receivableId: string | null, participantId: string, blockNumber: number): Statement {
  return any(
    'party_joined',
    `insert into receivable_party (receivable_id, participant_id, since_block) values ($1, $2, $3)
     on conflict (receivable_id, participant_id) do nothing`,
    [receivableId, participantId, blockNumber]
  )
}

function create(
  { args, blockNumber, blockTime, txHash }: PlacedEvent<'ReceivableRegistered' | 'ReceivableIssued'>,
  state: 'registered' | 'confirmed'
): Statement[] {
  const { receivableId, terms, fingerprints } = args
  return [
    one(
      'receivable_created',
      `insert into receivable (receivable_id, creditor, debtor, amount, settled, currency, maturity, content_commitment,
         fingerprints, state, registered_at, registered_block, registered_tx, confirmed_at,
         changed_at, changed_block, changed_tx)
       values ($1, $2, $3, $4, 0, $5, $6, $7, $8, $9, $10, $11, $12, $13, $10, $11, $12)`,
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
  ReceivableIssued: (event) => create(event, 'confirmed'),
  ReceivableConfirmed: ({ args, blockNumber, blockTime, txHash }) => [
    one(
      'receivable_confirmed',
      `update receivable set state = 'confirmed', confirmed_at = $2, changed_at = $2, changed_block = $3, changed_tx = $4
       where receivable_id = $1 and state = 'registered'`,
      [args.receivableId, blockTime, blockNumber, txHash]
    )
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
  ReceivableSettled: ({ args, blockNumber, blockTime, txHash }) => [
    one(
      'receivable_settled',
      `update receivable set state = 'settled', changed_at = $2, changed_block = $3, changed_tx = $4
       where receivable_id = $1 and state = 'confirmed' and settled = amount`,
      [args.receivableId, blockTime, blockNumber, txHash]
    )
  ]
}
