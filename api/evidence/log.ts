import { recordBytes, type EvidenceRecord } from '../../domain/evidence/record.ts'
import { appendedNodes, leafHash, type MerkleNode, type ReadNode } from '../../domain/evidence/merkle.ts'
import { asService, beforeCommit, type Pool, type Transaction } from '../database.ts'

/** Where a leaf belongs, for finding it again. */
export interface LeafSubject {
  intentId?: string
  documentId?: string
  txHash?: string
  blockHash?: string
  logIndex?: number
  /** Who decided, for decisions. */
  participantId?: number
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

/**
 * Appends a record to the log when all else of the caller's transaction is done. All appending takes turns from its lock to the end
 * of the transaction: so nothing but the commit comes behind it.
 */
export function appendRecordLast(tx: Transaction, record: EvidenceRecord, subject: LeafSubject): void {
  beforeCommit(tx, append, { record, subject })
}

/** Appends a record to the log within the caller's transaction, for who needs its place. */
export function appendRecord(tx: Transaction, record: EvidenceRecord, subject: LeafSubject): Promise<number> {
  return appendRecords(tx, [{ record, subject }])
}

interface Entry {
  record: EvidenceRecord
  subject: LeafSubject
}

/**
 * Appends records to the log, in that order, within the caller's transaction.
 * @returns Index of the first leaf
 */
export function appendRecords(tx: Transaction, entries: readonly Entry[]): Promise<number> {
  return asService(tx, (service) => append(service, entries))
}

async function append(tx: Transaction, entries: readonly Entry[]): Promise<number> {
  await tx.query({ name: 'evidence.lock', text: 'select pg_advisory_xact_lock($1)', values: [LOG_LOCK] })
  const { size: first, read: stored } = await rightEdge(tx)
  const nodes = new Map<string, MerkleNode>()
  const read: ReadNode = async (level, index) => nodes.get(`${level}/${index}`)?.hash ?? stored(level, index)
  const texts = entries.map(({ record }) => recordBytes(record))
  for (const [i, text] of texts.entries()) {
    for (const node of await appendedNodes(first + i, leafHash(text), read)) {
      nodes.set(`${node.level}/${node.index}`, node)
    }
  }
  // One row in json for each leaf: arrays of arrays of different lengths are none in Postgres.
  await tx.query({
    name: 'evidence.append',
    text: `with node as (
             insert into app.evidence_node (level, index, hash) select * from unnest($3::smallint[], $4::bigint[], $5::bytea[]))
           insert into app.evidence_leaf (leaf_index, kind, record, intent_id, document_id, tx_hash, block_hash, log_index,
                                          participant_id, receivable_ids)
           select $1 + position - 1, kind, decode(record, 'base64'), "intentId", "documentId", "txHash", "blockHash", "logIndex",
                  "participantId", "receivableIds"
             from rows from (json_to_recordset($2) as (kind text, record text, "intentId" uuid, "documentId" uuid, "txHash" text,
                                                       "blockHash" text, "logIndex" integer, "participantId" integer, "receivableIds" text[]))
             with ordinality as leaf (kind, record, "intentId", "documentId", "txHash", "blockHash", "logIndex", "participantId", "receivableIds", position)`,
    values: [
      first,
      JSON.stringify(
        entries.map(({ record, subject }, i) => ({
          kind: record.kind,
          record: Buffer.from(texts[i]!).toString('base64'),
          ...subject
        }))
      ),
      [...nodes.values()].map(({ level }) => level),
      [...nodes.values()].map(({ index }) => index),
      [...nodes.values()].map(({ hash }) => Buffer.from(hash))
    ]
  })
  return first
}

/** The log's size and the roots of its whole subtrees: all that a new leaf is hashed with, in one statement. */
async function rightEdge(tx: Transaction): Promise<{ size: number; read: ReadNode }> {
  const { rows } = await tx.query<{ size: string; level: number | null; index: string | null; hash: Buffer | null }>({
    name: 'evidence.right-edge',
    text: `select s.size, n.level, n.index, n.hash
             from (select coalesce(max(leaf_index) + 1, 0) as size from app.evidence_leaf) s
             left join generate_series(0, 52) l (level) on (s.size >> l.level) & 1 = 1
             left join app.evidence_node n on n.level = l.level::smallint and n.index = (s.size >> l.level) - 1`
  })
  const edge = new Map(rows.flatMap(({ level, index, hash }) => (hash ? [[`${level}/${index}`, hash] as const] : [])))
  const stored = nodeReader(tx)
  return {
    size: Number(rows[0]!.size),
    read: async (level, index) => {
      const hash = edge.get(`${level}/${index}`)
      return hash ? new Uint8Array(hash) : stored(level, index)
    }
  }
}
