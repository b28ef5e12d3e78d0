import { useState } from 'preact/hooks'
import type { Statement } from '../../domain/evidence/certificate/statement.ts'
import { moment, number } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { api } from '../login/session.ts'
import { useAct } from '../ui/act.ts'
import { Download } from '../ui/download.tsx'
import { Problem } from '../ui/problem.tsx'
import { statementWords } from '../../domain/evidence/certificate/words.ts'

const text = defineText({
  ask: { en: 'Certificate', zh: '出具证明' },
  asOf: {
    en: (block: string, time: string) => `as of block ${block}, ${time}`,
    zh: (block: string, time: string) => `截至区块 ${block}，${time}`
  },
  negative: { en: 'Nobody has claimed it', zh: '无任何占用' },
  positive: { en: 'It is claimed', zh: '已被占用' },
  download: { en: 'Download the certificate', zh: '下载证明' },
  check: { en: 'Check it', zh: '核验' }
})

/** Asks for the signed certificate of a fingerprint, also that nobody has claimed it; says what it states, and hands it out. */
export function FingerprintCertificate({ fingerprint }: { fingerprint: string }) {
  const t = useText(text)
  const [answer, setAnswer] = useState<{ bytes: Uint8Array; statement: Statement }>()
  const { isBusy, error, run } = useAct()
  const ask = (): Promise<void> =>
    run(async () => {
      const bytes = await api.download('getFingerprintCertificate', { fingerprint })
      const { statement } = JSON.parse(new TextDecoder().decode(bytes)) as { statement: Statement }
      setAnswer({ bytes, statement })
    })
  if (!answer) {
    return (
      <>
        <button type="button" disabled={isBusy} aria-busy={isBusy} onClick={() => void ask()}>
          {t.ask}
        </button>
        <Problem error={error} />
      </>
    )
  }
  const { bytes, statement } = answer
  const { number: block, time } = statement.asOf
  return (
    <div role="status">
      <p>
        <strong>{statement.kind === 'no-claim' ? t.negative : t.positive}</strong>,{' '}
        {t.asOf(number(block), moment(Date.parse(time) / 1000))}
      </p>
      {statementWords(statement).map((line) => (
        <p key={line} class="hint" lang="en">
          {line}
        </p>
      ))}
      <div class="commands">
        <Download
          label={t.download}
          fileName={`fingerprint-${fingerprint.slice(2, 14)}.json`}
          type="application/json"
          load={async () => bytes}
        />
        <a class="button" href="/verify">
          {t.check}
        </a>
      </div>
    </div>
  )
}
