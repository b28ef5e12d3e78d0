import { getBytes, isError, toQuantity, Wallet } from 'ethers'
import { decodeRefusal, type ContractRefusal, type Deployment } from '../../domain/chain/contracts.ts'
import type { Simulation } from './judge.ts'
import { Node } from './node.ts'
import { signTransaction, type SignedTransaction } from './transaction.ts'

/** Most gas a transaction of ours may take; below the 2^24 that newer chains allow. */
const GAS_CAP = 16_000_000n

/** State after the newest block, or after what the node has not mined yet. */
export type StateTag = 'latest' | 'pending'

export interface Call {
  target: string
  data: string
}

export interface Head {
  height: number
  /** Of the block that comes next, at the earliest. Unix seconds. */
  nextTime: number
  /** By which state a call is looked at where it must be by itself: the pending one only while it is empty, for the node makes it anew for each call. */
  tag: StateTag
}

/** Where a transaction is, whether it did what it should, and what the contracts said. */
export interface Receipt {
  block: { number: number; hash: string }
  hasPassed: boolean
  logs: readonly Log[]
}

export interface Log {
  address: string
  topics: readonly string[]
  data: string
  /** Within the block. */
  index: number
}

/** As the node tells it; a hash that it does not know, or has in no block, has none. */
interface RawReceipt {
  transactionHash: string
  status: string
  blockNumber: string | null
  blockHash: string
  logs: { address: string; topics: string[]; data: string; logIndex: string }[]
}

/** A transaction that the node may have lost is handed over again after this long. Milliseconds. */
const HAND_OVER_AGAIN = 2_000

/** From so many transactions on that are looked for in one block, all receipts of the block are asked for in one call. */
const WORTH_A_BLOCK = 8

/**
 * The chain as the relayer needs it. One key, one nonce counter, no price asked of the node. Calls made in the same moment go
 * to the node in one request.
 */
export class RelayerChain {
  readonly wallet: Wallet
  private readonly provider: Node
  private readonly key: Uint8Array
  private readonly chainId: number
  private readonly registry: string
  /** When the node was last given a transaction, by hash. Empty after a start: then all that is on its way is given again. */
  private readonly handedOver = new Map<string, number>()

  constructor(
    rpcUrl: string,
    { chainId, participants }: Pick<Deployment, 'chainId' | 'participants'>,
    privateKey: string
  ) {
    this.registry = participants
    this.provider = new Node(rpcUrl, chainId)
    this.wallet = new Wallet(privateKey)
    this.key = getBytes(this.wallet.privateKey)
    this.chainId = chainId
  }

  /**
   * The newest block, by the node.
   * @param isIdle Nothing of ours is on its way: then the pending block is empty, and asking for its time costs the node nothing.
   */
  async head(isIdle: boolean): Promise<Head> {
    const tags = isIdle ? ['latest', 'pending'] : ['latest']
    const [latest, pending] = await Promise.all(
      tags.map(
        (tag) =>
          this.provider.send('eth_getBlockByNumber', [tag, false]) as Promise<{ number: string; timestamp: string }>
      )
    )
    const nextTime = Math.max(Number(latest!.timestamp) + 1, Number(pending?.timestamp ?? 0))
    return { height: Number(latest!.number), nextTime, tag: isIdle ? 'pending' : 'latest' }
  }

  /** Number of this key's transactions that are in the chain. */
  async minedCount(): Promise<number> {
    return this.provider.getTransactionCount(this.wallet.address, 'latest')
  }

  /**
   * Those targets that are no contracts, each asked for once. A call to where nothing is succeeds and does nothing: our transactions
   * would be taken for nothing, so none of them may be sent.
   * @throws Error when the registry is not there either: the chain has lost it, not one participant its account
   */
  async targetsWithoutCode(calls: readonly Pick<Call, 'target'>[]): Promise<ReadonlySet<string>> {
    const targets = [...new Set(calls.map(({ target }) => target))]
    const codes = await Promise.all(targets.map((target) => this.provider.getCode(target)))
    const missing = targets.filter((_, i) => codes[i] === '0x')
    if (missing.length > 0 && (await this.provider.getCode(this.registry)) === '0x') {
      throw new Error(
        `there is no contract at ${missing[0]}: the chain lost the blocks of the deployment, start the instance again`
      )
    }
    return new Set(missing)
  }

  /**
   * Gas limits for the calls, one after another in the block that comes next: one request in which each is carried out once. Those
   * that do not pass there are undefined; why, and whether for good, `simulate` tells. A node that does not know the
   * request, or takes so much gas at once for too much, is asked for each call by itself.
   */
  async gasLimitsOf(calls: readonly Call[], { height, nextTime, tag }: Head): Promise<(bigint | undefined)[]> {
    const from = this.wallet.address
    const block = {
      blockOverrides: { time: toQuantity(nextTime), gasLimit: toQuantity(GAS_CAP * BigInt(calls.length + 1)) },
      calls: calls.map(({ target, data }) => ({
        ...{ from, to: target, input: data, gas: toQuantity(GAS_CAP), gasPrice: '0x0' }
      }))
    }
    const request = [{ blockStateCalls: [block], validation: false }, toQuantity(height)]
    const [answer] = (await this.provider.send('eth_simulateV1', request).catch(() => [])) as [
      { calls: { status: string; gasUsed: string }[] }?
    ]
    if (answer?.calls.length === calls.length) {
      // After refunds, at most a fifth of all; and at each depth a sixty-fourth must be left over.
      return answer.calls.map(({ status, gasUsed }) =>
        status === '0x1' ? min((BigInt(gasUsed) * 3n) / 2n + 100_000n, GAS_CAP) : undefined
      )
    }
    const simulations = await Promise.all(calls.map(({ target, data }) => this.simulate(target, data, tag)))
    return simulations.map((one) => (one.kind === 'passes' ? one.gasLimit : undefined))
  }

