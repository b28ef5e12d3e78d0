import { useEffect, useState } from 'preact/hooks'
import type { KeyFile } from '../../client/key-file.ts'
import { defineText, useText } from '../i18n/language.ts'
import { DropZone } from '../ui/drop-zone.tsx'
import { Page } from '../ui/page.tsx'
import { Problem } from '../ui/problem.tsx'
import { SecretField } from '../ui/secret-field.tsx'
import { ended, signInWithApiKey } from './session.ts'
import { WalletSignIn } from './wallet-sign-in.tsx'
import { lookForWallets } from './wallets.ts'

const text = defineText({
  title: { en: 'Sign in', zh: '登录' },
  lead: {
    en: 'With your own key file. It is opened in this page, signs that you are there, and is never sent anywhere.',
    zh: '使用您自己的密钥文件。文件仅在本页解锁并签名以证明身份，绝不外传。'
  },
  keyFile: { en: 'Key file', zh: '密钥文件' },
  keyFileHint: { en: 'Drop it here or choose it (.json)', zh: '拖放到此处或选择文件（.json）' },
  of: {
    en: (name: string, duty: string) => `${name} · ${duty}`,
    zh: (name: string, duty: string) => `${name} · ${duty}`
  },
  maker: { en: 'maker', zh: '经办' },
  checker: { en: 'checker', zh: '复核' },
  ended: {
    en: 'Your session ended. Sign in again; you go on where you were.',
    zh: '会话已结束。重新登录后即可回到原页面继续。'
  },
  passphrase: { en: 'Passphrase', zh: '口令' },
  signIn: { en: 'Sign in', zh: '登录' },
  opening: { en: 'Opening …', zh: '解锁中…' },
  other: { en: 'Only look, with an API key', zh: '仅查看：使用 API 密钥' },
  apiKey: { en: 'API key', zh: 'API 密钥' },
  look: { en: 'Look', zh: '查看' }
})

const AFTER_PAINT_MS = 1_000

/** Loaded while the reader looks for its file. */
const keyLogin = () => import('./key-login.ts')

export function SignInPage() {
  const t = useText(text)
  useEffect(() => {
    lookForWallets()
    // Not before the form is seen: until then nothing competes with it.
    const timer = setTimeout(() => void keyLogin().catch(() => undefined), AFTER_PAINT_MS)
    return () => clearTimeout(timer)
  }, [])
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      await work()
    } catch (failure) {
      setError(failure)
      setBusy(false)
    }
  }
  return (
    <Page title={t.title} lead={t.lead}>
      <div class="narrow">
        {ended.value && (
          <p class="chosen" role="status">
            {t.ended}
          </p>
        )}
        <KeyFileForm
          isBusy={isBusy}
          onError={setError}
          onSubmit={(file, pass) => void attempt(async () => (await keyLogin()).signInWithKeyFile(file, pass))}
        />
        <Problem error={error} />
        <WalletSignIn />
        <details>
          <summary>{t.other}</summary>
          <ApiKeyForm isBusy={isBusy} onSubmit={(key) => void attempt(() => signInWithApiKey(key))} />
        </details>
      </div>
    </Page>
  )
}

interface KeyFileFormProps {
  isBusy: boolean
  onError: (error: unknown) => void
  onSubmit: (keyFile: KeyFile, passphrase: string) => void
}

function KeyFileForm({ isBusy, onError, onSubmit }: KeyFileFormProps) {
  const t = useText(text)
  const [file, setFile] = useState(ended.value?.keyFile)
  const [passphrase, setPassphrase] = useState('')
  const take = async (dropped: File): Promise<void> => {
    onError(undefined)
    try {
      const [content, { parseKeyFile }] = await Promise.all([dropped.text(), keyLogin()])
      setFile(parseKeyFile(content))
    } catch (failure) {
      onError(failure)
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (file) onSubmit(file, passphrase)
      }}
    >
      <DropZone
        label={t.keyFile}
        hint={t.keyFileHint}
        accept=".json,application/json"
        onFile={(dropped) => void take(dropped)}
      />
      {file && (
        <>
          <p class="chosen" role="status">
            {t.of(file.participantName, t[file.duty])}
          </p>
          <SecretField
            label={t.passphrase}
            autocomplete="current-password"
            value={passphrase}
            onValue={setPassphrase}
          />
          <button type="submit" class="primary" disabled={isBusy} aria-busy={isBusy}>
            {isBusy ? t.opening : t.signIn}
          </button>
        </>
      )}
    </form>
  )
}

function ApiKeyForm({ isBusy, onSubmit }: { isBusy: boolean; onSubmit: (key: string) => void }) {
  const t = useText(text)
  const [apiKey, setApiKey] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit(apiKey.trim())
      }}
    >
      <SecretField label={t.apiKey} value={apiKey} onValue={setApiKey} />
      <button type="submit" disabled={isBusy}>
        {t.look}
      </button>
    </form>
  )
}
