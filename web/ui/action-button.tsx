import { useState } from 'preact/hooks'
import { may } from '../login/session.ts'
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
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const go = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      await act()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
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
