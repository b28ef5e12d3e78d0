import { lazyPage, type Route } from '../app/route.tsx'
import { defineText } from '../i18n/language.ts'

const text = defineText({ offers: { en: 'Offers', zh: '签收' } })

export const offerPages: readonly Route[] = [
  {
    path: '/app/offers',
    page: lazyPage(async () => (await import('./offers-page.tsx')).OffersPage),
    nav: { title: () => text().offers, roles: ['supplier', 'factor', 'debtor'] }
  }
]
