/** Rows from and to Postgres, many at once: by one select, one delete and one COPY a table. */
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { RowSet } from './row-set.ts'
import type { Kind, TableOf } from './tables.ts'

const CHUNK_CHARACTERS = 256 * 1024

/** Loads the rows that `where` finds. */
export async function selectRows<R extends object>(
  client: pg.Client,
  into: RowSet<R>,
  where: string,
  values: unknown[]
): Promise<void> {
  const { name, columns } = into.table
  const kinds = Object.values(columns) as Kind[]
  const names = Object.keys(columns)
  const { rows } = await client.query<unknown[]>({
    name: `load_${name}`,
    text: `select ${names.join(', ')} from ${name} where ${where}`,
    values,
    rowMode: 'array'
  })
  for (const values of rows) {
    const row: Record<string, unknown> = {}
    for (let i = 0; i < names.length; i++) row[names[i]!] = read(kinds[i]!, values[i])
    into.load(row as R)
  }
}

/** Deletes rows by their key. */
export async function deleteRows<R extends object>(
  client: pg.Client,
  { name, key, columns }: TableOf<R>,
  rows: readonly R[]
): Promise<void> {
  if (rows.length === 0) return
  const types = key.map((column, i) => `$${i + 1}::${columns[column] === 'text' ? 'text' : 'bigint'}[]`)
  await client.query({
    name: `delete_${name}`,
    text: `delete from ${name} where (${key.join(', ')}) in (select * from unnest(${types.join(', ')}))`,
    values: key.map((column) => rows.map((row) => String(row[column])))
  })
}

/** Inserts whole rows. */
export async function insertRows<R extends object>(
  client: pg.Client,
  { name, columns }: TableOf<R>,
  rows: readonly R[]
): Promise<void> {
  const names = Object.keys(columns) as (keyof R & string)[]
  const kinds = names.map((column) => columns[column])
  await copyRows(client, name, names, rows, (row) => {
    let line = write(kinds[0]!, row[names[0]!])
    for (let i = 1; i < names.length; i++) line += `\t${write(kinds[i]!, row[names[i]!])}`
    return line
  })
}

/** COPY of lines in its text format (PostgreSQL documentation, COPY). */
export async function copyRows<R>(
  client: pg.Client,
  table: string,
  columns: readonly string[],
  rows: readonly R[],
  lineOf: (row: R) => string
): Promise<void> {
  if (rows.length === 0) return
  const stream = client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`))
  const done = finished(stream)
  // The loop below may wait for `drain` when it fails.
  done.catch(() => {})
  let chunk = ''
  for (const row of rows) {
    chunk += `${lineOf(row)}\n`
    if (chunk.length < CHUNK_CHARACTERS) continue
    if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), done])
    chunk = ''
  }
  stream.end(chunk)
  await done
}

/** A value in COPY's text format. */
export function textOf(value: string): string {
  return /[\\\t\n\r]/.test(value) ? value.replace(/[\\\t\n\r]/g, (found) => escapes[found]!) : value
}
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function write(kind: Kind, value: unknown): string {
  if (value === null || value === undefined) return '\\N'
  if (kind === 'text') return textOf(value as string)
  if (kind === 'texts') return `{${(value as string[]).join(',')}}`
  if (kind === 'boolean') return value === true ? 't' : 'f'
  if (kind === 'span') {
    const { start, end } = value as { start: bigint; end: bigint }
    return `[${start},${end})`
  }
  return String(value)
}

function read(kind: Kind, value: unknown): unknown {
  if (value === null) return null
  if (kind === 'number') return Number(value)
  if (kind === 'amount') return BigInt(value as string)
  if (kind !== 'span') return value
  const [start, end] = (value as string).slice(1, -1).split(',') as [string, string]
  return { start: BigInt(start), end: BigInt(end) }
}
