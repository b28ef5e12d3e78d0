/** Follows the chain while it holds the lock, and stands by otherwise. */
import { flushCompileCache } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { areIndexesAside, BULK_BLOCKS, putIndexesBack, setIndexesAside } from './bulk.ts'
import { headOf } from './chain/blocks.ts'
import { createHeads, type Heads } from './chain/heads.ts'
import type { Reader } from './chain/reader.ts'
import type { IndexerConfig } from './config.ts'
import { connect, PROJECTION_SCHEMA } from './database.ts'
import { toIndexerError } from './errors.ts'
import { createDeploymentReader, createFollower, readCursor, type Step } from './follower.ts'
import { silent } from './meter.ts'
import type { Metrics } from './metrics.ts'
import { openSchema, type Opening } from './migrate.ts'
import { createRpc, type Rpc } from './rpc.ts'
import { stopping } from './stopping.ts'

const BACKOFF_MS = { first: 100, most: 5_000 }
/** How often a standby asks whether the lock is free. */
const STANDBY_MS = 1_000
/** How often the head is asked for though the node tells new blocks: a connection can die without a sign. */
const CHECK_MS = 1_000

/** Tells nobody, unless the configuration says where it is read: what it takes to tell is loaded then. */
let metrics: Metrics = { ...silent, step() {}, retry() {}, leads() {}, subscribed() {}, text: async () => '' }

/** Sleeps until the time is over or the process is told to stop. */
async function pause(ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: stopping }).catch(() => {})
}

let lastLine = ''
/** Prints a line when it differs from the last one: an outage is told once, not at every retry. */
function tell(line: string): void {
  if (line !== lastLine) console.log(`indexer: ${line}`)
  lastLine = line
}

interface Session {
  /** Holds the lock; all writes go through it, so who lost the lock can't write. */
  client: pg.Client
  reader: Reader
}

async function openSession(config: IndexerConfig, rpc: Rpc, opening: Opening): Promise<Session | undefined> {
  const reader = createDeploymentReader({ ...config, rpc })
  // The first blocks come while the database makes tables.
  if (await opening.isUnprojected) void reader.begin(config.deployment.fromBlock)
  const role = await opening.role
  const client = await connect(config.databaseUrl, PROJECTION_SCHEMA, role, config.databaseTimeoutMs)
  try {
    while (!stopping.aborted) {
      const { rows } = await client.query<{ held: boolean }>(
        "select pg_try_advisory_lock(hashtextextended('tallystick indexer', 0)) as held"
      )
      metrics.leads(rows[0]?.held === true)
      if (rows[0]?.held) return { client, reader }
      // They would be old when the lock is free.
      reader.forget()
      tell('another indexer holds the lock, standing by')
      await pause(STANDBY_MS)
    }
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
  await client.end()
  return undefined
}

let isReady = false
function report(step: Step): void {
  if (step.kind === 'rolled-back') tell(`the chain forked, rolled back from block ${step.from} to ${step.to}`)
  if (step.kind === 'reset') tell(`the chain no longer has the deployment, emptied the projection at ${step.from}`)
  if (step.kind === 'waiting') tell(`head is ${step.head}, waiting for the deployment's block`)
  if (step.kind === 'behind')
    tell(`the node's head is ${step.head}, below block ${step.at} that is indexed, waiting for it`)
  if (step.kind !== 'idle') return
  if (!isReady && process.connected) process.send!({ type: 'ready' })
  if (!isReady || lastLine !== '') tell(`caught up at block ${step.at}`)
  // With what was compiled so far, and not at the end: a process that is killed leaves it too.
  if (!isReady) flushCompileCache()
  isReady = true
  lastLine = ''
}

/** An empty projection that is far behind is filled without the readers' indexes. */
async function beginBulk(config: IndexerConfig, client: pg.Client, rpc: Rpc): Promise<boolean> {
  if (wasBulkTried) return false
  wasBulkTried = true
  const isFar = (await headOf(rpc)).number - config.deployment.fromBlock >= BULK_BLOCKS
  if (!isFar || (await readCursor(client))) return false
  await setIndexesAside(config.databaseUrl, PROJECTION_SCHEMA)
  return true
}
let wasBulkTried = false

let hasStarted = false
/** Follows until told to stop. Transient faults of the chain keep the session; those of the database end it. */
async function follow(config: IndexerConfig, { client, reader }: Session, rpc: Rpc, heads: Heads): Promise<void> {
  const follower = createFollower({ ...config, client, rpc, meter: metrics, reader })
  let isChecked = false
  let isBulk = await areIndexesAside(client)
  let woken: 'told' | 'timeout' | undefined
  let backoff = BACKOFF_MS.first
  while (!stopping.aborted) {
    try {
      if (!isChecked) await follower.check(hasStarted ? 'tolerate' : 'refuse')
      isChecked = true
      hasStarted = true
      isBulk ||= await beginBulk(config, client, rpc)
      const step = await follower.step()
      metrics.step(step)
      metrics.subscribed(heads.isSubscribed())
      if (isBulk && step.kind === 'idle') {
        tell(`caught up at block ${step.at}, building indexes`)
        await putIndexesBack(config.databaseUrl, PROJECTION_SCHEMA)
        isBulk = false
      }
      report(step)
      backoff = BACKOFF_MS.first
      if (step.kind === 'advanced' && woken === 'timeout' && heads.isSubscribed()) heads.doubt()
      woken = undefined
      if (step.kind === 'idle' || step.kind === 'waiting' || step.kind === 'behind') {
        woken = await heads.wait(heads.isSubscribed() ? CHECK_MS : config.pollMs, stopping)
      }
    } catch (caught) {
      const error = toIndexerError(caught)
      if (!error.transient || error.code === 'DATABASE_REFUSED') throw error
      // After an outage another chain may answer at the same address.
      isChecked &&= error.code !== 'RPC_UNAVAILABLE'
      metrics.retry(error.code)
      tell(`${error.code} ${error.message}; trying again`)
      await pause(backoff)
      backoff = Math.min(backoff * 2, BACKOFF_MS.most)
    }
  }
}

/** Follows until the process is told to stop. @param opening One that was begun before */
export async function run(config: IndexerConfig, opening: Opening): Promise<void> {
  if (config.metrics) {
    const { createMetrics, serveMetrics } = await import('./metrics.ts')
    metrics = createMetrics()
    await serveMetrics(config.metrics, metrics)
  }
  let begun: Opening | undefined = opening
  let backoff = BACKOFF_MS.first
  const heads = createHeads(config.wsUrl)
  const rpc = createRpc(config.rpcUrl)
  while (!stopping.aborted) {
    let session: Session | undefined
    try {
      session = await openSession(config, rpc, begun ?? openSchema(config.databaseUrl))
      backoff = BACKOFF_MS.first
      if (session) await follow(config, session, rpc, heads)
    } catch (caught) {
      const error = toIndexerError(caught)
      if (!error.transient) throw error
      metrics.retry(error.code)
      tell(`${error.code} ${error.message}; trying again`)
      await pause(backoff)
      backoff = Math.min(backoff * 2, BACKOFF_MS.most)
    } finally {
      begun = undefined
      metrics.leads(false)
      await session?.client.end().catch(() => {})
    }
  }
  heads.close()
}
