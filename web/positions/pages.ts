import { lazyPage, type Route } from '../app/route.tsx'
import { defineText } from '../i18n/language.ts'

const text = defineText({ positions: { en: 'Positions', zh: '持仓' } })

export const positionPages: readonly Route[] = [
  {
    path: '/app/positions',
    page: lazyPage(async () => (await import('./positions-page.tsx')).PositionsPage),
    nav: { title: () => text().positions, roles: ['supplier', 'factor'] }
  }
]
