import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'

const folder = new URL('./migrations/', import.meta.url)

/** Brings schema `app` up to date. Forward only; several at once queue behind a lock. */
export async function migrateApp(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock(7115002)')
    await client.query('create schema if not exists app')
    await client.query(
      'create table if not exists app.migration (name text primary key, applied_at timestamptz not null default now())'
    )
    const { rows } = await client.query<{ name: string }>('select name from app.migration')
    const applied = new Set(rows.map((row) => row.name))
    const files = (await readdir(folder)).filter((name) => name.endsWith('.sql') && !applied.has(name)).sort()
    for (const name of files) await apply(client, name)
    return files
  } finally {
    await client.end()
  }
}

async function apply(client: pg.Client, name: string): Promise<void> {
  const sql = await readFile(new URL(name, folder), 'utf8')
  await client.query('begin')
  try {
    await client.query('set local search_path to app, public')
    await client.query(sql)
    await client.query('insert into app.migration (name) values ($1)', [name])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw new Error(`migration ${name} failed: ${(error as Error).message}`, { cause: error })
  }
}
