import { hexlify } from 'ethers'
import { contracts, type Deployment } from '../../domain/chain/contracts.ts'
import { signHead } from '../../domain/evidence/head.ts'
import { rootOf } from '../../domain/evidence/merkle.ts'
import { eventOf, stateRecord, type StateRecord } from '../../domain/evidence/record.ts'
import { rfc3339 } from '../../domain/evidence/shape.ts'
import { inTransaction, type Pool } from '../database.ts'
import { appendRecord, logSize, nodeReader } from '../evidence/log.ts'
import type { RelayerChain } from './chain.ts'

interface Unrecorded {
  txHash: string
  blockHash: string
  receivableIds: string[]
  intentId: string | null
}

/** Records every projected transaction about a receivable that has no leaf yet, also those that came past our api. */
export async function recordStates(pool: Pool, chain: RelayerChain, deployment: Deployment): Promise<number> {
  const { rows } = await pool.query<Unrecorded>({
    name: 'evidence.unrecorded',
    text: `select e.tx_hash as "txHash", b.hash as "blockHash", array_agg(distinct e.receivable_id) as "receivableIds",
                  (select o.intent_id from app.outbox o where o.tx_hash = e.tx_hash and o.purpose = 'intent') as "intentId"
             from projection.event e join projection.block b on b.number = e.block_number
            where e.receivable_id is not null and not exists (
                  select from app.evidence_leaf l where l.kind = 'state' and l.tx_hash = e.tx_hash and l.block_hash = b.hash)
            group by e.tx_hash, b.hash, e.block_number, e.tx_index
            order by e.block_number, e.tx_index limit 200`
  })
  for (const row of rows) {
    const record = await stateOf(chain, deployment, row)
    // The chain may have given the block up meanwhile; the projection will show it next turn.
    if (!record) return 0
    const { txHash, blockHash, receivableIds, intentId } = row
    const subject = { txHash, blockHash, receivableIds, ...(intentId ? { intentId } : {}) }
    await inTransaction(pool, (tx) => appendRecord(tx, record, subject))
  }
  return rows.length
}

async function stateOf(chain: RelayerChain, deployment: Deployment, row: Unrecorded): Promise<StateRecord | undefined> {
  const receipt = await chain.receiptOf(row.txHash)
  if (!receipt || receipt.blockHash !== row.blockHash) return undefined
  const names = { receivables: deployment.receivables, fingerprints: deployment.fingerprints }
  const events = receipt.logs.flatMap((log) => {
    const name = (Object.keys(names) as (keyof typeof names)[]).find((key) => names[key] === log.address)
    const parsed = name && contracts[name].parseLog(log)
    return name && parsed ? [eventOf(name, log.index, parsed)] : []
  })
  return stateRecord({
    intentId: row.intentId ?? undefined,
    txHash: row.txHash,
    blockNumber: String(receipt.blockNumber),
    blockHash: receipt.blockHash,
    blockTime: rfc3339(await chain.blockTime(receipt.blockHash)),
    events
  })
}

/** Signs a head over the whole log and queues its anchor, unless one is on its way or nothing is new. */
export async function anchorHead(pool: Pool, chain: RelayerChain, deployment: Deployment): Promise<boolean> {
  const { rows } = await pool.query<{ anchored: string; open: string }>(
    `select (select coalesce(max(size), 0) from app.evidence_head) as anchored,
            (select count(*) from app.outbox where purpose = 'anchor' and state in ('queued', 'sent')) as open`
  )
  if (Number(rows[0]!.open) > 0) return false
  return inTransaction(pool, async (tx) => {
    const size = await logSize(tx)
    if (size <= Number(rows[0]!.anchored)) return false
    const root = hexlify(await rootOf(size, nodeReader(tx)))
    const { chainId, evidenceLog } = deployment
    const logId = `${chainId}:${evidenceLog}`
    const head = { logId, chainId, evidenceLog, size, root, time: rfc3339(Math.floor(Date.now() / 1000)) }
    const signed = signHead(head, chain.wallet.privateKey)
    await tx.query('insert into app.evidence_head (size, root, signed) values ($1, $2, $3)', [
      size,
      root,
      JSON.stringify(signed)
    ])
    await tx.query(`insert into app.outbox (purpose, head_size, target, data) values ('anchor', $1, $2, $3)`, [
      size,
      evidenceLog,
      contracts.evidenceLog.encodeFunctionData('append', [size, root])
    ])
    return true
  })
}
