/** Requests for money and quotes, as the api shows them. */
import type { Output } from '../../client/api.ts'

export type FundingRequest = Output<'getFundingRequest'>
export type Quote = FundingRequest['quotes'][number]
export type FundingKind = Quote['purpose']
export type Fee = Quote['fees'][number]
export type EligibleNote = Output<'listEligibleNotes'>['items'][number]

/** A request in one of these states still moves. */
export function isGoing({ state }: Pick<FundingRequest, 'state'>): boolean {
  return ['open', 'quoted', 'accepted', 'locked'].includes(state)
}

/** Behind every rate that is shown, basis points. */
const BEYOND = 1e9

/** Open quotes by what they truly cost a year, the cheapest first; then the others. */
export function ranked(quotes: readonly Quote[]): Quote[] {
  const rank = ({ state, cost }: Quote): number => (state === 'open' ? (cost.effectiveRateBp ?? BEYOND) : 2 * BEYOND)
  return quotes.toSorted((a, b) => rank(a) - rank(b) || b.issuedAt - a.issuedAt)
}
