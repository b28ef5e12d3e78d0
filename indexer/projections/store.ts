/** Rows from and to Postgres, many at once: by one select, one delete and few COPYs a table; a few of them by a script. */
import type pg from 'pg'
import type { Span } from '../../domain/note/span.ts'
import type { Queryable } from '../database.ts'
import type { Cells } from './copy-text.ts'
import type { PendingRows } from './pending-rows.ts'
import type { RowSet } from './row-set.ts'
import type { Script } from './script.ts'
import type { Kind, TableOf } from './tables.ts'

/** Rows to be loaded: those that `where` finds, whose values are written out. */
export interface Selection<R extends object> {
  into: Pick<RowSet<R>, 'table' | 'load'>
  where: string
}

/** Loads rows of several tables in one round trip. */
export async function selectRows(client: Queryable, selections: readonly Selection<never>[]): Promise<void> {
  if (selections.length === 0) return
  const texts = selections.map(({ into: { table }, where }) => {
    return `select ${Object.keys(table.columns).join(', ')} from ${table.name} where ${where}`
  })
  const inOne: pg.QueryArrayConfig = { text: texts.join(';\n'), rowMode: 'array' }
  const answer: unknown = await client.query(inOne)
  const results = (Array.isArray(answer) ? answer : [answer]) as pg.QueryArrayResult<unknown[]>[]
  for (const [i, { into }] of selections.entries()) {
    const kinds = Object.values(into.table.columns) as Kind[]
    const names = Object.keys(into.table.columns)
    for (const values of results[i]!.rows) {
      const row: Record<string, unknown> = {}
      for (let column = 0; column < names.length; column++) row[names[column]!] = read(kinds[column]!, values[column])
      into.load(row as never)
    }
  }
}

/** Deletes rows by their keys, as a row set has them. */
export async function deleteRows<R extends object>(
  client: Queryable,
  { name, key, columns }: TableOf<R>,
  keys: readonly string[]
): Promise<void> {
  if (keys.length === 0) return
  const types = key.map((column, i) => `$${i + 1}::${columns[column] === 'text' ? 'text' : 'bigint'}[]`)
  const parts = key.length === 1 ? keys.map((one) => [one]) : keys.map((one) => one.split(' '))
  await client.query({
    name: `delete_${name}`,
    text: `delete from ${name} where (${key.join(', ')}) in (select * from unnest(${types.join(', ')}))`,
    values: key.map((_, i) => parts.map((part) => part[i]))
  })
}

/** The same by a script, for a few rows. */
export function deleteRowsBy<R extends object>(
  script: Script,
  { name, key }: TableOf<R>,
  keys: readonly string[]
): void {
  if (keys.length === 0) return
  const places = keys.map((_, i) => `(${key.map((_, part) => `$${i * key.length + part + 1}`).join(', ')})`)
  const values = keys.flatMap((one) => (key.length === 1 ? [one] : one.split(' ')))
  script.add(`delete from ${name} where (${key.join(', ')}) in (${places.join(', ')})`, values)
}

/** Inserts whole rows, as they are now. */
export function insertRows<R extends object>(
  pending: PendingRows,
  { name, columns }: TableOf<R>,
  rows: readonly R[]
): void {
  if (rows.length > 0) pending.add(name, Object.keys(columns), rows, rowWriter(columns))
}

/** The same by a script, for a few rows. */
export function insertRowsBy<R extends object>(
  script: Script,
  { name, columns }: TableOf<R>,
  rows: readonly R[]
): void {
  script.insert(name, Object.keys(columns), rows, rowWriter(columns))
}

function rowWriter<R extends object>(columns: TableOf<R>['columns']): (row: R, to: Cells) => void {
  const names = Object.keys(columns) as (keyof R & string)[]
  const writers = names.map((column) => cellWriters[columns[column]])
  return (row, to) => {
    for (let i = 0; i < names.length; i++) {
      const value: unknown = row[names[i]!]
      if (value === null || value === undefined) to.null()
      else writers[i]!(to, value as never)
    }
  }
}

const cellWriters: { readonly [K in Kind]: (to: Cells, value: never) => void } = {
  text: (to: Cells, value: string) => to.plain(value),
  number: (to: Cells, value: number) => to.number(value),
  amount: (to: Cells, value: bigint) => to.plain(String(value)),
  boolean: (to: Cells, value: boolean) => to.plain(value ? 't' : 'f'),
  texts: (to: Cells, value: readonly string[]) => to.plain(`{${value.join(',')}}`),
  span: (to: Cells, { start, end }: Span) => to.plain(`[${start},${end})`)
}

function read(kind: Kind, value: unknown): unknown {
  if (value === null) return null
  if (kind === 'number') return Number(value)
  if (kind === 'amount') return BigInt(value as string)
  if (kind !== 'span') return value
  const [start, end] = (value as string).slice(1, -1).split(',') as [string, string]
  return { start: BigInt(start), end: BigInt(end) }
}
