import { createHash } from 'node:crypto'
import type pg from 'pg'
import { contracts, type Deployment } from '../domain/chain/contracts.ts'
import { noteStates } from '../domain/note/note-states.ts'
import { receivableStates } from '../domain/receivable/receivable-states.ts'
import { headersOf } from './chain.ts'
import { connect } from './database.ts'
import { projectionTables, rowsOf } from './digest.ts'
import { IndexerError } from './errors.ts'
import { createFollower, readCursor } from './follower.ts'
import { migrateProjection } from './migrate.ts'
import type { Cursor } from './project-block.ts'
import type { Rpc } from './rpc.ts'

/** Where the projection is rebuilt; dropped afterwards. */
const SCRATCH_SCHEMA = 'projection_scratch'
const CALLS_AT_ONCE = 100

export interface Difference {
  table: string
  /** The first row that differs, as JSON text; undefined where that side has none. */
  live: string | undefined
  other: string | undefined
}

export interface Verification {
  cursor: Cursor
  liveDigest: string
  rebuiltDigest: string
  /** First difference from the rebuilt projection. */
  rebuilt: Difference | undefined
  /** First difference from what the contracts answer. */
  direct: Difference | undefined
  receivables: number
  notes: number
}

export interface VerifyOptions {
  databaseUrl: string
  schema: string
  rpc: Rpc
  deployment: Deployment
  /** Compares only so many receivables and notes with the contracts; all when absent. */
  sample?: number
}

/**
 * Holds a projection against the chain in two ways as of the same block: rebuilt from all blocks in a scratch schema, and
 * row by row against the contracts' own answers. The live one is read in one snapshot and may go on meanwhile.
 * @throws IndexerError BLOCK_CHANGED when the chain forks meanwhile, RPC_UNAVAILABLE
 */
export async function verifyProjection(options: VerifyOptions): Promise<Verification> {
  const { databaseUrl, schema, rpc, deployment } = options
  const live = await connect(databaseUrl, schema)
  const scratch = await connect(databaseUrl, SCRATCH_SCHEMA)
  try {
    await scratch.query("select pg_advisory_lock(hashtextextended('tallystick verify', 0))")
    await scratch.query(`drop schema if exists ${SCRATCH_SCHEMA} cascade`)
    await live.query('begin isolation level repeatable read read only')
    const cursor = await readCursor(live)
    if (!cursor) throw new IndexerError('CURSOR_MOVED', 'nothing is indexed yet', { transient: true })
    await migrateProjection(databaseUrl, SCRATCH_SCHEMA)
    await rebuild(scratch, rpc, deployment, cursor)
    await scratch.query('begin isolation level repeatable read read only')
    const compared = await compareRows(live, schema, scratch)
    await scratch.query('rollback')
    return { cursor, ...compared, ...(await compareWithContracts(live, cursor, options)) }
  } finally {
    await live.end()
    await scratch.query(`drop schema if exists ${SCRATCH_SCHEMA} cascade`).catch(() => {})
    await scratch.end()
  }
}

async function rebuild(client: pg.Client, rpc: Rpc, deployment: Deployment, cursor: Cursor): Promise<void> {
  const follower = createFollower({ client, rpc, deployment, finality: 'none', toBlock: cursor.number })
  await follower.check('refuse')
  for (;;) {
    const { kind } = await follower.step()
    if (kind === 'idle' || kind === 'waiting') break
  }
  const [header] = await headersOf(rpc, [cursor.number])
  if (cursor.number < 0 || header?.hash === cursor.hash) return
  throw new IndexerError(
    'BLOCK_CHANGED',
    `block ${cursor.number}: presented ${header?.hash ?? 'none'}, required ${cursor.hash}. ` +
      'The chain forked below the projection: wait until the indexer followed and run this again',
    { transient: true }
  )
}

