import { lazyPage, type Route } from '../app/route.tsx'

const lineage = lazyPage(async () => (await import('./lineage-page.tsx')).LineagePage)
const calendar = lazyPage(async () => (await import('./calendar-page.tsx')).CalendarPage)

/** Pictures, reached from the pages whose figures they show. */
export const picturePages: readonly Route[] = [
  { path: '/app/receivables/:receivableId/lineage', page: lineage },
  { path: '/app/notes/:noteId/lineage', page: lineage },
  { path: '/app/calendar', page: calendar },
  { path: '/app/calendar/:month', page: calendar },
  { path: '/app/cash-flow', page: lazyPage(async () => (await import('./cash-flow-page.tsx')).CashFlowPage) }
]
