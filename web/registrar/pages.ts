import { lazyPage, type Route } from '../app/route.tsx'
import { defineText } from '../i18n/language.ts'

const text = defineText({
  applications: { en: 'Applications', zh: '准入申请' },
  participants: { en: 'Participants', zh: '参与方' }
})

export const registrarPages: readonly Route[] = [
  {
    path: '/app/applications',
    page: lazyPage(async () => (await import('./applications-page.tsx')).ApplicationsPage),
    nav: { title: () => text().applications, roles: ['registrar'] }
  },
  {
    path: '/app/applications/:applicationId',
    page: lazyPage(async () => (await import('./application-page.tsx')).ApplicationPage)
  },
  {
    path: '/app/participants',
    page: lazyPage(async () => (await import('./participants-page.tsx')).ParticipantsPage),
    nav: { title: () => text().participants, roles: ['registrar'] }
  },
  {
    path: '/app/participants/:participantId',
    page: lazyPage(async () => (await import('./participant-page.tsx')).ParticipantPage)
  }
]
