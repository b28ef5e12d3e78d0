import { lazyPage, type Route } from '../app/route.tsx'
import { defineText } from '../i18n/language.ts'

const text = defineText({ funding: { en: 'Funding', zh: '融资' } })

export const fundingPages: readonly Route[] = [
  {
    path: '/app/funding',
    page: lazyPage(async () => (await import('./funding-page.tsx')).FundingPage),
    nav: { title: () => text().funding, roles: ['supplier', 'factor'] }
  },
  {
    path: '/app/funding/:requestId',
    page: lazyPage(async () => (await import('./request-page.tsx')).RequestPage)
  }
]
