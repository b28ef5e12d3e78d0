import type { PlacedEvent } from '../decode.ts'
import { changedBy, changeReceivable, requireState, type Handlers } from './handler.ts'
import { openRootNote, settleOpenNotes } from './notes.ts'
import { joinAsParty } from './parties.ts'
import type { ReceivableRow } from './rows.ts'
import type { WorkingSet } from './working-set.ts'

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

/** Whether it is over without ever having been a promise, so that nothing of it is left but its events. */
export function isEnded({ state }: ReceivableRow): boolean {
  return state === 'rejected' || state === 'withdrawn'
}

function create(
  event: PlacedEvent<'ReceivableRegistered' | 'ReceivableIssued'>,
  rows: WorkingSet,
  state: 'registered' | 'confirmed'
): void {
  const { receivableId, terms, fingerprints } = event.args
  const before = rows.receivables.get(receivableId)
  const registry = rows.registries.at(event.address)!
  const isNew = before === undefined || (isEnded(before) && before.registry !== registry)
  requireState(isNew, event, () => 'the receivable is there already')
  const [creditor, debtor] = [Number(terms.creditor), Number(terms.debtor)]
  const amount = BigInt(terms.amount)
  rows.receivables.put({
    receivable_id: receivableId,
    registry,
    creditor,
    debtor,
    amount,
    settled: 0n,
    cancelled: 0n,
    currency: Number(terms.currency),
    maturity: Number(terms.maturity),
    content_commitment: terms.contentCommitment,
    fingerprints,
    state,
    reason: null,
    disputed: false,
    dispute_reason: null,
    payment: null,
    registered_at: event.blockTime,
    registered_block: event.blockNumber,
    registered_tx: event.txHash,
    confirmed_at: state === 'confirmed' ? event.blockTime : null,
    changed_at: event.blockTime,
    ...changedBy(event)
  })
  for (const party of [creditor, debtor]) joinAsParty(rows, event, party, { start: 0n, end: amount })
}

/** Receivables. Each move is guarded by the state before it (domain/receivable/receivable-states.ts). */
export const receivableHandlers: Handlers<ReceivableEvent> = {
  ReceivableRegistered(event, rows) {
    create(event, rows, 'registered')
  },
  ReceivableIssued(event, rows) {
    create(event, rows, 'confirmed')
    openRootNote(event, rows)
  },
  ReceivableConfirmed(event, rows) {
    changeReceivable(event, rows, 'registered', () => ({ state: 'confirmed', confirmed_at: event.blockTime }))
    openRootNote(event, rows)
  },
  ReceivableRejected(event, rows) {
    changeReceivable(event, rows, 'registered', () => ({ state: 'rejected', reason: event.args.reason }))
  },
  ReceivableWithdrawn(event, rows) {
    changeReceivable(event, rows, 'registered', () => ({ state: 'withdrawn' }))
  },
  ReceivableDisputed(event, rows) {
    dispute(event, rows, true)
  },
  ReceivableDisputeLifted(event, rows) {
    dispute(event, rows, false)
  },
  ReceivableSettled(event, rows) {
    const settled = settleOpenNotes(event, rows)
    changeReceivable(event, rows, 'confirmed', ({ amount, cancelled, maturity }) => {
      requireState(maturity <= event.blockTime, event, () => `it is due at ${maturity}`)
      requireState(
        settled === amount - cancelled,
        event,
        () => `its settled notes are ${settled} of ${amount - cancelled}`
      )
      return { state: 'settled', settled, payment: event.args.payment }
    })
  },
  ReceivableClosed(event, rows) {
    changeReceivable(event, rows, 'confirmed', ({ amount, settled, cancelled }) => {
      requireState(settled + cancelled === amount, event, () => `${amount - settled - cancelled} of it is open`)
      return { state: 'settled' }
    })
  }
}

function dispute(
  event: PlacedEvent<'ReceivableDisputed' | 'ReceivableDisputeLifted'>,
  rows: WorkingSet,
  disputed: boolean
): void {
  changeReceivable(event, rows, 'confirmed', (before) => {
    requireState(before.disputed !== disputed, event, () => `disputed is ${before.disputed} already`)
    return { disputed, dispute_reason: event.args.reason }
  })
}
