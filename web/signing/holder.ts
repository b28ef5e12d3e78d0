/** Who signs in this tab: a key file, or a wallet. With the cryptography, so that pages load it with the first signature only. */
import { knownOf, openKeyFile, signerOfFile, type KeyFile } from '../../client/key-file.ts'
import type { Known } from '../../client/review.ts'
import type { IntentSigner } from '../../client/signers.ts'
import { WalletError, walletSigner } from '../../client/wallet.ts'
import { session, type WalletHold } from '../login/session.ts'
import { walletNamed } from '../login/wallets.ts'

/** A key to sign with: a file and what opens it, or a wallet, which asks its owner itself. */
export type Opening = { file: KeyFile; passphrase: string } | { wallet: WalletHold }

/** @throws KeyFileError, WalletError */
export async function opened(opening: Opening): Promise<{ signer: IntentSigner; known: Known }> {
  if ('wallet' in opening) {
    const { wallet } = opening
    const found = await walletNamed(wallet.rdns)
    if (!found) throw new WalletError('WALLET_MISSING', wallet.name)
    return { signer: walletSigner(found.provider, wallet.address, wallet.known.chainId), known: wallet.known }
  }
  const { file, passphrase } = opening
  return { signer: signerOfFile(file, await openKeyFile(file, passphrase)), known: knownOf(file) }
}

/** What who signs in this tab knows from elsewhere than the answers of the api; undefined for who only looks. */
export function ownKnown(): Known | undefined {
  const { keyFile, wallet } = session.value ?? {}
  return keyFile ? knownOf(keyFile) : wallet?.known
}
