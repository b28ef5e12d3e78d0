/**
 * What a quote costs whoever accepts it, so that quotes of different make can be compared: exact sums of minor units, and the effective
 * annual rate of the two payments that are left (docs/adr/0024).
 */
import { effectiveRateBp } from './rate.ts'
import type { DayCount, Due, Price } from './terms.ts'

const DAY = 86_400
const WHOLE = 10_000n

/** All sums are minor units of the receivable's currency. */
export interface Cost {
  /** From funding to maturity. */
  days: number
  /** Paid out at funding before its charges. */
  advance: bigint
  /** Held back, and paid when the debtor has paid, before the charges due then. */
  reserve: bigint
  /** What the factor never pays: its price for a note taken below its amount. */
  discount: bigint
  interest: bigint
  chargesAtFunding: bigint
  chargesAtMaturity: bigint
  /** What the holder gets at funding. */
  proceeds: bigint
  /** What the holder has less in the end than if it had waited for the debtor. */
  total: bigint
  /** The same for each 30 days of waiting that are spared; null when there is no day. */
  per30Days: bigint | null
  /** In basis points; null when there is no day, or beyond what is shown. */
  effectiveRateBp: number | null
}

/** Calendar days in UTC: the first is not counted, the last is. */
export function daysUntil(maturity: number, from: number): number {
  return Math.max(0, Math.floor(maturity / DAY) - Math.floor(from / DAY))
}

/**
 * The cost when it is funded so many days before maturity and the debtor pays on the day. The holder gets `proceeds` and does without
 * `amount − reserve + chargesAtMaturity` at maturity: the rate that makes the two equal is the effective one.
 */
export function costOf(price: Price, days: number): Cost {
  const amount = BigInt(price.amount)
  const advance = shareOf(amount, price.advanceBp)
  // Rounded together, so that both never exceed the amount.
  const reserve = shareOf(amount, price.advanceBp + price.reserveBp) - advance
  const interest = interestOn(advance, price.annualRateBp, price.dayCount, days)
  const charges = (due: Due): bigint =>
    price.fees
      .filter((fee) => fee.due === due)
      .map((fee) => (fee.kind === 'flat' ? BigInt(fee.amount) : shareOf(amount, fee.bp)))
      .reduce((sum, fee) => sum + fee, price.interestDue === due ? interest : 0n)
  const [chargesAtFunding, chargesAtMaturity] = [charges('funding'), charges('maturity')]
  const proceeds = advance - chargesAtFunding
  const forgone = amount - reserve + chargesAtMaturity
  const total = forgone - proceeds
  return {
    days,
    advance,
    reserve,
    discount: amount - advance - reserve,
    interest,
    chargesAtFunding,
    chargesAtMaturity,
    proceeds,
    total,
    per30Days: days > 0 ? divided(total * 30n, BigInt(days)) : null,
    effectiveRateBp: effectiveRateBp(proceeds, forgone, days)
  }
}

/** Simple interest on the advance. */
function interestOn(advance: bigint, annualRateBp: number, dayCount: DayCount, days: number): bigint {
  const year = dayCount === 'ACT/360' ? 360n : 365n
  return divided(advance * BigInt(annualRateBp) * BigInt(days), WHOLE * year)
}

function shareOf(amount: bigint, bp: number): bigint {
  return divided(amount * BigInt(bp), WHOLE)
}

/** To the nearest minor unit, half a unit up. Of what is not negative. */
function divided(dividend: bigint, divisor: bigint): bigint {
  return (2n * dividend + divisor) / (2n * divisor)
}
