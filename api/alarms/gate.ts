import { inTransaction, type Pool, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { legalIdentitiesOf } from '../participants/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import type { Vault } from '../vault.ts'
import { assess } from './assess.ts'
import { documentOf, listAlarms } from './repository.ts'
import { isStopping } from './view.ts'

/** Looks again at what a receivable stands on. In a transaction of its own, so that a refusal that follows leaves the alarms. */
export async function reassess(pool: Pool, vault: Vault, receivableId: string): Promise<void> {
  await inTransaction(pool, async (tx) => {
    const documentId = await documentOf(tx, receivableId)
    if (documentId) await assess(tx, vault, documentId)
  })
}

/**
 * Refuses while an alarm stops the caller that it has not accepted.
 * @param hands Participants to whom a document may be payable beside its seller: the holder, and who takes the note.
 * @throws ApiError ALARM_OPEN
 */
export async function requireNoAlarm(
  tx: Transaction,
  vault: Vault,
  caller: Caller,
  receivableId: string,
  hands: readonly number[]
): Promise<void> {
  const names = await legalIdentitiesOf(tx, hands)
  const stopping = (await listAlarms(tx, vault, caller, { receivableId })).filter((alarm) => {
    const isRightPayee = alarm.rule === 'other-payee' && names.includes(alarm.sides[0]!.facts.payee ?? '')
    return isStopping(alarm) && !isRightPayee
  })
  if (stopping.length === 0) return
  throw new ApiError('ALARM_OPEN', {
    presented: stopping.map(({ alarmId, rule, score }) => ({ alarmId, rule, score })),
    required: 'your decision that each is accepted, with a reason'
  })
}
