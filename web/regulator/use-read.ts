import { useEffect, useState } from 'preact/hooks'
import type { Live } from '../live/live.ts'

/**
 * Reads once, and again when the reader asks. An authority's reads are written into the audit log, whose head is anchored by a new block:
 * a page that read again with every block would keep the chain growing while it is only looked at.
 */
export function useRead<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Live<T> & { again: () => void } {
  const [count, setCount] = useState(0)
  const [state, setState] = useState<Live<T> & { key: string }>({ key, data: undefined, error: undefined })
  useEffect(() => {
    const abort = new AbortController()
    load(abort.signal).then(
      (data) => abort.signal.aborted || setState({ key, data, error: undefined }),
      (error: unknown) =>
        abort.signal.aborted ||
        setState((before) => ({ key, data: before.key === key ? before.data : undefined, error }))
    )
    return () => abort.abort()
  }, [key, count])
  const again = (): void => setCount((before) => before + 1)
  return state.key === key ? { ...state, again } : { data: undefined, error: undefined, again }
}
