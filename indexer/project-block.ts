import { setImmediate as immediate } from 'node:timers/promises'
import type pg from 'pg'
import type { ChainBlock } from './chain/blocks.ts'
import type { Header } from './chain/header.ts'
import { withoutStrangers } from './accounts.ts'
import { inTransaction, type Queryable } from './database.ts'
import type { PlacedEvent } from './decode.ts'
import { IndexerError } from './errors.ts'
import { appendToFeed, compareWithFeed, fedUpTo, unfed, type CountedBlock } from './feed.ts'
import { silent, timed, type Meter } from './meter.ts'
import { foldEvent } from './projections/handlers.ts'
import type { Cells, PlainJson } from './projections/copy-text.ts'
import { FEW_ROWS, Script } from './projections/script.ts'
import type { StoredKeys } from './projections/stored-keys.ts'
import { withPendingRows, type PendingRows } from './projections/pending-rows.ts'
import {
  createWorkingSet,
  loadWorkingSet,
  rememberStored,
  storeAhead,
  storeWorkingSet,
  type WorkingSet
} from './projections/working-set.ts'

/** Blocks without events whose hashes are kept, to find a fork by. */
export const HASH_WINDOW = 256

/** Events after which a fold lets the connection send what the server waits for. */
const SLICE = 500

/** Events after which a transaction that goes on stores what is settled. */
const AHEAD_EVENTS = 5_000

/** Channel on which each commit is announced with the block's number. */
export const NOTIFY_CHANNEL = 'tallystick_projection'

/**
 * Rows are found by their keys. While the tables grow from nothing their statistics are behind, and a plan that reads a whole
 * table for each range would make a backfill take quadratic time.
 */
const BY_INDEX = 'set local enable_seqscan = off'

/** The cursor, locked for the transaction, and up to which block the feed holds. */
const LOCK_CURSOR = `select block_number as number, block_hash as hash, ${fedUpTo} as fed from cursor for update`
interface LockedCursor {
  number: string
  hash: string
  fed: string | null
}

/** As of which block the rows hold. */
export interface Cursor {
  number: number
  hash: string
}

/**
 * Folds consecutive blocks into the projection, appends them to the feed and moves the cursor, in one transaction.
 * @param cursor What the blocks were fetched after.
 * @param baseNumber The block before the deployment, whose hash is kept for ever.
 * @param more The blocks after those so far, to be folded in the same transaction: a row that several ranges change is then
 *   written once. Undefined ends it.
 * @param keys What receivables and claims may be stored, which is added to; absent when that is not known.
 * @throws IndexerError BLOCK_CHANGED at a gap or wrong parent, CURSOR_MOVED when the stored cursor is another one.
 * @throws ProjectionConflictError when stored state is not what an event presupposes.
 */
export async function projectBlocks(
  client: pg.Client,
  cursor: Cursor,
  first: readonly ChainBlock[],
  baseNumber: number,
  meter: Meter = silent,
  more: (soFar: Progress) => Promise<readonly ChainBlock[] | undefined> = async () => undefined,
  keys?: StoredKeys
): Promise<Progress> {
  const busy: CountedBlock[] = []
  const progress: Progress = { newest: requireNext(cursor, first), blocks: 0, events: 0, rows: 0 }
  let committing = 0
  await inTransaction(
    client,
    ([stored]) =>
      withPendingRows(client, async (pending) => {
        let fed = requireSame(stored as LockedCursor | undefined, cursor)
        const rows = createWorkingSet(cursor.number === baseNumber, keys)
        const script = new Script()
        const admitted = new Set<string>()
        let settledAt = 0
        const load = async (blocks: readonly ChainBlock[]) =>
          loadRange(pending, await withoutStrangers(pending, blocks, admitted), rows, meter)
        for (let range: LoadedRange | undefined = await load(first); range;) {
          const { blocks, events } = range
          progress.newest = requireNext(progress.blocks === 0 ? cursor : progress.newest, blocks)
          progress.blocks += blocks.length
          progress.events += events.length
          for (const { number, hash, events } of blocks) {
            if (events.length > 0) busy.push({ number, hash, count: events.length })
          }
          // While this one is folded the next one's rows come: what is stored before the end are rows in memory, which are not loaded again.
          const next = more(progress).then((blocks) => blocks && load(blocks))
          next.catch(() => {})
          storeBlocks(blocks, script, pending)
          await pending.send()
          await timed(meter, 'fold', () => foldRange(events, rows))
          progress.rows = rows.size()
          if (progress.events - settledAt > AHEAD_EVENTS) {
            storeAhead(pending, rows)
            settledAt = progress.events
          }
          range = await next
        }
        await timed(meter, 'store', () => storeWorkingSet(client, rows, script, pending))
        rememberStored(rows)
        committing = performance.now()
        const to = progress.newest
        if (fed !== undefined && fed > cursor.number) {
          await script.run(client)
          fed = await compareWithFeed(client, cursor.number, to.number, busy, fed)
        }
        moveCursor(script, cursor, to, baseNumber, unfed(busy, fed))
        await script.run(client)
      }),
    `begin; ${BY_INDEX}; ${LOCK_CURSOR}`
  )
  meter.stage('commit', (performance.now() - committing) / 1000)
  return progress
}

/** How far a transaction has come. */
export interface Progress {
  newest: Header
  blocks: number
  events: number
  /** Rows in memory that it loaded or made. */
  rows: number
}

