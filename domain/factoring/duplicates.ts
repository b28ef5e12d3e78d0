/** What a factor is told of a document that it asks about: enough not to finance it twice, nothing of other parties' data. */
import type { ClaimReason } from '../fingerprint/claim-word.ts'
import type { ReceivableState } from '../receivable/receivable-states.ts'

/** Documents in one question. */
export const CHECK_BATCH_MAX = 100
/** Documents that one participant may ask about in an hour: a bank's day, and too few to guess a seller's invoices by trying. */
export const CHECKS_PER_HOUR = 2_000
export const CHECK_WINDOW = 3_600

export type Standing =
  | { status: 'unknown' }
  /** A receivable of this registry stands on it; `state` is where that is. */
  | { status: 'registered'; state: ReceivableState }
  /** It backs a transfer down the supply chain here. */
  | { status: 'trade-document' }
  /** Claimed by a factor for a financing outside of this registry. */
  | { status: 'claimed-elsewhere' }

/** A live claim. `state` is that of its receivable, when the projection has it. */
export interface FoundClaim {
  reason: ClaimReason
  state: ReceivableState | null
}

/** The gravest first: a claim elsewhere beside one here must not be hidden by it. */
export function standingOf(claims: readonly FoundClaim[]): Standing {
  if (claims.some(({ reason }) => reason.endsWith('-elsewhere'))) return { status: 'claimed-elsewhere' }
  const registered = claims.find(({ reason }) => reason === 'receivable')
  if (registered) return { status: 'registered', state: registered.state ?? 'registered' }
  return claims.length > 0 ? { status: 'trade-document' } : { status: 'unknown' }
}
