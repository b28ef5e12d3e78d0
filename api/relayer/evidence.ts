import { hexlify } from 'ethers'
import { contracts, type Deployment } from '../../domain/chain/contracts.ts'
import { signHead } from '../../domain/evidence/head.ts'
import { rootOf } from '../../domain/evidence/merkle.ts'
import type { PlacedRecord } from '../../domain/evidence/record-order.ts'
import { cutRecord, eventOf, stateRecord } from '../../domain/evidence/record.ts'
import { rfc3339 } from '../../domain/evidence/shape.ts'
import type { CertifiedSigner } from '../../domain/evidence/signed.ts'
import { contractAt, everyVersion, type ReadDeployment } from '../../domain/evidence/versions.ts'
import { startOfNote } from '../../domain/note/span.ts'
import { inTransaction, type Pool, type Transaction } from '../database.ts'
import { withoutLeaf } from '../evidence/leaves.ts'
import { appendRecords, logSize, nodeReader } from '../evidence/log.ts'
import type { Receipt, RelayerChain } from './chain.ts'

interface Unrecorded {
  txHash: string
  block: number
  blockHash: string
  intentId: string | null
  events: UnrecordedEvent[]
}

interface UnrecordedEvent {
  logIndex: number
  receivableId: string | null
  /** Of a note's event: whether it may have cut the note off another. */
  mayCut: boolean
}

/** Events that are about the end of a note: where it is new, they have just cut it off. */
const cutting = ['NoteOffered', 'NoteDilutionOffered', 'NoteLocked', 'NoteFrozen', 'NoteSettled']

/** Transactions taken in one turn. */
const TURN = 200

/**
 * Records every projected event that has no leaf yet, also those that came past our api, and each cut beside its event.
 * @returns Number of transactions recorded
 */
export async function recordStates(pool: Pool, chain: RelayerChain, deployment: Deployment): Promise<number> {
  const { rows } = await pool.query<Unrecorded>({
    name: 'evidence.unrecorded',
    text: `select e.tx_hash as "txHash", b.number::float8 as block, b.hash as "blockHash",
                  (select o.intent_id from app.outbox o where o.tx_hash = e.tx_hash and o.purpose = 'intent') as "intentId",
                  json_agg(json_build_object('logIndex', e.log_index, 'receivableId', e.receivable_id, 'mayCut',
                    e.name = any($2) and (
                      not exists (select from projection.event p
                                   where p.args ? 'noteId' and p.args ->> 'noteId' = e.args ->> 'noteId'
                                     and (p.block_number, p.log_index) < (e.block_number, e.log_index))
                      or exists (select from projection.event m
                                  where m.receivable_id = e.receivable_id and m.name = 'NotesMerged'
                                    and m.args ->> 'mergedId' = e.args ->> 'noteId'
                                    and (m.block_number, m.log_index) < (e.block_number, e.log_index))))
                    order by e.log_index) as events
             from projection.event e join projection.block b on b.number = e.block_number
            where e.block_number > coalesce((
                    select c.block_number from app.evidence_cursor c
                      join projection.block k on k.number = c.block_number and k.hash = c.block_hash), -1)
              and e.name <> all($1) and not exists (
                  select from app.evidence_leaf l
                   where l.kind = 'state' and l.tx_hash = e.tx_hash and l.log_index = e.log_index and l.block_hash = b.hash)
            group by e.tx_hash, b.number, b.hash, e.tx_index
            order by b.number, e.tx_index limit ${TURN}`,
    values: [withoutLeaf, cutting]
  })
  if (rows.length === 0) return 0
  const blocks = [...new Set(rows.map(({ blockHash }) => blockHash))]
  const [receipts, blockTimes] = await Promise.all([
    chain.receiptsOf(rows.map(({ txHash }) => txHash)),
    Promise.all(blocks.map((hash) => chain.blockTime(hash)))
  ])
  const times = new Map(blocks.map((hash, i) => [hash, rfc3339(blockTimes[i]!)]))
  const contractsOf = everyVersion(deployment)
  const recorded = rows.map((row, i) => recordsOf(row, receipts[i], times.get(row.blockHash)!, contractsOf))
  // The chain may have given a block up meanwhile; the projection will show it next turn.
  if (recorded.includes(undefined)) return 0
  const entries = rows.flatMap(({ txHash, blockHash, intentId }, i) =>
    recorded[i]!.map(({ record, logIndex, receivableId }) => {
      const receivableIds = receivableId ? [receivableId] : []
      return { record, subject: { txHash, blockHash, logIndex, receivableIds, ...(intentId ? { intentId } : {}) } }
    })
  )
  await inTransaction(pool, async (tx) => {
    await appendRecords(tx, entries)
    // The events of a block come together, but those of the last one may be cut off by the limit.
    const whole = rows.length < TURN ? rows : rows.filter(({ block }) => block < rows.at(-1)!.block)
    const last = whole.at(-1)
    if (last) await moveCursor(tx, last)
  })
  return rows.length
}

