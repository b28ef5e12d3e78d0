import { randomUUID } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { hexlify } from 'ethers'
import { Type } from 'typebox'
import { sealFor } from '../../domain/crypto/envelope.ts'
import { sha256, sm3 } from '../../domain/crypto/hash.ts'
import { documentRecord } from '../../domain/evidence/record.ts'
import { sealingContext } from '../../domain/evidence/sealed.ts'
import type { Services } from '../app.ts'
import type { Transaction } from '../database.ts'
import { readersAmong } from '../documents/readers.ts'
import { ApiError } from '../errors.ts'
import { appendRecordLast } from '../evidence/log.ts'
import { fileOf, mediaTypeNamed, takeFiles } from '../files.ts'
import type { Caller } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import { Bytes32, CommandHeaders, fileBody, refusals, strict, Uuid } from '../schemas.ts'
import { findOrder, findSealedOrder, insertOrder } from './repository.ts'

const OrderSchema = Type.Object(
  {
    orderId: Uuid,
    sha256: { ...Bytes32, description: 'By it a freeze or a lifting names the order' },
    sm3: Bytes32,
    mediaType: Type.String()
  },
  strict
)
const SealedOrderSchema = Type.Object(
  {
    orderId: Uuid,
    sha256: Bytes32,
    mediaType: Type.String(),
    sealed: Type.String({ contentEncoding: 'base64' }),
    keyId: Type.String(),
    wrapped: Type.String({ description: 'The data key under your encryption key: DER of GM/T 0009, C1C3C2' })
  },
  strict
)

/** The files of orders by which a regulator freezes and releases. */
export function orderRoutes({ pool }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    takeFiles(app)
    app.post(
      '/orders',
      {
        schema: {
          operationId: 'createOrder',
          tags: ['regulator'],
          summary:
            'Bring the file of an order (the body is the file): sealed to the regulators, recorded in the evidence log',
          body: fileBody(['application/pdf', 'application/octet-stream']),
          headers: CommandHeaders,
          response: { ...refusals, 200: OrderSchema, 201: OrderSchema }
        }
      },
      async (request, reply) => {
        const bytes = fileOf(request)
        const mediaType = mediaTypeNamed(request)
        return (await once(pool, request, reply, (tx) => store(tx, request.caller, bytes, mediaType))) as never
      }
    )

    app.get(
      '/orders/:orderId/sealed',
      {
        schema: {
          operationId: 'getSealedOrder',
          tags: ['regulator'],
          summary: 'The file of an order as sealed to you: open it on your side',
          params: Type.Object({ orderId: Uuid }),
          response: { ...refusals, 200: SealedOrderSchema }
        }
      },
      async ({ params: { orderId }, caller }) => {
        const found = await findSealedOrder(pool, orderId, caller.participantId)
        if (!found) throw new ApiError('DOCUMENT_NOT_FOUND', { presented: orderId })
        const [key] = found.keys
        return {
          orderId,
          sha256: found.sha256,
          mediaType: found.mediaType,
          sealed: Buffer.from(found.sealed).toString('base64'),
          keyId: key!.keyId,
          wrapped: hexlify(key!.wrapped)
        }
      }
    )
  }
}

/** Seals and records a file once; the same file of the same authority is the same order. */
async function store(tx: Transaction, { participantId }: Caller, bytes: Uint8Array, mediaType: string) {
  const digests = { sha256: hexlify(sha256(bytes)), sm3: hexlify(sm3(bytes)) }
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 2))', [`${participantId} ${digests.sha256}`])
  const known = await findOrder(tx, participantId, digests.sha256)
  if (known) return { status: 200, body: known }
  const readers = await readersAmong(tx, [participantId])
  if (!readers.some((reader) => reader.participantId === participantId)) throw new ApiError('ENCRYPTION_KEY_MISSING')
  const { sealed, keys } = sealFor(bytes, readers, sealingContext(digests.sha256))
  const order = { orderId: randomUUID(), ...digests, mediaType }
  await insertOrder(tx, {
    ...order,
    participantId,
    sealed,
    keys: keys.map((key, i) => ({ ...key, participantId: readers[i]!.participantId }))
  })
  const record = documentRecord({
    documentId: order.orderId,
    mediaType,
    format: 'order',
    byteLength: String(bytes.length),
    ...digests,
    fingerprints: []
  })
  appendRecordLast(tx, record, { documentId: order.orderId, receivableIds: [] })
  return { status: 201, body: order }
}
