import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFile } from 'node:fs/promises'
import { cutNoteId } from '../../domain/note/span.ts'
import { inTransaction } from '../../indexer/database.ts'
import { projectionDigest } from '../../indexer/digest.ts'
import { checkInvariants } from '../../indexer/invariants.ts'
import { emptyProjection } from '../../indexer/rollback.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { act, confirmed, offer, openProjection, register, startWorld, stopWorld, tell, type World } from './world.ts'

type Projection = Awaited<ReturnType<typeof openProjection>>

interface Entry {
  position: number
  kind: 'added' | 'retracted'
  hash: string
  event: { logIndex: number; name: string; txHash: string; parties: number[] | null; isConfirmed: boolean }
}

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => stopWorld(world))

/** Every position, in order, as a reader gets it. */
async function entriesOf({ rows }: Projection): Promise<Entry[]> {
  const sql = `select f.first_position + i - 1 as position, f.kind, f.block_hash as hash,
      case f.kind when 'added' then c.events -> (i - 1)::int else c.events -> (n - i)::int end as event
    from feed f left join feed a on a.first_position = f.retracts
      cross join lateral (select coalesce(f.events, a.events, feed_events(f.block_number)) as events,
        (f.last_position - f.first_position + 1)::int as n) c
      cross join lateral generate_series(1, n) i order by position`
  return (await rows<Omit<Entry, 'position'> & { position: string }>(sql)).map((row) => ({
    ...row,
    position: Number(row.position)
  }))
}

/** What somebody has in hand who read all of it: additions, less what was taken back, which must be the newest each time. */
function inHand(entries: readonly Entry[]): string[] {
  const hand: string[] = []
  for (const { kind, hash, event } of entries) {
    const told = `${hash} ${event.logIndex} ${event.name}`
    if (kind === 'added') hand.push(told)
    else expect(told, 'the newest is taken back first').toBe(hand.pop())
  }
  return hand
}

async function happened({ rows }: Projection): Promise<string[]> {
  const sql = `select hash || ' ' || log_index || ' ' || name as told from event join block on number = block_number
    order by block_number, log_index`
  return (await rows<{ told: string }>(sql)).map(({ told }) => told)
}

/** The feed is whole and says what the projection says; returns it. */
async function wholeFeed(projection: Projection): Promise<Entry[]> {
  const entries = await entriesOf(projection)
  expect(entries.map(({ position }) => position)).toEqual(entries.map((_, i) => i + 1))
  expect(inHand(entries)).toEqual(await happened(projection))
  const feed = (await checkInvariants(projection.client)).find(({ code }) => code === 'F1')
  expect(feed?.offender).toBeUndefined()
  return entries
}

const reindex = ({ client }: Projection) => inTransaction(client, () => emptyProjection(client))

test('has each event once, at the same position for any batches, with those who may read it', async () => {
  const story = await tell(world, 'batches')
  const single = await openProjection(world, 'feed_single', { batchBlocks: 1 })
  const whole = await openProjection(world, 'feed_whole')
  await single.catchUp()
  await whole.catchUp()
  const entries = await wholeFeed(single)
  expect(entries).toEqual(await wholeFeed(whole))
  expect(entries.every(({ kind }) => kind === 'added')).toBe(true)
  const partiesOf = (name: string) => entries.findLast(({ event }) => event.name === name)?.event.parties
  expect(partiesOf('ParticipantAdmitted')).toBeNull()
  expect(partiesOf('ReceivableRegistered')).toEqual([story.terms.debtor, story.terms.creditor].toSorted())
  expect(partiesOf('NoteFinanced')).toEqual([1, 2, 3, 4, 5])
  await single.client.end()
  await whole.client.end()
})

for (const depth of [1, 3]) {
  test(`takes back what a fork of depth ${depth} took, newest first, and never uses a position again`, async () => {
    const projection = await openProjection(world, `feed_fork_${depth}`)
    const story = await register(world, `feed fork ${depth}`)
    for (let i = 0; i < depth; i++) await register(world, `feed lost ${depth} ${i}`)
    await projection.catchUp()
    const before = await wholeFeed(projection)
    await askChain(world.chain.url, 'anvil_reorg', [depth, []])
    await act(world, 'debtor', 'receivables', 'confirm', story.terms, story.fingerprints)
    await projection.catchUp()
    const after = await wholeFeed(projection)
    expect(after.slice(0, before.length)).toEqual(before)
    const gone = after.slice(before.length, before.length + 2 * depth)
    expect(gone.map(({ kind }) => kind)).toEqual(Array(2 * depth).fill('retracted'))
    expect(gone.map(({ event }) => event)).toEqual(
      before
        .slice(-2 * depth)
        .toReversed()
        .map(({ event }) => event)
    )
    await projection.client.end()
  })
}

test('is read on while the projection is built again, and says nothing twice', async () => {
  const projection = await openProjection(world, 'feed_again')
  await tell(world, 'feed again')
  await projection.catchUp()
  const before = await wholeFeed(projection)
  await reindex(projection)
  expect(await entriesOf(projection)).toEqual(before)
  const half = await openProjection(world, 'feed_again', { batchBlocks: 7 })
  for (let i = 0; i < 3; i++) await half.follower.step()
  expect(await entriesOf(projection)).toEqual(before)
  await register(world, 'after it was emptied')
  await half.catchUp()
  expect((await wholeFeed(projection)).slice(0, before.length)).toEqual(before)
  expect(await projection.rows('select 1 from feed where events is not null')).toEqual([])
  await projection.client.end()
  await half.client.end()
})

