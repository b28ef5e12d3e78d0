import type { Intent } from '../../scripts/demo/client.ts'
import { inSeconds, type Answer, type Instance } from './instance.ts'

export const DAY = 86_400

export interface QuoteView {
  quoteId: string
  state: string
  text: string
  commitment: string
  cost: Record<string, unknown>
  lock: { noteId: string; next: { event: string } | null } | null
}

export interface RequestView {
  requestId: string
  state: string
  factors: number[] | null
  obstacles: string[]
  quotes: QuoteView[]
  [field: string]: unknown
}

/** Nine tenths now and the rest when the debtor has paid, at 6 % a year. */
export function terms(changes: object = {}): object {
  return {
    purpose: 'assignment',
    advanceBp: 9_000,
    reserveBp: 1_000,
    annualRateBp: 600,
    dayCount: 'ACT/360',
    interestDue: 'funding',
    fees: [],
    isFirm: false,
    expiresAt: inSeconds(DAY),
    fundBy: inSeconds(3 * DAY),
    ...changes
  }
}

/** Who asks and who quotes, each by its own key. */
export function peopleOf(tally: () => Instance) {
  return {
    ask(noteId: string, body: object = {}, as = 'alder'): Promise<RequestView> {
      return tally()
        .as(as)
        .post<RequestView>('/v1/funding-requests', tally().newKey(), { noteId, ...body })
    },
    give(requestId: string, as = 'lindqvist', changes: object = {}): Promise<QuoteView> {
      const path = `/v1/funding-requests/${requestId}/quotes`
      return tally().as(as).post<QuoteView>(path, tally().newKey(), terms(changes))
    },
    requestOf: (requestId: string, as = 'alder') =>
      tally().as(as).get<RequestView>(`/v1/funding-requests/${requestId}`),
    quoteOf: (quoteId: string, as = 'alder') => tally().as(as).get<QuoteView>(`/v1/quotes/${quoteId}`),
    accept: (quoteId: string, as = 'alder'): Promise<Intent> => tally().done(as, `/v1/quotes/${quoteId}/acceptance`)
  }
}

/** How many answers were of each kind. */
export function codesOf(answers: readonly Answer[]): Record<string, number> {
  const codes = answers.map(({ status, body }) => (status === 202 ? 'accepted' : String(body['code'])))
  return Object.fromEntries([...new Set(codes)].map((code) => [code, codes.filter((one) => one === code).length]))
}

/** The last second of the day so many days from now, UTC. */
export function endOfDay(days: number): number {
  return (Math.floor(Date.now() / 1000 / DAY) + days + 1) * DAY - 1
}
