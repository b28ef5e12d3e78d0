import { ZeroHash } from 'ethers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cutNoteId, receivableIdToHex } from '../../domain/note/span.ts'
import { projectionDigest } from '../../indexer/digest.ts'
import { askChain } from '../../scripts/instance/chain.ts'
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

/** What a projection gives that never saw the fork. */
async function freshDigest(schema: string): Promise<string> {
  const { client, catchUp } = await openProjection(world, schema)
  await catchUp()
  const digest = await projectionDigest(client, schema)
  await client.end()
  return digest
}

test('stops when the chain promised finality and changed', async () => {
  const { client, catchUp } = await openProjection(world, 'final', { finality: 'head' })
  await register(world, 'final')
  await catchUp()
  await askChain(world.chain.url, 'anvil_reorg', [1, []])
  await expect(catchUp()).rejects.toMatchObject({ code: 'FINALITY_BROKEN', transient: false })
  await client.end()
})

for (const depth of [1, 3]) {
  test(`follows a fork of depth ${depth} with other transactions and folds only what it touched again`, async () => {
    const schema = `fork_${depth}`
    const { client, catchUp, rows } = await openProjection(world, schema)
    const story = await tell(world, `untouched ${depth}`)
    const touched = await register(world, `touched ${depth}`)
    await act(world, 'debtor', 'receivables', 'confirm', touched.terms, touched.fingerprints)
    for (let i = 1; i < depth; i++) await register(world, `lost ${depth} ${i}`)
    await catchUp()
    const before = await rows('select xmin::text, note_id from note where receivable_id = $1 order by note_id', [
      `0x${story.receivableId.toString(16).padStart(48, '0')}`
    ])
    await askChain(world.chain.url, 'anvil_reorg', [depth, []])
    const reason = `0x${'55'.repeat(32)}`
    await act(world, 'debtor', 'receivables', 'reject', touched.terms, touched.fingerprints, reason)
    const steps = await catchUp()
    expect(steps[0]).toMatchObject({ kind: 'rolled-back' })
    expect(
      await rows('select state from receivable where receivable_id = $1', [
        `0x${touched.receivableId.toString(16).padStart(48, '0')}`
      ])
    ).toEqual([{ state: 'rejected' }])
    const after = await rows('select xmin::text, note_id from note where receivable_id = $1 order by note_id', [
      `0x${story.receivableId.toString(16).padStart(48, '0')}`
    ])
    expect(after).toEqual(before)
    expect(await projectionDigest(client, schema)).toBe(await freshDigest(`${schema}_fresh`))
    await client.end()
  })
}

test('folds a half-told story again when a fork takes its end', async () => {
  const { client, catchUp } = await openProjection(world, 'fork_deep')
  const story = await tell(world, 'fork in the middle')
  await catchUp()
  await askChain(world.chain.url, 'anvil_reorg', [4, []])
  await catchUp()
  expect(await projectionDigest(client, 'fork_deep')).toBe(await freshDigest('fork_deep_fresh'))
  const [, second, third] = story.notes
  await offer(world, story, 'second', second!, 150n, 'third', { document: `0x${'77'.repeat(32)}` })
  await act(world, 'third', 'receivables', 'accept', third)
  await settle(world, { ...story, notes: story.notes.slice(0, 3) })
  await catchUp()
  expect(await projectionDigest(client, 'fork_deep')).toBe(await freshDigest('fork_deep_later'))
  await client.end()
})

test('gives a merged note back when a fork takes the merge, and takes it away again when the fork merges', async () => {
  const { client, catchUp, rows } = await openProjection(world, 'fork_merge')
  const story = await confirmed(world, 'fork of a merge')
  const piece = cutNoteId(story.root, 1_000n, 400n)
  await offer(world, story, 'supplier', story.root, 400n, 'second')
  await act(world, 'supplier', 'receivables', 'recall', piece, ZeroHash)
  await act(world, 'supplier', 'receivables', 'merge', story.root, piece)
  await lock(world, story, 'supplier', story.root, 300n)
  const spans = async () => {
    await catchUp()
    const sql = 'select span::text, state from note where receivable_id = $1 order by lower(span)'
    return rows(sql, [receivableIdToHex(story.receivableId)])
  }
  expect(await spans()).toEqual([
    { span: '[0,700)', state: 'live' },
    { span: '[700,1000)', state: 'locked' }
  ])
  await askChain(world.chain.url, 'anvil_reorg', [2, []])
  expect(await spans()).toEqual([
    { span: '[0,600)', state: 'live' },
    { span: '[600,1000)', state: 'live' }
  ])
  expect(await projectionDigest(client, 'fork_merge')).toBe(await freshDigest('fork_merge_fresh'))
  await act(world, 'supplier', 'receivables', 'merge', story.root, piece)
  expect(await spans()).toEqual([{ span: '[0,1000)', state: 'live' }])
  expect(await projectionDigest(client, 'fork_merge')).toBe(await freshDigest('fork_merge_later'))
  await client.end()
})

test('rolls back at once when the chain is shorter, before anything new is mined', async () => {
  const { client, catchUp, rows } = await openProjection(world, 'shorter')
  await register(world, 'shorter 1')
  await register(world, 'shorter 2')
  await catchUp()
  await askChain(world.chain.url, 'anvil_rollback', [2])
  const head = await world.provider.getBlockNumber()
  expect(await catchUp()).toEqual([{ kind: 'rolled-back', from: head + 2, to: head }])
  expect(await rows('select block_number from cursor')).toEqual([{ block_number: String(head) }])
  expect(await projectionDigest(client, 'shorter')).toBe(await freshDigest('shorter_fresh'))
  await client.end()
})

test('finds a fork below the kept window of empty blocks', async () => {
  const { client, catchUp, rows } = await openProjection(world, 'kept_hashes')
  await register(world, 'before the window')
  await askChain(world.chain.url, 'anvil_mine', ['0x12c'])
  await register(world, 'after the window')
  await catchUp()
  const head = await world.provider.getBlockNumber()
  const [kept] = await rows('select count(*)::int as count from block where number > $1 and number < $2', [
    head - 300,
    head
  ])
  expect(kept!.count).toBeLessThan(260)
  await askChain(world.chain.url, 'anvil_rollback', [280])
  await register(world, 'instead')
  await catchUp()
  expect(await projectionDigest(client, 'kept_hashes')).toBe(await freshDigest('kept_hashes_fresh'))
  await client.end()
})

test('empties the projection when the chain falls below the deployment, and waits', async () => {
  const { client, catchUp, rows, follower } = await openProjection(world, 'reset')
  await catchUp()
  const head = await world.provider.getBlockNumber()
  await askChain(world.chain.url, 'anvil_rollback', [head - 1])
  expect(await catchUp()).toEqual([{ kind: 'reset', from: head }])
  expect(await follower.step()).toEqual({ kind: 'waiting', head: 1 })
  expect(await rows('select (select count(*) from event)::int + (select count(*) from note)::int as count')).toEqual([
    { count: 0 }
  ])
  await client.end()
})
