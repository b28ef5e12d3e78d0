import type { EventName, PlacedEvent } from '../decode.ts'

/** One SQL statement that an event asks for. */
export interface Statement {
  /** Stable name, so that the server plans it once per connection. */
  name: string
  text: string
  values: unknown[]
  /** Rows that it must change: `one`, or `any` for what may be there already. */
  rows: 'one' | 'any'
}

/** Pure: from an event to the statements that fold it, each guarded by the state that the event presupposes. */
export type Handlers<N extends EventName> = { [K in N]: (event: PlacedEvent<K>) => Statement[] }

/** A statement that must change exactly one row. */
export function one(name: string, text: string, values: unknown[]): Statement {
  return { name, text, values, rows: 'one' }
}

/** A statement that may find its work done. */
export function any(name: string, text: string, values: unknown[]): Statement {
  return { name, text, values, rows: 'any' }
}
