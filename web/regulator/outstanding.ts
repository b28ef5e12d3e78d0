/** The address of the list behind a figure, and what it asks for. */
import type { Input } from '../../client/api.ts'

/** What figures are counted by. `all`: nothing but the currency. */
export const dimensions = ['all', 'tier', 'state', 'debtor', 'group', 'month', 'overdue', 'only'] as const
export type Dimension = (typeof dimensions)[number]

/** The list behind the figure of one value of one dimension. */
export function listOf(currency: number, by: Dimension, value: string | number = 'all'): string {
  return `/app/outstanding/${currency}/${by}/${encodeURIComponent(String(value))}`
}

/** What such an address asks the api for; undefined when it is none. */
export function questionOf({ currency, by, value }: Record<string, string>): Input<'listOutstanding'> | undefined {
  if (currency === undefined || value === undefined || !dimensions.includes(by as Dimension)) return undefined
  // The api refuses a value that is none of the dimension's.
  return { currency, ...(by === 'all' ? {} : { [by!]: value }) }
}
