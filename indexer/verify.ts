import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Deployment } from '../domain/chain/contracts.ts'
import { headersOf } from './chain/blocks.ts'
import { connect } from './database.ts'
import { projectionTables, rowsOf } from './digest.ts'
import { compareWithContracts, type Difference, type DirectComparison } from './direct.ts'
import { IndexerError } from './errors.ts'
import { createFollower, readCursor } from './follower.ts'
import { migrateProjection } from './migrate.ts'
import type { Cursor } from './project-block.ts'
import type { Rpc } from './rpc.ts'

/** Where the projection is rebuilt; dropped afterwards. */
const SCRATCH_SCHEMA = 'projection_scratch'
const LAG_PAUSE_MS = 100

export interface Verification extends DirectComparison {
  cursor: Cursor
  liveDigest: string
  rebuiltDigest: string
  /** First difference from the rebuilt projection. */
  rebuilt: Difference | undefined
}

export interface VerifyOptions {
  databaseUrl: string
  schema: string
  rpc: Rpc
  deployment: Deployment
  /** Compares only so many rows of each kind with the contracts; all when absent. */
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
    if (kind === 'behind') await sleep(LAG_PAUSE_MS)
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
