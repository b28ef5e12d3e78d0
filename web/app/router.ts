/** Which page is shown: the path of the address, by the browser's own history. */
import { signal } from '@preact/signals'

export const path = signal(location.pathname)

addEventListener('popstate', () => {
  path.value = location.pathname
})

export function navigate(to: string): void {
  if (to === path.value) return
  history.pushState(null, '', to)
  path.value = to
  scrollTo(0, 0)
}

/** The values of a pattern such as `/app/notes/:noteId`, or undefined when the path is another. */
export function match(pattern: string, presented: string): Record<string, string> | undefined {
  const names = pattern.split('/')
  const parts = presented.replace(/\/$/, '').split('/')
  if (names.length !== parts.length) return undefined
  const values: Record<string, string> = {}
  for (const [i, name] of names.entries()) {
    const part = parts[i]!
    if (name.startsWith(':')) values[name.slice(1)] = decodeURIComponent(part)
    else if (name !== part) return undefined
  }
  return values
}
