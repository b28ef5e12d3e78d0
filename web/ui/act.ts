import { useState } from 'preact/hooks'

interface Act {
  isBusy: boolean
  /** What the last run failed with; undefined while it runs and after it came to its end. */
  error: unknown
  run: (work: () => Promise<void>) => Promise<void>
}

/** Whether something that a person began is still running, and what went wrong with it. */
export function useAct(): Act {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const run = async (work: () => Promise<void>): Promise<void> => {
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
  return { isBusy, error, run }
}
