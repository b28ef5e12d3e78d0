import { orderCommitment, type Order } from '../../domain/note/order.ts'
import type { Pool, Transaction } from '../database.ts'
import type { ReaderKey, SealedDocument } from '../documents/readers.ts'
import { ApiError } from '../errors.ts'
import type { Caller } from '../plugins/auth.ts'

export interface StoredOrder {
  orderId: string
  sha256: string
  sm3: string
  mediaType: string
}

export interface NewOrder extends StoredOrder {
  participantId: number
  sealed: Uint8Array
  keys: readonly ReaderKey[]
}

/** The participant's own copy of an order's file, by its digest. */
export async function findOrder(
  client: Pool | Transaction,
  participantId: number,
  sha256: string
): Promise<StoredOrder | undefined> {
  const { rows } = await client.query<StoredOrder>(
    `select order_id as "orderId", sha256, sm3, media_type as "mediaType"
       from app.order_document where participant_id = $1 and sha256 = $2`,
    [participantId, sha256]
  )
  return rows[0]
}

export async function insertOrder(tx: Transaction, order: NewOrder): Promise<void> {
  const { orderId, participantId, sealed, mediaType, sha256, sm3 } = order
  await tx.query(
    `insert into app.order_document (order_id, participant_id, sealed, media_type, sha256, sm3) values ($1, $2, $3, $4, $5, $6)`,
    [orderId, participantId, Buffer.from(sealed), mediaType, sha256, sm3]
  )
  for (const key of order.keys) {
    await tx.query(
      `insert into app.order_document_key (order_id, participant_id, key_id, wrapped) values ($1, $2, $3, $4)`,
      [orderId, key.participantId, key.keyId, Buffer.from(key.wrapped)]
    )
  }
}

/** An order's file as one of its readers gets it; undefined for anybody else. */
export async function findSealedOrder(
  client: Pool | Transaction,
  orderId: string,
  participantId: number
): Promise<SealedDocument | undefined> {
  const { rows } = await client.query<Omit<SealedDocument, 'keys'> & { keyId: string; wrapped: Uint8Array }>(
    `select o.order_id as "documentId", o.sha256, o.media_type as "mediaType", o.sealed, k.key_id as "keyId", k.wrapped
       from app.order_document o join app.order_document_key k using (order_id)
      where o.order_id = $1 and k.participant_id = $2 limit 1`,
    [orderId, participantId]
  )
  if (!rows[0]) return undefined
  const { keyId, wrapped, ...order } = rows[0]
  return { ...order, keys: [{ keyId, wrapped }] }
}

/**
 * Keeps what stands behind an order that a command names, and gives what the chain will hold of it.
 * @throws ApiError ORDER_UNKNOWN when the caller has not brought the order's file
 */
export async function commitOrder(
  tx: Transaction,
  { participantId }: Caller,
  receivableId: string,
  order: Order
): Promise<string> {
  if (!(await findOrder(tx, participantId, order.document))) {
    throw new ApiError('ORDER_UNKNOWN', { field: 'body/document', presented: order.document })
  }
  const commitment = orderCommitment(receivableId, order)
  await tx.query(
    `insert into app.order_reference (commitment, receivable_id, participant_id, reference, court, document)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [commitment, receivableId, participantId, order.reference, order.court, order.document]
  )
  return commitment
}
