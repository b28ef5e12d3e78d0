import type { StateNode } from '../../domain/evidence/certificate/issue.ts'
import type { StateProof } from '../../domain/evidence/proof/state-proof.ts'

interface RpcProof {
  address: string
  accountProof: string[]
  storageProof: { key: string; proof: string[] }[]
}

const TIMEOUT_MS = 10_000
/** Slots that are asked for in one call: some nodes refuse more than 1,024. */
const SLOTS_PER_CALL = 500

/** The node did not answer, or with an error. */
export class NodeUnavailable extends Error {
  override readonly name = 'NodeUnavailable'
}

/** The chain's node as certificates need it. Methods throw {@link NodeUnavailable}. */
export function stateNode(rpcUrl: string): StateNode {
  async function ask<T>(method: string, params: unknown[]): Promise<T> {
    try {
      const response = await fetch(rpcUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
        signal: AbortSignal.timeout(TIMEOUT_MS)
      })
      const answer = (await response.json()) as { result?: T; error?: { message?: string } }
      if (answer.error || answer.result === undefined || answer.result === null) {
        throw new Error(answer.error?.message ?? 'no result')
      }
      return answer.result
    } catch (error) {
      throw new NodeUnavailable(`${method}: ${(error as Error).message}`)
    }
  }
  const hex = (number: number): string => `0x${number.toString(16)}`

  return {
    block: (number) => ask('eth_getBlockByNumber', [number === 'latest' ? number : hex(number), false]),
    async storageAt(address, slot, block) {
      return BigInt(await ask<string>('eth_getStorageAt', [address, slot, hex(block)]))
    },
    codeAt: (address, block) => ask('eth_getCode', [address, hex(block)]),
    async proof(address, slots, block) {
      const proof: StateProof = { address, accountProof: [], slots: [] }
      for (let from = 0; from < slots.length; from += SLOTS_PER_CALL) {
        const wanted = slots.slice(from, from + SLOTS_PER_CALL)
        const got = await ask<RpcProof>('eth_getProof', [address, wanted, hex(block)])
        proof.accountProof = got.accountProof
        // Nodes write keys with or without leading zeros: the order is what counts.
        proof.slots.push(
          ...got.storageProof.map(({ proof: nodes }, i) => ({ slot: wanted[i] as string, proof: nodes }))
        )
      }
      return proof
    }
  }
}
