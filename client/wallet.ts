/**
 * A wallet in the browser as the signer of a secp256k1 key: an EIP-1193 provider that keeps the key and asks its owner. It signs the EIP-712
 * data that the account checks (`eth_signTypedData_v4`); `personal_sign` puts a prefix before what it signs, which no account takes. Its own
 * node is asked what a key file would say: whose account the key signs for.
 */
import { recoverAddress, Signature, TypedDataEncoder } from 'ethers'
import { contracts } from '../domain/chain/contracts.ts'
import { quoteTypes } from '../domain/factoring/signing.ts'
import { executeTypes } from '../domain/intent/typed-data.ts'
import { loginTypes } from '../domain/participant/login.ts'
import { signerDuties, type SignerDuty } from '../domain/participant/signers.ts'
import type { IntentSigner, Signable } from './signers.ts'

/** What EIP-1193 asks of a wallet. */
export interface WalletProvider {
  request(call: { method: string; params?: readonly unknown[] }): Promise<unknown>
}

/**
 * `REFUSED`: its owner said no. `BUSY`: it still shows an earlier question. `CHAIN_WRONG`: it is on another chain and does not change.
 * `ACCOUNT_WRONG`: the key asked for is not the one that is chosen in it. `SIGNATURE_WRONG`: it signed something else, or with another key.
 * `STRANGER`: the key signs for no participant, or not for this one. `REGISTRY_CHANGED`: the api serves another registry than is trusted here.
 * `FAILED`: anything else, in its own words.
 */
export type WalletErrorCode = `WALLET_${
  | 'REFUSED'
  | 'BUSY'
  | 'MISSING'
  | 'CHAIN_WRONG'
  | 'ACCOUNT_WRONG'
  | 'SIGNATURE_WRONG'
  | 'STRANGER'
  | 'REGISTRY_CHANGED'
  | 'FAILED'}`

/** The wallet did not do what it was asked for; nothing was signed that counts. */
export class WalletError extends Error {
  override readonly name = 'WalletError'
  readonly code: WalletErrorCode
  readonly presented: string | undefined
  readonly required: string | undefined

  constructor(code: WalletErrorCode, presented?: string, required?: string) {
    super([code, presented, required === undefined ? undefined : `required: ${required}`].filter(Boolean).join(' '))
    this.code = code
    this.presented = presented
    this.required = required
  }
}

/** Whose account a wallet's key signs for, as the wallet's own node says. */
export interface WalletStanding {
  account: string
  duty: SignerDuty
  accountFactory: string
}

/**
 * Asks the wallet to let this page see its address; the wallet asks its owner the first time.
 * @returns The address that is chosen in it, lower case
 * @throws WalletError
 */
export async function addressOfWallet(provider: WalletProvider): Promise<string> {
  const [address] = await addresses(provider, 'eth_requestAccounts')
  if (address === undefined) throw new WalletError('WALLET_REFUSED')
  return address
}

/**
 * A signer by the wallet's key. Each signature asks the wallet's owner.
 * @param address Whose signature is wanted: another one is refused, whatever is chosen in the wallet meanwhile
 */
export function walletSigner(provider: WalletProvider, address: string, chainId: number): IntentSigner {
  const signer = address.toLowerCase()
  return {
    signer,
    async sign(data) {
      await requireChain(provider, chainId)
      const chosen = await addresses(provider, 'eth_requestAccounts')
      if (!chosen.includes(signer)) throw new WalletError('WALLET_ACCOUNT_WRONG', chosen[0], signer)
      const { domain, message } = data
      const types = typesOf(data)
      // Made anew, so that nothing is signed but what these types name.
      const payload = JSON.stringify(TypedDataEncoder.getPayload(domain, types, message))
      const answer = await ask(provider, 'eth_signTypedData_v4', [signer, payload])
      return { signer, signature: checked(String(answer), TypedDataEncoder.hash(domain, types, message), signer) }
    }
  }
}

/**
 * Asks the wallet's node whose account this is and what the key may do for it. The registry's address has to come from elsewhere.
 * @throws WalletError WALLET_STRANGER, WALLET_CHAIN_WRONG, WALLET_FAILED
 */
export async function standingInWallet(
  provider: WalletProvider,
  registry: { chainId: number; participants: string },
  participantId: number,
  signer: string
): Promise<WalletStanding> {
  await requireChain(provider, registry.chainId)
  const { participants, participantAccount } = contracts
  const call = async (to: string, abi: typeof participants, name: string, args: unknown[]): Promise<unknown> => {
    const question = { to, data: abi.encodeFunctionData(name, args) }
    const answer = String(await ask(provider, 'eth_call', [question, 'latest']))
    try {
      return abi.decodeFunctionResult(name, answer)[0]
    } catch {
      throw new WalletError('WALLET_FAILED', `${name} at ${to}: ${answer}`)
    }
  }
  const account = String(await call(registry.participants, participants, 'accountOf', [participantId])).toLowerCase()
  const duty = signerDuties[Number(await call(account, participantAccount, 'dutyOf', [signer]))]
  if (duty === undefined || duty === 'none') throw new WalletError('WALLET_STRANGER', signer)
  return { account, duty, accountFactory: String(await call(account, participantAccount, 'factory', [])) }
}

const typesOf = ({ primaryType }: Signable) =>
  ({ Login: loginTypes, Quote: quoteTypes, Execute: executeTypes })[primaryType]

/** The signature in the one form that the account takes, made by this key over this digest. */
function checked(answer: string, digest: string, signer: string): string {
  try {
    const { serialized } = Signature.from(answer)
    if (recoverAddress(digest, serialized).toLowerCase() === signer) return serialized
  } catch {
    // No signature at all.
  }
  throw new WalletError('WALLET_SIGNATURE_WRONG', answer.slice(0, 140), signer)
}

async function requireChain(provider: WalletProvider, chainId: number): Promise<void> {
  const current = async () => Number(await ask(provider, 'eth_chainId'))
  const before = await current()
  if (before === chainId) return
  try {
    await provider.request({ method: 'wallet_switchEthereumChain', params: [{ chainId: `0x${chainId.toString(16)}` }] })
  } catch (error) {
    // Whether it does not know the chain or may not change: people have to choose it in the wallet.
    if (codeOf(error) === 4001) throw new WalletError('WALLET_REFUSED')
  }
  const after = await current()
  if (after !== chainId) throw new WalletError('WALLET_CHAIN_WRONG', String(after), String(chainId))
}

async function addresses(provider: WalletProvider, method: string): Promise<string[]> {
  const answer = await ask(provider, method)
  return Array.isArray(answer) ? answer.map((one) => String(one).toLowerCase()) : []
}

async function ask(provider: WalletProvider, method: string, params: readonly unknown[] = []): Promise<unknown> {
  try {
    return await provider.request({ method, params })
  } catch (error) {
    const code = codeOf(error)
    if (code === 4001) throw new WalletError('WALLET_REFUSED')
    if (code === -32002) throw new WalletError('WALLET_BUSY')
    const { message } = (error ?? {}) as { message?: unknown }
    throw new WalletError('WALLET_FAILED', `${method}: ${typeof message === 'string' ? message : String(error)}`)
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code
}
