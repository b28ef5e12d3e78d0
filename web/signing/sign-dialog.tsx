import { useEffect, useState } from 'preact/hooks'
import { isEnded } from '../../client/intents.ts'
import { parseKeyFile, type KeyFile } from '../../client/key-file.ts'
import type { Intent } from '../../client/operations.generated.ts'
import { defineText, language, useText } from '../i18n/language.ts'
import { session, type WalletHold } from '../login/session.ts'
import { wordedOf } from '../login/wallet-words.ts'
import { Dialog } from '../ui/dialog.tsx'
import { DropZone } from '../ui/drop-zone.tsx'
import { Hash } from '../ui/hash.tsx'
import { Problem } from '../ui/problem.tsx'
import { SecretField } from '../ui/secret-field.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { ownKnown, type Opening } from './holder.ts'
import type { SigningRequest } from './request.ts'
import { reviewOf, type Reviewed } from './review.ts'
import { followAll, signAll } from './sign.ts'

const text = defineText({
  title: { en: 'Sign', zh: '签署' },
  lead: {
    en: 'This is what the bytes to be signed say, read in this page. Your key stays in it.',
    zh: '以下内容由本页直接从待签数据解读。您的密钥不会离开本页。'
  },
  reading: { en: 'Reading what is to be signed …', zh: '正在解读待签数据…' },
  readOnly: {
    en: 'You are signed in with an API key only. Sign in with a key file or a wallet to sign; the command waits under “Signatures”.',
    zh: '您仅以 API 密钥登录。请用密钥文件或钱包登录后签署；指令保留在“签名”页。'
  },
  leadWallet: {
    en: 'This is what the bytes to be signed say, read in this page. Your key stays in the wallet.',
    zh: '以下内容由本页直接从待签数据解读。您的密钥不会离开钱包。'
  },
  wallet: {
    en: (name: string, duty: string) =>
      `${name} asks you for each signature of your ${duty} key, and must name this account:`,
    zh: (name: string, duty: string) => `${name} 将就您的${duty}密钥逐一征求签名，其显示的账户须为：`
  },
  passphrase: {
    en: (duty: string) => `Passphrase of your ${duty} key`,
    zh: (duty: string) => `您的${duty}密钥口令`
  },
  maker: { en: 'maker', zh: '经办' },
  checker: { en: 'checker', zh: '复核' },
  second: { en: 'Second person’s key file (maker and checker sign)', zh: '第二人的密钥文件（需经办与复核双签）' },
  secondHint: {
    en: 'Optional: without it the command waits for the second signature under “Signatures”.',
    zh: '可选：否则指令在“签名”页等待第二人签名。'
  },
  secondPassphrase: { en: 'Passphrase of the second key', zh: '第二把密钥的口令' },
  secondIs: {
    en: (duty: string, name: string) => `${duty} of ${name}`,
    zh: (duty: string, name: string) => `${name}的${duty}`
  },
  otherParticipant: { en: 'This key file is of another participant.', zh: '该密钥文件属于其他参与方。' },
  sign: {
    en: (count: number) => (count === 1 ? 'Sign' : `Sign all ${count}`),
    zh: (count: number) => (count === 1 ? '签署' : `全部签署（${count}）`)
  },
  signing: { en: 'Signing …', zh: '签署中…' },
  waits: {
    en: 'Signed. It waits for the other signature under “Signatures”.',
    zh: '已签署。请在“签名”页等待另一签名。'
  },
  together: {
    en: (count: number) => `${count} commands by one signature, all or none:`,
    zh: (count: number) => `一次签名执行以下 ${count} 项指令，全部成功或全部不执行：`
  },
  done: { en: 'Done', zh: '完成' },
  block: { en: (block: number) => `block ${block}`, zh: (block: number) => `区块 ${block}` }
})

/** So many commands and more are scrolled. */
const MANY = 6

