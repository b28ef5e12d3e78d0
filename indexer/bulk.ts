/**
 * A first backfill without the indexes that only readers use: built at the end they cost a fifth of what they cost row by row.
 * Their definitions wait in `index_aside`, so that a process that is killed meanwhile finds them.
 */
import type pg from 'pg'
import { connect, inTransaction } from './database.ts'

/** From how many blocks on it pays. */
export const BULK_BLOCKS = 1_000

/** What the fold itself looks rows up by, beside the primary keys. */
const kept = ['note_receivable_idx']

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
    for (const { drop } of rows) await client.query(drop)
  })
}

/** Builds what was set aside. Returns how many; readers wait while the last one, a constraint, is built. */
export async function putIndexesBack(databaseUrl: string, schema: string): Promise<number> {
  return asOwner(databaseUrl, schema, async (client) => {
    const { rows } = await client.query<{ name: string; definition: string }>(
      `delete from index_aside returning name, definition`
    )
    for (const { definition } of rows.toSorted((a, b) => (a.definition < b.definition ? -1 : 1))) {
      await client.query(definition)
    }
    return rows.length
  })
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
