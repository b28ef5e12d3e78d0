/** Sums of spans by several dimensions, in one statement. */
import type { Pool, Transaction } from '../database.ts'
import { namesOf } from '../participants/repository.ts'

export interface Sum {
  amount: string
  notes: number
}

export const none: Sum = { amount: '0', notes: 0 }

/** One row of a query with grouping sets: `dimension` tells which column of it is grouped; null for the currency alone. */
export interface SumRow extends Sum {
  currency: number
  dimension: string | null
  value: string | null
}

/** Participants in a list; the rest is one row. */
const LARGEST = 200

/**
 * `select currency, dimension, value, amount, notes` over `spans` (a table expression with `currency`, `amount`, the dimensions and the
 * named flags). Each flag is a dimension of its own: the sum of what has it.
 */
export function sumsBy(dimensions: readonly string[], flags: readonly string[] = []): string {
  const sets = [...dimensions, ...flags].map((name) => `(currency, ${name})`)
  const all = [...dimensions, ...flags]
  const which = all.map((name) => `when grouping(${name}) = 0 then '${name}'`).join(' ')
  const value = all.map((name) => `when grouping(${name}) = 0 then ${name}::text`).join(' ')
  return `select currency, case ${which} end as dimension, case ${value} end as value, sum(amount)::text as amount,
                 count(*)::float8 as notes
            from spans group by grouping sets ((currency), ${sets.join(', ')})`
}

/** The rows of one currency, by what they sum. */
export class Sums {
  readonly currency: number
  readonly #rows: readonly SumRow[]

  constructor(currency: number, rows: readonly SumRow[]) {
    this.currency = currency
    this.#rows = rows.filter((row) => row.currency === currency)
  }

  total(): Sum {
    return this.one(null, null)
  }

  one(dimension: string | null, value: string | null): Sum {
    const row = this.#rows.find((one) => one.dimension === dimension && one.value === value)
    return row ? { amount: row.amount, notes: row.notes } : none
  }

  /** Sorted by value; numbers as numbers. */
  by(dimension: string): (Sum & { value: string })[] {
    return this.#rows
      .filter((row) => row.dimension === dimension && row.value !== null)
      .map(({ value, amount, notes }) => ({ value: value!, amount, notes }))
      .sort((a, b) => compare(a.value, b.value))
  }

  /** By participant, the largest first; with names. */
  async byParticipant(client: Pool | Transaction, dimension: string) {
    const rows = this.by(dimension).sort((a, b) => (BigInt(a.amount) < BigInt(b.amount) ? 1 : -1))
    const [shown, rest] = [rows.slice(0, LARGEST), rows.slice(LARGEST)]
    const names = await namesOf(
      client,
      shown.map(({ value }) => Number(value))
    )
    const largest = shown.map(({ value, ...sum }) => {
      return { participantId: Number(value) as number | null, name: names.get(Number(value)) ?? null, ...sum }
    })
    if (rest.length === 0) return largest
    return [...largest, { participantId: null, name: null, ...added(rest) }]
  }
}

/** Currencies that any of the rows is in, in order. */
export function currenciesOf(rows: readonly { currency: number }[]): number[] {
  return [...new Set(rows.map(({ currency }) => currency))].sort((a, b) => a - b)
}

export function added(sums: readonly Sum[]): Sum {
  return {
    amount: String(sums.reduce((total, { amount }) => total + BigInt(amount), 0n)),
    notes: sums.reduce((total, { notes }) => total + notes, 0)
  }
}

function compare(a: string, b: string): number {
  const isNumber = /^[0-9]+$/.test(a) && /^[0-9]+$/.test(b)
  if (isNumber) return Number(a) - Number(b)
  return a < b ? -1 : a > b ? 1 : 0
}
