import { useState } from 'preact/hooks'
import type { Intent } from '../../client/operations.generated.ts'
import type { Known } from '../../client/review.ts'
import { defineText, useText } from '../i18n/language.ts'
import { may } from '../login/session.ts'
import { useAct } from '../ui/act.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Problem } from '../ui/problem.tsx'
import { TextField } from '../ui/text-field.tsx'
import { requestSignatures } from './request.ts'

const text = defineText({
  go: { en: 'Continue to sign', zh: '继续签署' }
})

interface CommandButtonProps {
  label: string
  /** Said in place of the label, where several buttons have the same. */
  description?: string
  isPrimary?: boolean
  /** Label of a text that the command needs, such as a reason. Asked for before it is proposed. */
  asks?: string
  /** Proposes the command at the api. */
  propose: (answer: string) => Promise<Intent>
  /** Looks at what was proposed before anybody is asked to sign it; throws to refuse. */
  check?: (intent: Intent, known: Known) => Promise<void>
  onEnd?: (intents: readonly Intent[]) => void
}

/** A command: proposes it, then asks for signatures. Not there for who may not propose. */
export function CommandButton(props: CommandButtonProps) {
  const { label, description, isPrimary = false, asks, propose, check, onEnd } = props
  const t = useText(text)
  const [isAsking, setAsking] = useState(false)
  const [answer, setAnswer] = useState('')
  const { isBusy, error, run } = useAct()
  const go = (): Promise<void> =>
    run(async () => {
      const intent = await propose(answer)
      const known = check && (await import('./holder.ts')).ownKnown()
      if (known) await check!(intent, known)
      setAsking(false)
      const seen = await requestSignatures([intent])
      onEnd?.(seen)
    })
  if (!may('propose')) return null
  return (
    <>
      <button
        type="button"
        class={isPrimary ? 'primary' : ''}
        disabled={isBusy}
        {...(description === undefined ? {} : { 'aria-label': description })}
        onClick={() => (asks === undefined ? void go() : setAsking(true))}
      >
        {label}
      </button>
      {!isAsking && <Problem error={error} />}
      {isAsking && (
        <Dialog title={label} onClose={() => setAsking(false)}>
          <form
            onSubmit={(event) => {
              event.preventDefault()
              void go()
            }}
          >
            <TextField label={asks!} value={answer} onValue={setAnswer} />
            <Problem error={error} />
            <button type="submit" class="primary" disabled={isBusy}>
              {t.go}
            </button>
          </form>
        </Dialog>
      )}
    </>
  )
}
