/**
 * Builds the projection anew beside the one that is read, and puts it in its place in one transaction: nobody who reads notices
 * (docs/adr/0022-a-feed-of-blocks-and-retractions.md says what becomes of the feed).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Deployment } from '../domain/chain/contracts.ts'
import { BULK_BLOCKS, putIndexesBack, setIndexesAside } from './bulk.ts'
import { connect, inTransaction, PROJECTION_SCHEMA } from './database.ts'
import { IndexerError } from './errors.ts'
import { takeOver } from './feed.ts'
import { createFollower, readCursor } from './follower.ts'
import { migrateProjection } from './migrate.ts'
import { announce, type Cursor } from './project-block.ts'
import type { Rpc } from './rpc.ts'

const ASIDE_SCHEMA = 'projection_aside'
const OLD_SCHEMA = 'projection_old'
/** How often the two must fail to meet before it is given up: a fork while they do, or a projection that nobody moves. */
const ATTEMPTS = 40
const PAUSE_MS = 250

export interface AsideOptions {
  databaseUrl: string
  rpc: Rpc
  deployment: Deployment
  report?: (line: string) => void
}

/**
 * Builds up to the cursor of the projection that is read, while its indexer goes on, and takes its place at exactly that block.
 * Returns the block; undefined when nothing is indexed, so that there is nothing to replace. A process that is killed leaves the
 * old one as it was.
 * @throws IndexerError INDEXED_OTHER_CHAIN, CURSOR_MOVED when the two did not meet at one block
 */
export async function rebuildAside(options: AsideOptions): Promise<Cursor | undefined> {
  const { databaseUrl, rpc, deployment, report = () => {} } = options
  await migrateProjection(databaseUrl)
  const live = await connect(databaseUrl, PROJECTION_SCHEMA)
  try {
    // Of two at once the second waits, and builds once more.
    await live.query("select pg_advisory_lock(hashtextextended('tallystick reindex', 0))")
    await createFollower({ client: live, rpc, deployment, finality: 'none' }).check('refuse')
    const goal = await readCursor(live)
    if (!goal) return undefined
    await dropAside(live)
    await migrateProjection(databaseUrl, ASIDE_SCHEMA)
    const aside = await connect(databaseUrl, ASIDE_SCHEMA)
    try {
      const isFar = goal.number - deployment.fromBlock >= BULK_BLOCKS
      if (isFar) await setIndexesAside(databaseUrl, ASIDE_SCHEMA)
      await followTo(goal.number, aside, options)
      report(`built up to block ${goal.number}`)
      if (isFar) await putIndexesBack(databaseUrl, ASIDE_SCHEMA)
      return await meet(live, aside, options)
    } finally {
      await aside.end()
    }
  } finally {
    await dropAside(live).catch(() => {})
    await live.end()
  }
}

async function meet(live: pg.Client, aside: pg.Client, options: AsideOptions): Promise<Cursor> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await readCursor(live)
    if (before) await followTo(before.number, aside, options)
    const met = await inTransaction(live, () => takePlace(live, aside, options))
    if (met) return met
    await sleep(PAUSE_MS)
  }
  throw new IndexerError(
    'CURSOR_MOVED',
    'the projection that was built aside and the one that is read are not at one block: start the indexer, so that it follows ' +
      'the chain, or empty the projection: npm run reindex -- --empty',
    { transient: false }
  )
}

/** In one transaction, while the indexer waits for its cursor and readers go on: meets it, and swaps the names. */
async function takePlace(live: pg.Client, aside: pg.Client, options: AsideOptions): Promise<Cursor | undefined> {
  await live.query(`lock table ${PROJECTION_SCHEMA}.cursor in exclusive mode`)
  const goal = await readCursor(live)
  if (!goal) return undefined
  await followTo(goal.number, aside, options)
  const built = await readCursor(aside)
  if (built?.number !== goal.number || built.hash !== goal.hash) return undefined
  // What was told stays told: the feed is kept, and the new one, which has each event at one position, is dropped.
  await takeOver(live, ASIDE_SCHEMA)
  await live.query(`drop table ${ASIDE_SCHEMA}.feed`)
  await live.query(`alter table ${PROJECTION_SCHEMA}.feed set schema ${ASIDE_SCHEMA}`)
  await live.query(`alter schema ${PROJECTION_SCHEMA} rename to ${OLD_SCHEMA}`)
  await live.query(`alter schema ${ASIDE_SCHEMA} rename to ${PROJECTION_SCHEMA}`)
  await announce(live, goal.number)
  return goal
}

/** Follows the chain up to a block, and whatever forks it makes meanwhile. */
async function followTo(toBlock: number, client: pg.Client, { rpc, deployment }: AsideOptions): Promise<void> {
  const follower = createFollower({ client, rpc, deployment, finality: 'none', toBlock })
  for (;;) {
    const { kind } = await follower.step()
    if (kind === 'idle' || kind === 'waiting') return
    if (kind === 'behind') await sleep(PAUSE_MS)
  }
}

async function dropAside(client: pg.Client): Promise<void> {
  for (const schema of [ASIDE_SCHEMA, OLD_SCHEMA]) await client.query(`drop schema if exists ${schema} cascade`)
}
