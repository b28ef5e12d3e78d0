import type { FastifyReply, FastifyRequest } from 'fastify'
import { sha256 } from '../../domain/crypto/hash.ts'
import { beginWithLock, inTransaction, type Pool, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import type { Turns } from '../operation/turns.ts'
import type { Vault } from '../vault.ts'

declare module 'fastify' {
  interface FastifyInstance {
    vault: Vault
    /** Commands take turns, so that reads never wait behind them for a connection. */
    commandTurns: Turns
  }
}

export interface Answer {
  status: number
  body: object
}

const text = new TextEncoder()

/**
 * Runs a command once for each participant and key, in one transaction with its answer: a repeated request gets the
 * answer of the first, whatever crashed in between. A refused command leaves nothing behind, so its key can be used again.
 */
export async function once(
  pool: Pool,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (tx: Transaction) => Promise<Answer>
): Promise<object> {
  const key = request.headers['idempotency-key']
  if (typeof key !== 'string' || !/^[\x21-\x7e]{8,255}$/.test(key)) {
    throw new ApiError('IDEMPOTENCY_KEY_MISSING', {
      field: 'headers/idempotency-key',
      presented: key ?? null,
      required: '8 to 255 visible ASCII characters'
    })
  }
  refuseUnexpectedBody(request)
  const participant = request.caller.participantId
  const body = request.body instanceof Uint8Array ? request.body : text.encode(JSON.stringify(request.body ?? null))
  const digest = Buffer.from(sha256(text.encode(`${request.method} ${request.url}\n`), body))
  const { vault, commandTurns } = request.server
  const place = `idempotency ${participant} ${key}`
  // Concurrent requests of one key queue here.
  const lock = new DataView(sha256(text.encode(place)).buffer).getBigInt64(0)
  const answerOnce = async (tx: Transaction): Promise<Answer> => {
    const { rows } = await tx.query<{ request_sha256: Buffer; status: number; response: Buffer }>({
      name: 'idempotency.find',
      text: 'select request_sha256, status, response from app.idempotency where participant_id = $1 and key = $2',
      values: [participant, key]
    })
    if (rows[0]) {
      if (!rows[0].request_sha256.equals(digest)) throw new ApiError('IDEMPOTENCY_KEY_REUSED', { presented: key })
      return { status: rows[0].status, body: vault.open(rows[0].response, place) as object }
    }
    const fresh = await work(tx)
    await tx.query({
      name: 'idempotency.keep',
      text: 'insert into app.idempotency (participant_id, key, request_sha256, status, response) values ($1, $2, $3, $4, $5)',
      values: [participant, key, digest, fresh.status, vault.seal(fresh.body, place)]
    })
    return fresh
  }
  const answer = await commandTurns.run(() => inTransaction(pool, answerOnce, beginWithLock(lock)))
  reply.code(answer.status)
  return answer.body
}

/** A command without fields takes none: what nobody reads would look as if it had been agreed. */
function refuseUnexpectedBody({ body, routeOptions }: FastifyRequest): void {
  if (routeOptions.schema?.body || body === undefined || body instanceof Uint8Array) return
  if (body !== null && typeof body === 'object' && !Array.isArray(body) && Object.keys(body).length === 0) return
  throw new ApiError('REQUEST_INVALID', { field: 'body', required: 'no body or {}' })
}
