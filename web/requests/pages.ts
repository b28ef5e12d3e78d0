import { lazyPage, type Route } from '../app/route.tsx'
import { defineText } from '../i18n/language.ts'

const text = defineText({ requests: { en: 'Requests', zh: '融资申请' } })

export const requestPages: readonly Route[] = [
  {
    path: '/app/requests',
    page: lazyPage(async () => (await import('./queue-page.tsx')).QueuePage),
    nav: { title: () => text().requests, roles: ['factor'] }
  },
  {
    path: '/app/requests/:requestId',
    page: lazyPage(async () => (await import('./request-page.tsx')).RequestPage)
  }
]
