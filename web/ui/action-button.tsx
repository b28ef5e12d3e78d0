import { useState } from 'preact/hooks'
import { Problem } from './problem.tsx'

interface ActionButtonProps {
  label: string
  isPrimary?: boolean
  isDisabled?: boolean
  act: () => Promise<void>
}

/** Does something at once that nobody has to sign; says what went wrong. */
export function ActionButton({ label, isPrimary = false, isDisabled = false, act }: ActionButtonProps) {
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
  return (
    <>
      <button
        type="button"
        class={isPrimary ? 'primary' : ''}
        disabled={isDisabled || isBusy}
        aria-busy={isBusy}
        onClick={() => void go()}
      >
        {label}
      </button>
      <Problem error={error} />
    </>
  )
}
