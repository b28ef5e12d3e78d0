import { useState } from 'preact/hooks'
import { defineText, useText } from '../i18n/language.ts'
import { Problem } from '../ui/problem.tsx'
import type { Candidate } from './wallet-login.ts'
import { wordedOf } from './wallet-words.ts'
import { wallets, type FoundWallet } from './wallets.ts'

const text = defineText({
  title: { en: 'Or with a wallet of this browser', zh: '或使用浏览器钱包' },
  lead: {
    en: 'For keys of the kind secp256k1. The wallet keeps the key and asks you before each signature.',
    zh: '适用于 secp256k1 密钥。密钥保留在钱包中，每次签名前由钱包征求您的同意。'
  },
  signIn: { en: (name: string) => `Sign in with ${name}`, zh: (name: string) => `使用 ${name} 登录` },
  asks: { en: 'Answer in the wallet …', zh: '请在钱包中确认…' },
  whose: { en: 'Your key signs for several. For whom do you come?', zh: '该密钥可为多个参与方签名，请选择：' }
})

const walletLogin = () => import('./wallet-login.ts')

/** A button for each wallet that announced itself; nothing where there is none. */
export function WalletSignIn() {
  const t = useText(text)
  const [asked, setAsked] = useState<string>()
  const [choice, setChoice] = useState<{ wallet: FoundWallet; candidates: readonly Candidate[] }>()
  const [error, setError] = useState<unknown>()
  const attempt = async (wallet: FoundWallet, work: () => Promise<void>): Promise<void> => {
    setAsked(wallet.rdns)
    setError(undefined)
    try {
      await work()
    } catch (failure) {
      setError(failure)
    } finally {
      setAsked(undefined)
    }
  }
  const come = (wallet: FoundWallet) =>
    attempt(wallet, async () => {
      setChoice(undefined)
      const { candidatesOf, signInWithWallet } = await walletLogin()
      const candidates = await candidatesOf(wallet)
      if (candidates.length > 1) setChoice({ wallet, candidates })
      else await signInWithWallet(wallet, candidates[0]!)
    })
  if (wallets.value.length === 0) return null
  return (
    <section aria-labelledby="wallets-title">
      <h2 id="wallets-title">{t.title}</h2>
      <p class="hint">{t.lead}</p>
      <div class="commands">
        {wallets.value.map((wallet) => (
          <button
            key={wallet.rdns}
            type="button"
            disabled={asked !== undefined}
            aria-busy={asked === wallet.rdns}
            onClick={() => void come(wallet)}
          >
            {asked === wallet.rdns ? t.asks : t.signIn(wallet.name)}
          </button>
        ))}
      </div>
      {choice && (
        <>
          <p role="status">{t.whose}</p>
          <div class="commands">
            {choice.candidates.map((one) => (
              <button
                key={one.participantId}
                type="button"
                disabled={asked !== undefined}
                onClick={() =>
                  void attempt(choice.wallet, async () => (await walletLogin()).signInWithWallet(choice.wallet, one))
                }
              >
                {`${one.name} (#${one.participantId})`}
              </button>
            ))}
          </div>
        </>
      )}
      <Problem error={wordedOf(error)} />
    </section>
  )
}
