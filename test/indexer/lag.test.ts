import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectionDigest } from '../../indexer/digest.ts'
import { createRpc } from '../../indexer/rpc.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { startProxy, type Asked } from './proxy.ts'
import { openProjection, register, startWorld, stopWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => stopWorld(world))

const heightOf = (block: unknown) => Number((block as { number: string }).number)

/** A node that is `lag` blocks behind the others; `isLagging` says, per call, whether this one answers. */
async function startLaggingNode(isLagging: (asked: Asked) => boolean) {
  let lag = 0
  const proxy = await startProxy(world.chain.url, async (asked, result) => {
    if (asked.method !== 'eth_getBlockByNumber' || lag === 0 || !isLagging(asked)) return result
    const height = (await world.provider.getBlockNumber()) - lag
    if (asked.params[0] === 'latest') {
      return askChain(world.chain.url, 'eth_getBlockByNumber', [`0x${height.toString(16)}`, false])
    }
    return result && heightOf(result) > height ? null : result
  })
  return { ...proxy, lagBy: (blocks: number) => (lag = blocks) }
}

for (const finality of ['none', 'head'] as const) {
  test(`waits for a node that is behind, with finality ${finality}`, async () => {
    const node = await startLaggingNode(() => true)
    const schema = `behind_${finality}`
    const options = { finality, patienceMs: 60_000, rpc: createRpc(node.url) }
    const { client, follower, catchUp } = await openProjection(world, schema, options)
    await register(world, schema)
    await catchUp()
    const at = await world.provider.getBlockNumber()
    const digest = await projectionDigest(client, schema)
    node.lagBy(1)
    expect(await follower.step()).toEqual({ kind: 'behind', head: at - 1, at })
    node.lagBy(at)
    expect(await follower.step()).toEqual({ kind: 'behind', head: 0, at })
    expect(await projectionDigest(client, schema)).toBe(digest)
    node.lagBy(0)
    expect(await follower.step()).toEqual({ kind: 'idle', at })
    await client.end()
    node.close()
  })

  test(`never takes a lower head for a fork while another node of the pool has the block, with finality ${finality}`, async () => {
    const node = await startLaggingNode(({ params }) => params[0] === 'latest')
    const schema = `pool_${finality}`
    const { client, follower, catchUp } = await openProjection(world, schema, { finality, rpc: createRpc(node.url) })
    await register(world, schema)
    await catchUp()
    node.lagBy(2)
    for (let i = 0; i < 3; i++) expect(await follower.step()).toMatchObject({ kind: 'behind' })
    await client.end()
    node.close()
  })
}

test('stops by name when a final block stays out of reach, and keeps all rows', async () => {
  const node = await startLaggingNode(() => true)
  const options = { finality: 'head', patienceMs: 50, rpc: createRpc(node.url) } as const
  const { client, follower, catchUp } = await openProjection(world, 'out_of_reach', options)
  await register(world, 'out of reach')
  await catchUp()
  const digest = await projectionDigest(client, 'out_of_reach')
  node.lagBy(1)
  expect(await follower.step()).toMatchObject({ kind: 'behind' })
  await sleep(60)
  await expect(follower.step()).rejects.toMatchObject({
    code: 'FINALITY_BROKEN',
    transient: false,
    message: expect.stringContaining('stays out of reach')
  })
  expect(await projectionDigest(client, 'out_of_reach')).toBe(digest)
  await client.end()
  node.close()
})

test('without finality follows a chain that lost its newest blocks, after patience', async () => {
  const { client, follower, catchUp } = await openProjection(world, 'lost', { patienceMs: 50 })
  await register(world, 'lost 1')
  await register(world, 'lost 2')
  await catchUp()
  await askChain(world.chain.url, 'anvil_rollback', [2])
  const head = await world.provider.getBlockNumber()
  expect(await follower.step()).toEqual({ kind: 'behind', head, at: head + 2 })
  await sleep(60)
  expect(await follower.step()).toEqual({ kind: 'rolled-back', from: head + 2, to: head })
  await client.end()
})

test('takes a lower head with another block at a known height for what it is, at once', async () => {
  const patienceMs = 60_000
  const following = await openProjection(world, 'other_none', { patienceMs })
  const final = await openProjection(world, 'other_head', { patienceMs, finality: 'head' })
  for (const i of [1, 2, 3]) await register(world, `other ${i}`)
  await following.catchUp()
  await final.catchUp()
  const at = await world.provider.getBlockNumber()
  await askChain(world.chain.url, 'anvil_rollback', [3])
  await register(world, 'instead')
  expect(await following.follower.step()).toEqual({ kind: 'rolled-back', from: at, to: at - 3 })
  await expect(final.follower.step()).rejects.toMatchObject({ code: 'FINALITY_BROKEN', transient: false })
  await following.client.end()
  await final.client.end()
})

test('rolls no deeper than the node shows: a block that it does not give proves nothing', async () => {
  let isSilent = false
  const node = await startProxy(world.chain.url, ({ method, params }, result) =>
    isSilent && method === 'eth_getBlockByNumber' && params[0] !== 'latest' && params[0] !== '0x0' ? null : result
  )
  const { client, follower, catchUp } = await openProjection(world, 'silent', { rpc: createRpc(node.url) })
  await register(world, 'silent')
  await catchUp()
  await askChain(world.chain.url, 'anvil_reorg', [1, []])
  isSilent = true
  await expect(follower.step()).rejects.toMatchObject({ code: 'BLOCK_CHANGED', transient: true })
  isSilent = false
  expect(await follower.step()).toMatchObject({ kind: 'rolled-back' })
  await client.end()
  node.close()
})
