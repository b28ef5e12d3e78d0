import { createHash } from 'node:crypto'
import type pg from 'pg'
import type { Deployment } from '../domain/chain/contracts.ts'
import { headersOf, headersOfPool, headOf, headOfPool, type ChainBlock } from './chain/blocks.ts'
import { requireDeployedChain, requireKnownRegistries } from './chain/deployed.ts'
import type { Header } from './chain/header.ts'
import { createReader, type CheckReceipts, type Reader } from './chain/reader.ts'
import { inTransaction } from './database.ts'
import { createDecoder } from './decode.ts'
import { IndexerError } from './errors.ts'
import { retractAbove, retractBeyond } from './feed.ts'
import { silent, timed, type Meter } from './meter.ts'
import { createPatience, defaultPatienceMs, type Finality } from './patience.ts'
import { announce, projectBlocks, requireCursor, type Cursor, type Progress } from './project-block.ts'
import { StoredKeys } from './projections/stored-keys.ts'
import { emptyProjection, findFork, rollBack, storedBelow } from './rollback.ts'
import type { Rpc } from './rpc.ts'

/** How much of a backfill is one transaction: a row that several ranges change is written once. */
const BATCH = { blocks: 5_000, events: 150_000, rows: 200_000, ms: 10_000 }

const ZERO_HASH = `0x${'00'.repeat(32)}`

export interface FollowerOptions {
  client: pg.Client
  rpc: Rpc
  deployment: Deployment
  finality: Finality
  /** For how long a head below the cursor is taken for a lagging node; `defaultPatienceMs` when absent. */
  patienceMs?: number
  /** `live` when absent. */
  checkReceipts?: CheckReceipts
  /** While behind, a range has at most so many blocks, and a transaction no further range once it has them. */
  batchBlocks?: number
  meter?: Meter
  /** One that was begun before; a new one when absent. */
  reader?: Reader
  /** Stops after this block, to compare with a projection as of it. */
  toBlock?: number
}

/** What one step did. `waiting`: the chain is not yet as long as the deployment. `behind`: the node lags. */
export type Step =
  | { kind: 'advanced'; to: number; events: number; blocks: number; time: number }
  | { kind: 'rolled-back'; from: number; to: number }
  | { kind: 'reset'; from: number }
  | { kind: 'waiting'; head: number }
  | { kind: 'behind'; head: number; at: number }
  | { kind: 'idle'; at: number }

export interface Follower {
  /**
   * Refuses another chain, or a projection of another one. Absent contracts are refused at the start, and tolerated
   * later, when a chain may have lost its newest blocks.
   * @throws IndexerError CHAIN_MISMATCH, INDEXED_OTHER_CHAIN
   */
  check(missingCode: 'refuse' | 'tolerate'): Promise<void>
  /** Looks at the head once and does what follows from it, in at most one transaction. */
  step(): Promise<Step>
}

/** Reads what a deployment's contracts tell. */
export function createDeploymentReader(
  options: Pick<FollowerOptions, 'rpc' | 'deployment' | 'checkReceipts' | 'batchBlocks'>
): Reader {
  const { rpc, deployment, checkReceipts = 'live', batchBlocks = BATCH.blocks } = options
  return createReader({ rpc, decoder: createDecoder(deployment), checkReceipts, batchBlocks })
}

