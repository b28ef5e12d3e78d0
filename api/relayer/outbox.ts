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

/** Another relayer has moved the row meanwhile: whatever the caller's transaction did is undone. */
export class OutboxRowMoved extends Error {
  constructor(row: OutboxRow, required: string) {
    super(`outbox row ${row.outboxId} is no longer ${required}: another relayer has moved it`)
  }
}

/** @throws OutboxRowMoved */
export async function markSent(
  tx: Transaction,
  row: OutboxRow,
  sent: { sender: string; nonce: number; raw: string; hash: string }
): Promise<void> {
  const { rowCount } = await tx.query(
    `update app.outbox set state = 'sent', sender = $2, nonce = $3, raw = $4, tx_hash = $5 where outbox_id = $1 and state = 'queued'`,
    [row.outboxId, sent.sender, sent.nonce, sent.raw, sent.hash]
  )
  if (rowCount !== 1) throw new OutboxRowMoved(row, 'queued')
  if (row.intentId) await moveIntent(tx, row.intentId, 'sent', { txHash: sent.hash })
}

/**
 * The transaction is in a block: it did what it should, or it failed there for the reason given.
 * @throws OutboxRowMoved
 */
export async function markMined(
  tx: Transaction,
  row: OutboxRow,
  block: { number: number; hash: string },
  refusal?: ContractRefusal
): Promise<void> {
  const { rowCount } = await tx.query(
    `update app.outbox set state = $4, block_number = $2, block_hash = $3 where outbox_id = $1 and state = 'sent'`,
    [row.outboxId, block.number, block.hash, refusal ? 'refused' : 'mined']
  )
  if (rowCount !== 1) throw new OutboxRowMoved(row, 'sent')
  const facts = { blockNumber: block.number, blockHash: block.hash }
  if (!row.intentId) return
  if (refusal) await moveIntent(tx, row.intentId, 'refused', { ...facts, refusal })
  else await moveIntent(tx, row.intentId, 'mined', facts)
}

/**
 * The contract would refuse it, so it is not sent. That is final only when the answer came from a chain that holds all we
 * ever sent: one that has just lost blocks refuses what builds on them.
 * @param minedCount Our transactions in the chain, read after the simulation.
 * @returns false when the chain is not whole and the row must wait
 * @throws OutboxRowMoved
 */
export async function markRefused(
  tx: Transaction,
  row: OutboxRow,
  refusal: ContractRefusal,
  chain: { sender: string; minedCount: number }
): Promise<boolean> {
  // The lock keeps another relayer from taking a nonce in between.
  const { rows } = await tx.query<{ nonce: string }>(
    'select next_nonce as nonce from app.sender where address = $1 for update',
    [chain.sender]
  )
  if (Number(rows[0]!.nonce) > chain.minedCount) return false
  const { rowCount } = await tx.query(
    `update app.outbox set state = 'refused' where outbox_id = $1 and state = 'queued'`,
    [row.outboxId]
  )
  if (rowCount !== 1) throw new OutboxRowMoved(row, 'queued')
  if (row.intentId) await moveIntent(tx, row.intentId, 'refused', { refusal })
  return true
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
