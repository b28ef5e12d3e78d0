import { auditRecord } from '../../domain/evidence/record.ts'
import { inTransaction, type Pool } from '../database.ts'
import { appendRecord } from '../evidence/log.ts'

/** The audit log's head goes into the evidence log so often, milliseconds: an entry older than that can not be unwritten any more. */
const EVERY_MS = 60_000
/** With nothing new, it looks again after this long. */
const LOOK_MS = 5_000

let last = { seq: 0, at: 0 }

/**
 * Puts the head of the audit log into the evidence log, which is anchored on chain, when there is a new one and the last was a while ago.
 * @returns whether it did
 */
export async function recordAuditHead(pool: Pool, now = Date.now()): Promise<boolean> {
  if (now - last.at < EVERY_MS) return false
  const { rows } = await pool.query<{ seq: string; hash: Buffer; recorded: string | null }>(
    `select a.seq, a.hash, (select convert_from(record, 'UTF8')::json ->> 'size' from app.evidence_leaf
                             where kind = 'audit' order by leaf_index desc limit 1) as recorded
       from app.audit_record a order by a.seq desc limit 1`
  )
  const head = rows[0]
  const seq = Number(head?.seq ?? 0)
  const isNew = head !== undefined && seq > Math.max(last.seq, Number(head.recorded ?? 0))
  last = { seq, at: isNew ? now : now - EVERY_MS + LOOK_MS }
  if (!isNew) return false
  const record = auditRecord({ size: String(seq), head: `0x${head.hash.toString('hex')}` })
  await inTransaction(pool, (tx) => appendRecord(tx, record, { receivableIds: [] }))
  return true
}
