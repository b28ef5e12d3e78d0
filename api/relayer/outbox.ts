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

/** In the order in which they were recorded, those behind `after`. */
export async function nextQueued(pool: Pool, limit: number, after = '0'): Promise<OutboxRow[]> {
  const { rows } = await pool.query<OutboxRow>({
    name: 'outbox.queued',
    text: `select ${columns} from app.outbox where state = 'queued' and outbox_id > $2 order by outbox_id limit $1`,
    values: [limit, after]
  })
  return rows
}

/** On their way, in the order of nonces: a chain takes those of one sender in that order. */
export async function inFlight(pool: Pool, sender: string, limit: number): Promise<OutboxRow[]> {
  const { rows } = await pool.query<OutboxRow>({
    name: 'outbox.in-flight',
    text: `select ${columns} from app.outbox where state = 'sent' and sender = $1 order by nonce limit $2`,
    values: [sender, limit]
  })
  return rows
}

export interface Work {
  /** Rows that wait to be sent. */
  hasQueued: boolean
  /** Number of transactions on their way. */
  sent: number
  /** Number of this sender's transactions that were seen in blocks: those with a lower nonce. */
  seen: number
}

/** What there is to do, in one look. */
export async function workOf(pool: Pool, sender: string): Promise<Work> {
  const { rows } = await pool.query<{ hasQueued: boolean; sent: string; seen: string }>({
    name: 'outbox.work',
    text: `select exists (select from app.outbox where state = 'queued') as "hasQueued",
                  (select count(*) from app.outbox where state = 'sent' and sender = $1) as sent,
                  (select coalesce(max(nonce) + 1, 0) from app.outbox where sender = $1 and block_number is not null) as seen`,
    values: [sender]
  })
  const { hasQueued, sent, seen } = rows[0]!
  return { hasQueued, sent: Number(sent), seen: Number(seen) }
}

/**
 * Takes the next nonces for the signed bytes that are kept in the same transaction: one can't exist without the other.
 * @returns The first of them
 */
export async function takeNonces(tx: Transaction, sender: string, count: number): Promise<number> {
  const { rows } = await tx.query<{ nonce: string }>(
    'update app.sender set next_nonce = next_nonce + $2 where address = $1 returning next_nonce - $2 as nonce',
    [sender, count]
  )
  return Number(rows[0]!.nonce)
}

/** Another relayer has moved a row meanwhile: whatever the caller's transaction did is undone. */
export class OutboxRowMoved extends Error {
  constructor(rows: readonly OutboxRow[], required: string) {
    const ids = rows.map(({ outboxId }) => outboxId).join(', ')
    super(`outbox row ${ids} is no longer ${required}: another relayer has moved it`)
  }
}

export interface Signed {
  row: OutboxRow
  nonce: number
  raw: string
  hash: string
}

/** @throws OutboxRowMoved */
export async function markSent(tx: Transaction, sender: string, signed: readonly Signed[]): Promise<void> {
  const { rows } = await tx.query<{ count: number }>(
    `with signed as (
       select * from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[]) as s (outbox_id, nonce, raw, hash)
     ), moved as (
       update app.outbox o set state = 'sent', sender = $1, nonce = s.nonce, raw = s.raw, tx_hash = s.hash
         from signed s where o.outbox_id = s.outbox_id and o.state = 'queued'
       returning o.intent_id, s.hash
     ), told as (
       update app.intent i set state = 'sent', tx_hash = m.hash, refusal = null, changed_at = now()
         from moved m where i.intent_id = m.intent_id)
     select count(*)::int as count from moved`,
    [
      sender,
      signed.map(({ row }) => row.outboxId),
      signed.map(({ nonce }) => nonce),
      signed.map(({ raw }) => raw),
      signed.map(({ hash }) => hash)
    ]
  )
  requireMoved(rows[0]!.count, signed, 'queued')
}

export interface Block {
  number: number
  hash: string
}

/**
 * The transactions are in blocks and did what they should.
 * @throws OutboxRowMoved
 */
