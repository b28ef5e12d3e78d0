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

/** Forwards what is asked, unless that or the answer is too large. @param isGateway It is not the node that refuses, but what stands before it */
async function startLimited(mostCalls: number, mostBytes: number, isGateway: boolean) {
  const refused = { requests: 0, answers: 0 }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const asked = JSON.parse(body) as { id: number } | unknown[]
    const headers = { 'content-type': 'application/json' }
    if (Array.isArray(asked) && asked.length > mostCalls) {
      refused.requests++
      if (isGateway) return response.writeHead(413).end('<h1>Too large</h1>')
      return response.end(error(null, 'The batch request was too large'))
    }
    const answer = await (await fetch(world.chain.url, { method: 'POST', body, headers })).text()
    if (answer.length <= mostBytes) return response.end(answer)
    refused.answers++
    if (isGateway) return response.writeHead(502).end('<h1>Too large</h1>')
    if (Array.isArray(asked)) return response.end(error(null, 'The batch response was too large'))
    return response.end(error(asked.id, 'Response is too big'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { refused, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

test.each([
  ['calls', 'node', 20, Infinity],
  ['calls', 'node', 5, Infinity],
  ['bytes', 'node', Infinity, 80_000],
  ['calls', 'gateway', 5, Infinity],
  ['bytes', 'gateway', Infinity, 80_000]
])('few %s that a %s bears in a message (%d, %d) are asked of it', async (what, who, calls, bytes) => {
  const isGateway = who === 'gateway'
  const node = await startLimited(calls, bytes, isGateway)
  const schema = `few_${what}_${who}_${calls === 20}`.toLowerCase()
  const { client, follower } = await openProjection(world, schema, { rpc: createRpc(node.url) })
  let inARow = 0
  for (let kind = ''; kind !== 'idle' && inARow < 8;) {
    kind = await follower.step().then(
      (step) => {
        inARow = 0
        return step.kind
      },
      ({ code, message }: { code: string; message: string }) => {
        inARow++
        expect([code, message]).toEqual([
          'RPC_UNAVAILABLE',
          expect.stringMatching(isGateway ? 'no answer' : 'too large')
        ])
        return code
      }
    )
  }
  expect(node.refused[what === 'calls' ? 'requests' : 'answers']).toBeGreaterThan(0)
  expect(inARow).toBe(0)
  const honest = await openProjection(world, `${schema}_all`)
  await honest.catchUp()
  expect(await projectionDigest(client, schema)).toBe(await projectionDigest(honest.client, `${schema}_all`))
  await client.end()
  await honest.client.end()
  node.close()
})
