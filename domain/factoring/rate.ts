/**
 * The effective annual rate of two payments, by the equation of Directive 2008/48/EC, annex I, part I (the same in 2014/17/EU and (EU)
 * 2023/2225): what is received equals the present value of what is given, `received = given / (1 + X)^(days / 365)`. Intervals are days
 * over a year of 365 (remark c; 366 in a leap year would be allowed: one year for all keeps quotes comparable). The result is in basis
 * points, so with two decimals of a per cent, and half a point goes up (remark d asks for one decimal at least, 5 goes up).
 */

/** Above a hundred thousand per cent a figure says nothing. */
export const EFFECTIVE_MAX_BP = 10_000_000

/**
 * Basis points a year: a first guess in floating point, decided on exact integers, so that no computer rounds another way. Null when there
 * is no day between, nothing is received, or the rate is beyond {@link EFFECTIVE_MAX_BP}. Less given than received is below what is sold
 * here: RangeError.
 * @param daysPerYear another year than 365 only to compare with published examples
 */
export function effectiveRateBp(received: bigint, given: bigint, days: number, daysPerYear = 365): number | null {
  if (given < received) throw new RangeError(`given must be at least what is received, ${received}, not ${given}`)
  if (days <= 0 || received <= 0n) return null
  const guess = Math.expm1((Math.log(Number(given) / Number(received)) * daysPerYear) / days) * 10_000
  if (guess > 2 * EFFECTIVE_MAX_BP) return null
  // Whether (1 + X)^(days/year) > given/received for X half a point above `bp`; raised to the year both sides are whole numbers.
  const scaled = given ** BigInt(daysPerYear) * 20_000n ** BigInt(days)
  const receivedToYear = received ** BigInt(daysPerYear)
  const isBelow = (bp: number): boolean => receivedToYear * BigInt(20_000 + 2 * bp + 1) ** BigInt(days) > scaled
  let bp = Math.round(guess)
  while (!isBelow(bp)) bp++
  while (bp > 0 && isBelow(bp - 1)) bp--
  return bp > EFFECTIVE_MAX_BP ? null : bp
}
