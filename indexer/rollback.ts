import type pg from 'pg'
import { headersOfPool } from './chain/blocks.ts'
import { inTransaction } from './database.ts'
import type { PlacedEvent } from './decode.ts'
import { IndexerError } from './errors.ts'
import { keepEvents, retractAbove } from './feed.ts'
import { announce, fold, requireCursor, type Cursor } from './project-block.ts'
import type { Rpc } from './rpc.ts'

/** Stored hashes held against the chain per request. */
const FORK_PAGE = 64

/**
 * Newest stored block up to `headNumber` that the chain still has. Undefined: not even the block before the deployment.
 * @throws IndexerError BLOCK_CHANGED for a block below the head that the node doesn't give: no answer proves nothing
 */
export async function findFork(client: pg.Client, rpc: Rpc, headNumber: number): Promise<Cursor | undefined> {
  let below = headNumber + 1
  for (;;) {
    const stored = await storedBlocks(client, below, FORK_PAGE)
    if (stored.length === 0) return undefined
    // Before block 0 there is nothing that could differ: the genesis hash is checked apart.
    const real = stored.filter(({ number }) => number >= 0)
    const headers = await headersOfPool(
      rpc,
      real.map(({ number }) => number)
    )
    const match = stored.findIndex(({ number, hash }, i) => number < 0 || headers[i]?.hash === hash)
    const asked = match === -1 ? real : real.slice(0, match)
    const silent = asked.find((_, i) => headers[i] === undefined)
    if (silent) {
      throw new IndexerError('BLOCK_CHANGED', `the node has no block ${silent.number} below its head ${headNumber}`, {
        transient: true
      })
    }
    if (match !== -1) return stored[match]
    below = stored.at(-1)!.number
  }
}

/** The newest stored block below a height. */
export async function storedBelow(client: pg.Client, below: number): Promise<Cursor | undefined> {
  return (await storedBlocks(client, below, 1))[0]
}

async function storedBlocks(client: pg.Client, below: number, limit: number): Promise<Cursor[]> {
  const { rows } = await client.query<{ number: string; hash: string }>(
    'select number, hash from block where number < $1 order by number desc limit $2',
    [below, limit]
  )
  return rows.map(({ number, hash }) => ({ number: Number(number), hash }))
}

/**
 * Takes back all blocks above `fork` in one transaction, in the feed too. Only receivables, claims and participants that a removed event
 * touched are folded again, from the events that stay.
 */
export async function rollBack(client: pg.Client, cursor: Cursor, fork: Cursor): Promise<void> {
  await inTransaction(client, async () => {
    await requireCursor(client, cursor)
    await retractAbove(client, fork.number)
    const { rows } = await client.query<{ receivables: string[]; fingerprints: string[]; participants: string[] }>(
      `select coalesce(array_agg(distinct receivable_id) filter (where receivable_id is not null), '{}') as receivables,
         coalesce(array_agg(distinct args ->> 'fingerprint') filter (where args ? 'fingerprint'), '{}') as fingerprints,
         coalesce(array_agg(distinct args ->> 'id') filter (where args ? 'id'), '{}') as participants
       from event where block_number > $1`,
      [fork.number]
    )
    const { receivables, fingerprints, participants } = rows[0]!
    for (const table of ['note', 'receivable_party', 'receivable']) {
      await client.query(`delete from ${table} where receivable_id = any($1)`, [receivables])
    }
    await client.query('delete from fingerprint_claim where fingerprint = any($1)', [fingerprints])
    await client.query('delete from participant where participant_id = any($1::integer[])', [participants])
    // Rows of these tables are written once and never change.
    for (const table of ['registry', 'log_head']) {
      await client.query(`delete from ${table} where changed_block > $1`, [fork.number])
    }
    await client.query('delete from event where block_number > $1', [fork.number])
    await client.query('delete from block where number > $1', [fork.number])
    await fold(client, await eventsOf(client, receivables, fingerprints, participants))
    await client.query(
      `update cursor set block_number = number, block_hash = hash, block_time = time from block where number = $1`,
      [fork.number]
    )
    await announce(client, fork.number)
  })
}

/**
 * Empties the projection; the migrations stay, and the feed, which can be read meanwhile. The indexer builds it again from the
 * first block. In the caller's transaction.
 */
export async function emptyProjection(client: pg.Client): Promise<void> {
  // The cursor first, as everywhere.
  await client.query('lock table cursor in access exclusive mode')
  await keepEvents(client, -1)
  await client.query(
    'truncate cursor, block, event, participant, registry, fingerprint_claim, receivable, note, receivable_party, log_head'
  )
}

async function eventsOf(
  client: pg.Client,
  receivables: string[],
  fingerprints: string[],
  participants: string[]
): Promise<PlacedEvent[]> {
  const { rows } = await client.query<Record<string, unknown>>(
    `select block_number, time, log_index, tx_hash, tx_index, address, name, args, receivable_id
     from event join block on number = block_number
     where (receivable_id = any($1) and not args ? 'fingerprint')
       or (args ? 'fingerprint' and args ->> 'fingerprint' = any($2))
       or (args ? 'id' and args ->> 'id' = any($3))
     order by block_number, log_index`,
    [receivables, fingerprints, participants]
  )
  return rows.map(
    (row) =>
      ({
        blockNumber: Number(row.block_number),
        blockTime: Number(row.time),
        logIndex: row.log_index,
        txHash: row.tx_hash,
        txIndex: row.tx_index,
        address: row.address,
        name: row.name,
        args: row.args,
        receivableId: row.receivable_id
      }) as PlacedEvent
  )
}
