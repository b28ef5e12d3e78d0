import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { JsonRpcProvider, type JsonRpcPayload, type JsonRpcResult } from 'ethers'

/** Most calls in one request to the node; nodes take about a thousand. */
export const BATCH = 100

/** A page of calls takes a busy node seconds. Milliseconds. */
const ANSWER_WITHIN = 60_000

/** What the node said to one call: ethers' types know only one of them at a time. */
export interface NodeAnswer {
  id: number
  result?: unknown
  error?: { code: number; message: string; data?: unknown }
}

/**
 * The node by JSON-RPC over connections that stay open. Calls that are made in the same moment go in one request. Ethers' own transport
 * decodes answers letter by letter in JavaScript, and those to pages are long.
 */
export class Node extends JsonRpcProvider {
  private readonly agent: Agent
  private readonly open: typeof request

  constructor(url: string, chainId: number) {
    super(url, chainId, { staticNetwork: true, batchMaxCount: BATCH, batchStallTime: 0, cacheTimeout: -1 })
    const isSecure = new URL(url).protocol === 'https:'
    this.open = isSecure ? secureRequest : request
    this.agent = isSecure ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true })
  }

  /**
   * Many calls of one method, answered in their order, without ethers' bookkeeping for each of them.
   * @throws Error when the node does not answer; what it says to a call is in its answer
   */
  async ask(method: string, calls: readonly unknown[][]): Promise<NodeAnswer[]> {
    const pages = Array.from({ length: Math.ceil(calls.length / BATCH) }, (_, i) =>
      calls.slice(i * BATCH, (i + 1) * BATCH)
    )
    const answers = await Promise.all(pages.map((page) => this.askPage(method, page)))
    return answers.flat()
  }

  private async askPage(method: string, calls: readonly unknown[][]): Promise<NodeAnswer[]> {
    const asked = calls.map((params, id) => ({ jsonrpc: '2.0' as const, id, method, params }))
    const answers = (await this._send(asked.length === 1 ? asked[0]! : asked)) as NodeAnswer[]
    const byId = new Map(answers.map((answer) => [answer.id, answer]))
    return calls.map((_, id) => {
      const answer = byId.get(id)
      // One error may stand for a whole request.
      if (!answer) throw new Error(`the node does not answer ${method}: ${answers[0]?.error?.message ?? 'nothing'}`)
      return answer
    })
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    const body = JSON.stringify(payload)
    const { sent, text } = this.post(body)
    let answer: string
    try {
      answer = await text
    } catch (error) {
      // The node closed the connection while nothing was under way, as it may: that is no failure yet.
      if (!sent.reusedSocket || (error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error
      answer = await this.post(body).text
    }
    return [JSON.parse(answer)].flat() as JsonRpcResult[]
  }

  override destroy(): void {
    super.destroy()
    this.agent.destroy()
  }

  private post(body: string): { sent: ClientRequest; text: Promise<string> } {
    const url = new URL(this._getConnection().url)
    const headers: Record<string, string | number> = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body)
    }
    const options = { method: 'POST', agent: this.agent, headers, signal: AbortSignal.timeout(ANSWER_WITHIN) }
    const sent = this.open(url, options)
    const text = new Promise<string>((resolve, reject) => {
      sent.on('error', reject)
      sent.on('response', (response) => textOf(response).then(resolve, reject))
    })
    sent.end(body)
    return { sent, text }
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  if (response.statusCode !== 200) throw new Error(`the node answers ${response.statusCode}`)
  return Buffer.concat(chunks).toString()
}
