import { lazyPage, type Route } from '../app/route.tsx'
import { defineText } from '../i18n/language.ts'

const text = defineText({ book: { en: 'Book', zh: '台账' } })

export const bookPages: readonly Route[] = [
  {
    path: '/app/book',
    page: lazyPage(async () => (await import('./book-page.tsx')).BookPage),
    nav: { title: () => text().book, roles: ['factor'] }
  }
]
