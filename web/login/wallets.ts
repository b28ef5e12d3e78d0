/** Wallets of this browser, which announce themselves by EIP-6963: several side by side, each by its name, none by being the last to write. */
import { signal } from '@preact/signals'
import type { WalletProvider } from '../../client/wallet.ts'

export interface FoundWallet {
  /** Reverse domain name of the wallet's maker; the same after a reload. */
  rdns: string
  name: string
  provider: WalletProvider
}

export const wallets = signal<readonly FoundWallet[]>([])

/** Extensions answer at once; one that is still being loaded announces itself when it is there. */
const PATIENCE_MS = 1_500
const MAX_NAME = 60

function take(event: Event): void {
  const { info, provider } = ((event as CustomEvent<unknown>).detail ?? {}) as Partial<Announcement>
  if (typeof info?.rdns !== 'string' || typeof info.name !== 'string') return
  if (typeof provider?.request !== 'function') return
  const { rdns } = info
  if (wallets.value.some((known) => known.rdns === rdns)) return
  wallets.value = [...wallets.value, { rdns, name: info.name.slice(0, MAX_NAME), provider }]
}

interface Announcement {
  info: { rdns: unknown; name: unknown }
  provider: WalletProvider
}

let isListening = false

/** Asks all wallets of the browser to announce themselves; they appear in {@link wallets}. */
export function lookForWallets(): void {
  if (!isListening) addEventListener('eip6963:announceProvider', take)
  isListening = true
  dispatchEvent(new Event('eip6963:requestProvider'))
}

/** The wallet of before; undefined when it is not there any more. */
export async function walletNamed(rdns: string): Promise<FoundWallet | undefined> {
  const find = (): FoundWallet | undefined => wallets.value.find((known) => known.rdns === rdns)
  lookForWallets()
  for (let waited = 0; !find() && waited < PATIENCE_MS; waited += 50) await new Promise((done) => setTimeout(done, 50))
  return find()
}
