/** What a subject's folder gives to the console: its pages. */
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Role } from '../../domain/participant/roles.ts'
import { Problem } from '../ui/problem.tsx'

export type PageComponent = ComponentType<{ params: Record<string, string> }>

export interface Route {
  /** Such as `/app/notes/:noteId`. */
  path: string
  page: PageComponent
  /** Shown in the navigation under this title, for participants with one of the roles; `needs` where a page only proposes. */
  nav?: { title: () => string; roles?: readonly Role[]; needs?: 'propose' }
}

/** A page in a bundle of its own, loaded when it is first shown. */
export function lazyPage(load: () => Promise<PageComponent>): PageComponent {
  let loaded: PageComponent | undefined
  return function LazyPage(props) {
    const [, setLoaded] = useState(false)
    const [error, setError] = useState<unknown>()
    useEffect(() => {
      if (loaded) return
      load().then((page) => {
        loaded = page
        setLoaded(true)
      }, setError)
    }, [])
    const Loaded = loaded
    return Loaded ? <Loaded {...props} /> : <Problem error={error} />
  }
}
