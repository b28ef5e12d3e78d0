import type pg from 'pg'
import type { ChainBlock } from './chain/blocks.ts'
import { inTransaction } from './database.ts'
import type { PlacedEvent } from './decode.ts'
import { IndexerError } from './errors.ts'
import { foldEvent } from './projections/handlers.ts'
import { copyRows, textOf } from './projections/store.ts'
import { loadWorkingSet, storeWorkingSet } from './projections/working-set.ts'

/** Blocks without events whose hashes are kept, to find a fork by. */
export const HASH_WINDOW = 256

/** Channel on which each commit is announced with the block's number. */
export const NOTIFY_CHANNEL = 'tallystick_projection'

/** As of which block the rows hold. */
export interface Cursor {
  number: number
  hash: string
}

/**
 * Folds consecutive blocks into the projection and moves the cursor, in one transaction.
 * @param cursor What the blocks were fetched after.
 * @param baseNumber The block before the deployment, whose hash is kept for ever.
 * @throws IndexerError BLOCK_CHANGED at a gap or wrong parent, CURSOR_MOVED when the stored cursor is another one.
 * @throws ProjectionConflictError when stored state is not what an event presupposes.
 */
export async function projectBlocks(
  client: pg.Client,
  cursor: Cursor,
  blocks: readonly ChainBlock[],
  baseNumber: number
): Promise<Cursor> {
  let last = cursor
  for (const block of blocks) {
    if (block.number !== last.number + 1 || block.parentHash !== last.hash) throw notNext(block, last)
    last = block
  }
  const newest = blocks.at(-1)
  if (!newest) return cursor
  await inTransaction(client, async () => {
    await requireCursor(client, cursor)
    await storeBlocks(client, blocks, newest.number - HASH_WINDOW)
    await fold(
      client,
      blocks.flatMap(({ events }) => events)
    )
    await moveCursor(client, cursor, newest, baseNumber)
  })
  return { number: newest.number, hash: newest.hash }
}

/**
 * Folds events in order: loads the rows that they touch, folds in memory, stores what came of it. So a batch of any size
 * gives the same rows. Runs in the caller's transaction.
 */
export async function fold(client: pg.Client, events: readonly PlacedEvent[]): Promise<void> {
  if (events.length === 0) return
  const rows = await loadWorkingSet(client, events)
  for (const event of events) foldEvent(event, rows)
  await storeWorkingSet(client, rows)
}

/** Locks the cursor for the transaction. @throws IndexerError CURSOR_MOVED */
export async function requireCursor(client: pg.Client, expected: Cursor): Promise<void> {
  const { rows } = await client.query<{ number: string; hash: string }>(
    'select block_number as number, block_hash as hash from cursor for update'
  )
  const [stored] = rows
  if (stored && Number(stored.number) === expected.number && stored.hash === expected.hash) return
  throw new IndexerError(
    'CURSOR_MOVED',
    `the cursor is at ${stored ? `${stored.number} ${stored.hash}` : 'none'}, required ${expected.number} ${expected.hash}`,
    { transient: true }
  )
}

/** Moves the cursor, drops the hashes that leave the window and tells listeners, in one round trip. */
async function moveCursor(client: pg.Client, from: Cursor, to: ChainBlock, baseNumber: number): Promise<void> {
  await client.query({
    name: 'cursor_move',
    // Only what leaves the window now: everything older was looked at before.
    text: `with moved as (update cursor set block_number = $1, block_hash = $2, block_time = $3),
       gone as (delete from block where number > $4 and number <= $5 and number <> $6
         and not exists (select from event where block_number = number))
       select pg_notify($7, $8)`,
    values: [
      to.number,
      to.hash,
      to.time,
      from.number - HASH_WINDOW,
      to.number - HASH_WINDOW,
      baseNumber,
      NOTIFY_CHANNEL,
      String(to.number)
    ]
  })
}

/** Tells listeners, when the transaction commits, up to which block they can read. */
export async function announce(client: pg.Client, blockNumber: number): Promise<void> {
  await client.query('select pg_notify($1, $2)', [NOTIFY_CHANNEL, String(blockNumber)])
}

async function storeBlocks(client: pg.Client, blocks: readonly ChainBlock[], windowStart: number): Promise<void> {
  const kept = blocks.filter(({ events, number }) => events.length > 0 || number > windowStart)
  await client.query(
    `insert into block (number, hash, parent_hash, time)
     select * from unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[])`,
    [
      kept.map(({ number }) => number),
      kept.map(({ hash }) => hash),
      kept.map(({ parentHash }) => parentHash),
      kept.map(({ time }) => time)
    ]
  )
  const events = kept.flatMap((block) => block.events)
  const columns = ['block_number', 'log_index', 'tx_hash', 'tx_index', 'address', 'name', 'args', 'receivable_id']
  await copyRows(client, 'event', columns, events, (event) => {
    const { blockNumber, logIndex, txHash, txIndex, address, name, args, receivableId } = event
    const place = `${blockNumber}\t${logIndex}\t${txHash}\t${txIndex}\t${address}\t${name}`
    return `${place}\t${textOf(JSON.stringify(args))}\t${receivableId ?? '\\N'}`
  })
}

function notNext(block: ChainBlock, previous: Cursor): IndexerError {
  return new IndexerError(
    'BLOCK_CHANGED',
    `block ${block.number} with parent ${block.parentHash}, required parent ${previous.number} ${previous.hash}`,
    { transient: true }
  )
}
