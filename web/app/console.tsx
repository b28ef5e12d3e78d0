import { useEffect } from 'preact/hooks'
import { defineText, useText } from '../i18n/language.ts'
import { LanguageSwitch } from '../i18n/language-switch.tsx'
import { moment } from '../i18n/format.ts'
import { head, isOnline, startLive } from '../live/live.ts'
import { hasRole, may, session, signOut } from '../login/session.ts'
import { SignInPage } from '../login/sign-in-page.tsx'
import { SignDialogHost } from '../signing/sign-host.tsx'
import { Page } from '../ui/page.tsx'
import { Link } from './link.tsx'
import { match, navigate, path } from './router.ts'
import type { Route } from './route.tsx'
import { routes } from './routes.ts'

const text = defineText({
  skip: { en: 'Skip to the content', zh: '跳到正文' },
  navigation: { en: 'Pages', zh: '页面' },
  verify: { en: 'Verify evidence', zh: '核验存证' },
  signOut: { en: 'Sign out', zh: '退出' },
  signsOnly: { en: 'you sign what others propose', zh: '仅签署他人提出的指令' },
  looksOnly: { en: 'you look only', zh: '仅可查看' },
  asOf: {
    en: (block: number, time: string) => `as of block ${block}, ${time}`,
    zh: (block: number, time: string) => `截至区块 ${block}，${time}`
  },
  offline: {
    en: 'The registry does not answer; what you see is as of before.',
    zh: '登记系统无应答；所示为此前数据。'
  },
  unknown: { en: 'There is no such page', zh: '页面不存在' },
  home: { en: 'Go to the first page', zh: '返回首页' }
})

/** Pages that the participant's roles and the credential in hand have in the navigation. */
function navigation(): Route[] {
  return routes.filter(
    ({ nav }) =>
      nav && (nav.roles === undefined || hasRole(...nav.roles)) && (nav.needs === undefined || may(nav.needs))
  )
}

/** The frame of the console around the page of the address. */
export function Console() {
  const t = useText(text)
  useEffect(startLive, [])
  const isSignedIn = session.value !== undefined
  return (
    <>
      <a class="skip" href="#main">
        {t.skip}
      </a>
      <header class="top">
        <a class="brand" href="/">
          <img src="/mark.svg" alt="" width="28" height="28" /> Tallystick
        </a>
        {isSignedIn && (
          <nav aria-label={t.navigation}>
            {navigation().map(({ path: to, nav }) => (
              <Link key={to} to={to}>
                {nav!.title()}
              </Link>
            ))}
          </nav>
        )}
        <div class="top-end">
          <a href="/verify">{t.verify}</a>
          <LanguageSwitch />
          {isSignedIn && (
            <>
              <span class="me">{session.value!.name}</span>
              {!may('propose') && <span class="hint">{may('sign') ? t.signsOnly : t.looksOnly}</span>}
              <button type="button" class="quiet" onClick={signOut}>
                {t.signOut}
              </button>
            </>
          )}
        </div>
      </header>
      {!isOnline.value && (
        <p class="offline" role="status">
          {t.offline}
        </p>
      )}
      {isSignedIn ? <CurrentPage key={`${session.value!.participantId} ${path.value}`} /> : <SignInPage />}
      <footer class="bottom">{head.value && t.asOf(head.value.block, moment(head.value.time))}</footer>
      {isSignedIn && <SignDialogHost />}
    </>
  )
}

function CurrentPage() {
  const t = useText(text)
  const home = navigation()[0]?.path ?? '/app/signatures'
  const isHome = ['/', '/app', '/app/'].includes(path.value)
  useEffect(() => {
    if (isHome) navigate(home)
  }, [])
  if (isHome) return null
  for (const { path: pattern, page: Shown } of routes) {
    const params = match(pattern, path.value)
    if (params) return <Shown params={params} />
  }
  return (
    <Page title={t.unknown}>
      <p>
        <Link to={home}>{t.home}</Link>
      </p>
    </Page>
  )
}
