/** Between the indexer and a real node: forwards JSON-RPC over HTTP and breaks what its fault says. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Asked {
  method: string
  params: unknown[]
}

/** What goes wrong with the next `times` calls that `when` picks. */
export interface RpcFault {
  when: (asked: Asked) => boolean
  times: number
  /** Another result. */
  change?: (result: unknown, asked: Asked) => unknown
  /** An error of JSON-RPC instead of a result. */
  error?: { code: number; message: string }
  /** Another way to send, or not to send, the whole answer. */
  send?: (response: ServerResponse, answer: string) => void | Promise<void>
}

export interface RpcProxy {
  readonly url: string
  /** Breaks from now on; replaces what was there. */
  inject(fault: RpcFault | undefined): void
  /** How many calls were broken so far. */
  hits(): number
  /** Calls that were answered so far. */
  calls(): number
  /** The newest block that it knows, undefined: the node's own. A function is asked at every call. */
  setHead(head: number | (() => number) | undefined): void
  /** Asks another node from now on. */
  setTarget(url: string): void
  close(): void
}

interface Answer {
  id: unknown
  result?: unknown
  error?: { code: number; message: string }
}

export async function startRpcProxy(firstTarget: string): Promise<RpcProxy> {
  let target = firstTarget
  let fault: RpcFault | undefined
  let head: (() => number) | undefined
  let hits = 0
  let calls = 0

  async function ask(body: unknown): Promise<unknown> {
    const headers = { 'content-type': 'application/json' }
    return (await fetch(target, { method: 'POST', body: JSON.stringify(body), headers })).json()
  }

  /** What a node with this head says. */
  async function below(height: number, { method, params }: Asked, answer: Answer): Promise<Answer> {
    if (method !== 'eth_getBlockByNumber') return answer
    if (params[0] === 'latest') {
      const asked = { jsonrpc: '2.0', id: answer.id, method, params: [`0x${height.toString(16)}`, false] }
      return (await ask(asked)) as Answer
    }
    return Number(params[0]) > height ? { ...answer, result: null } : answer
  }

  async function handle(body: string, response: ServerResponse): Promise<void> {
    const parsed = JSON.parse(body) as Asked | Asked[]
    const asked = [parsed].flat()
    const answers = [await ask(parsed)].flat() as Answer[]
    const height = head?.()
    let send: RpcFault['send']
    for (const [i, one] of asked.entries()) {
      calls++
      if (height !== undefined) answers[i] = await below(height, one, answers[i]!)
      if (!fault || fault.times <= 0 || !fault.when(one)) continue
      fault.times--
      hits++
      if (fault.error) answers[i] = { ...answers[i]!, result: undefined, error: fault.error }
      if (fault.change) answers[i] = { ...answers[i]!, result: fault.change(answers[i]!.result, one) }
      send = fault.send
    }
    const text = JSON.stringify(Array.isArray(parsed) ? answers : answers[0])
    if (send) return send(response, text)
    response.setHeader('content-type', 'application/json')
    response.end(text)
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer)
      if (request.method !== 'POST') return void response.writeHead(426).end()
      await handle(Buffer.concat(chunks).toString(), response)
    } catch {
      // The indexer was killed or the node is down: no answer, as from a proxy that lost its node.
      response.destroy()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    inject: (next) => (fault = next && { ...next }),
    hits: () => hits,
    calls: () => calls,
    setHead: (next) => (head = typeof next === 'number' ? () => next : next),
    setTarget: (url) => (target = url),
    close() {
      server.closeAllConnections()
      server.close()
    }
  }
}

const status =
  (code: number, body: string) =>
  (response: ServerResponse): void => {
    response.writeHead(code, { 'content-type': 'application/json' }).end(body)
  }

/** Ways in which an answer does not arrive whole. */
export const sends = {
  dropped: (response: ServerResponse): void => void response.destroy(),
  tooMany: status(429, '{"error":"rate limit exceeded"}'),
  unavailable: status(503, '<html>503 Service Unavailable</html>'),
  badGateway: status(502, ''),
  truncated: (response: ServerResponse, answer: string): void => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer.slice(0, answer.length / 2))
  },
  halfClosed: (response: ServerResponse, answer: string): void => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
    response.write(answer.slice(0, answer.length / 2), () => response.socket?.end())
  },
  hanging: (): void => {},
  slow: async (response: ServerResponse, answer: string): Promise<void> => {
    await sleep(700)
    response.setHeader('content-type', 'application/json')
    response.end(answer)
  },
  reversed: (response: ServerResponse, answer: string): void => {
    const parsed = JSON.parse(answer) as unknown
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(Array.isArray(parsed) ? parsed.reverse() : parsed))
  },
  incomplete: (response: ServerResponse, answer: string): void => {
    const parsed = JSON.parse(answer) as unknown
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(Array.isArray(parsed) ? parsed.slice(1) : []))
  }
} satisfies Record<string, (response: ServerResponse, answer: string) => void | Promise<void>>
