import { isError, JsonRpcProvider, Transaction, Wallet, type TransactionReceipt } from 'ethers'
import { decodeRefusal, type ContractRefusal } from '../../domain/chain/contracts.ts'
import type { Simulation } from './judge.ts'

/** Most gas a transaction of ours may take; below the 2^24 that newer chains allow. */
const GAS_CAP = 16_000_000n

/** The chain as the relayer needs it. One key, one nonce counter, no price asked of the node. */
export class RelayerChain {
  readonly wallet: Wallet
  private readonly provider: JsonRpcProvider
  private readonly chainId: number

  constructor(rpcUrl: string, chainId: number, privateKey: string) {
    this.provider = new JsonRpcProvider(rpcUrl, chainId, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1 })
    this.wallet = new Wallet(privateKey)
    this.chainId = chainId
  }

  /** Number of this key's transactions that are in the chain. */
  async minedCount(): Promise<number> {
    return this.provider.getTransactionCount(this.wallet.address, 'latest')
  }

  /**
   * A call to where nothing is succeeds and does nothing: a chain that lost the blocks of the deployment would take our
   * transactions for nothing.
   * @throws Error until the contract is there again
   */
  async requireContract(target: string): Promise<void> {
    if ((await this.provider.getCode(target)) !== '0x') return
    throw new Error(
      `there is no contract at ${target}: the chain lost the blocks of the deployment, start the instance again`
    )
  }

  /** What the call would do now. Throws when the node does not answer, or the target is missing. */
  async simulate(target: string, data: string): Promise<Simulation> {
    const request = { from: this.wallet.address, to: target, data, gasPrice: 0n }
    try {
      const [gas] = await Promise.all([
        this.provider.estimateGas({ ...request, blockTag: 'pending' }),
        this.requireContract(target)
      ])
      return { kind: 'passes', gasLimit: min((gas * 13n) / 10n + 50_000n, GAS_CAP) }
    } catch (error) {
      const refusal = refusalIn(error)
      if (!refusal) throw error
      return { kind: 'reverts', refusal }
    }
  }

  /** Signed bytes of a legacy transaction at price zero, and its hash. */
  async sign(target: string, data: string, nonce: number, gasLimit: bigint): Promise<{ raw: string; hash: string }> {
    const raw = await this.wallet.signTransaction({
      type: 0,
      chainId: this.chainId,
      nonce,
      to: target,
      data,
      gasLimit,
      gasPrice: 0n,
      value: 0n
    })
    return { raw, hash: Transaction.from(raw).hash! }
  }

  /** Hands the bytes to the node. Sending them again is harmless: one nonce, one transaction. */
  async broadcast(raw: string): Promise<void> {
    try {
      await this.provider.send('eth_sendRawTransaction', [raw])
    } catch (error) {
      if (!isAlreadyThere(error)) throw error
    }
  }

  async receiptOf(hash: string): Promise<TransactionReceipt | null> {
    return this.provider.getTransactionReceipt(hash)
  }

  async blockTime(hash: string): Promise<number> {
    const block = await this.provider.getBlock(hash)
    if (!block) throw new Error(`block ${hash} is gone`)
    return block.timestamp
  }

  /**
   * Why a mined transaction failed: its call again, in the state before its block. A node that no longer has that state
   * can't tell, and must not hold up everything behind.
   */
  async reasonOf(target: string, data: string, blockNumber: number): Promise<ContractRefusal> {
    try {
      await this.provider.call({ from: this.wallet.address, to: target, data, gasPrice: 0n, blockTag: blockNumber })
    } catch (error) {
      if (!isError(error, 'CALL_EXCEPTION')) throw error
      const refusal = refusalIn(error)
      if (refusal) return refusal
    }
    return { name: 'REVERTED_WHEN_MINED', args: {} }
  }

  destroy(): void {
    this.provider.destroy()
  }
}

/**
 * What the contract said, if it was the contract. Ethers takes every error that a node gives to a call for one, also that
 * the node is syncing or knows no such block; only a revert comes with data.
 */
function refusalIn(error: unknown): ContractRefusal | undefined {
  if (!isError(error, 'CALL_EXCEPTION')) return undefined
  if (error.data !== null)
    return decodeRefusal(error.data) ?? { name: 'REVERTED_WITHOUT_REASON', args: { data: error.data } }
  const text = JSON.stringify(error.info?.['error'] ?? '')
  return /out of gas|gas required exceeds|invalid opcode|EVM error/i.test(text)
    ? { name: 'HALTED', args: {} }
    : undefined
}

/** Nodes word it differently: geth and anvil, Besu. */
function isAlreadyThere(error: unknown): boolean {
  const text = JSON.stringify((error as { error?: unknown }).error ?? '') + (error as Error).message
  return /already known|already imported|known transaction|nonce too low|nonce below/i.test(text)
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
