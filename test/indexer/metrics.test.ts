import { afterAll, beforeAll, expect, test } from 'vitest'
import { askChain } from '../../scripts/instance/chain.ts'
import { freePort } from '../../scripts/instance/ports.ts'
import { startProxy } from './proxy.ts'
import { register, startIndexer, startWorld, stopWorld, until, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => stopWorld(world))

/** Samples by name with labels. */
async function sampled(port: number): Promise<Record<string, number>> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`)
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at).replace('tallystick_indexer_', ''), Number(line.slice(at + 1))]
    })
  )
}

test('tells head, cursor, lag, batches, forks and what was tried again', async () => {
  let isRefusing = false
  const node = await startProxy(world.chain.url, (_, result) => (isRefusing ? new Error('too busy') : result))
  const port = await freePort()
  await register(world, 'metrics 1')
  const indexer = startIndexer(world, { rpcUrl: node.url, wsUrl: null, patienceMs: 0, metrics: { port } })
  await indexer.ready
  const head = await world.provider.getBlockNumber()
  const first = await sampled(port)
  expect(first).toMatchObject({
    head_block: head,
    cursor_block: head,
    lag_blocks: 0,
    lag_seconds: 0,
    leader: 1,
    subscribed: 0
  })
  expect(first).toMatchObject({ reorgs_total: 0, blocks_total: head - world.deployment.fromBlock + 1 })
  for (const stage of ['fetch', 'store', 'fold', 'commit']) {
    expect(first[`batch_seconds_count{stage="${stage}"}`], stage).toBeGreaterThan(0)
  }
  expect(first['retries_total{code="RPC_UNAVAILABLE"}']).toBeUndefined()

  isRefusing = true
  await until(async () => ((await sampled(port))['retries_total{code="RPC_UNAVAILABLE"}'] ?? 0) > 0)
  isRefusing = false
  await askChain(world.chain.url, 'anvil_reorg', [1, []])
  await until(async () => (await sampled(port))['reorgs_total'] === 1)
  const events = (await sampled(port))['events_total']!
  await register(world, 'metrics 2')
  await until(async () => (await sampled(port))['events_total'] === events + 2)
  expect(await sampled(port)).toMatchObject({ reorg_blocks_total: 1 })
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404)

  const standby = startIndexer(world, { metrics: { port: await freePort() } })
  const taken = startIndexer(world, { metrics: { port } })
  expect(await taken.exited).toBe(1)
  expect(taken.output()).toContain('CONFIG_INVALID metrics')
  await until(() => standby.output().includes('standing by'))
  for (const { child, exited } of [standby, indexer]) {
    child.kill('SIGTERM')
    await exited
  }
  node.close()
})
