import { inTransaction, type Pool } from '../database.ts'
import type { RelayerChain } from './chain.ts'
import { judge } from './judge.ts'
import {
  inFlight,
  markMined,
  markRefused,
  markSent,
  nextQueued,
  reopenFrom,
  takeNonce,
  type OutboxRow
} from './outbox.ts'

/** Rows looked at in one turn. */
const BATCH = 100

/** Makes the nonce counter known; it is never below what the chain has already taken. */
export async function prepareSender(pool: Pool, chain: RelayerChain): Promise<void> {
  const mined = await chain.minedCount()
  await pool.query('insert into app.sender (address, next_nonce) values ($1, $2) on conflict do nothing', [
    chain.wallet.address,
    mined
  ])
}

/** One turn: finish what is on its way, then send what waits. Returns whether anything moved. */
export async function relayOnce(pool: Pool, chain: RelayerChain): Promise<boolean> {
  const reopened = await recoverLost(pool, chain)
  const finished = await followSent(pool, chain)
  const sent = await sendQueued(pool, chain)
  return reopened + finished + sent > 0
}

/** A chain that lost blocks has a lower nonce than we saw: the same bytes are sent again, in order. */
async function recoverLost(pool: Pool, chain: RelayerChain): Promise<number> {
  const sender = chain.wallet.address
  const minedCount = await chain.minedCount()
  const { rows } = await pool.query<{ seen: string | null }>(
    `select max(nonce) + 1 as seen from app.outbox where sender = $1 and block_number is not null`,
    [sender]
  )
  return Number(rows[0]?.seen ?? 0) > minedCount ? reopenFrom(pool, sender, minedCount) : 0
}

async function followSent(pool: Pool, chain: RelayerChain): Promise<number> {
  let finished = 0
  for (const row of await inFlight(pool, chain.wallet.address)) {
    const receipt = await chain.receiptOf(row.txHash!)
    if (!receipt) {
      await chain.requireContract(row.target)
      await chain.broadcast(row.raw!)
      continue
    }
    const block = { number: receipt.blockNumber, hash: receipt.blockHash }
    const refusal = receipt.status === 1 ? undefined : await chain.reasonOf(row.target, row.data, block.number - 1)
    await inTransaction(pool, (tx) => markMined(tx, row, block, refusal))
    finished++
  }
  return finished
}

async function sendQueued(pool: Pool, chain: RelayerChain): Promise<number> {
  const sender = chain.wallet.address
  let sent = 0
  for (const row of await nextQueued(pool, BATCH)) {
    const pending = (await inFlight(pool, sender)).length
    const simulation = await chain.simulate(row.target, row.data)
    const verdict = judge(simulation, pending)
    if (verdict === 'wait') return sent
    if (verdict === 'later') continue
    if (simulation.kind === 'reverts') {
      const { refusal } = simulation
      const minedCount = await chain.minedCount()
      const isFinal = await inTransaction(pool, (tx) => markRefused(tx, row, refusal, { sender, minedCount }))
      if (!isFinal) return sent
    } else {
      await send(pool, chain, row, simulation.gasLimit)
      await settleQuickly(pool, chain, row)
    }
    sent++
  }
  return sent
}

async function send(pool: Pool, chain: RelayerChain, row: OutboxRow, gasLimit: bigint): Promise<void> {
  const sender = chain.wallet.address
  const raw = await inTransaction(pool, async (tx) => {
    const nonce = await takeNonce(tx, sender)
    const signed = await chain.sign(row.target, row.data, nonce, gasLimit)
    await markSent(tx, row, { sender, nonce, raw: signed.raw, hash: signed.hash })
    return signed.raw
  })
  await chain.broadcast(raw)
}

/** A chain that mines at once has the receipt already: then the next row need not wait a turn. */
async function settleQuickly(pool: Pool, chain: RelayerChain, row: OutboxRow): Promise<void> {
  if (row.purpose === 'intent') await followSent(pool, chain)
}
