import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Contract, JsonRpcProvider, type TransactionReceipt } from 'ethers'
import { expect } from 'vitest'
import { contracts, type Deployment } from '../../domain/chain/contracts.ts'
import { noteStates } from '../../domain/note/note-states.ts'
import { notePurposes } from '../../domain/note/note-word.ts'
import { receivableStates } from '../../domain/receivable/receivable-states.ts'
import type { Terms } from '../../domain/receivable/terms.ts'
import { findInstance } from '../../scripts/instance/data-folder.ts'
import { query } from './started.ts'

interface Shown extends Omit<Terms, 'amount'> {
  id: string
  state: string
  amount: string
  isDisputed: boolean
  fingerprints: string[]
}

/** The chain of a running instance, asked directly. */
export class OnChain {
  readonly deployment: Deployment
  readonly provider: JsonRpcProvider
  private readonly dir: string
  private readonly receivables: Contract
  private readonly evidenceLog: Contract

  constructor(dir: string) {
    this.dir = dir
    this.deployment = JSON.parse(readFileSync(join(dir, 'deployment.json'), 'utf8')) as Deployment
    this.provider = new JsonRpcProvider(findInstance(dir).rpcUrl, this.deployment.chainId, {
      staticNetwork: true,
      cacheTimeout: -1
    })
    this.receivables = new Contract(this.deployment.receivables, contracts.receivables, this.provider)
    this.evidenceLog = new Contract(this.deployment.evidenceLog, contracts.evidenceLog, this.provider)
  }

  /** A receivable that is not only registered: that one is a claim on its fingerprints and nothing else. */
  async receivable(id: string) {
    const { state, amount, isDisputed } = await this.receivables.getFunction('receivableOf')(id)
    return { state: receivableStates[Number(state)], amount: String(amount), isDisputed: Boolean(isDisputed) }
  }

  async stateOf(terms: Omit<Terms, 'amount'> & { amount: string }, fingerprints: string[]) {
    return receivableStates[Number(await this.receivables.getFunction('stateOf')(terms, fingerprints))]
  }

  async note(id: string) {
    const note = await this.receivables.getFunction('noteOf')(id)
    return {
      end: String(note.end),
      holder: Number(note.holder),
      counterparty: Number(note.counterparty),
      assignor: Number(note.assignor),
      tier: Number(note.tier),
      state: noteStates[Number(note.state)],
      purpose: notePurposes[Number(note.purpose)],
      hasRecourse: Boolean(note.hasRecourse)
    }
  }

  receipt(hash: string): Promise<TransactionReceipt | null> {
    return this.provider.getTransactionReceipt(hash)
  }

  close(): void {
    this.provider.destroy()
  }

  /** Every receivable and note of the projection is what the contract says. Returns how many there are. */
  async expectProjected(): Promise<{ receivables: number; notes: number }> {
    const receivables = await query<Shown>(
      this.dir,
      `select receivable_id as id, state, disputed as "isDisputed", creditor, debtor, amount::text, currency,
              maturity::float8 as maturity, content_commitment as "contentCommitment", fingerprints
         from projection.receivable`
    )
    for (const { id, state, isDisputed, fingerprints, ...terms } of receivables) {
      expect(await this.stateOf(terms, fingerprints), id).toBe(state)
      if (state === 'registered') continue
      expect(await this.receivable(id), id).toEqual({ state, amount: terms.amount, isDisputed })
    }
    const notes = await query<Awaited<ReturnType<OnChain['note']>> & { id: string }>(
      this.dir,
      `select note_id as id, upper(span)::text as end, holder,
              coalesce(counterparty, 0) as counterparty, coalesce(assignor, 0) as assignor, tier, state, purpose, has_recourse as "hasRecourse"
         from projection.note`
    )
    for (const { id, ...shown } of notes) expect(await this.note(id), id).toEqual(shown)
    return { receivables: receivables.length, notes: notes.length }
  }

  /**
   * What the relayer says of its transactions is what the chain says, and no nonce is missing or used twice. It anchors the log by itself:
   * when it was at work meanwhile, all is looked at again.
   */
  async expectOutbox(): Promise<void> {
    for (let tries = 1; ; tries++) {
      const before = await this.atWork()
      try {
        return await this.compareOutbox()
      } catch (error) {
        const after = await this.atWork()
        if (tries === 10 || (before.open === 0 && after.open === 0 && before.sent === after.sent)) throw error
        await delay(300)
      }
    }
  }

  /** Rows that are open, and nonces that were ever given. */
  private async atWork(): Promise<{ open: number; sent: number }> {
    const [row] = await query<{ open: number; sent: number }>(
      this.dir,
      `select count(*) filter (where state in ('queued', 'sent'))::int as open, count(nonce)::int as sent from app.outbox`
    )
    return row!
  }

  private async compareOutbox(): Promise<void> {
    const rows = await query<{
      nonce: string
      state: string
      intent: string
      hash: string
      block: string
      sender: string
    }>(
      this.dir,
      `select o.nonce, o.state, coalesce(i.state, 'none') as intent, o.tx_hash as hash, o.block_hash as block, o.sender
         from app.outbox o left join app.intent i using (intent_id) where o.nonce is not null order by o.nonce`
    )
    const [sender] = await query<{ next: string }>(this.dir, 'select next_nonce as next from app.sender')
    expect(rows.map(({ nonce }) => Number(nonce))).toEqual(rows.map((_, index) => index))
    expect(Number(sender!.next)).toBe(rows.length)
    for (const { nonce, state, intent, hash, block, sender: from } of rows) {
      const [mined, receipt] = [await this.provider.getTransaction(hash), await this.receipt(hash)]
      expect({ from: mined?.from, nonce: mined?.nonce, block: receipt?.blockHash }, hash).toEqual({
        from,
        nonce: Number(nonce),
        block
      })
      expect(state, hash).toBe(receipt?.status === 1 ? 'mined' : 'refused')
      if (intent !== 'none') expect(intent, hash).toBe(state)
    }
    if (rows.length > 0) expect(await this.provider.getTransactionCount(rows[0]!.sender)).toBe(rows.length)
  }

  /** Every head that counts as anchored is the contract's. */
  async expectAnchors(): Promise<number> {
    const heads = await query<{ size: string; root: string }>(
      this.dir,
      `select h.size, h.root from app.evidence_head h join app.outbox o on o.head_size = h.size where o.state = 'mined'`
    )
    for (const { size, root } of heads) expect(await this.evidenceLog.getFunction('rootOf')(size)).toBe(root)
    return heads.length
  }
}
