/**
 * The ordered feed of events (docs/adr/0022-a-feed-of-blocks-and-retractions.md): what came and what a fork took back, at
 * positions without gaps. Everything here runs in the transaction that moves the cursor, so a position that is visible is final.
 */
import type pg from 'pg'

const STANDS = `kind = 'added' and retracted_at is null`

/** Up to which block the feed holds: the newest block of its that stands. In SQL, so that it costs no round trip of its own. */
export const fedUpTo = `(select max(block_number) from feed where ${STANDS})`

/** Appends blocks above the newest one that stands: `$n` are their numbers, hashes and counts of events. */
export const appendToFeed = (numbers: string, hashes: string, counts: string): string =>
  `insert into feed (first_position, last_position, kind, block_number, block_hash)
   select base + sum(n) over (order by number) - n + 1, base + sum(n) over (order by number), 'added', number, hash
   from unnest(${numbers}::bigint[], ${hashes}::text[], ${counts}::bigint[]) as b (number, hash, n),
     (select coalesce(max(last_position), 0) as base
      from (select last_position from feed order by first_position desc limit 1) newest) base`

/** A block with events, as the feed has it. */
export interface CountedBlock {
  number: number
  hash: string
  /** Its events. */
  count: number
}

/** Of blocks, those that the feed lacks. */
export function unfed(blocks: readonly CountedBlock[], fed: number | undefined): CountedBlock[] {
  return blocks.filter(({ number }) => number > (fed ?? -1))
}

/**
 * Takes back what stands above a block, newest first, with copies of the events: called before they are deleted. Readers that had
 * them are told so; positions are never used again.
 */
export async function retractAbove(client: pg.Client, blockNumber: number): Promise<void> {
  await keepEvents(client, blockNumber)
  await client.query(
    `with gone as (
       select first_position, last_position - first_position + 1 as n, block_number, block_hash
       from feed where ${STANDS} and block_number > $1),
     placed as (
       select gone.*, base + sum(n) over (order by first_position desc) - n + 1 as at
       from gone, (select last_position as base from feed order by first_position desc limit 1) newest),
     marked as (update feed set retracted_at = at from placed where feed.first_position = placed.first_position)
     insert into feed (first_position, last_position, kind, block_number, block_hash, retracts)
     select at, at + n - 1, 'retracted', block_number, block_hash, first_position from placed`,
    [blockNumber]
  )
}

/** Copies the events above a block into the feed, so that it can be read while the projection is built again. */
export async function keepEvents(client: pg.Client, blockNumber: number): Promise<void> {
  await client.query(
    `update feed set events = feed_events(block_number) where ${STANDS} and events is null and block_number > $1`,
    [blockNumber]
  )
}

/**
 * The projection is built again and the feed is ahead of it: what comes again must be what stands. From the first block
 * that is another one on the feed is taken back. Returns up to which block it holds then.
 * @param blocks All that have events, from the block after `from` up to `to`; they are stored
 */
export async function compareWithFeed(
  client: pg.Client,
  from: number,
  to: number,
  blocks: readonly CountedBlock[],
  fed: number
): Promise<number | undefined> {
  const { rows } = await client.query<{ number: string; hash: string; count: string }>(
    `select block_number as number, block_hash as hash, last_position - first_position + 1 as count from feed
     where ${STANDS} and block_number > $1 and block_number <= $2 order by block_number`,
    [from, to]
  )
  const busy = blocks.filter(({ number }) => number <= fed)
  const length = Math.max(rows.length, busy.length)
  for (let i = 0; i < length; i++) {
    const stands = rows[i] && { ...rows[i]!, number: Number(rows[i]!.number) }
    const came = busy[i]
    // The same block can have more events now: an older indexer knew fewer contracts.
    const isSame = stands?.hash === came?.hash && Number(stands?.count) === came?.count
    if (stands && came && stands.number === came.number && isSame) continue
    const height = Math.min(stands?.number ?? Infinity, came?.number ?? Infinity)
    await dropCopies(client, from, height - 1)
    await retractAbove(client, height - 1)
    return standsUpTo(client)
  }
  await dropCopies(client, from, to)
  return fed
}

/**
 * Another projection of the same blocks is about to take the place of this one, whose feed goes on: from the first block with other
 * events on, which an older indexer knew fewer of, the feed is taken back and goes on with what the other has.
 * @param schema Where the other is, with a feed of its own that no fork has been through
 */
export async function takeOver(client: pg.Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ height: string | null }>(
    `select min(block_number) as height
     from (select block_number, block_hash, last_position - first_position as n, true as is_mine from feed where ${STANDS}) mine
       full join (select block_number, block_hash, last_position - first_position as n, true as is_others
         from ${schema}.feed where ${STANDS}) others using (block_number, block_hash, n)
     where is_mine is null or is_others is null`
  )
  if (rows[0]!.height === null) return
  const height = Number(rows[0]!.height)
  await retractAbove(client, height - 1)
  const { rows: others } = await client.query<{ number: string; hash: string; count: string }>(
    `select block_number as number, block_hash as hash, last_position - first_position + 1 as count from ${schema}.feed
     where ${STANDS} and block_number >= $1 order by block_number`,
    [height]
  )
  await client.query(appendToFeed('$1', '$2', '$3'), [
    others.map(({ number }) => number),
    others.map(({ hash }) => hash),
    others.map(({ count }) => count)
  ])
}

/** Takes back what stands above the cursor: the chain that was built again is shorter. Returns whether anything did. */
export async function retractBeyond(client: pg.Client, cursor: number): Promise<boolean> {
  const fed = await standsUpTo(client)
  if (fed === undefined || fed <= cursor) return false
  await retractAbove(client, cursor)
  return true
}

async function standsUpTo(client: pg.Client): Promise<number | undefined> {
  const { rows } = await client.query<{ fed: string | null }>(`select ${fedUpTo} as fed`)
  return rows[0]!.fed === null ? undefined : Number(rows[0]!.fed)
}

/** The events are in `event` again. */
async function dropCopies(client: pg.Client, from: number, to: number): Promise<void> {
  await client.query(
    `update feed set events = null where ${STANDS} and events is not null and block_number > $1 and block_number <= $2`,
    [from, to]
  )
}
