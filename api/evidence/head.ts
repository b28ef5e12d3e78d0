import type { SignedHead } from '../../domain/evidence/head.ts'
import type { Pool, Transaction } from '../database.ts'

export interface AnchoredHead {
  signed: SignedHead
  anchor: { txHash: string; blockNumber: number; blockHash: string }
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

/** The root of an anchored head; undefined when none of that size was anchored. */
export async function anchoredRoot(client: Pool | Transaction, size: number): Promise<string | undefined> {
  const { rows } = await client.query<{ root: string }>({
    name: 'evidence.anchored-root',
    text: 'select root from projection.log_head where size = $1',
    values: [size]
  })
  return rows[0]?.root
}