async function moveCursor(tx: Transaction, { block, blockHash }: Unrecorded): Promise<void> {
  await tx.query(
    `insert into app.evidence_cursor (block_number, block_hash) values ($1, $2)
         on conflict (single) do update set block_number = excluded.block_number, block_hash = excluded.block_hash`,
    [block, blockHash]
  )
}

interface Placed {
  record: PlacedRecord
  logIndex: number
  receivableId: string | null
}

/** The records of one transaction by its receipt; undefined when the chain has it no more in that block. */
function recordsOf(
  { txHash, blockHash, intentId, events }: Unrecorded,
  receipt: Receipt | undefined,
  blockTime: string,
  contractsOf: ReadDeployment
): Placed[] | undefined {
  if (receipt?.block.hash !== blockHash) return undefined
  const place = { txHash, blockNumber: String(receipt.block.number), blockHash, blockTime }
  return events.flatMap(({ logIndex, receivableId, mayCut }): Placed[] => {
    const log = receipt.logs.find(({ index }) => index === logIndex)
    const contract = log && contractAt(log.address, contractsOf)
    const parsed = log && contract && contracts[contract].parseLog(log)
    if (!parsed) throw new Error(`log ${logIndex} of ${txHash} is not what was projected`)
    const event = eventOf(contract, logIndex, parsed)
    const state = stateRecord({ intentId: intentId ?? undefined, ...place, event })
    const at = mayCut ? startOfNote(BigInt(event.args['noteId'] as string)) : 0n
    if (at === 0n || !receivableId) return [{ record: state, logIndex, receivableId }]
    const cut = cutRecord({ ...place, logIndex: String(logIndex), receivableId, at: String(at) })
    return [state, cut].map((record) => ({ record, logIndex, receivableId }))
  })
}

/** Signs a head over the whole log and queues its anchor, unless one is on its way or nothing is new. */
export async function anchorHead(pool: Pool, signer: CertifiedSigner, deployment: Deployment): Promise<boolean> {
  const { rows } = await pool.query<{ anchored: string; size: string; isOpen: boolean }>({
    name: 'evidence.unanchored',
    text: `select (select coalesce(max(size), 0) from app.evidence_head) as anchored,
                  (select coalesce(max(leaf_index) + 1, 0) from app.evidence_leaf) as size,
                  exists (select from app.outbox where purpose = 'anchor' and state in ('queued', 'sent')) as "isOpen"`
  })
  const { anchored, size: known, isOpen } = rows[0]!
  if (isOpen || Number(known) <= Number(anchored)) return false
  return inTransaction(pool, async (tx) => {
    const size = await logSize(tx)
    const root = hexlify(await rootOf(size, nodeReader(tx)))
    const { chainId, evidenceLog } = deployment
    const logId = `${chainId}:${evidenceLog}`
    const head = { logId, chainId, evidenceLog, size, root, time: rfc3339(Math.floor(Date.now() / 1000)) }
    const signed = await signHead(head, signer)
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
