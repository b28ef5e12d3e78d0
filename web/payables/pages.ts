import { lazyPage, type Route } from '../app/route.tsx'
import { defineText } from '../i18n/language.ts'

const text = defineText({ payables: { en: 'Payables', zh: '应付' } })

export const payablePages: readonly Route[] = [
  {
    path: '/app/payables',
    page: lazyPage(async () => (await import('./payables-page.tsx')).PayablesPage),
    nav: { title: () => text().payables, roles: ['debtor'] }
  }
]
