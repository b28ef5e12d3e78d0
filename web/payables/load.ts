/** What a debtor owes: to confirm, and by maturity and tier. */
import type { Api } from '../../client/api.ts'
import type { Receivable } from '../../client/operations.generated.ts'
import { everyPage } from '../live/pages.ts'
import { session } from '../login/session.ts'
import { schedulesOf, type Schedule } from './schedule.ts'

export interface Payables {
  toConfirm: readonly Receivable[]
  confirmed: readonly Receivable[]
  /** Of what is open, by currency. */
  schedules: readonly Schedule[]
}

export async function loadPayables(api: Api, signal: AbortSignal): Promise<Payables> {
  const all = await everyPage((page) => api.call('listReceivables', { role: 'debtor', ...page }, { signal }))
  const owed = all.filter(({ debtor }) => debtor === session.value?.participantId)
  const byMaturity = (a: Receivable, b: Receivable): number => a.maturity - b.maturity
  const confirmed = owed.filter(({ state }) => state === 'confirmed').sort(byMaturity)
  const noted = await Promise.all(
    confirmed.map(async (receivable) => ({
      receivable,
      notes: (await api.call('getReceivable', { receivableId: receivable.receivableId }, { signal })).notes
    }))
  )
  return {
    toConfirm: owed.filter(({ state }) => state === 'registered').sort(byMaturity),
    confirmed,
    schedules: schedulesOf(noted)
  }
}
