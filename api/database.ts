import pg from 'pg'

export type Pool = pg.Pool
export type Transaction = pg.PoolClient

/**
 * Connections of the api's processes. They give up the login's rights for those of `tallystick_api`, which owns nothing.
 * @param max Most connections at a time.
 */
export function openPool(databaseUrl: string, max = 10): Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max,
    connectionTimeoutMillis: 5_000,
    options: '-c role=tallystick_api'
  })
  // A connection that the server drops fails its next query and is replaced. Without a listener it would end the process:
  // the pool listens to the idle ones only, not to one that is between two queries of a transaction.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** Runs `work` in one transaction: all of it or nothing. A read-only one sees one moment throughout. */
export async function inTransaction<T>(
  pool: Pool,
  work: (tx: Transaction) => Promise<T>,
  begin: 'begin' | 'begin isolation level repeatable read read only' = 'begin'
): Promise<T> {
  const tx = await pool.connect()
  let failure: Error | undefined
  try {
    await tx.query(begin)
    const result = await work(tx)
    await tx.query('commit')
    return result
  } catch (error) {
    failure = error as Error
    await tx.query('rollback').catch(() => {})
    throw error
  } finally {
    tx.release(failure && isConnectionLost(failure) ? failure : undefined)
  }
}

/** Whether the database could not be reached or went away: the request may be repeated. */
export function isConnectionLost(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string }
  if (code && (/^(08|57P0|53)/.test(code) || ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(code)))
    return true
  return /terminated unexpectedly|timeout exceeded when trying to connect|Connection terminated/.test(message ?? '')
}
