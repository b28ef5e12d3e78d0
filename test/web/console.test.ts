/** The console in a real browser, against a whole instance: what people do by clicks and keys, in both languages. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { strFromU8, strToU8, unzipSync } from 'fflate'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeZip } from '../../domain/evidence/zip.ts'
import { buildConsole, consoleFolder } from '../../scripts/web/build.ts'
import { participantIdOf } from '../../scripts/world/cast.ts'
import { startInstance, type Instance } from '../api/instance.ts'
import { invoice } from '../api/invoices.ts'
import { browserPath, launchBrowser, openPerson, violationsOf, widerThanPhone, type Person } from './browser.ts'
import { fundingStory } from './funding-story.ts'
import { goTo, keyFileOf, passphrase, sign, signIn, type Stage } from './people.ts'
import { admitsByClicks, recoversByClicks, suspendsByClicks } from './registrar.ts'
import { tellBank } from './story-bank.ts'
import { tellDuties } from './story-duties.ts'
import { tellFactor } from './story-factor.ts'
import { tellRegulator } from './story-regulator.ts'
import { tellWallet } from './story-wallet.ts'

let browser: Browser
let tally: Instance
/** English, on a desktop. */
let debtor: Person
/** Chinese, on a phone. */
let supplier: Person
/** English, on a desktop; the smallest firm: one key. */
let second: Person
/** English, on a desktop. */
let registrar: Person
let receivableId: string

const checkedPages = new Set<string>()

/** No page is left without axe having looked at it, and without having been as narrow as a phone. */
async function lookAt(page: Page, name: string): Promise<void> {
  expect(await violationsOf(page), name).toEqual([])
  expect(await widerThanPhone(page), `${name}, on a phone`).toEqual([])
  checkedPages.add(name)
}

/** A file as a person has it on disk. */
function onDisk(name: string, bytes: Uint8Array): string {
  const file = join(tally.dir, name)
  writeFileSync(file, bytes)
  return file
}

async function saved(page: Page, button: string): Promise<Uint8Array> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).first().click()
  ])
  return readFileSync(await download.path())
}

const everybody: Person[] = []

/** For the stories of other roles, on the same instance. */
function stage(): Stage {
  return {
    tally,
    saved,
    open: async (language, width = 1280) => {
      const person = await openPerson(browser, { origin: tally.apiUrl, language, width })
      everybody.push(person)
      return person.page
    },
    lookAt: async (page, name) => {
      await lookAt(page, name)
      if ((await page.getByRole('dialog').count()) > 0) return
      // The switch is named by the language that it leads to.
      const turn = () => page.locator('.top-end button[lang]').click()
      await turn()
      await lookAt(page, `${name}, in the other language`)
      await turn()
    }
  }
}

