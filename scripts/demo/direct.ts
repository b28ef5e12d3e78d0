import { setTimeout as delay } from 'node:timers/promises'
import { isError, JsonRpcProvider, Transaction, Wallet, type TransactionRequest } from 'ethers'
import { contracts, decodeRefusal, type ContractRefusal, type Deployment } from '../../domain/chain/contracts.ts'
import { callOf, type Command } from '../../domain/intent/commands.ts'
import { encodeMultiSignature, executeTypedData } from '../../domain/intent/typed-data.ts'
import { signWith, type SignerKey } from '../world/signing.ts'

const changed = 'the chain changed its mind between call and block'

export interface DirectResult {
  txHash: string
  refusal: ContractRefusal | undefined
}

/**
 * Sends a participant's signed command to the chain past our api and relayer, from an address that nobody knows: what the
 * registry refuses, it refuses by itself.
 */
export async function sendDirectly(
  rpcUrl: string,
  deployment: Deployment,
  account: string,
  signers: readonly SignerKey[],
  command: Command
): Promise<DirectResult> {
  const provider = new JsonRpcProvider(rpcUrl, deployment.chainId, { staticNetwork: true, cacheTimeout: -1 })
  try {
    const carrier = Wallet.createRandom(provider)
    const nonce = BigInt(Wallet.createRandom().address) << 64n
    const deadline = Math.floor(Date.now() / 1000) + 3600
    const typed = executeTypedData(deployment.chainId, account, [callOf(command, deployment)], nonce, deadline)
    const parts = await Promise.all(signers.map((key) => signWith(key, typed, deployment)))
    const { calls } = typed.message
    const data = contracts.participantAccount.encodeFunctionData('execute', [
      calls,
      nonce,
      deadline,
      encodeMultiSignature(parts)
    ])
    const request = { from: carrier.address, to: account, data, gasPrice: 0n }
    const refusal = await outlast(() => refusalOf(provider, request))
    const raw = await carrier.signTransaction({
      type: 0,
      chainId: deployment.chainId,
      nonce: 0,
      to: account,
      data,
      gasLimit: 2_000_000,
      gasPrice: 0
    })
    const hash = Transaction.from(raw).hash!
    const mined = await outlast(async () => {
      const receipt = await provider.getTransactionReceipt(hash)
      if (receipt) return receipt
      // A node that was started again may have lost the steps that this one stands on, until the relayer sends them again.
      const now = await refusalOf(provider, request)
      if (now?.name !== refusal?.name) throw new Error(changed)
      await provider.broadcastTransaction(raw)
      throw new Error(`${hash} is not mined yet`)
    })
    if ((mined.status === 1) === (refusal !== undefined)) throw new Error(changed)
    return { txHash: hash, refusal }
  } finally {
    provider.destroy()
  }
}

/** Why the contract would refuse the call; undefined when it would not. Throws when the node does not answer. */
async function refusalOf(provider: JsonRpcProvider, request: TransactionRequest): Promise<ContractRefusal | undefined> {
  try {
    await provider.call(request)
    return undefined
  } catch (error) {
    // Ethers takes every error that a node gives to a call for one of the contract; only a revert comes with data.
    if (!isError(error, 'CALL_EXCEPTION') || error.data === null) throw error
    return decodeRefusal(error.data) ?? { name: 'REVERTED_WITHOUT_REASON', args: {} }
  }
}

/** Repeats what fails for up to 30 s: the node may be starting again, and may have lost what it had just taken. */
async function outlast<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 30_000
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await delay(100)
    }
  }
}
