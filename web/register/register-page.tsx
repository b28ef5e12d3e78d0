import { useEffect, useState } from 'preact/hooks'
import type { Intent, ReadDocument } from '../../client/operations.generated.ts'
import { Link } from '../app/link.tsx'
import { defineText, useText } from '../i18n/language.ts'
import { api, may } from '../login/session.ts'
import { requestSignatures } from '../signing/request.ts'
import { useDraft } from '../ui/draft.ts'
import { DropZone } from '../ui/drop-zone.tsx'
import { Empty } from '../ui/empty.tsx'
import { Page } from '../ui/page.tsx'
import { Problem } from '../ui/problem.tsx'
import { ReadStep, type Choice } from './read-step.tsx'

const text = defineText({
  title: { en: 'Register an invoice', zh: '登记发票' },
  steps: { en: 'Steps', zh: '步骤' },
  drop: { en: 'Drop the e-invoice', zh: '放入电子发票' },
  read: { en: 'Look at what was read', zh: '核对读取结果' },
  sign: { en: 'Sign', zh: '签署' },
  file: { en: 'E-invoice', zh: '电子发票' },
  hint: {
    en: 'XML (UBL, CII, 数电票, FatturaPA), PDF with an embedded invoice, OFD or EDIFACT, up to 5 MB',
    zh: 'XML（数电票、UBL、CII、FatturaPA）、内嵌发票的 PDF、OFD 或 EDIFACT，最大 5 MB'
  },
  reading: { en: 'Reading …', zh: '读取中…' },
  registered: { en: 'Registered. The debtor can confirm it now.', zh: '已登记，等待债务人确权。' },
  waits: { en: 'It waits for the second signature under “Signatures”.', zh: '请在“签名”页等待第二人签名。' },
  open: { en: 'Open the receivable', zh: '查看应收账款' },
  another: { en: 'Register another', zh: '继续登记' },
  notYours: { en: 'Registering is for makers', zh: '登记由经办办理' },
  notYoursHint: {
    en: 'You sign what they propose: it waits for you under “Signatures”.',
    zh: '您签署经办提出的指令：请见“签名”页。'
  }
})

/** From a file to a registered receivable in three steps. */
export function RegisterPage() {
  const t = useText(text)
  const [document, setDocument] = useState<ReadDocument>()
  const [intent, setIntent] = useState<Intent>()
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  // What was read is kept at the api: a reload goes on with it.
  const [draft, changeDraft, clearDraft] = useDraft('register', { documentId: '' })
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      await work()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  const upload = async (file: File): Promise<void> => {
    const read = await api.call('uploadDocument', { body: new Uint8Array(await file.arrayBuffer()) })
    changeDraft({ documentId: read.documentId })
    setDocument(read)
  }
  useEffect(() => {
    const { documentId } = draft
    if (documentId !== '' && !document) void api.call('getDocument', { documentId }).then(setDocument, clearDraft)
  }, [])
  const register = async (choice: Choice): Promise<void> => {
    const proposed = await api.call('registerReceivable', { body: { documentId: document!.documentId, ...choice } })
    const [seen] = await requestSignatures([proposed])
    if (!seen || seen.signatures.length === 0) return
    clearDraft()
    setIntent(seen)
  }
  const restart = (): void => {
    clearDraft()
    setDocument(undefined)
    setIntent(undefined)
    setError(undefined)
  }
  if (!may('propose')) {
    return (
      <Page title={t.title}>
        <Empty title={t.notYours}>
          <p>{t.notYoursHint}</p>
        </Empty>
      </Page>
    )
  }
  const step = intent ? 2 : document ? 1 : 0
  return (
    <Page title={t.title}>
      <ol class="steps" aria-label={t.steps}>
        {[t.drop, t.read, t.sign].map((name, i) => (
          <li key={name} {...(i === step ? { 'aria-current': 'step' as const } : {})} class={i < step ? 'past' : ''}>
            {name}
          </li>
        ))}
      </ol>
      {step === 0 && (
        <DropZone
          label={t.file}
          hint={t.hint}
          isDisabled={isBusy}
          onFile={(file) => void attempt(() => upload(file))}
        />
      )}
      {step === 0 && isBusy && <p role="status">{t.reading}</p>}
      {step === 1 && (
        <ReadStep
          document={document!}
          isBusy={isBusy}
          onBack={restart}
          onRegister={(choice) => void attempt(() => register(choice))}
        />
      )}
      <Problem error={error} />
      {intent && <Registered intent={intent} onAnother={restart} />}
    </Page>
  )
}

function Registered({ intent, onAnother }: { intent: Intent; onAnother: () => void }) {
  const t = useText(text)
  const isDone = intent.state === 'projected'
  return (
    <section>
      <p role="status" class="chosen">
        {isDone ? t.registered : t.waits}
      </p>
      <div class="commands">
        {isDone && (
          <Link to={`/app/receivables/${intent.receivableId}`} class="button primary">
            {t.open}
          </Link>
        )}
        <button type="button" onClick={onAnother}>
          {t.another}
        </button>
      </div>
    </section>
  )
}