export async function markMined(tx: Transaction, mined: readonly { row: OutboxRow; block: Block }[]): Promise<void> {
  const { rows } = await tx.query<{ count: number }>(
    `with mined as (
       select * from unnest($1::bigint[], $2::bigint[], $3::text[]) as m (outbox_id, number, hash)
     ), moved as (
       update app.outbox o set state = 'mined', block_number = m.number, block_hash = m.hash
         from mined m where o.outbox_id = m.outbox_id and o.state = 'sent'
       returning o.intent_id, m.number, m.hash
     ), told as (
       update app.intent i
          set state = 'mined', block_number = m.number, block_hash = m.hash, refusal = null, changed_at = now()
         from moved m where i.intent_id = m.intent_id)
     select count(*)::int as count from moved`,
    [mined.map(({ row }) => row.outboxId), mined.map(({ block }) => block.number), mined.map(({ block }) => block.hash)]
  )
  requireMoved(rows[0]!.count, mined, 'sent')
}

function requireMoved(count: number, wanted: readonly { row: OutboxRow }[], from: string): void {
  if (count === wanted.length) return
  throw new OutboxRowMoved(
    wanted.map(({ row }) => row),
    from
  )
}

/**
 * The transaction is in a block, where it failed for the reason given.
 * @throws OutboxRowMoved
 */
export async function markFailed(
  tx: Transaction,
  row: OutboxRow,
  block: Block,
  refusal: ContractRefusal
): Promise<void> {
  const { rowCount } = await tx.query(
    `update app.outbox set state = 'refused', block_number = $2, block_hash = $3 where outbox_id = $1 and state = 'sent'`,
    [row.outboxId, block.number, block.hash]
  )
  if (rowCount !== 1) throw new OutboxRowMoved([row], 'sent')
  await tx.query(
    `update app.intent set state = 'refused', block_number = $2, block_hash = $3, refusal = $4, changed_at = now()
      where intent_id = $1`,
    [row.intentId, block.number, block.hash, refusalJson(refusal)]
  )
}

/**
 * The contract would refuse it, so it is not sent. That is final only when the answer came from a chain that holds all that
 * the row may build on: whatever was recorded before it has come to its end, and no block that we saw has been lost.
 * @param chain `minedCount`: our transactions in the chain, read after the simulation. `stranded`: rows that nothing can build on now,
 *   because there is no account for them.
 * @returns false when the row must wait
 * @throws OutboxRowMoved
 */
export async function markRefused(
  tx: Transaction,
  row: OutboxRow,
  refusal: ContractRefusal,
  chain: { sender: string; minedCount: number; stranded?: ReadonlySet<string> }
): Promise<boolean> {
  // The lock keeps another relayer from taking a nonce in between.
  await tx.query('select from app.sender where address = $1 for update', [chain.sender])
  const { rows } = await tx.query<{ seen: string; hasEarlier: boolean }>(
    `select coalesce((select max(nonce) + 1 from app.outbox where sender = $1 and block_number is not null), 0) as seen,
            exists (select from app.outbox where state in ('queued', 'sent') and outbox_id < $2
                       and outbox_id <> all($3::bigint[])) as "hasEarlier"`,
    [chain.sender, row.outboxId, [...(chain.stranded ?? [])]]
  )
  if (rows[0]!.hasEarlier || Number(rows[0]!.seen) > chain.minedCount) return false
  const { rowCount } = await tx.query(
    `update app.outbox set state = 'refused' where outbox_id = $1 and state = 'queued'`,
    [row.outboxId]
  )
  if (rowCount !== 1) throw new OutboxRowMoved([row], 'queued')
  await tx.query(`update app.intent set state = 'refused', refusal = $2, changed_at = now() where intent_id = $1`, [
    row.intentId,
    refusalJson(refusal)
  ])
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

function refusalJson({ name, args }: ContractRefusal): string {
  return JSON.stringify({ code: name, args })
}
