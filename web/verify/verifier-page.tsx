import { useState } from 'preact/hooks'
import { LanguageSwitch } from '../i18n/language-switch.tsx'
import { number } from '../i18n/format.ts'
import { useText } from '../i18n/language.ts'
import { DropZone } from '../ui/drop-zone.tsx'
import { Facts } from '../ui/facts.tsx'
import { Field } from '../ui/field.tsx'
import { Page } from '../ui/page.tsx'
import { Problem } from '../ui/problem.tsx'
import { anchors, fetchAnchors, takeAnchors } from './anchors.ts'
import { ReportView } from './report-view.tsx'
import { text } from './text.ts'
import { verifyFile, type Verified } from './verify-file.ts'

/** The public page: nobody signs in, nothing is uploaded. */
export function VerifierPage() {
  const t = useText(text)
  const [file, setFile] = useState<File>()
  const [verified, setVerified] = useState<Verified>()
  const [earlier, setEarlier] = useState<readonly Extract<Verified, { kind: 'package' }>[]>([])
  const [rpcUrl, setRpcUrl] = useState('')
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)

  const check = async (dropped: File): Promise<void> => {
    setFile(dropped)
    setVerified(undefined)
    setError(undefined)
    setBusy(true)
    try {
      const bytes = new Uint8Array(await dropped.arrayBuffer())
      const result = await verifyFile(dropped.name, bytes, anchors.value, rpcUrl.trim() || undefined)
      setVerified(result)
      if (result.kind === 'package') setEarlier((before) => [...before, result])
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }

  return (
    <>
      <header class="top">
        <a class="brand" href="/">
          <img src="/mark.svg" alt="" width="28" height="28" /> Tallystick
        </a>
        <div class="top-end">
          <a href="/">{t.console}</a>
          <LanguageSwitch />
        </div>
      </header>
      <Page title={t.title} lead={t.lead}>
        <DropZone label={t.file} hint={t.fileHint} onFile={(dropped) => void check(dropped)} />
        <div aria-live="polite" aria-busy={isBusy}>
          {isBusy && <p>{t.checking}</p>}
          <Problem error={error} />
          {verified &&
            (verified.kind === 'file' ? (
              <FileView file={verified} packages={earlier} />
            ) : (
              <ReportView verified={verified} />
            ))}
        </div>
        <Trust onError={setError} />
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (file) void check(file)
          }}
        >
          <Field label={t.rpc} hint={t.rpcHint}>
            {(attributes) => (
              <input
                {...attributes}
                type="url"
                value={rpcUrl}
                onInput={(event) => setRpcUrl(event.currentTarget.value)}
              />
            )}
          </Field>
          <button type="submit" disabled={!file || isBusy}>
            {t.again}
          </button>
        </form>
      </Page>
    </>
  )
}

function Trust({ onError }: { onError: (error: unknown) => void }) {
  const t = useText(text)
  const attempt = (work: () => Promise<void>) => void work().then(() => onError(undefined), onError)
  const known = anchors.value
  return (
    <section aria-labelledby="trust-title">
      <h2 id="trust-title">{t.trust}</h2>
      <p>{t.trustLead}</p>
      <p role="status" class="chosen">
        {known ? t.trustHas(known.heads.length, known.participants.length, known.deployment.chainId) : t.trustNone}
      </p>
      <button type="button" onClick={() => attempt(fetchAnchors)}>
        {t.trustFetch}
      </button>
      <p class="hint">{t.trustFetchHint}</p>
      <DropZone
        label={t.trustFile}
        accept=".json,application/json"
        onFile={(dropped) => attempt(async () => takeAnchors(await dropped.text()))}
      />
    </section>
  )
}

interface FileViewProps {
  file: Extract<Verified, { kind: 'file' }>
  packages: readonly Extract<Verified, { kind: 'package' }>[]
}

function FileView({ file, packages }: FileViewProps) {
  const t = useText(text)
  const holder = packages.find(({ documents }) => documents.includes(file.sha256))
  return (
    <section aria-labelledby="digests-title">
      <h2 id="digests-title">
        {t.digests}: {file.name}
      </h2>
      <Facts
        of={[
          [t.bytes, number(file.bytes)],
          ['SHA-256', <code key="sha256">{file.sha256}</code>],
          ['SM3', <code key="sm3">{file.sm3}</code>]
        ]}
      />
      <p>{holder ? t.inPackage(holder.name) : t.notInPackage}</p>
    </section>
  )
}
