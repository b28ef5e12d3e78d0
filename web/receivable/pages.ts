import { lazyPage, type Route } from '../app/route.tsx'

export const receivablePages: readonly Route[] = [
  {
    path: '/app/receivables/:receivableId',
    page: lazyPage(async () => (await import('./receivable-page.tsx')).ReceivablePage)
  }
]