/** Follows the chain into the projection that `client` points at. */
export function createFollower(options: FollowerOptions): Follower {
  const { client, rpc, deployment, finality, batchBlocks = BATCH.blocks, toBlock = Number.MAX_SAFE_INTEGER } = options
  const meter = options.meter ?? silent
  const base = deployment.fromBlock - 1
  const reader = options.reader ?? createDeploymentReader(options)
  const patience = createPatience(options.patienceMs ?? defaultPatienceMs[finality])

  /** Up to where it projected last. */
  let last: number | undefined
  /** What this process stored since the projection was empty, as of a block's hash: nobody else stored anything when the cursor stands there. */
  let stored: { keys: StoredKeys; asOf: string } | undefined
  /** Whether the feed may be ahead of a projection that is built again. */
  let mayBeAhead = true

  async function check(missingCode: 'refuse' | 'tolerate'): Promise<void> {
    await requireDeployedChain(rpc, deployment, missingCode)
    await requireIndexed(client, deployment)
  }

  async function step(): Promise<Step> {
    const isAhead = last !== undefined && reader.ahead(last + 1) !== undefined
    // The next range is under way: its first block's parent shows whether the chain is still the one of the cursor.
    const [cursor, told] = await Promise.all([readCursor(client), isAhead ? undefined : headOf(rpc)])
    const fetchedTo = cursor && reader.ahead(cursor.number + 1)
    if (cursor && fetchedTo !== undefined) return advance(cursor, fetchedTo)
    if (!told) {
      reader.forget()
      return step()
    }
    if (!cursor) return start(told)
    const head = await headOfPool(rpc, cursor.number, told)
    meter.head(head.number)
    if (head.number < cursor.number) return lower(head, cursor)
    patience.end()
    if (head.number === cursor.number && head.hash !== cursor.hash) return heal(head, cursor)
    const to = Math.min(head.number, toBlock)
    if (to > cursor.number) return advance(cursor, to, head)
    if (mayBeAhead && to === head.number && finality === 'none') await shorten(cursor)
    // It pays while there is much to be stored.
    stored = undefined
    return { kind: 'idle', at: cursor.number }
  }

  /** The chain that was built again ends before the one that the feed had. What was final stays: it will come again. */
  async function shorten(cursor: Cursor): Promise<void> {
    await inTransaction(client, async () => {
      await requireCursor(client, cursor)
      if (await retractBeyond(client, cursor.number)) await announce(client, cursor.number)
    })
    mayBeAhead = false
  }

  async function read(from: number, to: number, head?: Header): Promise<ChainBlock[]> {
    const blocks = await timed(meter, 'fetch', () => reader.read(from, to, head))
    try {
      await requireKnownRegistries(rpc, deployment, blocks)
    } catch (error) {
      reader.forget()
      throw error
    }
    return blocks
  }

  async function advance(cursor: Cursor, to: number, head?: Header): Promise<Step> {
    const first = await read(cursor.number + 1, to, head)
    if (first[0]!.parentHash !== cursor.hash) {
      reader.forget()
      return heal(await headOf(rpc), cursor)
    }
    if (cursor.number === base) stored = { keys: new StoredKeys(), asOf: cursor.hash }
    const keys = stored?.asOf === cursor.hash ? stored.keys : undefined
    const started = performance.now()
    /** What is under way already joins the transaction, as long as neither memory nor a reindex that waits suffers. */
    async function more({ newest, blocks, events, rows }: Progress): Promise<ChainBlock[] | undefined> {
      const isLong = blocks >= batchBlocks || performance.now() - started >= BATCH.ms
      if (isLong || events >= BATCH.events || rows >= BATCH.rows) return undefined
      const from = newest.number + 1
      const end = reader.ahead(from)
      if (end === undefined) return undefined
      try {
        const next = await read(from, end)
        if (next[0]!.parentHash === newest.hash) return next
        reader.forget()
      } catch {
        // What came before is kept. Whoever looks again finds the same fault, or none.
      }
      return undefined
    }
    const done = await projectBlocks(client, cursor, first, base, meter, more, keys).catch((error: unknown) => {
      reader.forget()
      throw error
    })
    last = done.newest.number
    stored = keys && { keys, asOf: done.newest.hash }
    return { kind: 'advanced', to: last, events: done.events, blocks: done.blocks, time: done.newest.time }
  }

  /** The first cursor stands on the block before the deployment. */
  async function start(head: Header): Promise<Step> {
    if (head.number < base) return { kind: 'waiting', head: head.number }
    await check('tolerate')
    const first =
      base < 0 ? { number: base, hash: ZERO_HASH, parentHash: ZERO_HASH, time: 0 } : (await headersOf(rpc, [base]))[0]
    if (!first) throw new IndexerError('BLOCK_CHANGED', `the node has no block ${base}`, { transient: true })
    mayBeAhead = true
    await inTransaction(client, async () => {
      // The cursor first, as everywhere: who empties the projection takes its lock first too.
      await client.query(
        `insert into cursor (block_number, block_hash, block_time, genesis_hash, chain_id, deployment_hash)
         values ($1, $2, $3, $4, $5, $6)`,
        [first.number, first.hash, first.time, deployment.genesisHash, deployment.chainId, deploymentHash(deployment)]
      )
      await client.query('insert into block (number, hash, parent_hash, time) values ($1, $2, $3, $4)', [
        first.number,
        first.hash,
        first.parentHash,
        first.time
      ])
    })
    return { kind: 'advanced', to: first.number, events: 0, blocks: 0, time: first.time }
  }

  /**
   * A lower head proves nothing: a node in a pool may lag. Only another block at a height that we have is a fork. As long
   * as any answer shows the cursor's block, the chain has it; when none does until patience ends, the chain is shorter.
   */
  async function lower(head: Header, cursor: Cursor): Promise<Step> {
    const stored = await storedBelow(client, head.number + 1)
    const [below, same] = await headersOfPool(rpc, [Math.max(stored?.number ?? 0, 0), cursor.number])
    const behind = { kind: 'behind', head: head.number, at: cursor.number } as const
    if (same?.hash === cursor.hash) {
      patience.end()
      return behind
    }
    const isOther = stored !== undefined && stored.number >= 0 && below !== undefined && below.hash !== stored.hash
    if (isOther || same) return heal(head, cursor)
    return patience.lasts() ? behind : heal(head, cursor)
  }

  async function heal(head: Header, cursor: Cursor): Promise<Step> {
    if (finality === 'head') {
      const fate = head.number < cursor.number && patience.isOver() ? 'and stays out of reach' : 'and is gone'
      throw new IndexerError(
        'FINALITY_BROKEN',
        `block ${cursor.number} ${cursor.hash} was final ${fate}, head is ${head.number} ${head.hash}. ` +
          'Find out which node is wrong before anything is rebuilt',
        { transient: false }
      )
    }
    await requireDeployedChain(rpc, deployment, 'tolerate')
    const fork = await findFork(client, rpc, Math.min(head.number, cursor.number))
    patience.end()
    if (fork?.number === cursor.number) throw contradicted(cursor)
    if (fork) {
      await rollBack(client, cursor, fork)
      return { kind: 'rolled-back', from: cursor.number, to: fork.number }
    }
    await inTransaction(client, async () => {
      await requireCursor(client, cursor)
      await emptyProjection(client)
      await retractAbove(client, -1)
      await announce(client, -1)
    })
    return { kind: 'reset', from: cursor.number }
  }

  return { check, step }
}

