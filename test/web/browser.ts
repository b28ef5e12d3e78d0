/** A real browser for the console's tests: Debian's Chromium, or whichever CHROMIUM names. Without one the tests are skipped and say so. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Of the browser; undefined when there is none: `apt-get install chromium` brings it on Debian. */
export const browserPath = [process.env['CHROMIUM'], ...places].find((path) => path !== undefined && existsSync(path))
if (browserPath === undefined) {
  console.warn(
    'no Chromium found: the tests of the console are skipped. Install it (Debian: apt-get install chromium) or name it in CHROMIUM'
  )
}

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export interface Violation {
  id: string
  targets: string[]
}

/** A browser of one person, who watches what it must never do. */
export interface Person {
  context: BrowserContext
  page: Page
  /** Requests to any other host than the console's. */
  outside: string[]
  /** Errors of the page, of its Content-Security-Policy among them. */
  errors: string[]
}

export interface PersonOptions {
  origin: string
  language?: 'en' | 'zh'
  width?: number
  height?: number
}

/** One browser for all the people of a test file. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath!, headless: true, args: flags })
}

/** Somebody with a profile of its own. */
export async function openPerson(browser: Browser, options: PersonOptions): Promise<Person> {
  const { origin, language = 'en', width = 1280, height = 900 } = options
  const context = await browser.newContext({
    viewport: { width, height },
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    timezoneId: 'Asia/Shanghai'
  })
  const outside: string[] = []
  const errors: string[] = []
  context.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(origin) && !url.startsWith('blob:') && !url.startsWith('data:')) outside.push(url)
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) errors.push(message.text())
  })
  page.setDefaultTimeout(20_000)
  return { context, page, outside, errors }
}

/** What axe finds wrong with the page. It runs in a world of its own, which the page's policy does not bind. */
export async function violationsOf(page: Page): Promise<Violation[]> {
  const session = await page.context().newCDPSession(page)
  try {
    const { frameTree } = await session.send('Page.getFrameTree')
    const world = { frameId: frameTree.frame.id, worldName: 'axe' }
    const { executionContextId } = await session.send('Page.createIsolatedWorld', world)
    const run = `${axeSource}; axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      JSON.stringify(violations.map(({ id, nodes }) => ({ id, targets: nodes.map(({ target }) => target.join(' ')) }))))`
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
      expression: run,
      contextId: executionContextId,
      awaitPromise: true,
      returnByValue: true
    })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return JSON.parse(result.value as string) as Violation[]
  } finally {
    await session.detach()
  }
}

const phone = { width: 390, height: 800 }

/** What a phone would have to be scrolled sideways for: the page itself, or an open dialog in it. */
export async function widerThanPhone(page: Page): Promise<string[]> {
  const before = page.viewportSize()!
  await page.setViewportSize(phone)
  try {
    const wide = await page.evaluate(`[document.documentElement, ...document.querySelectorAll('dialog[open]')]
      .filter((one) => one.scrollWidth > one.clientWidth)
      .map((one) => one.tagName + ' ' + one.scrollWidth + ' > ' + one.clientWidth + ': ' +
        [...one.querySelectorAll('*')].filter((each) => each.getBoundingClientRect().right > one.getBoundingClientRect().right + 1)
          .slice(0, 4).map((each) => each.tagName + '.' + each.className + ' ' + each.textContent.slice(0, 40)).join(' | '))`)
    return wide as string[]
  } finally {
    await page.setViewportSize(before)
  }
}
