import pg from 'pg'
import { currentScope, prepareScopes, scoped, scopeSql, type SeenBlock } from './access/scope.ts'

export type Pool = pg.Pool
export type Transaction = pg.PoolClient

/**
 * Connections of the api for its callers. They give up the login's rights for those of `tallystick_api`, which owns nothing: each
 * query and transaction sees the rows of the participant that the request is of, and none without a request. What has to look
 * across participants says so: `asService`.
 * @param max Most connections at a time, and as many again for the service.
 */
export function openPool(databaseUrl: string, max = 10): Pool {
  return new CallerPool(optionsOf(databaseUrl, max, 'tallystick_api'), openServicePool(databaseUrl, max))
}

/** Connections of the processes that work for no one participant, as `tallystick_service`: it sees every row and owns nothing. */
export function openServicePool(databaseUrl: string, max = 10): Pool {
  return watched(new pg.Pool(optionsOf(databaseUrl, max, 'tallystick_service')))
}

function optionsOf(databaseUrl: string, max: number, role: string): pg.PoolConfig {
  return { connectionString: databaseUrl, max, connectionTimeoutMillis: 5_000, options: `-c role=${role}` }
}

// A connection that the server drops fails its next query and is replaced. Without a listener it would end the process: the pool
// listens to the idle ones only, not to one that is between two queries of a transaction.
function watched<P extends Pool>(pool: P): P {
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** Requests that wait for a connection. */
export function waitingFor(pool: Pool): number {
  return pool.waitingCount + (pool instanceof CallerPool ? pool.service.waitingCount : 0)
}

class CallerPool extends pg.Pool {
  readonly service: Pool

  constructor(options: pg.PoolConfig, service: Pool) {
    super({ ...options, onConnect: prepareScopes })
    this.service = service
    watched(this)
    const query = this.query.bind(this) as (config: pg.Query | pg.QueryConfig) => unknown
    this.query = ((text: string | pg.QueryConfig, values?: unknown[]) =>
      query(scoped(typeof text === 'string' ? { text, values: values ?? [] } : text))) as pg.Pool['query']
  }

  override async end(): Promise<void> {
    await Promise.all([super.end(), this.service.end()])
  }
}

/** Transactions that are under a caller's eyes at this moment. */
const callers = new WeakSet<Transaction>()

type LastWork<T> = (tx: Transaction, items: readonly T[]) => Promise<unknown>

/** What open transactions do last, with what. */
const lastWorks = new WeakMap<Transaction, Map<LastWork<never>, unknown[]>>()

/**
 * Does `work` as the last thing of the transaction, once with all items that were given for it, across participants as in
 * `asService`: for what locks something that everybody waits for.
 * @throws Error outside of `inTransaction`
 */
export function beforeCommit<T>(tx: Transaction, work: LastWork<T>, item: T): void {
  const works = lastWorks.get(tx)
  if (!works) throw new Error('there is no transaction whose end could be awaited')
  const items = works.get(work)
  if (items) items.push(item)
  else works.set(work, [item])
}

const BEGIN_SNAPSHOT = 'begin isolation level repeatable read read only'
/** In the message that begins a snapshot: its block costs no round trip of its own. */
const SNAPSHOT_BLOCK =
  'select block_number::float8 as block, block_hash as hash, block_time::float8 as time from projection.cursor'
const snapshots = new WeakMap<Transaction, SeenBlock>()

/** The block as of which a caller's snapshot is; undefined for every other transaction, and while nothing is projected. */
export function blockOfSnapshot(client: Pool | Transaction): SeenBlock | undefined {
  return snapshots.get(client as Transaction)
}

/** How a transaction begins: in one message, whatever it says. A lock so taken ends with the transaction. */
type Begin = 'begin' | typeof BEGIN_SNAPSHOT | ReturnType<typeof beginWithLock>

export function beginWithLock(key: bigint | number): `begin; select pg_advisory_xact_lock(${bigint})` {
  return `begin; select pg_advisory_xact_lock(${BigInt.asIntN(64, BigInt(key))})`
}

/** Runs `work` in one transaction: all of it or nothing. A read-only one sees one moment throughout. */
export async function inTransaction<T>(
  pool: Pool,
  work: (tx: Transaction) => Promise<T>,
  begin: Begin = 'begin'
): Promise<T> {
  const scope = currentScope()
  const tx = await pool.connect()
  const isCallers = pool instanceof CallerPool
  const last = new Map<LastWork<never>, unknown[]>()
  let failure: Error | undefined
  try {
    if (!isCallers || !scope) await tx.query(begin)
    else if (begin === BEGIN_SNAPSHOT) await beginSnapshot(tx, scopeSql(scope))
    else await tx.query(`${begin}; ${scopeSql(scope)}`)
    if (isCallers) callers.add(tx)
    lastWorks.set(tx, last)
    const result = await work(tx)
    // The role ends with the transaction.
    if (last.size > 0 && callers.delete(tx)) await tx.query('set local role tallystick_service')
    for (const [one, items] of last) await one(tx, items as never[])
    await tx.query('commit')
    return result
  } catch (error) {
    failure = error as Error
    await tx.query('rollback').catch(() => {})
    throw error
  } finally {
    callers.delete(tx)
    lastWorks.delete(tx)
    snapshots.delete(tx)
    tx.release(failure && isConnectionLost(failure) ? failure : undefined)
  }
}

/**
 * Looks across participants, on purpose: duplicates, the directory, alarms, the log, what other processes do. Whoever calls it
 * answers for what it gives to the caller. In a transaction it is part of that; nothing else may run there meanwhile.
 */
export async function asService<C extends Pool | Transaction, T>(
  client: C,
  work: (client: C) => Promise<T>
): Promise<T> {
  if (client instanceof CallerPool) return work(client.service as C)
  const tx = client as Transaction
  if (!callers.has(tx)) return work(client)
  callers.delete(tx)
  await tx.query('set local role tallystick_service')
  const result = await work(client)
  // After an error the transaction is void, and with it the role.
  await tx.query('set local role tallystick_api')
  callers.add(tx)
  return result
}

async function beginSnapshot(tx: Transaction, scope: string): Promise<void> {
  const answers: unknown = await tx.query(`${BEGIN_SNAPSHOT}; ${scope}; ${SNAPSHOT_BLOCK}`)
  const [block] = (answers as pg.QueryResult<SeenBlock>[]).at(-1)!.rows
  if (block) snapshots.set(tx, block)
}

/** Runs `work` over one moment of the database: figures that it reads one after another fit each other. */
export function inSnapshot<T>(pool: Pool, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return inTransaction(pool, work, BEGIN_SNAPSHOT)
}

/** One statement that looks across participants: {@link asService}. */
export function serviceQuery<R extends pg.QueryResultRow>(
  client: Pool | Transaction,
  query: string | pg.QueryConfig,
  values?: unknown[]
): Promise<pg.QueryResult<R>> {
  return asService(client, (service) => service.query<R>(query, values))
}

/** Whether the database could not be reached or went away: the request may be repeated. */
export function isConnectionLost(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string }
  if (code && (/^(08|57P0|53)/.test(code) || ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(code)))
    return true
  return /terminated unexpectedly|timeout exceeded when trying to connect|Connection terminated/.test(message ?? '')
}
