/** A factor's book: sums, limits, and each position. */
import type { Api, Output } from '../../client/api.ts'
import { everyPage } from '../live/pages.ts'

export type Sum = Output<'getBook'>['sums'][number]
export type Limit = Output<'listLimits'>['items'][number]
export type Position = Output<'listPositions'>['items'][number]

export interface Book {
  sums: readonly Sum[]
  limits: readonly Limit[]
  /** Soonest maturity first. */
  positions: readonly Position[]
}

export async function loadBook(api: Api, signal: AbortSignal): Promise<Book> {
  const [{ sums }, { items: limits }, positions] = await Promise.all([
    api.call('getBook', {}, { signal }),
    api.call('listLimits', {}, { signal }),
    everyPage((page) => api.call('listPositions', { ...page }, { signal }))
  ])
  return { sums, limits, positions: positions.sort((a, b) => a.maturity - b.maturity) }
}

/** What stands with each participant, the most first. */
export function byParticipant(sums: readonly Sum[], by: 'debtor' | 'seller'): (Sum & { participantId: number })[] {
  return sums
    .filter((sum) => sum.by === by)
    .map((sum) => ({ ...sum, participantId: Number(sum.key) }))
    .sort((a, b) => (BigInt(b.amount) > BigInt(a.amount) ? 1 : -1))
}