describe.skipIf(browserPath === undefined)('the console', { timeout: 180_000 }, () => {
  beforeAll(async () => {
    await buildConsole()
    ;[browser, tally] = await Promise.all([launchBrowser(), startInstance({}, consoleFolder)])
    const origin = tally.apiUrl
    debtor = await openPerson(browser, { origin })
    supplier = await openPerson(browser, { origin, language: 'zh', width: 390, height: 800 })
    second = await openPerson(browser, { origin })
    registrar = await openPerson(browser, { origin })
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    await tally?.stop()
  })

  it('weighs no more than it may: 350 KB compressed, all pages together', async () => {
    let bytes = 0
    for await (const file of glob('assets/*.br', { cwd: consoleFolder }))
      bytes += statSync(join(consoleFolder, file)).size
    expect(bytes).toBeGreaterThan(50_000)
    expect(bytes).toBeLessThan(350_000)
  })

  it('signs nobody in with a wrong passphrase', async () => {
    const { page } = supplier
    await page.goto(`${tally.apiUrl}/`)
    await lookAt(page, 'sign in')
    await page.locator('input[type=file]').setInputFiles(await keyFileOf(tally, 'alder'))
    await page.locator('input[autocomplete=current-password]').fill('not this one')
    await page.locator('form button[type=submit]').first().click()
    await page.getByText('KEY_FILE_PASSPHRASE_WRONG').waitFor()
    expect(await page.locator('nav').count()).toBe(0)
  })

  it('registers an invoice in three steps: dropped, read with its sources, signed by maker and checker', async () => {
    const { page } = supplier
    await signIn(page, tally, await keyFileOf(tally, 'alder'))
    await goTo(page, '/app/register')
    await lookAt(page, 'register')
    const file = onDisk('invoice.xml', invoice({ number: 'WEB-2026-1', due: '2027-03-01' }))
    await page.locator('input[type=file]').setInputFiles(file)
    const row = page.locator('tr', { hasText: 'WEB-2026-1' })
    await row.waitFor()
    expect(await row.textContent()).toContain('/Invoice/')
    await lookAt(page, 'register, read')
    // Left in the middle and found again.
    await page.reload()
    await row.waitFor()
    await page.getByRole('button', { name: '继续签署' }).click()
    await sign(page, await keyFileOf(tally, 'alder', 'checker'))
    await page.getByRole('link', { name: '查看应收账款' }).click()
    await page.locator('.facts .state-registered').waitFor()
    receivableId = page.url().split('/').at(-1)!
    await lookAt(page, 'receivable, registered')
  })

  it('confirms many with one dialog, and the supplier sees it without reload', async () => {
    const other = await tally.register()
    const { page } = debtor
    await signIn(page, tally, await keyFileOf(tally, 'meridian'))
    await page.getByRole('button', { name: 'Choose all' }).click()
    await lookAt(page, 'payables, to confirm')
    await page.getByRole('button', { name: 'Confirm 2 chosen' }).click()
    const words = page.locator('.to-sign .words')
    await words.nth(1).waitFor()
    for (const one of await words.allTextContents()) {
      expect(one).toMatch(/^Confirm the receivable of EUR 100000\.00 owed to Alder & Finch Castings GmbH \(#5\)/)
    }
    await lookAt(page, 'signing')
    await sign(page, await keyFileOf(tally, 'meridian', 'checker'))
    await supplier.page.locator('.facts .state-confirmed').waitFor()
    expect(await tally.receivable(other.receivableId)).toMatchObject({ state: 'confirmed' })
    await page.getByText('Owed by maturity and tier, EUR').waitFor()
    await lookAt(page, 'payables')
  })

  it('refuses to sign what is not what it should be, whatever the server says of it', async () => {
    const { page } = debtor
    // A server that lies: harmless words, but the calls of another account.
    await page.route('**/dispute', async (route) => {
      const answer = await route.fetch()
      const intent = (await answer.json()) as { typedData: { domain: { verifyingContract: string } } }
      intent.typedData.domain.verifyingContract = `0x${'66'.repeat(20)}`
      await route.fulfill({ response: answer, json: intent })
    })
    await page.getByRole('link', { name: 'EUR 100,000.00' }).first().click()
    await page.getByRole('button', { name: 'Dispute' }).click()
    await page.getByLabel('Reason').fill('goods are missing')
    await page.getByRole('button', { name: 'Continue to sign' }).click()
    await page.getByText('REVIEW_ACCOUNT').waitFor()
    expect(await page.getByRole('dialog').locator('form').count()).toBe(0)
    await page.getByRole('button', { name: 'Close' }).click()
    await page.unroute('**/dispute')
  })

  it('splits and transfers by a cut moved with the keyboard; the other accepts', async () => {
    const { page } = supplier
    await page.locator('.span-picture a').first().click()
    await page.getByRole('button', { name: '拆分转让' }).click()
    const cut = page.getByRole('slider')
    await cut.focus()
    for (let i = 0; i < 20; i++) await page.keyboard.press('PageDown')
    // Twenty steps of a hundredth, however fast they come.
    await expect.poll(() => page.getByLabel('金额（EUR）').inputValue()).toBe('30000.00')
    await lookAt(page, 'transfer')
    await page.getByLabel('受让人').selectOption({ label: 'Corvale Polymers B.V.' })
    await page.getByLabel('贸易单据').fill('PO-1')
    await page.getByRole('button', { name: '继续签署' }).click()
    await sign(page, await keyFileOf(tally, 'alder', 'checker'))
    await goTo(page, '/app/offers')
    await page.getByText('EUR 30,000.00').waitFor()
    await lookAt(page, 'offers, made')

    await signIn(second.page, tally, await keyFileOf(tally, 'corvale'))
    await goTo(second.page, '/app/offers')
    await lookAt(second.page, 'offers, received')
    await second.page.getByRole('button', { name: 'Accept' }).click()
    await sign(second.page)
    await page.getByText('没有待处理的转让').waitFor()
    await lookAt(page, 'offers, none')
    await goTo(second.page, '/app/positions')
    await second.page.getByRole('link', { name: 'EUR 30,000.00' }).click()
    await second.page.getByText('Accepted', { exact: true }).waitFor()
    await lookAt(second.page, 'note')
    await second.page.getByRole('link', { name: 'EUR 100,000.00' }).click()
    // Of the branches that it has no part in it sees nothing.
    await second.page.locator('.span-picture a').first().waitFor()
    expect(await second.page.locator('.span-picture a').count()).toBe(1)
    await lookAt(second.page, 'receivable')
  })

  it('takes the stream up where it broke off, and renews its token before that ends', async () => {
    const { page, context } = second
    const credential = () =>
      page.evaluate(
        () => (JSON.parse(sessionStorage.getItem('tallystick.session')!) as { credential: string }).credential
      )
    // A token, and no API key.
    expect((await credential()).split('.')).toHaveLength(3)
    await goTo(page, '/app/offers')
    await context.setOffline(true)
    const { receivableId: of } = await tally.confirmed()
    const body = { assignee: participantIdOf('corvale'), amount: '123400', tradeDocument: 'PO-2' }
    await tally.done('alder', `/v1/notes/${of}${'0'.repeat(16)}/transfers`, body)
    await context.setOffline(false)
    await page.getByText('EUR 1,234.00').waitFor()

    const before = await credential()
    await page.evaluate(() => {
      const session = JSON.parse(sessionStorage.getItem('tallystick.session')!) as object
      sessionStorage.setItem('tallystick.session', JSON.stringify({ ...session, expiresAt: Date.now() / 1000 + 30 }))
    })
    await page.reload()
    await expect.poll(credential).not.toBe(before)
    await page.getByText('EUR 1,234.00').waitFor()

    // A session that is over: the key's passphrase is asked for, and nothing else; then one is where one was.
    await page.evaluate(() => {
      const session = JSON.parse(sessionStorage.getItem('tallystick.session')!) as object
      sessionStorage.setItem('tallystick.session', JSON.stringify({ ...session, credential: 'a.b.c' }))
    })
    await page.reload()
    await page.getByText('Your session ended.').waitFor()
    await lookAt(page, 'sign in, again')
    await page.locator('input[autocomplete=current-password]').fill(passphrase)
    await page.locator('form button[type=submit]').first().click()
    await page.getByText('EUR 1,234.00').waitFor()
  })

  it('moves the cut with the pointer to the same amounts', async () => {
    const { page } = second
    await goTo(page, '/app/positions')
    await page.getByRole('link', { name: 'EUR 30,000.00' }).click()
    await page.getByRole('button', { name: 'Pay with a part' }).click()
    const bar = (await page.locator('.span-slider .bar').boundingBox())!
    await page.mouse.move(bar.x + bar.width / 2, bar.y + 20)
    await page.mouse.down()
    await page.mouse.move(bar.x + bar.width * 0.9, bar.y + 20, { steps: 4 })
    await page.mouse.up()
    const amount = Number(await page.getByLabel('Amount, EUR').inputValue())
    expect(amount).toBeGreaterThan(2900)
    expect(amount).toBeLessThan(3100)
    await page.getByRole('button', { name: 'Close' }).click()
  })

  it('leaves a command for the second person, who finds and signs it', async () => {
    const { page } = debtor
    await page.getByRole('button', { name: 'Dispute' }).click()
    await page.getByLabel('Reason').fill('goods are missing')
    await page.getByRole('button', { name: 'Continue to sign' }).click()
    await sign(page)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await signIn(page, tally, await keyFileOf(tally, 'meridian', 'checker'))
    await goTo(page, '/app/signatures')
    await lookAt(page, 'signatures')
    await page.getByRole('button', { name: 'Read and sign' }).first().click()
    expect(await page.locator('.to-sign .words').first().textContent()).toContain('Dispute receivable')
    await sign(page)
  })

  const factors = fundingStory(() => ({ tally, browser, supplier, lookAt }))

  it('tells the debtor whom to pay', async () => {
    const { page } = debtor
    await goTo(page, '/app/payables')
    await page.goto(`${tally.apiUrl}/app/receivables/${receivableId}`)
    await page.getByRole('button', { name: 'Whom to pay' }).click()
    const table = page.locator('table', { hasText: 'Pay-to statement' })
    await table.waitFor()
    expect(await table.textContent()).toMatch(/Alder & Finch.*EUR 70,000\.00.*Corvale.*EUR 30,000\.00/)
    await lookAt(page, 'pay-to')
  })

  it('verifies evidence in the page with the network off, and names what is wrong with a tampered one', async () => {
    const { page, context } = debtor
    const bytes = await saved(page, 'Evidence package')
    await page.goto(`${tally.apiUrl}/verify`)
    await page.getByRole('button', { name: 'Take those of this registry' }).click()
    await page.getByText(/^Anchors of the registry/).waitFor()
    await context.setOffline(true)
    const drop = page.locator('input[type=file]').first()
    await drop.setInputFiles(onDisk('package.zip', bytes))
    await page.locator('.report-verified').waitFor()
    expect(await page.locator('.report tbody tr').count()).toBeGreaterThan(10)
    await lookAt(page, 'verify, verified')

    const members = new Map(Object.entries(unzipSync(bytes)))
    const [path, record] = [...members].find(([name]) => name.startsWith('records/'))!
    members.set(path, strToU8(strFromU8(record).replace('"v":1', '"v":2')))
    const tampered = writeZip(members)
    await drop.setInputFiles(onDisk('tampered.zip', tampered))
    await page.locator('.report-failed').waitFor()
    expect(await page.locator('.report-failed').textContent()).toContain('DIGEST_MISMATCH')
    await lookAt(page, 'verify, refused')
    await context.setOffline(false)
    await page.getByRole('button', { name: '中文' }).click()
    await page.getByRole('heading', { name: '核验存证' }).waitFor()
    await lookAt(page, 'verify, in Chinese')
  })

  tellRegulator(stage)
  tellBank(stage)

  it('admits, suspends and reinstates by the registrar’s signatures, in both languages', async () => {
    const { page } = registrar
    const id = await admitsByClicks(tally, page, lookAt)
    await suspendsByClicks(tally, page, id, lookAt)
  })

  // Turns the clock: after all that has deadlines.
  it('shows the delay of a recovery, lets the firm veto, and puts the keys of the next one in force', async () => {
    const firm = await openPerson(browser, { origin: tally.apiUrl })
    await recoversByClicks(tally, registrar.page, firm.page, lookAt)
    expect([firm.outside, firm.errors]).toEqual([[], []])
  })

  tellDuties(stage)
  tellWallet(stage)
  tellFactor(stage)

  it('has let axe look at every page, asked no other host, and kept to its policy', () => {
    expect(checkedPages.size).toBeGreaterThanOrEqual(75)
    for (const { outside, errors } of [debtor, supplier, second, registrar, ...everybody, ...factors()]) {
      expect(outside).toEqual([])
      expect(errors).toEqual([])
    }
  })
})
