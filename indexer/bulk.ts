/**
 * A first backfill without the indexes that only readers use: built at the end they cost a fifth of what they cost row by row.
 * Their definitions wait in `index_aside`, so that a process that is killed meanwhile finds them.
 */
import type pg from 'pg'
import { connect, inTransaction } from './database.ts'

/** From how many blocks on it pays. */
export const BULK_BLOCKS = 1_000

/** What the fold and the feed look rows up by, beside the primary keys. */
const kept = ['note_receivable_idx', 'feed_standing_idx']

/** Indexes that are built at a time: a build keeps one core busy. */
const BUILDERS = 2

/** Drops the indexes that no primary key or unique constraint needs. Needs the schema's owner. */
export async function setIndexesAside(databaseUrl: string, schema: string): Promise<void> {
  await asOwner(databaseUrl, schema, async (client) => {
    await client.query(
      `insert into index_aside (name, definition)
       select conname, format('alter table %I add constraint %I %s', c.relname, conname, pg_get_constraintdef(k.oid))
       from pg_constraint k join pg_class c on c.oid = conrelid
       where connamespace = current_schema()::regnamespace and contype = 'x'
       union all
       select indexname, indexdef from pg_indexes i
       where schemaname = current_schema() and indexname <> all($1) and not exists (
         select from pg_constraint where connamespace = current_schema()::regnamespace and conname = indexname)`,
      [kept]
    )
    const { rows } = await client.query<{ drop: string }>(
      `select case when definition like 'alter table%'
         then format('alter table %s drop constraint %I', split_part(definition, ' ', 3), name)
         else format('drop index %I', name) end as drop from index_aside`
    )
    await client.query(rows.map(({ drop }) => drop).join(';\n'))
  })
}

/**
 * Builds what was set aside, two at a time, each in a transaction of its own: a process that is killed goes on where it was. Returns
 * how many; readers of notes wait while the first one, a constraint, is built.
 */
export async function putIndexesBack(databaseUrl: string, schema: string): Promise<number> {
  const aside = await asOwner(databaseUrl, schema, async (client) => {
    const { rows } = await client.query<Aside>(
      "select name, definition from index_aside order by definition like 'alter table%' desc, definition"
    )
    return rows
  })
  const waiting = [...aside]
  await Promise.all(Array.from({ length: BUILDERS }, () => buildIndexes(databaseUrl, schema, waiting)))
  return aside.length
}

interface Aside {
  name: string
  definition: string
}

async function buildIndexes(databaseUrl: string, schema: string, waiting: Aside[]): Promise<void> {
  const client = await connect(databaseUrl, schema)
  try {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { name, definition } = next
      await inTransaction(client, async () => {
        const { rowCount } = await client.query('delete from index_aside where name = $1', [name])
        // None: another process waited for it, and built it.
        if (rowCount === 1) await client.query(definition)
      })
    }
  } finally {
    // After a failure the other one takes up nothing more.
    waiting.length = 0
    await client.end()
  }
}

/** Whether any wait to be built. */
export async function areIndexesAside(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ any: boolean }>('select exists (select from index_aside) as any')
  return rows[0]!.any
}

async function asOwner<T>(databaseUrl: string, schema: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(databaseUrl, schema)
  try {
    return await inTransaction(client, () => work(client))
  } finally {
    await client.end()
  }
}
