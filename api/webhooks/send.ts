import { createHmac, randomBytes } from 'node:crypto'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { guardedLookup, urlProblem } from './guard.ts'

const MOST_BYTES = 1 << 16

export interface Outcome {
  /** HTTP status; null when there was no answer. */
  status: number | null
  /** Null: delivered. */
  problem: string | null
  /** What the endpoint asks to wait, milliseconds. */
  retryAfterMs: number
}

/** A new secret as Standard Webhooks writes it. */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}

/** Headers of Standard Webhooks (standard-webhooks specification, "Signature scheme", symmetric `v1`). */
export function signedHeaders(secret: string, id: string, time: number, body: string): Record<string, string> {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(time), 'webhook-signature': `v1,${signature}` }
}

/** Posts once, on a connection of its own, without following anything. Never throws. */
export async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  policy: { allowLoopback: boolean; timeoutMs: number },
  stopping: AbortSignal
): Promise<Outcome> {
  const refused = urlProblem(url, policy)
  if (refused) return { status: null, problem: refused, retryAfterMs: 0 }
  const request = url.startsWith('https:') ? requestHttps : requestHttp
  const timeout = AbortSignal.timeout(policy.timeoutMs)
  return new Promise((resolve) => {
    const failed = (error: Error): void => {
      const problem = timeout.aborted ? `no answer within ${policy.timeoutMs} ms` : error.message || String(error)
      resolve({ status: null, problem: problem.slice(0, 300), retryAfterMs: 0 })
    }
    const sent = request(
      url,
      {
        method: 'POST',
        agent: false,
        lookup: guardedLookup(policy),
        signal: AbortSignal.any([timeout, stopping]),
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'Tallystick-Webhooks/1',
          ...headers
        }
      },
      (response) => {
        const status = response.statusCode ?? 0
        const seconds = Number(response.headers['retry-after'])
        const isDelivered = status >= 200 && status < 300
        // Only that it answered counts: the rest is let pass, up to a limit.
        let bytes = 0
        response.on('error', () => {})
        response.on('data', (chunk: Buffer) => {
          if ((bytes += chunk.length) > MOST_BYTES) response.destroy()
        })
        resolve({
          status,
          problem: isDelivered
            ? null
            : status >= 300 && status < 400
              ? 'redirects are not followed'
              : `answered ${status}`,
          retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0
        })
      }
    )
    sent.on('error', failed)
    sent.end(body)
  })
}