test('takes back what a chain no longer has that forked while the projection was built again', async () => {
  const projection = await openProjection(world, 'feed_forked')
  for (const i of [1, 2, 3]) await register(world, `feed forked ${i}`)
  await projection.catchUp()
  const before = await wholeFeed(projection)
  await reindex(projection)
  await askChain(world.chain.url, 'anvil_reorg', [2, []])
  await register(world, 'feed forked instead')
  await projection.catchUp()
  const after = await wholeFeed(projection)
  expect(after.slice(0, before.length)).toEqual(before)
  expect(after.slice(before.length).map(({ kind }) => kind)).toEqual([...Array(4).fill('retracted'), 'added', 'added'])
  await projection.client.end()
})

test('takes back what a chain lost that is shorter when the projection was built again', async () => {
  const projection = await openProjection(world, 'feed_shorter')
  for (const i of [1, 2]) await register(world, `feed shorter ${i}`)
  await projection.catchUp()
  const before = await wholeFeed(projection)
  await reindex(projection)
  await askChain(world.chain.url, 'anvil_rollback', [1])
  await projection.catchUp()
  const after = await wholeFeed(projection)
  expect(after.slice(before.length).map(({ kind }) => kind)).toEqual(['retracted', 'retracted'])
  await projection.client.end()
})

/** As it was before parties had spans: migration 0011 is yet to come, and what the feed has copies of is for everybody. */
async function withoutSpans({ client }: Projection): Promise<void> {
  const before = await readFile(new URL('../../indexer/migrations/0004_feed.sql', import.meta.url), 'utf8')
  const [feedEvents] = /create function feed_events[^]*?\nend;\n/.exec(before)!
  await inTransaction(client, async () => {
    await client.query(feedEvents.replace('create', 'create or replace'))
    await client.query(`
      create table before as select receivable_id, participant_id, min(since_block) from receivable_party group by 1, 2;
      truncate receivable_party;
      alter table receivable_party drop column span_start, drop column span_end,
        add constraint receivable_party_pkey primary key (receivable_id, participant_id);
      insert into receivable_party select * from before;
      drop table before;
      update feed set events = (
        select jsonb_agg((case when c -> 'receivableId' = 'null' then c else c || '{"parties": [1, 2, 3, 4, 5, 6, 7, 8, 9]}' end)
          - 'isConfirmed' order by i) from jsonb_array_elements(events) with ordinality as e (c, i)) where events is not null;
      delete from migration where name like '0011%'`)
  })
}

test('a feed of before parties had spans has the same parties after the migration, also of what forks took', async () => {
  const projection = await openProjection(world, 'feed_migrated', { batchBlocks: 1 })
  await tell(world, 'feed migrated')
  const forked = await confirmed(world, 'feed migrated and forked')
  await projection.catchUp()
  const piece = cutNoteId(forked.root, 1_000n, 300n)
  await offer(world, forked, 'supplier', forked.root, 300n, 'second')
  await act(world, 'second', 'receivables', 'accept', piece)
  await register(world, 'only in the fork')
  await projection.catchUp()
  await askChain(world.chain.url, 'anvil_reorg', [3, []])
  await offer(world, forked, 'supplier', forked.root, 100n, 'third')
  await projection.catchUp()
  const before = await wholeFeed(projection)
  const taken = before.filter(({ kind }) => kind === 'retracted').map(({ event }) => [event.name, event.parties])
  expect(taken).toContainEqual(['NoteAccepted', [1, 2, 3]])
  const digest = await projectionDigest(projection.client, 'feed_migrated')

  await withoutSpans(projection)
  expect(await entriesOf(projection)).not.toEqual(before)
  const migrated = await openProjection(world, 'feed_migrated', { batchBlocks: 7 })
  expect(await entriesOf(projection)).toEqual(before)
  expect(await projectionDigest(projection.client, 'feed_migrated')).toBe(digest)

  // Also in the middle of a rebuild, which then goes on to the same rows.
  await reindex(projection)
  for (let i = 0; i < 3; i++) await migrated.follower.step()
  await withoutSpans(projection)
  const again = await openProjection(world, 'feed_migrated')
  expect(await entriesOf(projection)).toEqual(before)
  await again.catchUp()
  expect(await wholeFeed(projection)).toEqual(before)
  expect(await projectionDigest(projection.client, 'feed_migrated')).toBe(digest)
  for (const { client } of [projection, migrated, again]) await client.end()
})

test('takes everything back when the chain falls below the deployment', async () => {
  const projection = await openProjection(world, 'feed_reset')
  await projection.catchUp()
  const before = await wholeFeed(projection)
  await askChain(world.chain.url, 'anvil_rollback', [(await world.provider.getBlockNumber()) - 1])
  expect(await projection.catchUp()).toMatchObject([{ kind: 'reset' }])
  const after = await wholeFeed(projection)
  expect(after).toHaveLength(2 * before.length)
  expect(inHand(after)).toEqual([])
  await projection.client.end()
})