async function compareRows(live: pg.Client, schema: string, scratch: pg.Client) {
  const hashes = [createHash('sha256'), createHash('sha256')] as const
  let rebuilt: Difference | undefined
  for (const table of projectionTables) {
    for (const hash of hashes) hash.update(`${table.name}\n`)
    const sides = [rowsOf(live, schema, table), rowsOf(scratch, SCRATCH_SCHEMA, table)] as const
    for (;;) {
      const [mine, other] = await Promise.all([sides[0].next(), sides[1].next()])
      if (mine.done && other.done) break
      const rows = [mine.done ? undefined : mine.value, other.done ? undefined : other.value] as const
      for (const i of [0, 1] as const) if (rows[i] !== undefined) hashes[i].update(`${rows[i]}\n`)
      if (rows[0] !== rows[1]) rebuilt ??= { table: table.name, live: rows[0], other: rows[1] }
    }
  }
  return { liveDigest: hashes[0].digest('hex'), rebuiltDigest: hashes[1].digest('hex'), rebuilt }
}

type Row = Record<string, string>

/** The same columns as the contract's struct, as text, in one object a row. */
const directQueries = [
  {
    table: 'receivable',
    view: 'receivableOf',
    states: receivableStates,
    sql: `select receivable_id as id, amount::text, settled::text, creditor::text, debtor::text, maturity::text,
        currency::text, state from receivable order by md5(receivable_id) limit $1`
  },
  {
    table: 'note',
    view: 'noteOf',
    states: noteStates,
    sql: `select note_id as id, upper(span)::text as "end", holder::text, coalesce(counterparty, 0)::text as counterparty,
        coalesce(assignor, 0)::text as assignor, coalesce(deadline, 0)::text as deadline, tier::text, state
      from note order by md5(note_id) limit $1`
  }
] as const

async function compareWithContracts(live: pg.Client, cursor: Cursor, options: VerifyOptions) {
  const counts = { receivable: 0, note: 0 }
  let direct: Difference | undefined
  for (const { table, view, states, sql } of directQueries) {
    const { rows } = await live.query<Row>(sql, [options.sample ?? null])
    counts[table] = rows.length
    for (let i = 0; i < rows.length; i += CALLS_AT_ONCE) {
      const page = rows.slice(i, i + CALLS_AT_ONCE)
      const answers = await read(
        options,
        cursor,
        view,
        page.map(({ id }) => id!),
        states
      )
      for (const [j, row] of page.entries()) {
        const mine = JSON.stringify(row)
        const other = JSON.stringify(Object.fromEntries(Object.keys(row).map((key) => [key, answers[j]![key]])))
        if (mine !== other) direct ??= { table, live: mine, other }
      }
    }
  }
  return { direct, receivables: counts.receivable, notes: counts.note }
}

async function read(
  { rpc, deployment }: VerifyOptions,
  cursor: Cursor,
  view: 'receivableOf' | 'noteOf',
  ids: string[],
  states: readonly string[]
): Promise<Row[]> {
  const abi = contracts.receivables
  const call = (data: string, block: string) => ({
    method: 'eth_call',
    params: [{ to: deployment.receivables, data }, block]
  })
  const requests = ids.map((id) => abi.encodeFunctionData(view, [id]))
  const answers = await asOf(rpc, cursor, (block) => rpc.batch(requests.map((data) => call(data, block))))
  return answers.map((answer, i) => {
    const [struct] = abi.decodeFunctionResult(view, answer as string)
    const fields = Object.entries(struct.toObject() as Record<string, unknown>)
    const row = Object.fromEntries(fields.map(([key, value]) => [key, String(value)]))
    return { ...row, id: ids[i]!, state: states[Number(row.state)]! }
  })
}

/** Nodes forget old state (a restarted anvil all but the newest): then the newest serves as long as it is the cursor's. */
async function asOf<T>(rpc: Rpc, cursor: Cursor, work: (block: string) => Promise<T>): Promise<T> {
  try {
    return await work(`0x${cursor.number.toString(16)}`)
  } catch (error) {
    const isNewest = async () => (await headersOf(rpc, ['latest']))[0]?.hash === cursor.hash
    if (!(await isNewest())) throw error
    const result = await work('latest')
    if (!(await isNewest())) throw error
    return result
  }
}