/** The last one. @throws IndexerError BLOCK_CHANGED unless each block is the next one after that before it */
function requireNext(cursor: Cursor, blocks: readonly ChainBlock[]): ChainBlock {
  let last = cursor
  for (const block of blocks) {
    if (block.number !== last.number + 1 || block.parentHash !== last.hash) throw notNext(block, last)
    last = block
  }
  return blocks.at(-1)!
}

/** Consecutive blocks, and their events, whose rows are in memory. */
interface LoadedRange {
  blocks: readonly ChainBlock[]
  events: readonly PlacedEvent[]
}

async function loadRange(
  client: Queryable,
  blocks: readonly ChainBlock[],
  rows: WorkingSet,
  meter: Meter
): Promise<LoadedRange> {
  const events = blocks.flatMap((block) => block.events)
  await timed(meter, 'load', () => loadWorkingSet(client, events, rows))
  return { blocks, events }
}

/** Folds events, and lets the connection go on meanwhile. */
async function foldRange(events: readonly PlacedEvent[], rows: WorkingSet): Promise<void> {
  for (let i = 0; i < events.length; i++) {
    foldEvent(events[i]!, rows)
    if (i % SLICE === SLICE - 1) await immediate()
  }
}

/**
 * Folds events in order: loads the rows that they touch, folds in memory, stores what came of it. So a batch of any size
 * gives the same rows. Runs in the caller's transaction.
 */
export async function fold(client: pg.Client, events: readonly PlacedEvent[]): Promise<void> {
  if (events.length === 0) return
  const rows = createWorkingSet()
  await loadWorkingSet(client, events, rows)
  for (const event of events) foldEvent(event, rows)
  const script = new Script()
  await withPendingRows(client, (pending) => storeWorkingSet(client, rows, script, pending))
  await script.run(client)
}

/** Locks the cursor for the transaction. Returns up to which block the feed holds. @throws IndexerError CURSOR_MOVED */
export async function requireCursor(client: pg.Client, expected: Cursor): Promise<number | undefined> {
  const { rows } = await client.query<LockedCursor>(LOCK_CURSOR)
  return requireSame(rows[0], expected)
}

function requireSame(stored: LockedCursor | undefined, expected: Cursor): number | undefined {
  if (stored && Number(stored.number) === expected.number && stored.hash === expected.hash) {
    return stored.fed === null ? undefined : Number(stored.fed)
  }
  throw new IndexerError(
    'CURSOR_MOVED',
    `the cursor is at ${stored ? `${stored.number} ${stored.hash}` : 'none'}, required ${expected.number} ${expected.hash}`,
    { transient: true }
  )
}

/** Moves the cursor, feeds blocks, drops the hashes that leave the window and tells listeners. */
function moveCursor(script: Script, from: Cursor, to: Header, baseNumber: number, fed: readonly CountedBlock[]): void {
  script.add(
    // Only what leaves the window now: everything older was looked at before.
    `with moved as (update cursor set block_number = $1, block_hash = $2, block_time = $3),
       gone as (delete from block where number > $4 and number <= $5 and number <> $6
         and not exists (select from event where block_number = number)),
       fed as (${appendToFeed('$9', '$10', '$11')})
       select pg_notify($7, $8)`,
    [
      to.number,
      to.hash,
      to.time,
      from.number - HASH_WINDOW,
      to.number - HASH_WINDOW,
      baseNumber,
      NOTIFY_CHANNEL,
      String(to.number),
      fed.map(({ number }) => number),
      fed.map(({ hash }) => hash),
      fed.map(({ count }) => count)
    ]
  )
}

/** Tells listeners, when the transaction commits, up to which block they can read. */
export async function announce(client: pg.Client, blockNumber: number): Promise<void> {
  await client.query('select pg_notify($1, $2)', [NOTIFY_CHANNEL, String(blockNumber)])
}

const blockColumns = ['number', 'hash', 'parent_hash', 'time']
const eventColumns = ['block_number', 'log_index', 'tx_hash', 'tx_index', 'address', 'name', 'args', 'receivable_id']

/** Few by the script, many by what is pending. */
function storeBlocks(blocks: readonly ChainBlock[], script: Script, pending: PendingRows): void {
  const windowStart = blocks.at(-1)!.number - HASH_WINDOW
  const kept = blocks.filter(({ events, number }) => events.length > 0 || number > windowStart)
  const events = kept.flatMap((block) => block.events)
  if (kept.length + events.length <= FEW_ROWS) {
    script.insert('block', blockColumns, kept, writeBlock)
    script.insert('event', eventColumns, events, writeEvent)
  } else {
    pending.add('block', blockColumns, kept, writeBlock)
    pending.add('event', eventColumns, events, writeEvent)
  }
}

function writeBlock({ number, hash, parentHash, time }: Header, to: Cells): void {
  to.number(number)
  to.plain(hash)
  to.plain(parentHash)
  to.number(time)
}

function writeEvent(event: PlacedEvent, to: Cells): void {
  to.number(event.blockNumber)
  to.number(event.logIndex)
  to.plain(event.txHash)
  to.number(event.txIndex)
  to.plain(event.address)
  to.plain(event.name)
  to.json(event.args as unknown as PlainJson)
  if (event.receivableId === null) to.null()
  else to.plain(event.receivableId)
}

function notNext(block: ChainBlock, previous: Cursor): IndexerError {
  return new IndexerError(
    'BLOCK_CHANGED',
    `block ${block.number} with parent ${block.parentHash}, required parent ${previous.number} ${previous.hash}`,
    { transient: true }
  )
}
