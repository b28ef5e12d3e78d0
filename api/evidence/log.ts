import { leafOf, recordBytes, type EvidenceRecord } from '../../domain/evidence/record.ts'
import { appendedNodes, type ReadNode } from '../../domain/evidence/merkle.ts'
import type { Pool, Transaction } from '../database.ts'

/** Where a leaf belongs, for finding it again. */
export interface LeafSubject {
  intentId?: string
  documentId?: string
  txHash?: string
  blockHash?: string
  logIndex?: number
  receivableIds: string[]
}

/** One writer at a time: leaves have no gaps, and a leaf lives or dies with the transaction that caused it. */
const LOG_LOCK = 7_115_001

/** Reads a subtree's hash from the table. */
export function nodeReader(client: Pool | Transaction): ReadNode {
  return async (level, index) => {
    const { rows } = await client.query<{ hash: Buffer }>({
      name: 'evidence.node',
      text: 'select hash from app.evidence_node where level = $1 and index = $2',
      values: [level, index]
    })
    if (!rows[0]) throw new Error(`evidence node ${level}/${index} is missing`)
    return new Uint8Array(rows[0].hash)
  }
}

/** Number of leaves. */
export async function logSize(client: Pool | Transaction): Promise<number> {
  const { rows } = await client.query<{ size: string }>(
    'select coalesce(max(leaf_index) + 1, 0) as size from app.evidence_leaf'
  )
  return Number(rows[0]!.size)
}

/** Where a leaf of that hash stands in the log. */
export async function leafIndexOf(client: Pool | Transaction, hash: Uint8Array): Promise<number | undefined> {
  const { rows } = await client.query<{ index: string }>({
    name: 'evidence.leaf-index-of',
    text: 'select index from app.evidence_node where level = 0 and hash = $1 order by index limit 1',
    values: [Buffer.from(hash)]
  })
  return rows[0] && Number(rows[0].index)
}

/** Appends a record to the log within the caller's transaction. */
export async function appendRecord(tx: Transaction, record: EvidenceRecord, subject: LeafSubject): Promise<number> {
  await tx.query('select pg_advisory_xact_lock($1)', [LOG_LOCK])
  const index = await logSize(tx)
  await tx.query(
    `insert into app.evidence_leaf (leaf_index, kind, record, intent_id, document_id, tx_hash, block_hash, log_index,
                                    receivable_ids)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      index,
      record.kind,
      Buffer.from(recordBytes(record)),
      subject.intentId ?? null,
      subject.documentId ?? null,
      subject.txHash ?? null,
      subject.blockHash ?? null,
      subject.logIndex ?? null,
      subject.receivableIds
    ]
  )
  for (const node of await appendedNodes(index, leafOf(record), nodeReader(tx))) {
    await tx.query('insert into app.evidence_node (level, index, hash) values ($1, $2, $3)', [
      node.level,
      node.index,
      Buffer.from(node.hash)
    ])
  }
  return index
}
