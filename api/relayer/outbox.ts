import type { ContractRefusal } from '../../domain/chain/contracts.ts'
import type { Pool, Transaction } from '../database.ts'

export interface OutboxRow {
  outboxId: string
  purpose: 'intent' | 'anchor'
  intentId: string | null
  target: string
  data: string
  nonce: number | null
  raw: string | null
  txHash: string | null
}

const columns = `outbox_id as "outboxId", purpose, intent_id as "intentId", target, data, nonce::float8 as nonce, raw, tx_hash as "txHash"`

export async function nextQueued(pool: Pool, limit: number): Promise<OutboxRow[]> {
  const { rows } = await pool.query<OutboxRow>(
    `select ${columns} from app.outbox where state = 'queued' order by outbox_id limit $1`,
    [limit]
  )
  return rows
}

/** On their way, in the order of nonces. */
export async function inFlight(pool: Pool, sender: string): Promise<OutboxRow[]> {
  const { rows } = await pool.query<OutboxRow>(
    `select ${columns} from app.outbox where state = 'sent' and sender = $1 order by nonce`,
    [sender]
  )
  return rows
}

/** Takes the next nonce and keeps the signed bytes, in the caller's transaction: one can't exist without the other. */
export async function takeNonce(tx: Transaction, sender: string): Promise<number> {
  const { rows } = await tx.query<{ nonce: string }>(
    'update app.sender set next_nonce = next_nonce + 1 where address = $1 returning next_nonce - 1 as nonce',
    [sender]
  )
  return Number(rows[0]!.nonce)
}

export async function markSent(
  tx: Transaction,
  row: OutboxRow,
  sent: { sender: string; nonce: number; raw: string; hash: string }
): Promise<void> {
  await tx.query(
    `update app.outbox set state = 'sent', sender = $2, nonce = $3, raw = $4, tx_hash = $5 where outbox_id = $1 and state = 'queued'`,
    [row.outboxId, sent.sender, sent.nonce, sent.raw, sent.hash]
  )
  if (row.intentId) await moveIntent(tx, row.intentId, 'sent', { txHash: sent.hash })
}

export async function markMined(
  tx: Transaction,
  row: OutboxRow,
  block: { number: number; hash: string }
): Promise<void> {
  await tx.query(`update app.outbox set state = 'mined', block_number = $2, block_hash = $3 where outbox_id = $1`, [
    row.outboxId,
    block.number,
    block.hash
  ])
  if (row.intentId) await moveIntent(tx, row.intentId, 'mined', { blockNumber: block.number, blockHash: block.hash })
}

export async function markRefused(tx: Transaction, row: OutboxRow, refusal: ContractRefusal): Promise<void> {
  await tx.query(`update app.outbox set state = 'refused' where outbox_id = $1`, [row.outboxId])
  if (row.intentId) await moveIntent(tx, row.intentId, 'refused', { refusal })
}

/** The chain has fewer of our transactions than we saw mined: these count as on their way again. */
export async function reopenFrom(pool: Pool, sender: string, minedCount: number): Promise<number> {
  const { rowCount } = await pool.query(
    `with reopened as (
       update app.outbox set state = 'sent', block_number = null, block_hash = null
        where sender = $1 and nonce >= $2 and state in ('mined', 'refused') and raw is not null
       returning intent_id)
     update app.intent i set state = 'sent', refusal = null, block_number = null, block_hash = null, changed_at = now()
       from reopened r where r.intent_id = i.intent_id`,
    [sender, minedCount]
  )
  return rowCount ?? 0
}

async function moveIntent(
  tx: Transaction,
  intentId: string,
  state: 'sent' | 'mined' | 'refused',
  facts: { txHash?: string; blockNumber?: number; blockHash?: string; refusal?: ContractRefusal }
): Promise<void> {
  await tx.query(
    `update app.intent
        set state = $2, tx_hash = coalesce($3, tx_hash), block_number = coalesce($4, block_number),
            block_hash = coalesce($5, block_hash), refusal = $6, changed_at = now()
      where intent_id = $1`,
    [
      intentId,
      state,
      facts.txHash ?? null,
      facts.blockNumber ?? null,
      facts.blockHash ?? null,
      facts.refusal ? JSON.stringify({ code: facts.refusal.name, args: facts.refusal.args }) : null
    ]
  )
}
