import type { ContractRefusal } from '../../domain/chain/contracts.ts'
import { inTransaction, type Pool } from '../database.ts'
import type { Head, RelayerChain } from './chain.ts'
import { judge, type Simulation } from './judge.ts'
import { BATCH } from './node.ts'
import {
  inFlight,
  markFailed,
  markMined,
  markRefused,
  markSent,
  nextQueued,
  reopenFrom,
  takeNonces,
  workOf,
  type OutboxRow
} from './outbox.ts'

/** Most transactions on their way, so also in a block: a node keeps some thousands, and what it drops is handed over again. */
const IN_FLIGHT_MAX = 1_000

/** Makes the nonce counter known; it is never below what the chain has already taken. */
export async function prepareSender(pool: Pool, chain: RelayerChain): Promise<void> {
  const mined = await chain.minedCount()
  await pool.query('insert into app.sender (address, next_nonce) values ($1, $2) on conflict do nothing', [
    chain.wallet.address,
    mined
  ])
}

interface Looked {
  row: OutboxRow
  simulation: Simulation
}

interface Passing {
  row: OutboxRow
  gasLimit: bigint
}

interface Page {
  /** Undefined when there is none. */
  last: string | undefined
  passing: Passing[]
  reverting: OutboxRow[]
}

/**
 * Takes what the outbox holds to the chain, many rows at a time. What it remembers between turns only saves work: all that
 * counts is in the outbox.
 */
export class Relay {
  private readonly pool: Pool
  private readonly chain: RelayerChain
  private readonly sender: string
  /** Rows that the contract refused while something before them was open, and at which height. */
  private readonly waiting = new Map<string, number>()
  /** Rows without a contract that they could go to. */
  private readonly stranded = new Set<string>()
  private lookedAt = 0
  /** Ends when the node has all that was signed in this turn. */
  private handedOver: Promise<void> = Promise.resolve()
  private readonly idleLookMs: number
  private isSendingNow = false

  /** @param idleLookMs With nothing to do, whether the chain lost blocks is looked at this often. */
  constructor(pool: Pool, chain: RelayerChain, idleLookMs = 500) {
    this.idleLookMs = idleLookMs
    this.pool = pool
    this.chain = chain
    this.sender = chain.wallet.address
  }

  /** Commands are on their way to the node, which what can wait should not hold up. */
  get isSending(): boolean {
    return this.isSendingNow
  }

  /** One turn: finish what is on its way, then send what waits. Returns whether anything moved. */
  async turn(): Promise<boolean> {
    const work = await workOf(this.pool, this.sender)
    if (!work.hasQueued && work.sent === 0 && Date.now() - this.lookedAt < this.idleLookMs) return false
    const minedCount = await this.chain.minedCount()
    this.lookedAt = Date.now()
    // A chain that lost blocks has a lower nonce than we saw: the same bytes are sent again, in order.
    const reopened = work.seen > minedCount ? await reopenFrom(this.pool, this.sender, minedCount) : 0
    const finished = work.sent + reopened > 0 ? await this.followSent(minedCount) : 0
    this.isSendingNow = work.hasQueued
    const moved = work.hasQueued
      ? await this.sendQueued(work.sent + reopened - finished).finally(() => (this.isSendingNow = false))
      : 0
    return reopened + finished + moved > 0
  }

  private async followSent(minedCount: number): Promise<number> {
    const rows = await inFlight(this.pool, this.sender, IN_FLIGHT_MAX)
    // In the order of nonces, so those that the chain has come first.
    const taken = rows.filter(({ nonce }) => nonce! < minedCount)
    const receipts = await this.chain.receiptsOf(taken.map(({ txHash }) => txHash!))
    const ended = taken.flatMap((row, i) => (receipts[i] ? [{ row, ...receipts[i] }] : []))
    const passed = ended.filter(({ hasPassed }) => hasPassed)
    if (passed.length > 0) await inTransaction(this.pool, (tx) => markMined(tx, passed))
    for (const { row, block } of ended.filter(({ hasPassed }) => !hasPassed)) {
      const refusal = await this.chain.reasonOf(row.target, row.data, block.number)
      await inTransaction(this.pool, (tx) => markFailed(tx, row, block, refusal))
    }
    for (const { row } of ended) this.chain.forget(row.txHash!)
    const isEnded = new Set(ended.map(({ row }) => row))
    await this.handOverAgain(rows.filter((row) => !isEnded.has(row)))
    return ended.length
  }

  private async handOverAgain(rows: readonly OutboxRow[]): Promise<void> {
    const due = rows.filter(({ txHash }) => this.chain.isDue(txHash!))
    const missing = await this.chain.targetsWithoutCode(due)
    const possible = due.filter(({ target }) => !missing.has(target))
    await this.chain.broadcast(possible.map(({ txHash, raw }) => ({ hash: txHash!, raw: raw! })))
  }

