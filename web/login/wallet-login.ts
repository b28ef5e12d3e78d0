/** Signing in with a wallet. Apart from the page, as the key file's: it brings the cryptography with it. */
import { Api } from '../../client/api.ts'
import { logIn } from '../../client/login.ts'
import { addressOfWallet, standingInWallet, WalletError, walletSigner } from '../../client/wallet.ts'
import { parseTrustAnchors, type TrustAnchors } from '../../domain/evidence/anchors.ts'
import { anchors, takeAnchors } from '../verify/anchors.ts'
import { begin, type WalletHold } from './session.ts'
import type { FoundWallet } from './wallets.ts'

/** Whom the wallet's key signs for, as the api says: nothing is believed of it before the wallet's node was asked. */
export interface Candidate {
  participantId: number
  name: string
}

/** @throws WalletError WALLET_STRANGER when it is nobody */
export async function candidatesOf(wallet: FoundWallet): Promise<readonly Candidate[]> {
  const address = await addressOfWallet(wallet.provider)
  const { participants } = await servedAnchors()
  const found = participants.filter(({ signers }) => signers.some((one) => one.toLowerCase() === address))
  if (found.length === 0) throw new WalletError('WALLET_STRANGER', address)
  return found.map(({ id, name }) => ({ participantId: id, name }))
}

/**
 * Which registry it is comes from the trust anchors of this browser (those of the verifier page, or those served at the first time), whose
 * account the key signs for from the wallet's node: what a key file would name.
 * @throws WalletError, ProblemError, ApiUnreachable
 */
export async function signInWithWallet(wallet: FoundWallet, { participantId, name }: Candidate): Promise<void> {
  const { provider, rdns } = wallet
  const address = await addressOfWallet(provider)
  const { deployment } = await servedAnchors()
  const { chainId, receivables, fingerprints, participants, sm2Verifier } = deployment
  const { account, duty, accountFactory } = await standingInWallet(provider, deployment, participantId, address)
  const { token, expiresAt } = await logIn(
    new Api({ baseUrl: '' }),
    { participantId, chainId },
    walletSigner(provider, address, chainId)
  )
  const known = { chainId, receivables, fingerprints, participants, sm2Verifier, accountFactory, account }
  const hold: WalletHold = { rdns, name: wallet.name, address, participantId, participantName: name, duty, known }
  await begin({ credential: token, expiresAt, wallet: hold })
}

/** Those that the api serves now; the registry in them has to be the one that this browser trusts. */
async function servedAnchors(): Promise<TrustAnchors> {
  const text = new TextDecoder().decode(await new Api({ baseUrl: '' }).download('getTrustAnchors', {}))
  const served = parseTrustAnchors(JSON.parse(text))
  if (!anchors.value) takeAnchors(text)
  const trusted = anchors.value!.deployment
  for (const [name, value] of Object.entries(trusted)) {
    const now = served.deployment[name as keyof typeof trusted]
    if (String(now).toLowerCase() !== String(value).toLowerCase()) {
      throw new WalletError('WALLET_REGISTRY_CHANGED', `${name} ${now}`, String(value))
    }
  }
  return served
}
