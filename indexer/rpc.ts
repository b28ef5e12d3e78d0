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
}

/** Nodes limit a batch (Besu: 1024 by default). */
const MAX_BATCH = 200
const TIMEOUT_MS = 30_000

interface Answer {
  id: number
  result?: unknown
  error?: { code: number; message: string }
}

/** The node answered, with an error: perhaps it bears only smaller questions. */
export class RpcRefusal extends IndexerError {
  constructor(what: string) {
    super('RPC_UNAVAILABLE', what, { transient: true })
  }
}

/** A JSON-RPC client over HTTP. Ethers' provider retries and prints by itself, where we must decide. */
export function createRpc(url: string): Rpc {
  async function post(calls: readonly RpcCall[]): Promise<unknown[]> {
    const body = calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call }))
    let answers: Answer[]
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body.length === 1 ? body[0] : body),
        signal: AbortSignal.timeout(TIMEOUT_MS)
      })
      const answer = (await response.json()) as Answer | Answer[]
      answers = Array.isArray(answer) ? answer : [answer]
      // A proxy in between may answer with JSON of its own.
      if (answers.some((one) => typeof one !== 'object' || one === null)) throw new TypeError('not a JSON-RPC answer')
    } catch (cause) {
      throw unavailable(`no answer from ${withoutSecrets(url)}`, cause)
    }
    const byId = new Map(answers.map((answer) => [answer.id, answer]))
    return calls.map(({ method }, id) => {
      const answer = byId.get(id)
      if (!answer) throw unavailable(`${method}: no answer to this call`)
      if (answer.error) throw new RpcRefusal(`${method}: ${answer.error.message} (${answer.error.code})`)
      return answer.result
    })
  }

  return {
    async call(method, params) {
      return (await post([{ method, params }]))[0]
    },
    async batch(calls) {
      const results: unknown[] = []
      for (let i = 0; i < calls.length; i += MAX_BATCH) results.push(...(await post(calls.slice(i, i + MAX_BATCH))))
      return results
    }
  }
}

function unavailable(what: string, cause?: unknown): IndexerError {
  return new IndexerError('RPC_UNAVAILABLE', what, { transient: true, cause })
}

/** Providers put keys into user info, path and query: only scheme and host are printed. */
function withoutSecrets(url: string): string {
  return new URL(url).origin
}
