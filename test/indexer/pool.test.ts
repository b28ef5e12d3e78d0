/** Several nodes behind one address that answer strictly in turn, of which one no longer follows the chain. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectionDigest } from '../../indexer/digest.ts'
import { createRpc } from '../../indexer/rpc.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { startProxy, type Asked } from './proxy.ts'
import { openProjection, register, startWorld, stopWorld, type World } from './world.ts'

let world: World
let stuckAt: number
beforeAll(async () => {
  world = await startWorld()
  await register(world, 'what both know')
  stuckAt = await world.provider.getBlockNumber()
})
afterAll(() => stopWorld(world))

/** How nodes say that they lack a block: with null, or with an error. */
const silences = { null: () => null, 'an error': () => new Error('unknown block') } as const

/** What a node says whose newest block is `stuckAt`. */
async function stuckAnswer({ method, params }: Asked, result: unknown, lacking: () => unknown): Promise<unknown> {
  const [first] = params as [string | { fromBlock?: string; toBlock?: string; blockHash?: string }]
  if (method === 'eth_getBlockByNumber') {
    if (first !== 'latest') return Number(first) > stuckAt ? null : result
    return askChain(world.chain.url, 'eth_getBlockByNumber', [`0x${stuckAt.toString(16)}`, false])
  }
  if (method !== 'eth_getBlockReceipts' && method !== 'eth_getLogs') return result
  if (typeof first === 'object' && first.toBlock !== undefined) {
    const isBeyond = Number(first.toBlock) > stuckAt
    return isBeyond
      ? (lacking() ?? (result as { blockNumber: string }[]).filter((log) => Number(log.blockNumber) <= stuckAt))
      : result
  }
  const hash = typeof first === 'string' ? first : first.blockHash
  const block = (await askChain(world.chain.url, 'eth_getBlockByHash', [hash, false])) as { number: string }
  return Number(block.number) > stuckAt ? lacking() : result
}

async function startPool(size: number, turn: number, lacking: () => unknown) {
  return startProxy(world.chain.url, (asked, result, request) =>
    request % size === turn ? stuckAnswer(asked, result, lacking) : result
  )
}

describe.each([
  [2, 0],
  [2, 1],
  [3, 0]
])('a pool of %i whose node %i is stuck', (size, turn) => {
  test.each(Object.keys(silences) as (keyof typeof silences)[])(
    'does not stop the others: it lacks blocks with %s',
    async (silence) => {
      const node = await startPool(size, turn, silences[silence])
      const schema = `pool_${size}_${turn}_${silence.replace(' ', '_')}`
      const { client, follower } = await openProjection(world, schema, { rpc: createRpc(node.url) })
      // Live blocks one by one, then a range of them.
      for (const [i, blocks] of [1, 1, 40].entries()) {
        await register(world, `${schema} ${i}`)
        await askChain(world.chain.url, 'anvil_mine', [`0x${blocks.toString(16)}`])
        const head = await world.provider.getBlockNumber()
        let at = -1
        for (let steps = 0; at < head; steps++) {
          expect(steps, `stuck at ${at} below ${head}`).toBeLessThan(20)
          const step = await follower.step()
          expect(step.kind, JSON.stringify(step)).toMatch(/^(advanced|idle)$/)
          at = 'to' in step ? step.to : 'at' in step ? step.at : at
        }
      }
      const direct = await openProjection(world, `${schema}_direct`)
      await direct.catchUp()
      expect(await projectionDigest(client, schema)).toBe(await projectionDigest(direct.client, `${schema}_direct`))
      await client.end()
      await direct.client.end()
      node.close()
    }
  )
})
