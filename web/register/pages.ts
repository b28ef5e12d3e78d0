import { lazyPage, type Route } from '../app/route.tsx'
import { defineText } from '../i18n/language.ts'

const text = defineText({ register: { en: 'Register', zh: '登记' } })

export const registerPages: readonly Route[] = [
  {
    path: '/app/register',
    page: lazyPage(async () => (await import('./register-page.tsx')).RegisterPage),
    nav: { title: () => text().register, roles: ['supplier'], needs: 'propose' }
  }
]