/** Shows what would be signed, asks for the keys, and tells what becomes of it. */
export function SignDialog({ request }: { request: SigningRequest }) {
  const t = useText(text)
  const { keyFile, wallet } = session.value ?? {}
  const known = ownKnown()
  const [reviewed, setReviewed] = useState<readonly Reviewed[]>()
  const [intents, setIntents] = useState(request.intents)
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const [isSigned, setSigned] = useState(false)

  useEffect(() => {
    if (!known) return
    Promise.all(request.intents.map((intent) => reviewOf(intent, known))).then(setReviewed, setError)
  }, [])

  const submit = async (openings: readonly Opening[]) => {
    setBusy(true)
    setError(undefined)
    try {
      const signed = await signAll(intents, openings)
      setIntents(signed)
      setSigned(true)
      setBusy(false)
      await followAll(signed, setIntents)
    } catch (failure) {
      setError(failure)
      setBusy(false)
    }
  }
  const waits = isSigned && intents.some(({ state }) => state === 'awaiting-signatures')
  return (
    // A wallet may never answer: what it signs later is signed all the same, and listed under “Signatures”.
    <Dialog title={t.title} isBusy={isBusy && !wallet} onClose={() => request.end(intents)}>
      {!known ? (
        <p>{t.readOnly}</p>
      ) : (
        <>
          <p class="lead">{wallet ? t.leadWallet : t.lead}</p>
          {!reviewed && error === undefined && <p role="status">{t.reading}</p>}
          {reviewed && (
            <ol class="to-sign">
              {reviewed.map(({ intent, lines }) => (
                <ToSign
                  key={intent.intentId}
                  lines={lines.map((words) => words[language.value])}
                  intent={intents.find(({ intentId }) => intentId === intent.intentId)!}
                  isSigned={isSigned}
                />
              ))}
            </ol>
          )}
          <Problem error={wordedOf(error)} />
          {waits && <p role="status">{t.waits}</p>}
          {reviewed && !isSigned && (
            <SignForm
              own={(keyFile ?? wallet)!}
              needsSecond={intents.some(({ signersRequired }) => signersRequired.checkers > 0)}
              count={intents.length}
              isBusy={isBusy}
              onSubmit={(openings) => void submit(openings)}
            />
          )}
          {isSigned && (intents.every(isEnded) || waits) && (
            <button type="button" class="primary" onClick={() => request.end(intents)}>
              {t.done}
            </button>
          )}
        </>
      )}
    </Dialog>
  )
}

function ToSign({ lines, intent, isSigned }: { lines: readonly string[]; intent: Intent; isSigned: boolean }) {
  const t = useText(text)
  return (
    <li>
      {lines.length > 1 && <p>{t.together(lines.length)}</p>}
      <div class="lines" {...(lines.length > MANY ? { tabIndex: 0, role: 'region', 'aria-label': t.title } : {})}>
        {lines.map((words, i) => (
          <p key={i} class="words">
            {words}
          </p>
        ))}
      </div>
      {isSigned && (
        <p role="status">
          <StateChip state={intent.state} /> {intent.txHash !== null && <Hash value={intent.txHash} />}{' '}
          {intent.blockNumber !== null && t.block(intent.blockNumber)}
          {intent.refusal && <code>{`${intent.refusal.code} ${JSON.stringify(intent.refusal.args)}`}</code>}
        </p>
      )}
    </li>
  )
}

interface SignFormProps {
  own: KeyFile | WalletHold
  needsSecond: boolean
  count: number
  isBusy: boolean
  onSubmit: (openings: readonly Opening[]) => void
}

function SignForm({ own, needsSecond, count, isBusy, onSubmit }: SignFormProps) {
  const t = useText(text)
  const [passphrase, setPassphrase] = useState('')
  const [second, setSecond] = useState<KeyFile>()
  const [secondPassphrase, setSecondPassphrase] = useState('')
  const [error, setError] = useState<unknown>()
  const take = async (file: File) => {
    setError(undefined)
    try {
      const parsed = parseKeyFile(await file.text())
      if (parsed.participantId !== own.participantId) throw new Error(t.otherParticipant)
      setSecond(parsed)
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const first: Opening = 'sealed' in own ? { file: own, passphrase } : { wallet: own }
        onSubmit([first, ...(second ? [{ file: second, passphrase: secondPassphrase }] : [])])
      }}
    >
      {'sealed' in own ? (
        <SecretField
          label={t.passphrase(t[own.duty])}
          autocomplete="current-password"
          value={passphrase}
          onValue={setPassphrase}
        />
      ) : (
        <p>
          {t.wallet(own.name, t[own.duty])} <Hash value={own.known.account} />
        </p>
      )}
      {needsSecond && (
        <>
          <DropZone
            label={t.second}
            hint={t.secondHint}
            accept=".json,application/json"
            onFile={(file) => void take(file)}
          />
          <Problem error={error} />
          {second && (
            <SecretField
              label={t.secondPassphrase}
              hint={t.secondIs(t[second.duty], second.participantName)}
              value={secondPassphrase}
              onValue={setSecondPassphrase}
            />
          )}
        </>
      )}
      <button type="submit" class="primary" disabled={isBusy} aria-busy={isBusy}>
        {isBusy ? t.signing : t.sign(count)}
      </button>
    </form>
  )
}
