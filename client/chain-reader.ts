/** The chain as a verifier asks it: over JSON-RPC, from Node and from browsers. */
import { FetchRequest, JsonRpcProvider, Network, toQuantity, ZeroHash } from 'ethers'
import { contracts } from '../domain/chain/contracts.ts'
import type { CertificateChain } from '../domain/evidence/certificate/verify.ts'
import type { ChainReader, ChainReceipt } from '../domain/evidence/chain-check.ts'
import { noteStates } from '../domain/note/note-states.ts'
import { receivableStates } from '../domain/receivable/receivable-states.ts'

/** The node did not answer, so nothing can be said: neither for nor against the package. */
export class ChainUnreachable extends Error {
  readonly code = 'CHAIN_UNREACHABLE'
}

interface RpcReceipt {
  blockNumber: string
  blockHash: string
  logs: { address: string; topics: string[]; data: string; logIndex: string }[]
}

/** A reader over JSON-RPC. Every method rejects with {@link ChainUnreachable} when the node does not answer. */
export function chainReader(url: string): ChainReader & CertificateChain & { close(): void } {
  const request = new FetchRequest(url)
  request.timeout = 10_000
  // A fixed network keeps ethers from asking for it again and again; the real chain id is one of the checks.
  const network = Network.from(1)
  const provider = new JsonRpcProvider(request, network, { staticNetwork: network, batchMaxCount: 1 })

  async function send<T>(method: string, params: unknown[]): Promise<T> {
    try {
      return (await provider.send(method, params)) as T
    } catch (error) {
      if (isRefusal(error)) throw error
      throw new ChainUnreachable(`${url} does not answer ${method}: ${(error as Error).message}`)
    }
  }

  /** Undefined when there is no such contract, or when the node refuses the call at that block. */
  async function call(name: string, to: string, args: unknown[], block?: number): Promise<unknown[] | undefined> {
    const abi = name === 'rootOf' ? contracts.evidenceLog : contracts.receivables
    const at = block === undefined ? 'latest' : toQuantity(block)
    try {
      const data = await send<string>('eth_call', [{ to, data: abi.encodeFunctionData(name, args) }, at])
      return data === '0x' ? undefined : [...abi.decodeFunctionResult(name, data)]
    } catch (error) {
      if (error instanceof ChainUnreachable) throw error
      return undefined
    }
  }

  return {
    chainId: async () => Number(await send<string>('eth_chainId', [])),
    genesisHash: async () => (await blockHash(0)) ?? ZeroHash,
    blockHash,
    async blockTime(blockNumber) {
      const block = await blockAt(blockNumber)
      return block && Number(block.timestamp)
    },
    async newestBlock() {
      const block = await send<{ number: string; timestamp: string }>('eth_getBlockByNumber', ['latest', false])
      return { number: Number(block.number), time: Number(block.timestamp) }
    },
    async storageAt(address, slot) {
      return BigInt(await send<string>('eth_getStorageAt', [address, slot, 'latest']))
    },
    async headRootOf(evidenceLog, size) {
      return String((await call('rootOf', evidenceLog, [size]))?.[0] ?? ZeroHash)
    },
    codeOf: (address) => send<string>('eth_getCode', [address, 'latest']),
    async stateOf(receivables, terms, fingerprints, block) {
      const answer = await call('stateOf', receivables, [terms, fingerprints], block)
      return answer && (receivableStates[Number(answer[0])] ?? 'none')
    },
    async receivableOf(receivables, id, block) {
      const answer = (await call('receivableOf', receivables, [id], block))?.[0]
      if (!answer) return undefined
      const { amount, isDisputed } = answer as { amount: bigint; isDisputed: boolean }
      return { amount, isDisputed }
    },
    async noteOf(receivables, id, block) {
      const answer = (await call('noteOf', receivables, [id], block))?.[0] as Record<string, bigint> | undefined
      if (!answer) return undefined
      const { state, end, holder, counterparty } = answer as Record<'state' | 'end' | 'holder' | 'counterparty', bigint>
      return {
        state: noteStates[Number(state)] ?? 'none',
        end,
        holder: Number(holder),
        counterparty: Number(counterparty)
      }
    },
    async receipt(txHash): Promise<ChainReceipt | undefined> {
      const receipt = await send<RpcReceipt | null>('eth_getTransactionReceipt', [txHash])
      if (!receipt) return undefined
      const logs = receipt.logs.map(({ address, topics, data, logIndex }) => ({
        address,
        topics,
        data,
        index: Number(logIndex)
      }))
      return { blockNumber: Number(receipt.blockNumber), blockHash: receipt.blockHash, logs }
    },
    close: () => provider.destroy()
  }

  async function blockAt(blockNumber: number): Promise<{ hash: string; timestamp: string } | undefined> {
    const at = toQuantity(blockNumber)
    const block = await send<{ hash: string; timestamp: string } | null>('eth_getBlockByNumber', [at, false])
    return block ?? undefined
  }

  async function blockHash(blockNumber: number): Promise<string | undefined> {
    return (await blockAt(blockNumber))?.hash
  }
}

/** The node answered, with a JSON-RPC error. */
function isRefusal(error: unknown): boolean {
  const { code, error: payload, info } = error as { code?: string; error?: unknown; info?: { error?: unknown } }
  return code === 'CALL_EXCEPTION' || payload !== undefined || info?.error !== undefined
}
