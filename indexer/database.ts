import pg from 'pg'

/** The schema that the api reads. Another name is only used to rebuild beside it. */
export const PROJECTION_SCHEMA = 'projection'

/** The server asks a silent peer so often whether it is there: a session that nobody has any more gives its locks back. */
const KEEPALIVES = ['tcp_keepalives_idle=10', 'tcp_keepalives_interval=5', 'tcp_keepalives_count=3']

/**
 * Connects with `search_path` set to `schema`. The role must exist.
 * @param timeoutMs After so long without an answer a query fails: a connection can die without a sign. Absent: never.
 */
export async function connect(
  databaseUrl: string,
  schema: string,
  role?: string,
  timeoutMs?: number
): Promise<pg.Client> {
  requireSchemaName(schema)
  const settings = [`search_path=${schema},public`, ...(role ? [`role=${role}`] : []), ...KEEPALIVES]
  const client = new pg.Client({
    connectionString: databaseUrl,
    options: settings.map((setting) => `-c ${setting}`).join(' '),
    connectionTimeoutMillis: 10_000,
    ...(timeoutMs === undefined ? {} : { query_timeout: timeoutMs })
  })
  // A connection that breaks while idle must not end the process; the next query reports it.
  client.on('error', () => {})
  await client.connect()
  return client
}

/** The indexer's own role where the migration could create it, so that nobody else's tables are within reach. */
export async function indexerRole(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ rolname: string }>(
    "select rolname from pg_roles where rolname = 'tallystick_indexer' and pg_has_role(oid, 'member')"
  )
  return rows[0]?.rolname
}

/** Whoever can be asked: a connection, or what takes turns on one. */
export interface Queryable {
  query<R extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<R>>
}

/**
 * Runs `work` in one transaction.
 * @param opening What begins it: `begin`, settings that end with it, and perhaps a query, whose rows `work` gets
 */
export async function inTransaction<T>(
  client: pg.Client,
  work: (rows: unknown[]) => Promise<T>,
  opening = 'begin'
): Promise<T> {
  try {
    const opened: unknown = await client.query(opening)
    const last = (Array.isArray(opened) ? opened.at(-1) : opened) as pg.QueryResult
    const result = await work(last.rows)
    await client.query('commit')
    return result
  } catch (error) {
    // The connection may be gone: what matters is the first error.
    await client.query('rollback').catch(() => {})
    throw error
  }
}

/** Schema names are put into SQL text, so only plain ones pass. */
export function requireSchemaName(schema: string): void {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(schema)) throw new RangeError(`schema name ${schema} is not plain`)
}
