/** How much of a sum lies with few. */
export interface Concentration {
  /** Of the largest one, five and ten; hundredths of a percent, rounded down. */
  top1: number
  top5: number
  top10: number
  /** Herfindahl-Hirschman index of the shares in percent: 10,000 when all lies with one. Rounded down. */
  hhi: number
}

const WHOLE = 10_000n

/** Amounts in any order, none negative. All zero for no amounts. */
export function concentrationOf(amounts: readonly bigint[]): Concentration {
  const sorted = [...amounts].sort((a, b) => (a < b ? 1 : -1))
  const total = sorted.reduce((sum, amount) => sum + amount, 0n)
  if (total === 0n) return { top1: 0, top5: 0, top10: 0, hhi: 0 }
  const top = (count: number): number =>
    Number((sorted.slice(0, count).reduce((sum, amount) => sum + amount, 0n) * WHOLE) / total)
  const squares = sorted.reduce((sum, amount) => sum + amount * amount, 0n)
  return { top1: top(1), top5: top(5), top10: top(10), hhi: Number((squares * WHOLE) / (total * total)) }
}
