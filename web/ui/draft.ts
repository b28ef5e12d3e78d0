/** What is being typed, kept for this tab: a reload or a look at another page loses nothing. */
import { useState } from 'preact/hooks'

function stored<T extends object>(key: string, initial: T): T {
  try {
    const text = sessionStorage.getItem(key)
    return text === null ? initial : { ...initial, ...(JSON.parse(text) as Partial<T>) }
  } catch {
    return initial
  }
}

/**
 * @param name Of the form and what it is about: `quote <requestId>`.
 * @returns The draft, a change to some of it, and its end once it was sent.
 */
export function useDraft<T extends object>(
  name: string,
  initial: T
): [draft: T, change: (part: Partial<T>) => void, clear: () => void] {
  const key = `tallystick.draft ${name}`
  const [draft, setDraft] = useState<T>(() => stored(key, initial))
  const change = (part: Partial<T>): void =>
    setDraft((before) => {
      const next = { ...before, ...part }
      sessionStorage.setItem(key, JSON.stringify(next))
      return next
    })
  const clear = (): void => {
    sessionStorage.removeItem(key)
    setDraft(initial)
  }
  return [draft, change, clear]
}
