import { lazyPage, type Route } from '../app/route.tsx'
import { defineText } from '../i18n/language.ts'

const text = defineText({ tasks: { en: 'Signatures', zh: '签名' } })

export const taskPages: readonly Route[] = [
  {
    path: '/app/signatures',
    page: lazyPage(async () => (await import('./signatures-page.tsx')).SignaturesPage),
    nav: { title: () => text().tasks }
  }
]
