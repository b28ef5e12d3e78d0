import { lazyPage, type Route } from '../app/route.tsx'
import { defineText } from '../i18n/language.ts'

const text = defineText({
  statements: { en: 'Statements', zh: '对账单' },
  queue: { en: 'Matching', zh: '匹配' },
  settle: { en: 'Settlement', zh: '清分' },
  books: { en: 'Books of the day', zh: '当日对账' }
})
const roles = ['clearing'] as const

/** What a clearing bank does, in the order in which it does it. */
export const bankPages: readonly Route[] = [
  {
    path: '/app/bank/statements',
    page: lazyPage(async () => (await import('./statements-page.tsx')).StatementsPage),
    nav: { title: () => text().statements, roles }
  },
  {
    path: '/app/bank/queue',
    page: lazyPage(async () => (await import('./queue-page.tsx')).QueuePage),
    nav: { title: () => text().queue, roles }
  },
  {
    path: '/app/bank/settlement',
    page: lazyPage(async () => (await import('./settlement-page.tsx')).SettlementPage),
    nav: { title: () => text().settle, roles }
  },
  {
    path: '/app/bank/days',
    page: lazyPage(async () => (await import('./day-page.tsx')).DayPage),
    nav: { title: () => text().books, roles }
  },
  {
    path: '/app/bank/statements/:statementId',
    page: lazyPage(async () => (await import('./statement-page.tsx')).StatementPage)
  },
  { path: '/app/bank/days/:day', page: lazyPage(async () => (await import('./day-page.tsx')).DayPage) }
]
