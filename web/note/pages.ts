import { lazyPage, type Route } from '../app/route.tsx'

export const notePages: readonly Route[] = [
  { path: '/app/notes/:noteId', page: lazyPage(async () => (await import('./note-page.tsx')).NotePage) }
]
