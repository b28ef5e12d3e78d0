import type { Deployment } from '../../domain/chain/contracts.ts'
import type { SignedHead } from '../../domain/evidence/head.ts'
import { inclusionProof } from '../../domain/evidence/merkle.ts'
import { buildPackage } from '../../domain/evidence/package.ts'
import { inTransaction, type Pool, type Transaction } from '../database.ts'
import { documentsBehind } from '../documents/repository.ts'
import { ApiError } from '../errors.ts'
import { nodeReader } from './log.ts'

export interface AnchoredHead {
  signed: SignedHead
  anchor: { txHash: string; blockNumber: number; blockHash: string }
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'application/ofd': 'ofd',
  'application/edifact': 'edi'
}

/** The newest head that is on chain, as the projection shows it. */
export async function newestAnchoredHead(pool: Pool | Transaction): Promise<AnchoredHead | undefined> {
  const { rows } = await pool.query<{ signed: SignedHead; tx: string; block: string; hash: string }>({
    name: 'evidence.newest-anchored',
    text: `select h.signed, l.changed_tx as tx, l.changed_block as block, b.hash
             from projection.log_head l
             join app.evidence_head h on h.size = l.size and h.root = l.root
             join projection.block b on b.number = l.changed_block
            order by l.size desc limit 1`
  })
  const row = rows[0]
  return row && { signed: row.signed, anchor: { txHash: row.tx, blockNumber: Number(row.block), blockHash: row.hash } }
}

interface Leaf {
  leafIndex: number
  kind: string
  record: Buffer
}

/**
 * Everything that proves a receivable: its documents, the signed commands, what the chain made of them, and their place
 * in the log under an anchored head.
 * @throws ApiError EVIDENCE_PENDING while the newest of it is not under an anchored head.
 */
export function packageOf(
  pool: Pool,
  deployment: Deployment,
  subject: { kind: 'receivable' | 'note'; id: string },
  receivableId: string
): Promise<Uint8Array> {
  // One moment throughout: a state that is recorded between two reads would be missing without a word.
  const assemble = (tx: Transaction) => packageWithin(tx, deployment, subject, receivableId)
  return inTransaction(pool, assemble, 'begin isolation level repeatable read read only')
}

async function packageWithin(
  tx: Transaction,
  deployment: Deployment,
  subject: { kind: 'receivable' | 'note'; id: string },
  receivableId: string
): Promise<Uint8Array> {
  const files = await documentsBehind(tx, receivableId)
  const leaves = await leavesOf(
    tx,
    receivableId,
    files.map((file) => file.documentId)
  )
  const head = await newestAnchoredHead(tx)
  const newest = leaves.at(-1)?.leafIndex ?? 0
  const missing = await missingStates(tx, receivableId)
  if (!head || newest >= head.signed.size || missing > 0) {
    throw new ApiError('EVIDENCE_PENDING', {
      presented: { anchored: head?.signed.size ?? 0, missing },
      required: { size: newest + 1 }
    })
  }
  const read = nodeReader(tx)
  const records = []
  for (const { leafIndex, record } of leaves) {
    const proof = await inclusionProof(leafIndex, head.signed.size, read)
    records.push({ leafIndex, bytes: new Uint8Array(record), proof })
  }
  return buildPackage({
    subject: subject as never,
    deployment,
    records,
    head: head.signed,
    anchor: head.anchor,
    documents: [],
    sealed: files.map(({ sealed, sha256, mediaType, keys }) => ({
      bytes: new Uint8Array(sealed),
      sha256,
      extension: EXTENSIONS[mediaType] ?? 'xml',
      keys
    }))
  })
}

/**
 * Its leaves in the log's order. State records of blocks that the chain gave up stay in the log but prove nothing, and a
 * command that the contracts refused changed nothing: both are left out.
 */
async function leavesOf(tx: Transaction, receivableId: string, documentIds: string[]): Promise<Leaf[]> {
  const { rows } = await tx.query<{ leaf_index: string; kind: string; record: Buffer }>({
    name: 'evidence.leaves-of',
    text: `select l.leaf_index, l.kind, l.record
             from app.evidence_leaf l
            where (l.receivable_ids @> array[$1] or l.document_id = any($2::uuid[]))
              and (l.kind <> 'state' or exists (
                    select from projection.event e join projection.block b on b.number = e.block_number
                     where e.tx_hash = l.tx_hash and b.hash = l.block_hash))
              and (l.kind <> 'command' or exists (
                    select from app.intent i where i.intent_id = l.intent_id and i.state = 'mined'))
            order by l.leaf_index`,
    values: [receivableId, documentIds]
  })
  return rows.map((row) => ({ leafIndex: Number(row.leaf_index), kind: row.kind, record: row.record }))
}

/** Transactions of the receivable that are projected and have no record in the log yet. */
async function missingStates(tx: Transaction, receivableId: string): Promise<number> {
  const { rows } = await tx.query<{ missing: string }>({
    name: 'evidence.missing-states',
    text: `select count(distinct e.tx_hash) as missing
             from projection.event e join projection.block b on b.number = e.block_number
            where e.receivable_id = $1 and not exists (
                  select from app.evidence_leaf l where l.kind = 'state' and l.tx_hash = e.tx_hash and l.block_hash = b.hash)`,
    values: [receivableId]
  })
  return Number(rows[0]!.missing)
}
