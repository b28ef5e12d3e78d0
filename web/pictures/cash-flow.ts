/** What comes in and goes out, month by month. */
import type { MaturityTotal } from './month.ts'

export interface MonthFlow {
  /** YYYY-MM of the payment days. */
  month: string
  comesIn: bigint
  goesOut: bigint
}

/** By currency; months without any payment between two with one are there too, with nothing. */
export function flowsOf(
  incoming: readonly MaturityTotal[],
  outgoing: readonly MaturityTotal[],
  next: (month: string) => string
): { currency: string; months: MonthFlow[] }[] {
  const currencies = [...new Set([...incoming, ...outgoing].map(({ currency }) => currency))].sort()
  return currencies.map((currency) => {
    const [comes, goes] = [incoming, outgoing].map((totals) => sumsOf(totals, currency)) as [Sums, Sums]
    const known = [...comes.keys(), ...goes.keys()].sort()
    const months: MonthFlow[] = []
    for (let month = known[0]!; month <= known.at(-1)!; month = next(month)) {
      months.push({ month, comesIn: comes.get(month) ?? 0n, goesOut: goes.get(month) ?? 0n })
    }
    return { currency, months }
  })
}

type Sums = Map<string, bigint>

function sumsOf(totals: readonly MaturityTotal[], currency: string): Sums {
  const sums: Sums = new Map()
  for (const { paymentDay, amount } of totals.filter((one) => one.currency === currency)) {
    const month = paymentDay.slice(0, 7)
    sums.set(month, (sums.get(month) ?? 0n) + BigInt(amount))
  }
  return sums
}
