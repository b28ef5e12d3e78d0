import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  method: string
  params: unknown[]
}

/**
 * Between the indexer and the chain: forwards JSON-RPC, letting `change` falsify each answer; an Error makes it an error of
 * JSON-RPC. `request` counts the HTTP requests, of which each may carry a batch.
 */
export async function startProxy(
  target: string,
  change: (asked: Asked, result: unknown, request: number) => unknown
): Promise<{ url: string; close: () => void }> {
  let requests = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const serial = ++requests
    const headers = { 'content-type': 'application/json' }
    const answer: unknown = await (await fetch(target, { method: 'POST', body, headers })).json()
    const asked = [JSON.parse(body)].flat() as Asked[]
    const answers = await Promise.all(
      ([answer].flat() as { result: unknown }[]).map(async (one, i) => {
        const result = await change(asked[i]!, one.result, serial)
        if (result instanceof Error)
          return { ...one, result: undefined, error: { code: -32_000, message: result.message } }
        // Instead of what the node refused, too.
        return result === undefined ? one : { ...one, error: undefined, result }
      })
    )
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(Array.isArray(answer) ? answers : answers[0]))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}
