import { createHash } from 'node:crypto'
import type pg from 'pg'
import { requireSchemaName } from './database.ts'

/** What the digest covers, with each table's key. Blocks without events are kept or not by chance, so they are left out. */
export const projectionTables = [
  { name: 'cursor', key: 'block_number', where: 'true' },
  { name: 'block', key: 'number', where: 'exists (select from event where block_number = t.number)' },
  { name: 'event', key: 'block_number, log_index', where: 'true' },
  { name: 'participant', key: 'participant_id', where: 'true' },
  { name: 'registry', key: 'registry', where: 'true' },
  { name: 'fingerprint_claim', key: 'fingerprint collate "C"', where: 'true' },
  { name: 'receivable', key: 'receivable_id collate "C"', where: 'true' },
  { name: 'note', key: 'note_id collate "C"', where: 'true' },
  {
    name: 'receivable_party',
    key: 'receivable_id collate "C", participant_id, span_start, span_end',
    where: 'true'
  },
  { name: 'log_head', key: 'size', where: 'true' }
] as const
export type ProjectionTable = (typeof projectionTables)[number]

const FETCH_ROWS = 5_000

/** A table's rows as canonical JSON text (jsonb), in key order. The client must be in a transaction. */
export async function* rowsOf(client: pg.Client, schema: string, table: ProjectionTable): AsyncGenerator<string> {
  requireSchemaName(schema)
  const from = table.where.replace('from event', `from ${schema}.event`)
  await client.query(
    `declare projection_rows no scroll cursor for
     select to_jsonb(t)::text as row from ${schema}.${table.name} t where ${from} order by ${table.key}`
  )
  for (;;) {
    const { rows } = await client.query<{ row: string }>(`fetch ${FETCH_ROWS} from projection_rows`)
    for (const { row } of rows) yield row
    if (rows.length < FETCH_ROWS) break
  }
  await client.query('close projection_rows')
}

/**
 * SHA-256 over all rows in key order, as hex: equal for equal chains, whatever the batches, forks and restarts on the
 * way. Reads one snapshot.
 */
export async function projectionDigest(client: pg.Client, schema: string): Promise<string> {
  const hash = createHash('sha256')
  await client.query('begin isolation level repeatable read read only')
  try {
    for (const table of projectionTables) {
      hash.update(`${table.name}\n`)
      for await (const row of rowsOf(client, schema, table)) hash.update(`${row}\n`)
    }
  } finally {
    await client.query('rollback')
  }
  return hash.digest('hex')
}