  private async sendQueued(sent: number): Promise<number> {
    this.handedOver = Promise.resolve()
    const head = await this.chain.head(sent === 0)
    let room = IN_FLIGHT_MAX - sent
    let moved = 0
    let page = this.lookAtPage(head, '0', room)
    for (;;) {
      const { last, passing, reverting } = await page
      if (last === undefined) break
      // The node looks at the next page while this one is signed.
      page = this.lookAtPage(head, last, room - passing.length)
      // Should this page fail, nobody waits for the next one.
      page.catch(() => {})
      const sentNow = await this.send(passing)
      const { passed, refused } = await this.lookAgain(reverting, head)
      room -= sentNow + passed
      moved += sentNow + passed + refused
    }
    await this.handedOver
    if (room === IN_FLIGHT_MAX) this.waiting.clear()
    return moved
  }

  /** The next rows, and which of them pass behind the newest block and each other. */
  private async lookAtPage(head: Head, after: string, room: number): Promise<Page> {
    const page = room > 0 ? await nextQueued(this.pool, Math.min(BATCH, room), after) : []
    const isBusy = room < IN_FLIGHT_MAX
    // While something is on its way a block will come, and until then what waited at this height waits on.
    const rows = page.filter(({ outboxId }) => !isBusy || this.waiting.get(outboxId) !== head.height)
    const last = page.at(-1)?.outboxId
    if (rows.length === 0) return { last, passing: [], reverting: [] }
    const [gasLimits, missing] = await Promise.all([
      this.chain.gasLimitsOf(rows, head),
      this.chain.targetsWithoutCode(rows)
    ])
    const looked = rows.map((row, i) => ({ row, gasLimit: gasLimits[i], hasCode: !missing.has(row.target) }))
    // An account that is not there yet, or not any more, holds up nobody else.
    for (const { row, hasCode } of looked) {
      if (hasCode) this.stranded.delete(row.outboxId)
      else {
        this.stranded.add(row.outboxId)
        this.waiting.set(row.outboxId, head.height)
      }
    }
    const possible = looked.filter(({ hasCode }) => hasCode)
    return {
      last,
      passing: possible.flatMap(({ row, gasLimit }) => (gasLimit === undefined ? [] : [{ row, gasLimit }])),
      reverting: possible.flatMap(({ row, gasLimit }) => (gasLimit === undefined ? [row] : []))
    }
  }

  /** What does not pass at first may pass behind those that are on their way, so it is looked at there: only this look refuses. */
  private async lookAgain(rows: readonly OutboxRow[], head: Head): Promise<{ passed: number; refused: number }> {
    if (rows.length === 0) return { passed: 0, refused: 0 }
    await this.handedOver
    const looked = await this.simulate(rows)
    const passed = await this.send(
      looked.flatMap(({ row, simulation }) =>
        simulation.kind === 'passes' ? [{ row, gasLimit: simulation.gasLimit }] : []
      )
    )
    let refused = 0
    for (const { row, simulation } of looked) {
      if (simulation.kind === 'passes' || judge(simulation) === 'later') continue
      if (await this.refuse(row, simulation.refusal)) refused++
      else this.waiting.set(row.outboxId, head.height)
    }
    return { passed, refused }
  }

  /** A pending block has the time of now. One with many transactions is made anew for each call: this is for the few that do not pass. */
  private simulate(rows: readonly OutboxRow[]): Promise<Looked[]> {
    return Promise.all(
      rows.map(async (row) => ({ row, simulation: await this.chain.simulate(row.target, row.data, 'pending') }))
    )
  }

  /** Signs and keeps them; they are handed to the node behind those before them, which nobody waits for here. Returns how many. */
  private async send(passing: readonly Passing[]): Promise<number> {
    if (passing.length === 0) return 0
    const signed = await inTransaction(this.pool, async (tx) => {
      const first = await takeNonces(tx, this.sender, passing.length)
      const all = passing.map(({ row, gasLimit }, i) => {
        const nonce = first + i
        return { row, nonce, ...this.chain.sign(row.target, row.data, nonce, gasLimit) }
      })
      await markSent(tx, this.sender, all)
      return all
    })
    const before = this.handedOver
    this.handedOver = before.then(() => this.chain.broadcast(signed))
    this.handedOver.catch(() => {})
    return signed.length
  }

  private async refuse(row: OutboxRow, refusal: ContractRefusal): Promise<boolean> {
    const minedCount = await this.chain.minedCount()
    const known = { sender: this.sender, minedCount, stranded: this.stranded }
    return inTransaction(this.pool, (tx) => markRefused(tx, row, refusal, known))
  }
}
