/** Whether a file is recorded, where in the log, and how to prove it. */
import { getBytes, hexlify } from 'ethers'
import { inclusionProof, leafHash, rootOf } from '../../domain/evidence/merkle.ts'
import { parseRecord } from '../../domain/evidence/record.ts'
import type { Transaction } from '../database.ts'
import { leafIndexOf, logSize, nodeReader } from '../evidence/log.ts'
import type { Caller } from '../plugins/auth.ts'
import type { EvidenceCheck } from './schemas.ts'

interface LeafRow {
  leafIndex: number
  kind: EvidenceCheck['records'][number]['kind']
  record: Buffer
  maySee: boolean
}

/** Leaves shown for one digest: the same file may have been brought by several. */
const LIMIT = 20

/** Leaves of the documents and orders with one of those SHA-256 or SM3, and the leaf that has the first as its own hash. */
async function leavesOf(
  tx: Transaction,
  { roles, participantId }: Caller,
  digests: readonly string[]
): Promise<LeafRow[]> {
  const own = await leafIndexOf(tx, getBytes(digests[0]!))
  const { rows } = await tx.query<LeafRow>({
    name: 'evidence-check.leaves',
    text: `select l.leaf_index::float8 as "leafIndex", l.kind, l.record,
                  $1::boolean or exists (
                    select from app.document d
                     where d.document_id = l.document_id and (d.participant_id = $2
                       or exists (select from app.document_key k where k.document_id = d.document_id and k.participant_id = $2 and k.withdrawn_at is null)
                       or exists (select from projection.receivable r join projection.receivable_party v using (receivable_id)
                                   where r.content_commitment = d.content_commitment and v.participant_id = $2))) as "maySee"
             from app.evidence_leaf l
            where l.leaf_index = $4::bigint or (l.kind = 'document' and l.document_id in (
                    select document_id from app.document where sha256 = any($3) or sm3 = any($3)
                    union all select order_id from app.order_document where sha256 = any($3) or sm3 = any($3)))
            order by l.leaf_index limit ${LIMIT}`,
    values: [roles.includes('regulator'), participantId, digests, own ?? null]
  })
  return rows
}

interface Head {
  size: number
  root: string
  anchoredAt: number
  block: number
  blockHash: string
  txHash: string
}

/** The first anchored head that has the leaf. */
async function headOver(tx: Transaction, leafIndex: number): Promise<Head | undefined> {
  const { rows } = await tx.query<Head>({
    name: 'evidence-check.head-over',
    text: `select h.size::float8 as size, h.root, h.anchored_at::float8 as "anchoredAt", h.changed_block::float8 as block,
                  b.hash as "blockHash", h.changed_tx as "txHash"
             from projection.log_head h join projection.block b on b.number = h.changed_block
            where h.size > $1 order by h.size limit 1`,
    values: [leafIndex]
  })
  return rows[0]
}

/**
 * What the log has of a digest, or of a file by its digests. That something is recorded, and the proof, is for everybody who has the digest: who has that, has the
 * file. What the record says is for who may see the document.
 */
export async function checkEvidence(
  tx: Transaction,
  caller: Caller,
  digests: readonly string[]
): Promise<Pick<EvidenceCheck, 'logSize' | 'anchoredSize' | 'isRecorded' | 'records'>> {
  const read = nodeReader(tx)
  const records = []
  for (const { leafIndex, kind, record, maySee } of await leavesOf(tx, caller, digests)) {
    const bytes = new Uint8Array(record)
    const head = await headOver(tx, leafIndex)
    // Held against our own tree: a proof that would not verify is never given out.
    if (head && hexlify(await rootOf(head.size, read)) !== head.root) {
      throw new Error(`the log's tree has another root of ${head.size} leaves than was anchored`)
    }
    const proof = head ? await inclusionProof(leafIndex, head.size, read) : []
    records.push({
      leafIndex,
      leafHash: hexlify(leafHash(bytes)),
      kind,
      record: maySee ? { ...parseRecord(bytes) } : null,
      head: head ?? null,
      proof: proof.map((hash) => hexlify(hash))
    })
  }
  const { rows } = await tx.query<{ size: number }>(
    'select coalesce(max(size), 0)::float8 as size from projection.log_head'
  )
  const anchoredSize = rows[0]!.size
  return { logSize: await logSize(tx), anchoredSize, isRecorded: records.length > 0, records }
}
