import type { WalletError } from '../../client/wallet.ts'
import { defineText } from '../i18n/language.ts'

const text = defineText({
  WALLET_REFUSED: {
    en: () => 'You refused in the wallet. Nothing was signed; you can try again.',
    zh: () => '您已在钱包中拒绝。未签署任何内容，可重试。'
  },
  WALLET_BUSY: {
    en: () => 'The wallet still shows an earlier question. Open it and answer there.',
    zh: () => '钱包中仍有待处理的请求，请打开钱包处理。'
  },
  WALLET_MISSING: {
    en: (name: string) => `${name} is not there any more. Unlock or switch it on, then try again.`,
    zh: (name: string) => `未找到 ${name}。请解锁或启用后重试。`
  },
  WALLET_CHAIN_WRONG: {
    en: (now: string, wanted: string) =>
      `The wallet is on chain ${now}, the registry on chain ${wanted}. Choose or add that network in the wallet.`,
    zh: (now: string, wanted: string) => `钱包当前在链 ${now}，登记系统在链 ${wanted}。请在钱包中选择或添加该网络。`
  },
  WALLET_ACCOUNT_WRONG: {
    en: (now: string, wanted: string) =>
      `The wallet has ${now} chosen; ${wanted} has to sign. Choose it in the wallet.`,
    zh: (now: string, wanted: string) => `钱包当前选择 ${now}，应由 ${wanted} 签署。请在钱包中切换。`
  },
  WALLET_SIGNATURE_WRONG: {
    en: (_: string, wanted: string) => `What the wallet gave is no signature of ${wanted} over what was shown.`,
    zh: (_: string, wanted: string) => `钱包返回的不是 ${wanted} 对所示内容的签名。`
  },
  WALLET_STRANGER: {
    en: (address: string) => `${address} signs for no participant of this registry.`,
    zh: (address: string) => `${address} 不是本系统任何参与方的签名密钥。`
  },
  WALLET_REGISTRY_CHANGED: {
    en: (now: string, trusted: string) =>
      `This address serves another registry (${now}) than this browser trusts (${trusted}). If that is meant, take its anchors under “Verify evidence”.`,
    zh: (now: string, trusted: string) =>
      `此地址的登记系统（${now}）与本浏览器信任的（${trusted}）不同。如属预期，请在“核验存证”页重新获取信任锚。`
  },
  WALLET_FAILED: {
    en: (words: string) => `The wallet could not do it: ${words}`,
    zh: (words: string) => `钱包无法完成：${words}`
  }
})

/** What went wrong in the wallet, in the reader's language; what is no wallet's is as it was. */
export function wordedOf(error: unknown): unknown {
  const { name, code, presented = '–', required = '–' } = (error ?? {}) as Partial<WalletError>
  return name === 'WalletError' && code ? { code, message: text()[code](presented, required) } : error
}
