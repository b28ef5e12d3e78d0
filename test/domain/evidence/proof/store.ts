/** A real chain with a contract that stores what it is told, and its proofs. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { concat, getCreateAddress, toBeHex, Wallet } from 'ethers'
import { encodeHeader } from '../../../../domain/evidence/proof/header.ts'
import type { StateProof } from '../../../../domain/evidence/proof/state-proof.ts'
import { askChain, CHAIN_ID, startChain, type Chain } from '../../../../scripts/instance/chain.ts'

interface RpcProof {
  address: string
  accountProof: string[]
  storageProof: { key: string; value: string; proof: string[] }[]
}

export const slotOf = (number: number | bigint): string => toBeHex(number, 32)

export class Store {
  readonly wallet = Wallet.createRandom()
  readonly address = getCreateAddress({ from: this.wallet.address, nonce: 0 }).toLowerCase()
  readonly dir = mkdtempSync(join(tmpdir(), 'tallystick-proof-'))
  private nonce = 0
  chain!: Chain

  async start(): Promise<void> {
    this.chain = await startChain({ dir: this.dir })
    // sstore(calldata[0], calldata[32]), and what deploys it.
    if (this.nonce === 0) await this.send(null, '0x67602035600035550060005260086018f3')
  }

  async stop(): Promise<void> {
    await this.chain.stop()
    rmSync(this.dir, { recursive: true, force: true })
  }

  ask<T>(method: string, ...params: unknown[]): Promise<T> {
    return askChain(this.chain.url, method, params) as Promise<T>
  }

  put(slot: number | bigint, value: bigint): Promise<void> {
    return this.send(this.address, concat([slotOf(slot), slotOf(value)]))
  }

  private async send(to: string | null, data: string): Promise<void> {
    const common = { chainId: CHAIN_ID, nonce: this.nonce++, data, gasLimit: 1_000_000n, gasPrice: 0n, type: 0 }
    const raw = await this.wallet.signTransaction(to === null ? common : { ...common, to })
    const hash = await this.ask<string>('eth_sendRawTransaction', raw)
    while (!(await this.ask('eth_getTransactionReceipt', hash))) await delay(10)
  }

  block(tag: string = 'latest'): Promise<Record<string, string>> {
    return this.ask('eth_getBlockByNumber', tag, false)
  }

  async header(tag?: string): Promise<string> {
    return encodeHeader(await this.block(tag))
  }

  /** Proof of the slots, and what the node says is in them. */
  async proof(slots: (number | bigint)[], tag: string = 'latest'): Promise<StateProof & { values: bigint[] }> {
    const got = await this.ask<RpcProof>('eth_getProof', this.address, slots.map(slotOf), tag)
    return {
      address: got.address,
      accountProof: got.accountProof,
      slots: got.storageProof.map(({ key, proof }) => ({ slot: key, proof })),
      values: got.storageProof.map(({ value }) => BigInt(value))
    }
  }
}
