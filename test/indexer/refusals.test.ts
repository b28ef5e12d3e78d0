/** A node that bears only so much in a message says so about the whole of it: by one error that belongs to no call. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectionDigest } from '../../indexer/digest.ts'
import { createRpc } from '../../indexer/rpc.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { openProjection, register, startWorld, stopWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
  for (let i = 0; i < 40; i++) await register(world, `receivable ${i}`)
  await askChain(world.chain.url, 'anvil_mine', ['0x50'])
})
afterAll(() => stopWorld(world))

const error = (id: unknown, message: string) =>
  JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32_011, message } })

/** Forwards what is asked, unless that or the answer is too large. */
async function startLimited(mostCalls: number, mostBytes: number) {
  const refused = { requests: 0, answers: 0 }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const asked = JSON.parse(body) as { id: number } | unknown[]
    const headers = { 'content-type': 'application/json' }
    if (Array.isArray(asked) && asked.length > mostCalls) {
      refused.requests++
      return response.end(error(null, 'The batch request was too large'))
    }
    const answer = await (await fetch(world.chain.url, { method: 'POST', body, headers })).text()
    if (answer.length <= mostBytes) return response.end(answer)
    refused.answers++
    if (Array.isArray(asked)) return response.end(error(null, 'The batch response was too large'))
    return response.end(error(asked.id, 'Response is too big'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { refused, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

test.each([
  ['calls', 20, Infinity, { requests: true, answers: false }],
  ['bytes', Infinity, 80_000, { requests: false, answers: true }]
])('a node that bears few %s in a message is asked in smaller ones', async (what, calls, bytes, expected) => {
  const node = await startLimited(calls, bytes)
  const { client, follower } = await openProjection(world, `few_${what}`, { rpc: createRpc(node.url) })
  let refusals = 0
  for (let kind = ''; kind !== 'idle' && refusals < 20;) {
    kind = await follower.step().then(
      (step) => step.kind,
      ({ code, message }: { code: string; message: string }) => {
        refusals++
        expect([code, message]).toEqual(['RPC_UNAVAILABLE', expect.stringContaining('too large')])
        return code
      }
    )
  }
  expect({ requests: node.refused.requests > 0, answers: node.refused.answers > 0 }).toEqual(expected)
  expect(refusals).toBeLessThan(20)
  const honest = await openProjection(world, `all_${what}`)
  await honest.catchUp()
  expect(await projectionDigest(client, `few_${what}`)).toBe(await projectionDigest(honest.client, `all_${what}`))
  await client.end()
  await honest.client.end()
  node.close()
})
