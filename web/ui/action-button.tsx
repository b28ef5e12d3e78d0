import { may } from '../login/session.ts'
import { useAct } from './act.ts'
import { Problem } from './problem.tsx'

interface ActionButtonProps {
  label: string
  /** Said in place of the label, where several buttons have the same. */
  description?: string
  isPrimary?: boolean
  isDisabled?: boolean
  act: () => Promise<void>
}

/** Does something at once that nobody has to sign; says what went wrong. Not there for who may not propose. */
export function ActionButton({ label, description, isPrimary = false, isDisabled = false, act }: ActionButtonProps) {
  const { isBusy, error, run } = useAct()
  const go = (): Promise<void> =>
    run(async () => {
      await act()
    })
  if (!may('propose')) return null
  return (
    <>
      <button
        type="button"
        class={isPrimary ? 'primary' : ''}
        disabled={isDisabled || isBusy}
        aria-busy={isBusy}
        {...(description === undefined ? {} : { 'aria-label': description })}
        onClick={() => void go()}
      >
        {label}
      </button>
      <Problem error={error} />
    </>
  )
}