/** The stored cursor; undefined when nothing is indexed. */
export async function readCursor(client: pg.Client): Promise<Cursor | undefined> {
  const { rows } = await client.query<{ block_number: string; block_hash: string }>({
    name: 'cursor_read',
    text: 'select block_number, block_hash from cursor'
  })
  return rows[0] && { number: Number(rows[0].block_number), hash: rows[0].block_hash }
}

function contradicted({ number, hash }: Cursor): IndexerError {
  return new IndexerError('BLOCK_CHANGED', `the node gives two answers about block ${number} ${hash}`, {
    transient: true
  })
}

/** SHA-256 over what makes a deployment the one it is. */
export function deploymentHash(deployment: Deployment): string {
  const { chainId, genesisHash, fromBlock, participants, fingerprints, receivables, evidenceLog } = deployment
  const parts = [chainId, genesisHash, fromBlock, participants, fingerprints, receivables, evidenceLog]
  return createHash('sha256').update(parts.join('\n').toLowerCase()).digest('hex')
}

async function requireIndexed(client: pg.Client, deployment: Deployment): Promise<void> {
  const { rows } = await client.query<{ genesis_hash: string; chain_id: string; deployment_hash: string }>(
    'select genesis_hash, chain_id, deployment_hash from cursor'
  )
  const [stored] = rows
  if (!stored) return
  const pairs = [
    ['chainId', String(deployment.chainId), stored.chain_id],
    ['genesisHash', deployment.genesisHash, stored.genesis_hash],
    ['deployment', deploymentHash(deployment), stored.deployment_hash]
  ] as const
  for (const [what, presented, required] of pairs) {
    if (presented === required) continue
    throw new IndexerError(
      'INDEXED_OTHER_CHAIN',
      `${what}: presented ${presented}, required ${required}. The database holds another chain's projection: ` +
        'use its own database, or run npm run reindex',
      { transient: false }
    )
  }
}
