import { ZeroHash } from 'ethers'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { noteIdToHex, receivableIdToHex } from '../../domain/note/span.ts'
import { headersOf, headOf, withEvents, type ChainBlock } from '../../indexer/chain/blocks.ts'
import { createDecoder } from '../../indexer/decode.ts'
import { projectionDigest } from '../../indexer/digest.ts'
import { readCursor } from '../../indexer/follower.ts'
import { silent } from '../../indexer/meter.ts'
import { projectBlocks } from '../../indexer/project-block.ts'
import { createRpc } from '../../indexer/rpc.ts'
import {
  act,
  confirmed,
  lock,
  offer,
  openProjection,
  register,
  settle,
  startWorld,
  stopWorld,
  tell,
  type World
} from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => stopWorld(world))

test('stops at an event that stored state does not allow, instead of guessing', async () => {
  const { client, catchUp } = await openProjection(world, 'conflict')
  await catchUp()
  const { receivableId, terms, fingerprints } = await register(world, 'tampered')
  await catchUp()
  await client.query("update receivable set state = 'withdrawn' where receivable_id = $1", [
    receivableIdToHex(receivableId)
  ])
  await act(world, 'debtor', 'receivables', 'confirm', terms, fingerprints)
  await expect(catchUp()).rejects.toMatchObject({ code: 'PROJECTION_CONFLICT', transient: false })
  await client.end()
})

test('two notes of one receivable never overlap in the projection', async () => {
  const { client, catchUp } = await openProjection(world, 'overlap')
  const { receivableId } = await tell(world, 'overlap')
  await catchUp()
  const copy = client.query(
    `insert into note select (jsonb_populate_record(note, jsonb_build_object(
       'note_id', '0x' || repeat('f', 64), 'span', '[0,1)'))).*
     from note where receivable_id = $1 limit 1`,
    [receivableIdToHex(receivableId)]
  )
  await expect(copy).rejects.toMatchObject({ constraint: 'note_span_partition' })
  await client.end()
})

test('folds a receivable from registration to settlement, to the cent', async () => {
  const { client, catchUp, rows } = await openProjection(world, 'story')
  const story = await tell(world, 'story')
  await catchUp()
  const receivableId = receivableIdToHex(story.receivableId)
  const notes = () =>
    rows(
      `select note_id, span::text, holder, assignor, tier, state, disbursement is not null as financed
       from note where receivable_id = $1 order by lower(span)`,
      [receivableId]
    )
  const [root, second, third, financed] = story.notes.map(noteIdToHex)
  const live = { state: 'live', financed: false }
  expect(await notes()).toEqual([
    { ...live, note_id: root, span: '[0,600)', holder: 2, assignor: null, tier: 0 },
    { ...live, note_id: second, span: '[600,850)', holder: 3, assignor: 2, tier: 1 },
    { ...live, note_id: third, span: '[850,900)', holder: 4, assignor: 3, tier: 2 },
    { ...live, note_id: financed, span: '[900,1000)', holder: 5, assignor: 4, tier: 2, financed: true }
  ])
  await settle(world, story)
  await catchUp()
  expect((await notes()).map(({ state }) => state)).toEqual(['settled', 'settled', 'settled', 'settled'])
  expect(
    await rows('select state, settled, cancelled, payment from receivable where receivable_id = $1', [receivableId])
  ).toEqual([{ state: 'settled', settled: '1000', cancelled: '0', payment: null }])
  const parties = await rows(
    'select participant_id from receivable_party where receivable_id = $1 order by participant_id',
    [receivableId]
  )
  expect(parties.map(({ participant_id }) => participant_id)).toEqual([1, 2, 3, 4, 5])
  await client.end()
})

