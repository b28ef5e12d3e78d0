/** Whether a quote answers its request and can be carried out at all. */
import { costOf, daysUntil } from './cost.ts'
import type { FundingKind, Price, Quote } from './terms.ts'

/** What does not fit in a quote, in the words of a refusal. */
export interface Fault {
  field: string
  presented: unknown
  required: unknown
}

/** What a quote answers to. Times are unix seconds. */
export interface Asked {
  kinds: readonly FundingKind[]
  fundFrom: number
  fundUntil: number
  expiresAt: number
  maturity: number
}

/** The first thing that makes a quote no answer to the request, or impossible; undefined when it fits. */
export function faultOf(
  quote: Price & Pick<Quote, 'expiresAt' | 'fundBy'>,
  asked: Asked,
  now: number
): Fault | undefined {
  const { purpose, advanceBp, reserveBp, expiresAt, fundBy } = quote
  const fault = (field: string, presented: unknown, required: unknown): Fault => ({ field, presented, required })
  if (!asked.kinds.includes(purpose)) return fault('purpose', purpose, asked.kinds)
  if (advanceBp === 0) return fault('advanceBp', advanceBp, 'more than 0')
  if (advanceBp + reserveBp > 10_000) return fault('reserveBp', reserveBp, `at most ${10_000 - advanceBp}`)
  // A lender may keep its loan, interest and fees, never a part of the thing pledged.
  if (purpose === 'pledge' && advanceBp + reserveBp !== 10_000) {
    return fault('reserveBp', reserveBp, `${10_000 - advanceBp}: what is not lent stays the holder's`)
  }
  const [first, last] = [Math.max(expiresAt + 1, asked.fundFrom), Math.min(asked.fundUntil, asked.maturity - 1)]
  if (expiresAt <= now || expiresAt > asked.expiresAt) return fault('expiresAt', expiresAt, [now + 1, asked.expiresAt])
  if (fundBy < first || fundBy > last) {
    return fault('fundBy', fundBy, [first, last])
  }
  const { proceeds } = costOf(quote, daysUntil(asked.maturity, Math.max(now, asked.fundFrom)))
  if (proceeds <= 0n) return fault('fees', String(proceeds), 'something left of the advance when its charges are paid')
  return undefined
}
