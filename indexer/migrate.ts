import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { connect, inTransaction, PROJECTION_SCHEMA } from './database.ts'
import { IndexerError } from './errors.ts'

const folder = new URL('./migrations/', import.meta.url)

/** One lock for both owners of migrations would be enough too; ours only serialises the projection's. */
const MIGRATION_LOCK = 'tallystick migrate projection'

/** Whether nothing is projected yet, by one look before the schema is made. */
export async function isUnprojected(databaseUrl: string, schema: string = PROJECTION_SCHEMA): Promise<boolean> {
  const client = await connect(databaseUrl, schema)
  try {
    const { rows } = await client.query<{ cursor: string | null }>(`select to_regclass('${schema}.cursor') as cursor`)
    return rows[0]!.cursor === null || (await client.query('select from cursor')).rowCount === 0
  } finally {
    await client.end()
  }
}

/**
 * Brings the schema to this version: forward only, each file once, all in one transaction.
 * @throws IndexerError MIGRATION_CHANGED when a file differs from what was applied under its name.
 */
export async function migrateProjection(databaseUrl: string, schema: string = PROJECTION_SCHEMA): Promise<void> {
  const client = await connect(databaseUrl, schema)
  try {
    await inTransaction(client, async () => {
      await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [MIGRATION_LOCK])
      await client.query('create extension if not exists btree_gist with schema public')
      await client.query(`create schema if not exists ${schema}`)
      await client.query(
        'create table if not exists migration (name text not null, sha256 text not null, ' +
          'constraint migration_pkey primary key (name))'
      )
      const { rows } = await client.query<{ name: string; sha256: string }>('select name, sha256 from migration')
      const applied = new Map(rows.map(({ name, sha256 }) => [name, sha256]))
      for (const name of (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()) {
        const sql = await readFile(new URL(name, folder), 'utf8')
        const sha256 = createHash('sha256').update(sql).digest('hex')
        const before = applied.get(name)
        if (before === sha256) continue
        if (before !== undefined) throw changed(name, sha256, before)
        await client.query(sql)
        await client.query('insert into migration (name, sha256) values ($1, $2)', [name, sha256])
      }
    })
  } finally {
    await client.end()
  }
}

function changed(name: string, presented: string, required: string): IndexerError {
  return new IndexerError(
    'MIGRATION_CHANGED',
    `${name}: presented ${presented}, required ${required}. An applied migration was edited: restore it and add a new one`,
    { transient: false }
  )
}