test('folds refusals, recalls, unlocks, rejections, withdrawals, suspensions and anchored heads', async () => {
  const { client, catchUp, rows } = await openProjection(world, 'returns')
  const story = await confirmed(world, 'returns')
  const { receivableId, root } = story
  const none = ZeroHash
  await offer(world, story, 'supplier', root, 1_000n, 'second')
  await act(world, 'second', 'receivables', 'refuse', root, none, `0x${'22'.repeat(32)}`)
  await offer(world, story, 'supplier', root, 1_000n, 'third')
  await act(world, 'supplier', 'receivables', 'recall', root, none)
  await lock(world, story, 'supplier', root, 1_000n)
  await act(world, 'factor', 'receivables', 'unlock', root)
  const rejected = await register(world, 'rejected')
  const reason = `0x${'55'.repeat(32)}`
  await act(world, 'debtor', 'receivables', 'reject', rejected.terms, rejected.fingerprints, reason)
  const withdrawn = await register(world, 'withdrawn')
  await act(world, 'supplier', 'receivables', 'withdraw', withdrawn.terms, withdrawn.fingerprints)
  // A freed document can be claimed again.
  await register(world, 'withdrawn', 999n)
  await act(world, 'admin', 'participants', 'setStatus', 4, 2)
  await act(world, 'admin', 'participants', 'setRoles', 3, 6)
  await act(world, 'evidence', 'evidenceLog', 'append', 7n, `0x${'66'.repeat(32)}`)
  await catchUp()
  await act(world, 'admin', 'participants', 'setStatus', 4, 1)
  expect(
    await rows('select state, holder, counterparty, tier from note where receivable_id = $1', [
      receivableIdToHex(receivableId)
    ])
  ).toEqual([{ state: 'live', holder: 2, counterparty: null, tier: 0 }])
  expect(
    await rows('select state, reason from receivable where receivable_id = $1', [
      receivableIdToHex(rejected.receivableId)
    ])
  ).toEqual([{ state: 'rejected', reason }])
  const claims = await rows(
    `select state, registry, claimant, reason, release_reason from fingerprint_claim
     where fingerprint = any($1) order by state`,
    [[...rejected.fingerprints, ...withdrawn.fingerprints]]
  )
  const ours = { registry: 1, claimant: 2, reason: 'receivable' }
  expect(claims).toEqual([
    { ...ours, state: 'claimed', release_reason: null },
    { ...ours, state: 'released', release_reason: 'closed' }
  ])
  expect(await rows('select status, roles from participant where participant_id in (3, 4) order by 1')).toEqual([
    { status: 'active', roles: 6 },
    { status: 'suspended', roles: 2 }
  ])
  expect(await rows('select size from log_head')).toEqual([{ size: '7' }])
  await client.end()
})

test('gives the same digest whatever the batches', async () => {
  const digests = new Set<string>()
  const sizes = fc.sample(fc.integer({ min: 2, max: 60 }), { numRuns: 3, seed: 6 })
  for (const batchBlocks of [1, ...sizes, 1_000]) {
    const schema = `batch_${batchBlocks}`
    const { client, catchUp } = await openProjection(world, schema, { batchBlocks })
    await catchUp()
    digests.add(await projectionDigest(client, schema))
    await client.end()
  }
  expect([...digests]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
})

test('a transaction of several ranges stores what one range does, or with a gap between them nothing', async () => {
  const { deployment } = world
  const rpc = createRpc(world.chain.url)
  const head = await headOf(rpc)
  const numbers = Array.from({ length: head.number - deployment.fromBlock + 1 }, (_, i) => deployment.fromBlock + i)
  const headers = (await headersOf(rpc, numbers)).map((header) => header!)
  const blocks = await withEvents(rpc, createDecoder(deployment), headers, 'bloom')
  const ranges = Array.from({ length: Math.ceil(blocks.length / 7) }, (_, i) => blocks.slice(7 * i, 7 * i + 7))

  async function project(schema: string, following: readonly ChainBlock[][]) {
    const { client, follower, rows } = await openProjection(world, schema)
    await follower.step()
    const cursor = (await readCursor(client))!
    const rest = [...following]
    const done = projectBlocks(client, cursor, ranges[0]!, deployment.fromBlock - 1, silent, async () => rest.shift())
    await done.catch(() => {})
    const [count] = await rows<{ events: number; transactions: number }>(
      'select count(*)::int as events, count(distinct xmin::text)::int as transactions from event'
    )
    const digest = await projectionDigest(client, schema)
    await client.end()
    return { done, count, digest }
  }
  const plain = await openProjection(world, 'in_steps', { batchBlocks: 7 })
  await plain.catchUp()
  const many = await project('many_ranges', ranges.slice(1))
  expect(many.digest).toBe(await projectionDigest(plain.client, 'in_steps'))
  expect(many.count?.transactions).toBe(1)
  await plain.client.end()
  const gap = await project('gap_between', ranges.slice(2))
  await expect(gap.done).rejects.toMatchObject({ code: 'BLOCK_CHANGED' })
  expect(gap.count).toEqual({ events: 0, transactions: 0 })
})
