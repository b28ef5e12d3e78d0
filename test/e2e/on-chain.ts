import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Contract, JsonRpcProvider, type TransactionReceipt } from 'ethers'
import { expect } from 'vitest'
import { contracts, type Deployment } from '../../domain/chain/contracts.ts'
import { noteStates } from '../../domain/note/note-states.ts'
import { receivableStates } from '../../domain/receivable/receivable-states.ts'
import { findInstance } from '../../scripts/instance/data-folder.ts'
import { query } from './started.ts'

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

  async receivable(id: string) {
    const { state, amount, settled } = await this.receivables.getFunction('receivableOf')(id)
    return { state: receivableStates[Number(state)], amount: String(amount), settled: String(settled) }
  }

  async note(id: string) {
    const { end, holder, tier, state } = await this.receivables.getFunction('noteOf')(id)
    return { end: String(end), holder: Number(holder), tier: Number(tier), state: noteStates[Number(state)] }
  }

  receipt(hash: string): Promise<TransactionReceipt | null> {
    return this.provider.getTransactionReceipt(hash)
  }

  close(): void {
    this.provider.destroy()
  }

  /** Every receivable and note of the projection is what the contract says. Returns how many there are. */
  async expectProjected(): Promise<{ receivables: number; notes: number }> {
    const receivables = await query<{ id: string; state: string; amount: string; settled: string }>(
      this.dir,
      'select receivable_id as id, state, amount::text, settled::text from projection.receivable'
    )
    for (const { id, ...shown } of receivables) expect(await this.receivable(id), id).toEqual(shown)
    const notes = await query<{ id: string; end: string; holder: number; tier: number; state: string }>(
      this.dir,
      'select note_id as id, upper(span)::text as end, holder, tier, state from projection.note'
    )
    for (const { id, ...shown } of notes) expect(await this.note(id), id).toEqual(shown)
    return { receivables: receivables.length, notes: notes.length }
  }

  /** What the relayer says of its transactions is what the chain says, and no nonce is missing or used twice. */
  async expectOutbox(): Promise<void> {
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
