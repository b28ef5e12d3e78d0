import { setTimeout as delay } from 'node:timers/promises'
import type { Verifiers } from '../../domain/participant/signers.ts'
import { signatureBody } from '../../client/signers.ts'
import { Turns } from '../../api/operation/turns.ts'
import type { Intent } from '../../scripts/demo/client.ts'
import { signWith, type SignerKey } from '../../scripts/world/signing.ts'

/** Connections of the crowd to the api. What more it has to say waits for one of them. */
const CONNECTIONS = 256
/** Nobody waits longer for an answer that is none of "come again". Milliseconds. */
const PATIENCE = 900_000

export const line = new Turns(() => CONNECTIONS)
/** Answers that said to come again. */
export const told = { busy: 0, otherwise: 0 }

/** A supplier that comes again when it is told to, and when, as long as it takes. */
export class Applicant {
  readonly vat: string
  readonly participantId: number
  private readonly apiUrl: string
  private readonly apiKey: string
  private readonly signer: SignerKey
  private readonly verifiers: Verifiers

  constructor(
    apiUrl: string,
    member: { vat: string; participantId: number; apiKey: string; signer: SignerKey },
    verifiers: Verifiers
  ) {
    this.apiUrl = apiUrl
    this.vat = member.vat
    this.participantId = member.participantId
    this.apiKey = member.apiKey
    this.signer = member.signer
    this.verifiers = verifiers
  }

  /** The whole application: the invoice, its registration asked for twice at once, and the signature. */
  async apply(invoice: Uint8Array<ArrayBuffer>, maturity: number): Promise<void> {
    const { documentId } = await this.post<{ documentId: string }>('/v1/documents', 'file', invoice)
    const body = JSON.stringify({ documentId, maturity })
    const [intent, again] = await Promise.all([
      this.post<Intent>('/v1/receivables', 'register', body),
      this.post<Intent>('/v1/receivables', 'register', body)
    ])
    if (intent.intentId !== again.intentId) throw new Error('one key gave two intents')
    const part = await signWith(this.signer, intent.typedData, this.verifiers)
    await this.post(`/v1/intents/${intent.intentId}/signatures`, 'sign', JSON.stringify(signatureBody(part)))
  }

  private async post<T>(path: string, step: string, body: string | Uint8Array<ArrayBuffer>): Promise<T> {
    const headers = {
      authorization: `Bearer ${this.apiKey}`,
      'content-type': typeof body === 'string' ? 'application/json' : 'application/octet-stream',
      'idempotency-key': `${this.vat}/${step}`
    }
    const deadline = Date.now() + PATIENCE
    for (;;) {
      const { status, retryAfter, text } = await line.run(async () => {
        const response = await fetch(this.apiUrl + path, { method: 'POST', headers, body })
        const after = Number(response.headers.get('retry-after') ?? 0)
        return { status: response.status, retryAfter: after, text: await response.text() }
      })
      if (status < 300) return JSON.parse(text) as T
      if (status !== 503 || retryAfter === 0 || Date.now() > deadline) throw new Error(`${path}: ${status} ${text}`)
      told[text.includes('SERVER_BUSY') ? 'busy' : 'otherwise']++
      // Not all of them in the same moment again.
      await delay(retryAfter * 1000 * (1 + Math.random()))
    }
  }
}
