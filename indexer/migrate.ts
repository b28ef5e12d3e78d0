import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'
import { connect, indexerRole, inTransaction, PROJECTION_SCHEMA } from './database.ts'
import { IndexerError } from './errors.ts'

const folder = new URL('./migrations/', import.meta.url)

/** One lock for both owners of migrations would be enough too; ours only serialises the projection's. */
const MIGRATION_LOCK = 'tallystick migrate projection'

/** A schema that is being brought to this version. */
export interface Opening {
  /** Whether nothing is projected yet: known by one look before the schema is made. */
  isUnprojected: Promise<boolean>
  /** The role to write with, once the schema is there. @throws IndexerError as {@link migrateProjection} */
  role: Promise<string | undefined>
}

/** Begins to bring the projection to this version. */
export function openSchema(databaseUrl: string): Opening {
  const connected = connect(databaseUrl, PROJECTION_SCHEMA)
  const isUnprojected = connected.then(hasNoCursor)
  async function open(): Promise<string | undefined> {
    const client = await connected
    try {
      await isUnprojected
      await migrate(client, PROJECTION_SCHEMA)
      return await indexerRole(client)
    } finally {
      await client.end()
    }
  }
  const role = open()
  // Who asks is told.
  for (const promise of [isUnprojected, role]) promise.catch(() => {})
  return { isUnprojected, role }
}

async function hasNoCursor(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ cursor: string | null }>(
    `select to_regclass('${PROJECTION_SCHEMA}.cursor') as cursor`
  )
  return rows[0]!.cursor === null || (await client.query('select from cursor')).rowCount === 0
}

/**
 * Brings the schema to this version: forward only, each file once, all in one transaction.
 * @throws IndexerError MIGRATION_CHANGED when a file differs from what was applied under its name.
 */
export async function migrateProjection(databaseUrl: string, schema: string = PROJECTION_SCHEMA): Promise<void> {
  const client = await connect(databaseUrl, schema)
  try {
    await migrate(client, schema)
  } finally {
    await client.end()
  }
}

async function migrate(client: pg.Client, schema: string): Promise<void> {
  const opening = `begin;
    select pg_advisory_xact_lock(hashtextextended('${MIGRATION_LOCK}', 0));
    create extension if not exists btree_gist with schema public;
    create schema if not exists ${schema};
    create table if not exists migration (name text not null, sha256 text not null,
      constraint migration_pkey primary key (name));
    select name, sha256 from migration`
  const files = readMigrations()
  const apply = async (stored: unknown[]): Promise<void> => {
    const applied = new Map((stored as Applied[]).map(({ name, sha256 }) => [name, sha256]))
    for (const { name, sha256 } of files) {
      const before = applied.get(name)
      if (before !== undefined && before !== sha256) throw changed(name, sha256, before)
    }
    // All in one message: who makes them waits for the server once.
    const missing = files.filter(({ name }) => !applied.has(name))
    const made = missing.map(({ name, sha256 }) => `(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(sha256)})`)
    const record = `insert into migration (name, sha256) values ${made.join(', ')}`
    if (missing.length > 0) await client.query([...missing.map(({ sql }) => sql), record].join(';\n'))
  }
  await inTransaction(client, apply, opening)
}

interface Applied {
  name: string
  sha256: string
}

interface Migration extends Applied {
  sql: string
}

function readMigrations(): Migration[] {
  const names = readdirSync(folder).filter((file) => file.endsWith('.sql'))
  return names.sort().map((name) => {
    const sql = readFileSync(new URL(name, folder), 'utf8')
    return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') }
  })
}

function changed(name: string, presented: string, required: string): IndexerError {
  return new IndexerError(
    'MIGRATION_CHANGED',
    `${name}: presented ${presented}, required ${required}. An applied migration was edited: restore it and add a new one`,
    { transient: false }
  )
}
