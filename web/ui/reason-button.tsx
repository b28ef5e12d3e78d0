import { useState } from 'preact/hooks'
import { defineText, useText } from '../i18n/language.ts'
import { touch } from '../live/live.ts'
import { may } from '../login/session.ts'
import { useAct } from './act.ts'
import { Dialog } from './dialog.tsx'
import { Problem } from './problem.tsx'
import { TextField } from './text-field.tsx'

const text = defineText({
  reason: { en: 'Reason', zh: '理由' },
  hint: { en: 'Kept with the decision; auditors read it.', zh: '与决定一同留存，供审计查阅。' }
})

interface ReasonButtonProps {
  label: string
  /** What it is about, for screen readers: many buttons of a table have the same label. */
  about: string
  isPrimary?: boolean
  /** Tells the api. What is shown is read again afterwards. */
  tell: (reason: string) => Promise<unknown>
}

/** A decision that needs a reason and no signature. Not there for who may not propose. */
export function ReasonButton({ label, about, isPrimary = false, tell }: ReasonButtonProps) {
  const t = useText(text)
  const [isAsking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const { isBusy, error, run } = useAct()
  const go = (): Promise<void> =>
    run(async () => {
      await tell(reason)
      setAsking(false)
      setReason('')
      touch()
    })
  if (!may('propose')) return null
  return (
    <>
      <button
        type="button"
        class={isPrimary ? 'primary' : ''}
        aria-label={`${label}: ${about}`}
        onClick={() => setAsking(true)}
      >
        {label}
      </button>
      {isAsking && (
        <Dialog title={label} isBusy={isBusy} onClose={() => setAsking(false)}>
          <p>{about}</p>
          <form
            onSubmit={(event) => {
              event.preventDefault()
              void go()
            }}
          >
            <TextField label={t.reason} hint={t.hint} value={reason} onValue={setReason} />
            <Problem error={error} />
            <button type="submit" class="primary" disabled={isBusy} aria-busy={isBusy}>
              {label}
            </button>
          </form>
        </Dialog>
      )}
    </>
  )
}
