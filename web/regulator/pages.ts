import { lazyPage, type Route } from '../app/route.tsx'
import { defineText } from '../i18n/language.ts'

const text = defineText({
  overview: { en: 'Overview', zh: '总览' },
  search: { en: 'Search', zh: '查询' },
  freezes: { en: 'Orders', zh: '司法指令' },
  evidence: { en: 'Evidence check', zh: '存证核查' },
  audit: { en: 'Audit trail', zh: '审计轨迹' }
})
const roles = ['regulator'] as const
const searchPage = lazyPage(async () => (await import('./search-page.tsx')).SearchPage)

/** What an authority looks at, and what it orders. */
export const regulatorPages: readonly Route[] = [
  {
    path: '/app/overview',
    page: lazyPage(async () => (await import('./overview-page.tsx')).OverviewPage),
    nav: { title: () => text().overview, roles }
  },
  { path: '/app/search', page: searchPage, nav: { title: () => text().search, roles } },
  { path: '/app/search/:q', page: searchPage },
  {
    path: '/app/freezes',
    page: lazyPage(async () => (await import('./freezes-page.tsx')).FreezesPage),
    nav: { title: () => text().freezes, roles }
  },
  {
    path: '/app/evidence',
    page: lazyPage(async () => (await import('./evidence-page.tsx')).EvidencePage),
    nav: { title: () => text().evidence, roles }
  },
  {
    path: '/app/audit',
    page: lazyPage(async () => (await import('./audit-page.tsx')).AuditPage),
    nav: { title: () => text().audit, roles }
  },
  {
    path: '/app/outstanding/:currency/:by/:value',
    page: lazyPage(async () => (await import('./outstanding-page.tsx')).OutstandingPage)
  }
]
