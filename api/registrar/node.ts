/** What is asked of the chain's node about accounts: their keys and pending recoveries are in no projection. */
import { contracts } from '../../domain/chain/contracts.ts'
import { signerDuties, type AccountSigner, type Quorum, type SignerDuty } from '../../domain/participant/signers.ts'
import { ApiError } from '../errors.ts'

const TIMEOUT_MS = 5_000
const MAX_UINT64 = 2n ** 64n - 1n

export interface Keys {
  signers: readonly AccountSigner[]
  quorum: Quorum
}

export interface AccountNode {
  /** Where the factory creates the account of these keys. */
  addressOf(keys: Keys, salt: string): Promise<string>
  /** How long an account can veto, seconds. The contract never changes it. */
  recoveryDelay(): Promise<number>
  /** The pending proposal, and from when it can be finished; undefined for none. */
  recoveryOf(account: string): Promise<{ proposal: string; readyAt: number } | undefined>
  /** Whether the account has these keys now. */
  hasKeys(account: string, keys: Keys): Promise<boolean>
  /** What a key may do for an account now, or as of a block; undefined for a key that is none of it. */
  dutyOf(account: string, signer: string, block?: number): Promise<SignerDuty | undefined>
  /** All keys that an account has, as of the newest block, which is not before this one. */
  keysOf(account: string, least: number): Promise<Keys>
  /** How many of each duty have to sign now. */
  quorumOf(account: string): Promise<Quorum>
}

/** Methods throw CHAIN_UNAVAILABLE when the node does not answer. */
export function accountNode(rpcUrl: string, factory: string): AccountNode {
  const { accountFactory, participantAccount } = contracts
  let delay: Promise<number> | undefined

  async function ask<T>(method: string, params: unknown[], title: string, read: (result: string) => T): Promise<T> {
    try {
      const response = await fetch(rpcUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
        signal: AbortSignal.timeout(TIMEOUT_MS)
      })
      const { result } = (await response.json()) as { result?: string }
      if (result === undefined) throw new Error('no result')
      return read(result)
    } catch (error) {
      throw new ApiError('CHAIN_UNAVAILABLE', { reason: `${title}: ${(error as Error).name}` })
    }
  }
  function call(abi: typeof accountFactory, to: string, name: string, args: unknown[], block?: number) {
    const at = block === undefined ? 'latest' : `0x${block.toString(16)}`
    const params = [{ to, data: abi.encodeFunctionData(name, args) }, at]
    return ask('eth_call', params, name, (result) => abi.decodeFunctionResult(name, result))
  }
  const newestBlock = () => ask('eth_blockNumber', [], 'newest block', Number)
  const encoded = ({ signers, quorum }: Keys) => [
    signers.map(({ signer, duty }) => ({ signer, duty: signerDuties.indexOf(duty) })),
    quorum
  ]

  async function quorumOf(account: string, block?: number): Promise<Quorum> {
    const [makers, checkers] = await call(participantAccount, account, 'quorum', [], block)
    return { makers: Number(makers), checkers: Number(checkers) }
  }
  async function dutyOf(account: string, signer: string, block?: number): Promise<SignerDuty | undefined> {
    const [known] = await call(participantAccount, account, 'dutyOf', [signer], block)
    const duty = signerDuties[Number(known)]
    return duty === 'none' ? undefined : duty
  }

  return {
    quorumOf: (account) => quorumOf(account),
    dutyOf,
    async keysOf(account, least) {
      const block = await newestBlock()
      if (block < least)
        throw new ApiError('CHAIN_UNAVAILABLE', { reason: `its newest block is ${block}, required ${least}` })
      const [listed] = await call(participantAccount, account, 'getSigners', [0, MAX_UINT64], block)
      const signers: AccountSigner[] = []
      for (const signer of listed as string[]) {
        const duty = await dutyOf(account, signer, block)
        if (duty) signers.push({ signer, duty })
      }
      return { signers, quorum: await quorumOf(account, block) }
    },
    async addressOf(keys, salt) {
      return String((await call(accountFactory, factory, 'addressOf', [...encoded(keys), salt]))[0])
    },
    async recoveryDelay() {
      delay ??= call(accountFactory, factory, 'recoveryDelay', []).then(([seconds]) => Number(seconds))
      return delay.catch((error: unknown) => {
        delay = undefined
        throw error
      })
    },
    async recoveryOf(account) {
      const [proposal, readyAt] = await call(participantAccount, account, 'recovery', [])
      return BigInt(proposal as string) === 0n ? undefined : { proposal: String(proposal), readyAt: Number(readyAt) }
    },
    async hasKeys(account, { signers, quorum }) {
      const { makers, checkers } = await quorumOf(account)
      if (makers !== quorum.makers || checkers !== quorum.checkers) return false
      for (const { signer, duty } of signers) if ((await dutyOf(account, signer)) !== duty) return false
      return true
    }
  }
}