  /** What the call would do there; the target must be a contract. Throws when the node does not answer. */
  async simulate(target: string, data: string, blockTag: StateTag = 'pending'): Promise<Simulation> {
    const request = { from: this.wallet.address, to: target, data, gasPrice: 0n }
    try {
      const gas = await this.provider.estimateGas({ ...request, blockTag })
      return { kind: 'passes', gasLimit: min((gas * 13n) / 10n + 50_000n, GAS_CAP) }
    } catch (error) {
      const refusal = refusalIn(error)
      if (!refusal) throw error
      return { kind: 'reverts', refusal }
    }
  }

  /** Signed bytes of a legacy transaction at price zero, and its hash. */
  sign(target: string, data: string, nonce: number, gasLimit: bigint): SignedTransaction {
    return signTransaction(this.key, { chainId: this.chainId, nonce, gasLimit, to: target, data })
  }

  /** Whether the node has not been given the transaction of late. */
  isDue(hash: string): boolean {
    return Date.now() - (this.handedOver.get(hash) ?? 0) >= HAND_OVER_AGAIN
  }

  /**
   * Hands the bytes to the node. Giving them again is harmless: one nonce, one transaction.
   * @throws Error when the node does not answer, or refuses one; then the others have been given
   */
  async broadcast(transactions: readonly SignedTransaction[]): Promise<void> {
    const answers = await this.provider.ask(
      'eth_sendRawTransaction',
      transactions.map(({ raw }) => [raw])
    )
    const now = Date.now()
    const refused = answers.filter(({ error }, i) => {
      if (error && !isAlreadyThere(error)) return true
      this.handedOver.set(transactions[i]!.hash, now)
      return false
    })
    if (refused.length > 0) throw new Error(`the node takes no transaction: ${JSON.stringify(refused[0]!.error)}`)
  }

  /** The transaction is in a block: should a fork lose it, it is handed over again at once. */
  forget(hash: string): void {
    this.handedOver.delete(hash)
  }

  /**
   * Where the transactions are, undefined for one that is in no block. Many of one block are found by one look at it, so they are
   * best given in the chain's order.
   */
  async receiptsOf(hashes: readonly string[]): Promise<(Receipt | undefined)[]> {
    const found = new Map<string, Receipt>()
    let open = hashes
    while (open.length >= WORTH_A_BLOCK) {
      const [first] = await this.askReceipts([open[0]!])
      if (!first) break
      // By number, not by hash: a block that the chain gave up has one too.
      const [answer] = await this.provider.ask('eth_getBlockReceipts', [[toQuantity(first.block.number)]])
      const raws = Array.isArray(answer!.result) ? (answer!.result as RawReceipt[]) : []
      const inBlock = new Map(raws.map((raw) => [raw.transactionHash, raw]))
      const here = open.flatMap((hash) => inBlock.get(hash) ?? [])
      for (const raw of here) found.set(raw.transactionHash, receiptOf(raw)!)
      open = open.filter((hash) => !found.has(hash))
      if (here.length < WORTH_A_BLOCK) break
    }
    const rest = await this.askReceipts(open)
    for (const [i, receipt] of rest.entries()) if (receipt) found.set(open[i]!, receipt)
    return hashes.map((hash) => found.get(hash))
  }

  private async askReceipts(hashes: readonly string[]): Promise<(Receipt | undefined)[]> {
    const answers = await this.provider.ask(
      'eth_getTransactionReceipt',
      hashes.map((hash) => [hash])
    )
    return answers.map(({ result, error }) => {
      if (error) throw new Error(`the node gives no receipt: ${JSON.stringify(error)}`)
      return receiptOf(result as RawReceipt | null)
    })
  }

  async blockTime(hash: string): Promise<number> {
    const block = await this.provider.getBlock(hash)
    if (!block) throw new Error(`block ${hash} is gone`)
    return block.timestamp
  }

  /**
   * Why a mined transaction failed: its call again, in the state before its block, and where it passes there, in the state
   * after it, which shows what came first in the same block. A node that no longer has those states can't tell, and must
   * not hold up everything behind.
   */
  async reasonOf(target: string, data: string, blockNumber: number): Promise<ContractRefusal> {
    for (const blockTag of [blockNumber - 1, blockNumber]) {
      try {
        await this.provider.call({ from: this.wallet.address, to: target, data, gasPrice: 0n, blockTag })
      } catch (error) {
        if (!isError(error, 'CALL_EXCEPTION')) throw error
        const refusal = refusalIn(error)
        if (refusal) return refusal
      }
    }
    return { name: 'REVERTED_WHEN_MINED', args: {} }
  }

  destroy(): void {
    this.provider.destroy()
  }
}

function receiptOf(raw: RawReceipt | null): Receipt | undefined {
  if (!raw?.blockNumber) return undefined
  return {
    block: { number: Number(raw.blockNumber), hash: raw.blockHash },
    hasPassed: Number(raw.status) === 1,
    logs: raw.logs.map(({ address, topics, data, logIndex }) => ({ address, topics, data, index: Number(logIndex) }))
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
  return /already known|already imported|known transaction|nonce too low|nonce below/i.test(JSON.stringify(error))
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
