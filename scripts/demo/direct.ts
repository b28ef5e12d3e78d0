import { JsonRpcProvider, Wallet } from 'ethers'
import { contracts, decodeRefusal, type ContractRefusal, type Deployment } from '../../domain/chain/contracts.ts'
import { callOf, type Command } from '../../domain/intent/commands.ts'
import { encodeMultiSignature, executeTypedData } from '../../domain/intent/typed-data.ts'

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
  signers: string[],
  command: Command
): Promise<DirectResult> {
  const provider = new JsonRpcProvider(rpcUrl, deployment.chainId, { staticNetwork: true, cacheTimeout: -1 })
  try {
    const carrier = Wallet.createRandom(provider)
    const nonce = BigInt(Wallet.createRandom().address) << 64n
    const deadline = Math.floor(Date.now() / 1000) + 3600
    const typed = executeTypedData(deployment.chainId, account, [callOf(command, deployment)], nonce, deadline)
    const parts = await Promise.all(
      signers.map(async (key) => {
        const signer = new Wallet(key)
        return {
          signer: signer.address.toLowerCase(),
          signature: await signer.signTypedData(typed.domain, typed.types, typed.message)
        }
      })
    )
    const { calls } = typed.message
    const data = contracts.participantAccount.encodeFunctionData('execute', [
      calls,
      nonce,
      deadline,
      encodeMultiSignature(parts)
    ])
    const request = { from: carrier.address, to: account, data, gasPrice: 0n }
    const refusal = await provider.call(request).then(
      () => undefined,
      (error: { data?: string }) => decodeRefusal(error.data) ?? { name: 'REVERTED_WITHOUT_REASON', args: {} }
    )
    const raw = await carrier.signTransaction({
      type: 0,
      chainId: deployment.chainId,
      nonce: 0,
      to: account,
      data,
      gasLimit: 2_000_000,
      gasPrice: 0
    })
    const sent = await provider.broadcastTransaction(raw)
    const receipt = await provider.waitForTransaction(sent.hash, 1, 30_000)
    if ((receipt?.status === 1) === (refusal !== undefined))
      throw new Error('the chain changed its mind between call and block')
    return { txHash: sent.hash, refusal }
  } finally {
    provider.destroy()
  }
}
