import { useState } from 'preact/hooks'
import type { ApplicationReview } from '../../client/operations.generated.ts'
import { defineText, useText } from '../i18n/language.ts'
import { touch } from '../live/live.ts'
import { api, may } from '../login/session.ts'
import { requestSignatures } from '../signing/request.ts'
import { Problem } from '../ui/problem.tsx'
import { TextField } from '../ui/text-field.tsx'

const text = defineText({
  title: { en: 'Decision', zh: '决定' },
  underWay: {
    en: 'The admission is proposed: it waits for signatures, or for its block, under “Signatures”.',
    zh: '准入已提出：请在“签名”页查看待签名或上链情况。'
  },
  reason: { en: 'Reason', zh: '理由' },
  reasonHint: { en: 'Kept sealed here; the applicant is not told.', zh: '密封保存，不告知申请人。' },
  despite: {
    en: (service: string) => `Admit although ${service} has not cleared it`,
    zh: (service: string) => `在“${service}”未通过的情况下仍准入`
  },
  admit: { en: 'Admit and sign', zh: '准入并签署' },
  refuse: { en: 'Refuse', zh: '拒绝' },
  again: { en: 'Ask the screening services again', zh: '重新筛查' },
  asking: { en: 'Asking …', zh: '筛查中…' }
})

/** Admit by signing, refuse, or have it screened again; for who may propose. */
export function Decision({ review }: { review: ApplicationReview }) {
  const t = useText(text)
  const [reason, setReason] = useState('')
  const [despite, setDespite] = useState<readonly string[]>([])
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState<'admit' | 'refuse' | 'screen'>()
  const { applicationId, state, checks } = review
  if (state === 'refused' || state === 'admitted') return null
  if (review.intentId !== null) return <p role="status">{t.underWay}</p>
  if (!may('propose')) return null

  const run = async (what: 'admit' | 'refuse' | 'screen', work: () => Promise<unknown>): Promise<void> => {
    setBusy(what)
    setError(undefined)
    try {
      await work()
      touch()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(undefined)
    }
  }
  const admit = () =>
    run('admit', async () => {
      const body = { reason, despite: [...despite] }
      await requestSignatures([await api.call('admitApplicant', { applicationId, body })])
    })
  const refuse = () => run('refuse', () => api.call('refuseApplicant', { applicationId, body: { reason } }))
  const open = checks.filter(({ check, outcome }) => check === 'screening' && outcome !== 'passed')
  return (
    <section>
      <h2>{t.title}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void (event.submitter?.getAttribute('value') === 'refuse' ? refuse() : admit())
        }}
      >
        <TextField label={t.reason} hint={t.reasonHint} value={reason} onValue={setReason} />
        {open.map(({ service }) => (
          <p key={service}>
            <label>
              <input
                type="checkbox"
                checked={despite.includes(service!)}
                onChange={(event) =>
                  setDespite(
                    event.currentTarget.checked ? [...despite, service!] : despite.filter((one) => one !== service)
                  )
                }
              />{' '}
              {t.despite(service!)}
            </label>
          </p>
        ))}
        <Problem error={error} />
        <div class="commands">
          <button
            type="submit"
            value="admit"
            class="primary"
            disabled={busy !== undefined}
            aria-busy={busy === 'admit'}
          >
            {t.admit}
          </button>
          <button type="submit" value="refuse" disabled={busy !== undefined} aria-busy={busy === 'refuse'}>
            {t.refuse}
          </button>
          <button
            type="button"
            disabled={busy !== undefined}
            aria-busy={busy === 'screen'}
            onClick={() => void run('screen', () => api.call('screenApplication', { applicationId }))}
          >
            {busy === 'screen' ? t.asking : t.again}
          </button>
        </div>
      </form>
    </section>
  )
}
