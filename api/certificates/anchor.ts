import { setTimeout as delay } from 'node:timers/promises'
import { hexlify } from 'ethers'
import type { CertificateProof, Statement } from '../../domain/evidence/certificate/statement.ts'
import { inclusionProof } from '../../domain/evidence/merkle.ts'
import { blockRecord } from '../../domain/evidence/record.ts'
import { inTransaction, type Pool } from '../database.ts'
import { appendRecord, nodeReader } from '../evidence/log.ts'
import { newestAnchoredHead } from '../evidence/package.ts'

/** How long a certificate waits for its block to be anchored, and how often it looks, milliseconds. */
const PATIENCE_MS = 6_000
const LOOK_MS = 50

/**
 * Records a block in the log and waits until a head over it is on the chain: the relayer anchors whatever is new. Undefined
 * when that takes too long; the certificate then needs a node, sealed headers or a known block.
 */
export async function anchorBlock(
  pool: Pool,
  chainId: number,
  block: Statement['asOf']
): Promise<CertificateProof['anchored'] | undefined> {
  const leafIndex = await recordBlock(pool, chainId, block)
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

/** The block's leaf; one for all certificates as of that block. */
async function recordBlock(pool: Pool, chainId: number, block: Statement['asOf']): Promise<number> {
  const known = await leafOfBlock(pool, block.hash)
  if (known !== undefined) return known
  try {
    return await inTransaction(pool, (tx) =>
      appendRecord(tx, blockRecord({ chainId, ...block }), { blockHash: block.hash, receivableIds: [] })
    )
  } catch (error) {
    // Another request recorded it at the same moment.
    const other = (error as { code?: string }).code === '23505' ? await leafOfBlock(pool, block.hash) : undefined
    if (other === undefined) throw error
    return other
  }
}

async function leafOfBlock(pool: Pool, hash: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ index: string }>({
    name: 'evidence.leaf-of-block',
    text: `select leaf_index as index from app.evidence_leaf where kind = 'block' and block_hash = $1`,
    values: [hash]
  })
  return rows[0] && Number(rows[0].index)
}
