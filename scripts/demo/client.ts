import { setTimeout as delay } from 'node:timers/promises'
import type { ExecuteTypedData } from '../../domain/intent/typed-data.ts'
import type { Verifiers } from '../../domain/participant/signers.ts'
import { signatureBody } from '../../client/signers.ts'
import { signWith, type SignerKey } from '../world/signing.ts'

/** A refusal of the api, as problem details. */
export class ProblemError extends Error {
  readonly problem: { code: string; title: string; status: number; [key: string]: unknown }

  constructor(problem: ProblemError['problem']) {
    super(`${problem.code}: ${problem.title} ${JSON.stringify(problem)}`)
    this.problem = problem
  }
}

export interface Intent {
  intentId: string
  state: string
  words: { en: string; zh: string }
  typedData: ExecuteTypedData
  receivableId: string | null
  noteId: string | null
  refusal: { code: string; args: Record<string, string> } | null
  txHash: string | null
  blockNumber: number | null
}

/** One participant at the api: calls with its key, signs with its own signers. */
export class Client {
  readonly slug: string
  readonly participantId: number
  private readonly apiUrl: string
  private readonly apiKey: string
  private readonly signers: readonly SignerKey[]
  private readonly verifiers: Verifiers

  constructor(
    apiUrl: string,
    slug: string,
    participantId: number,
    keys: { apiKey: string; signers: readonly SignerKey[] },
    verifiers: Verifiers
  ) {
    this.slug = slug
    this.participantId = participantId
    this.apiUrl = apiUrl
    this.apiKey = keys.apiKey
    this.signers = keys.signers
    this.verifiers = verifiers
  }

  async get<T>(path: string): Promise<T> {
    return json<T>(await this.request('GET', path))
  }

  async download(path: string): Promise<Uint8Array> {
    return this.request('GET', path)
  }

  async post<T>(path: string, key: string, body?: object | Uint8Array): Promise<T> {
    return json<T>(await this.request('POST', path, key, body))
  }

  /**
   * Gives a command, signs it with all the signers and waits for its fate. The same `key` after a crash finds the same
   * intent and goes on with it.
   */
  async command(path: string, key: string, body?: object): Promise<Intent> {
    return this.followUp(await this.post<Intent>(path, key, body), key)
  }

  /** Signs an intent and follows it to the projection or to its refusal. */
  async followUp(proposed: Intent, key: string): Promise<Intent> {
    let intent = await this.get<Intent>(`/v1/intents/${proposed.intentId}`)
    if (intent.state === 'awaiting-signatures') intent = await this.sign(intent, key)
    const deadline = Date.now() + 60_000
    while (intent.state !== 'projected' && intent.state !== 'refused') {
      if (Date.now() > deadline) throw new Error(`intent ${intent.intentId} is still ${intent.state} after 60 s`)
      await delay(25)
      intent = await this.get<Intent>(`/v1/intents/${intent.intentId}`)
    }
    return intent
  }

  /** Signs an intent with all the signers. */
  async sign(proposed: Intent, key: string): Promise<Intent> {
    let intent = proposed
    for (const [index, signer] of this.signers.entries()) {
      const body = signatureBody(await signWith(signer, intent.typedData, this.verifiers))
      intent = await this.post<Intent>(`/v1/intents/${intent.intentId}/signatures`, `${key}/signature-${index}`, body)
    }
    return intent
  }

  /** Waits out short outages (a process restarting); every request is safe to repeat. */
  private async request(method: string, path: string, key?: string, body?: object | Uint8Array): Promise<Uint8Array> {
    const isFile = body instanceof Uint8Array
    const headers: Record<string, string> = { authorization: `Bearer ${this.apiKey}` }
    if (key) headers['idempotency-key'] = key
    if (body) headers['content-type'] = isFile ? 'application/octet-stream' : 'application/json'
    const init: RequestInit = {
      method,
      headers,
      ...(body ? { body: (isFile ? body : JSON.stringify(body)) as NonNullable<RequestInit['body']> } : {})
    }
    const deadline = Date.now() + 30_000
    for (;;) {
      const answer = await exchange(this.apiUrl + path, init).catch((error: Error) => error)
      if (!(answer instanceof Error)) {
        if (answer.ok) return answer.content
        const problem = json<ProblemError['problem']>(answer.content)
        // A server that is being stopped answers 503 in its framework's own words.
        const isPassing = problem['retry'] === 'later' || answer.status >= 500
        if (!isPassing || Date.now() > deadline) throw new ProblemError(problem)
      } else if (Date.now() > deadline) {
        throw new Error(`${this.apiUrl} does not answer: ${String(answer.cause ?? answer.message)}`)
      }
      await delay(100)
    }
  }
}

/** A server that dies in the middle of its answer is an outage too, so the body belongs to the attempt. */
async function exchange(url: string, init: RequestInit): Promise<{ ok: boolean; status: number; content: Uint8Array }> {
  const response = await fetch(url, init)
  return { ok: response.ok, status: response.status, content: new Uint8Array(await response.arrayBuffer()) }
}

function json<T>(content: Uint8Array): T {
  return JSON.parse(new TextDecoder().decode(content)) as T
}
