import { setTimeout as delay } from 'node:timers/promises'
import { hexlify } from 'ethers'
import {
  recordOfStatement,
  type CertificateProof,
  type Statement
} from '../../domain/evidence/certificate/statement.ts'
import { inclusionProof } from '../../domain/evidence/merkle.ts'
import { inTransaction, type Pool } from '../database.ts'
import { newestAnchoredHead } from '../evidence/head.ts'
import { appendRecord, nodeReader } from '../evidence/log.ts'

/** How long a certificate waits for its statement to be anchored, and how often it looks, milliseconds. */
const PATIENCE_MS = 6_000
const LOOK_MS = 50

/**
 * Records a statement in the log and waits until a head over it is on the chain: the relayer anchors whatever is new.
 * Undefined when that takes too long; the certificate then needs a node, sealed headers or a known block.
 */
export async function anchorStatement(
  pool: Pool,
  statement: Statement
): Promise<CertificateProof['anchored'] | undefined> {
  const record = recordOfStatement(statement)
  const leafIndex = await inTransaction(pool, (tx) => appendRecord(tx, record, { receivableIds: [] }))
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    const head = await newestAnchoredHead(pool)
    if (head && head.signed.size > leafIndex) {
      const proof = await inclusionProof(leafIndex, head.signed.size, nodeReader(pool))
      return { leafIndex, proof: proof.map((hash) => hexlify(hash)), head: head.signed }
    }
    await delay(LOOK_MS)
  }
  return undefined
}
