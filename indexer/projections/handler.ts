import type { EventName, PlacedEvent } from '../decode.ts'
import { ProjectionConflictError } from '../errors.ts'
import type { ReceivableRow } from './rows.ts'
import type { WorkingSet } from './working-set.ts'

/**
 * Folds an event into the rows. Pure but for them: no chain, no clock, no database. Refuses an event that the state before it
 * does not allow, so that a fault in code or data stops the indexer instead of being carried on.
 */
export type Handler<N extends EventName> = (event: PlacedEvent<N>, rows: WorkingSet) => void
export type Handlers<N extends EventName> = { [K in N]: Handler<K> }

/**
 * @param rule Told only where it is broken: to write it out takes longer than to look at it
 * @throws ProjectionConflictError unless the state before the event is as it presupposes
 */
export function requireState(isAllowed: boolean, event: PlacedEvent, rule: () => string): asserts isAllowed {
  if (isAllowed) return
  throw new ProjectionConflictError(
    `${event.name} at block ${event.blockNumber} log ${event.logIndex} (${event.receivableId ?? event.txHash})`,
    rule()
  )
}

/** By which block and transaction a row is as it is. */
export function changedBy({ blockNumber, txHash }: PlacedEvent): { changed_block: number; changed_tx: string } {
  return { changed_block: blockNumber, changed_tx: txHash }
}

/** Changes a receivable that is in `state`. Throws PROJECTION_CONFLICT for one that is not. */
export function changeReceivable(
  event: PlacedEvent,
  { receivables }: WorkingSet,
  state: ReceivableRow['state'],
  change: (before: ReceivableRow) => Partial<ReceivableRow>
): void {
  const before = receivables.get(event.receivableId!)
  requireState(
    before?.state === state,
    event,
    () => `the receivable is ${before?.state ?? 'not there'}, required ${state}`
  )
  Object.assign(before!, change(before!))
  before!.changed_at = event.blockTime
  before!.changed_block = event.blockNumber
  before!.changed_tx = event.txHash
  receivables.put(before!)
}
