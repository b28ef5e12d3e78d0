/**
 * Funding requests and quotes: their states, and from which facts each follows. No state is stored. People's acts and the clock are facts
 * of the api, the fate of the lock is the chain's; a state is what both say at a moment, so that none can contradict them.
 */

/** `closed` is what a factor sees of a request that took another's quote. */
export const requestStates = [
  'open',
  'quoted',
  'accepted',
  'locked',
  'funded',
  'declined',
  'lapsed',
  'withdrawn',
  'expired'
] as const
export type RequestState = (typeof requestStates)[number]

/** Moves possible in one step. An empty row is a final state. */
export const requestMoves = {
  open: ['quoted', 'withdrawn', 'expired'],
  quoted: ['open', 'accepted', 'withdrawn', 'expired'],
  accepted: ['open', 'quoted', 'locked', 'expired'],
  locked: ['funded', 'declined', 'lapsed'],
  funded: [],
  declined: [],
  lapsed: [],
  withdrawn: [],
  expired: []
} as const satisfies Record<RequestState, readonly RequestState[]>

export const quoteStates = [
  'open',
  'accepted',
  'locked',
  'funded',
  'declined',
  'lapsed',
  'withdrawn',
  'expired'
] as const
export type QuoteState = (typeof quoteStates)[number]

/** `accepted → open`: the order to lock was refused, or never signed. `open → lapsed`: another was locked, or the request ended. */
export const quoteMoves = {
  open: ['accepted', 'lapsed', 'withdrawn', 'expired'],
  accepted: ['open', 'locked', 'expired', 'lapsed'],
  locked: ['funded', 'declined', 'lapsed'],
  funded: [],
  declined: [],
  lapsed: [],
  withdrawn: [],
  expired: []
} as const satisfies Record<QuoteState, readonly QuoteState[]>

/** What became of a lock that stands on chain. */
export type LockOutcome = 'locked' | 'funded' | 'declined' | 'lapsed'

/** Facts of one quote. Times are unix seconds. */
export interface QuoteFacts {
  expiresAt: number
  isWithdrawn: boolean
  /** The order to lock can still come through: it waits for signatures within its time, or is on its way. */
  isOrdered: boolean
  /** Once the projection shows the lock. */
  lock: LockFacts | null
}

export interface LockFacts {
  at: number
  deadline: number
  /** What the chain did next with the locked note; at, in block time. */
  next: { event: 'financed' | 'unlocked' | 'settled'; at: number } | null
}

export interface RequestFacts {
  expiresAt: number
  withdrawnAt: number | null
  quotes: readonly QuoteFacts[]
}

/** A lock that nobody used in time is over, whether or not it was taken off the note already. */
export function outcomeOf({ deadline, next }: LockFacts, now: number): LockOutcome {
  if (next?.event === 'financed') return 'funded'
  if (next?.event === 'unlocked') return next.at > deadline ? 'lapsed' : 'declined'
  return next !== null || now > deadline ? 'lapsed' : 'locked'
}

/** The quote of a request that was locked first, if any: it decides. */
function chosen(quotes: readonly QuoteFacts[]): LockFacts | undefined {
  return quotes.find(({ lock }) => lock !== null)?.lock ?? undefined
}

export function requestStateOf({ expiresAt, withdrawnAt, quotes }: RequestFacts, now: number): RequestState {
  const lock = chosen(quotes)
  if (lock) return outcomeOf(lock, now)
  if (quotes.some(({ isOrdered }) => isOrdered)) return 'accepted'
  if (withdrawnAt !== null) return 'withdrawn'
  if (now > expiresAt) return 'expired'
  return quotes.some((quote) => isAcceptable(quote, now)) ? 'quoted' : 'open'
}

/** What ended it first names the state: its own time, or the end of the request. No quote outlives the time of its request. */
export function quoteStateOf(quote: QuoteFacts, request: RequestFacts, now: number): QuoteState {
  if (quote.lock) return outcomeOf(quote.lock, now)
  if (quote.isWithdrawn) return 'withdrawn'
  const ended = chosen(request.quotes)?.at ?? request.withdrawnAt ?? undefined
  if (quote.isOrdered && ended === undefined) return 'accepted'
  if (Math.min(ended ?? now, now) > quote.expiresAt) return 'expired'
  return ended === undefined ? 'open' : 'lapsed'
}

function isAcceptable({ expiresAt, isWithdrawn }: QuoteFacts, now: number): boolean {
  return !isWithdrawn && now <= expiresAt
}
