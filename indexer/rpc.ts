import type { ClientRequest, IncomingMessage } from 'node:http'
import { getBuiltinModule } from 'node:process'
import { finished } from 'node:stream/promises'
import { IndexerError } from './errors.ts'

/** One JSON-RPC call. */
export interface RpcCall {
  method: string
  params: unknown[]
}

/** The few calls that the indexer makes. Every failure is `RPC_UNAVAILABLE`, which passes by waiting. */
export interface Rpc {
  call(method: string, params: unknown[]): Promise<unknown>
  /** Answers in the order of the calls. */
  batch(calls: readonly RpcCall[]): Promise<unknown[]>
  /** The same in two steps: what the node answered is there, and read when it is asked for. @throws by the second what `batch` throws */
  ask(calls: readonly RpcCall[]): Promise<() => unknown[]>
}

/** Nodes limit a batch (Besu: 1024 by default). */
const MAX_BATCH = 200
const TIMEOUT_MS = 30_000

interface Answer {
  /** Null: about the whole message. */
  id: number | null
  result?: unknown
  error?: { code: number; message: string }
}

/** The node answered, with an error: perhaps it bears only smaller questions. */
export class RpcRefusal extends IndexerError {
  constructor(what: string) {
    super('RPC_UNAVAILABLE', what, { transient: true })
  }
}

/** What {@link Rpc.ask} gave, read: the answers, or that the node refused one of the calls. */
export function orRefusal(answers: () => unknown[]): unknown[] | RpcRefusal {
  try {
    return answers()
  } catch (error) {
    if (error instanceof RpcRefusal) return error
    throw error
  }
}

/** A JSON-RPC client over HTTP. Ethers' provider retries and prints by itself, where we must decide. */
export function createRpc(url: string): Rpc {
  const send = createPost(url)
  async function post(calls: readonly RpcCall[]): Promise<() => unknown[]> {
    const body = calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call }))
    const text = await send(JSON.stringify(body.length === 1 ? body[0] : body)).catch((cause: unknown) => {
      throw unavailable(`no answer from ${withoutSecrets(url)}`, cause)
    })
    return () => readAnswers(calls, text)
  }

  function readAnswers(calls: readonly RpcCall[], text: Buffer): unknown[] {
    let answers: Answer[]
    try {
      const answer = JSON.parse(text.toString()) as Answer | Answer[]
      answers = Array.isArray(answer) ? answer : [answer]
      // A proxy in between may answer with JSON of its own.
      if (answers.some((one) => typeof one !== 'object' || one === null)) throw new TypeError('not a JSON-RPC answer')
    } catch (cause) {
      throw unavailable(`no answer from ${withoutSecrets(url)}`, cause)
    }
    const byId = new Map(answers.map((answer) => [answer.id, answer]))
    // A message that is too large, or has too large an answer, some nodes refuse as a whole.
    const refused = answers.find(({ id, error }) => id === null && error)
    return calls.map(({ method }, id) => {
      const answer = byId.get(id) ?? refused
      if (!answer) throw unavailable(`${method}: no answer to this call`)
      if (answer.error) throw new RpcRefusal(`${method}: ${answer.error.message} (${answer.error.code})`)
      return answer.result
    })
  }

  async function ask(calls: readonly RpcCall[]): Promise<() => unknown[]> {
    const parts: (() => unknown[])[] = []
    for (let i = 0; i < calls.length; i += MAX_BATCH) parts.push(await post(calls.slice(i, i + MAX_BATCH)))
    return () => parts.flatMap((read) => read())
  }

  return {
    ask,
    batch: async (calls) => (await ask(calls))(),
    call: async (method, params) => (await ask([{ method, params }]))()[0]
  }
}

/**
 * Posts JSON and gives the answer's bytes. Node's own client over connections that stay open: `fetch` hands an answer on through
 * streams of its own, which takes longer than parsing it.
 */
function createPost(url: string): (body: string) => Promise<Buffer> {
  // By `import`, Node would look at all that the module exports, and load the whole of `fetch` for that.
  const { Agent, request } = getBuiltinModule(new URL(url).protocol === 'https:' ? 'node:https' : 'node:http')
  const agent = new Agent({ keepAlive: true })

  function post(body: string): { sent: ClientRequest; text: Promise<Buffer> } {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = request(url, { method: 'POST', agent, headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
    const text = new Promise<Buffer>((resolve, reject) => {
      sent.on('error', reject)
      sent.on('response', (response) => readAll(response).then(resolve, reject))
    })
    sent.end(body)
    return { sent, text }
  }

  return async (body) => {
    const { sent, text } = post(body)
    try {
      return await text
    } catch (error) {
      // The node closed the connection while nothing was under way, as it may: that is no failure yet.
      if (!sent.reusedSocket || (error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error
      return post(body).text
    }
  }
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  response.on('data', (chunk: Buffer) => chunks.push(chunk))
  await finished(response)
  return Buffer.concat(chunks)
}

function unavailable(what: string, cause?: unknown): IndexerError {
  return new IndexerError('RPC_UNAVAILABLE', what, { transient: true, cause })
}

/** Providers put keys into user info, path and query: only scheme and host are printed. */
function withoutSecrets(url: string): string {
  return new URL(url).origin
}
