/** From a holder's question for money to the factor's book, by clicks: two quotes, compared, one taken, paid, and what both see then. */
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { Instance } from '../api/instance.ts'
import { invoice } from '../api/invoices.ts'
import { openPerson, type Person } from './browser.ts'
import { goTo, keyFileOf, sign, signIn } from './people.ts'

export interface FundingStage {
  tally: Instance
  browser: Browser
  /** Alder & Finch, in Chinese on a phone, signed in. */
  supplier: Person
  lookAt: (page: Page, name: string) => Promise<void>
}

/** What is clicked, as each language has it. */
const words = {
  en: {
    rate: 'Interest, % a year on the advance',
    advance: 'Advance, % of the amount',
    reserve: 'Reserve, % of the amount',
    addFee: 'Add a fee',
    feeSize: 'Size of fee 1',
    give: 'Give the quote',
    given: 'The quote was given.'
  },
  zh: {
    rate: '年利率（%，按预付款计）',
    advance: '预付比例（%）',
    reserve: '保留款比例（%）',
    addFee: '添加费用',
    feeSize: '第 1 项数额',
    give: '提交报价',
    given: '报价已提交。'
  }
} as const

/** Fills in a quote that says what it costs while it is typed, and gives it. Returns the annual cost that the page showed. */
export async function giveQuote(page: Page, language: 'en' | 'zh', rate: string, fee?: string): Promise<string> {
  const t = words[language]
  await page.getByLabel(t.rate).fill(rate)
  if (fee !== undefined) {
    await page.getByRole('button', { name: t.addFee }).click()
    await page.getByLabel(t.feeSize).fill(fee)
  }
  const cost = (await page.locator('.preview .rate').textContent())!
  await page.getByRole('button', { name: t.give }).click()
  await page.getByText(t.given).waitFor()
  return cost
}

/** Adds the story's steps to the console's tests. @returns The factors, once they came */
export function fundingStory(stage: () => FundingStage): () => Person[] {
  let lindqvist: Person
  let huichuan: Person
  const costs: string[] = []

  it('asks chosen factors for money on a confirmed note', async () => {
    const { tally, supplier, lookAt } = stage()
    const { page } = supplier
    await tally.confirmed()
    await goTo(page, '/app/funding')
    // The note of the disputed receivable is there too, with the reason why not.
    await page.getByText('暂不可：债务人提出争议').first().waitFor()
    await lookAt(page, 'funding')
    await page.getByRole('button', { name: '为 EUR 100,000.00 申请融资' }).click()
    await page.getByLabel('Lindqvist Factoring AB').check()
    await page.getByLabel(/Huichuan/).check()
    await page.getByLabel('质押融资').uncheck()
    await lookAt(page, 'funding, asking')
    await page.getByRole('button', { name: '提交询价' }).click()
    await page.getByText('尚无报价').waitFor()
    await lookAt(page, 'funding request, without quotes')
  })

  it('lets a factor check the document, and quote with the true cost shown while it types', async () => {
    const { tally, browser, lookAt } = stage()
    lindqvist = await openPerson(browser, { origin: tally.apiUrl })
    const { page } = lindqvist
    await signIn(page, tally, await keyFileOf(tally, 'lindqvist'))
    await page.getByRole('link', { name: 'EUR 100,000.00' }).first().waitFor()
    await lookAt(page, 'requests')
    await page.getByRole('link', { name: 'EUR 100,000.00' }).first().click()
    // The seller has invoices of the same amount to the same buyer: that is told, and is too weak to stop anything.
    await page
      .getByText(/has the same amount \(score \d+ of 100\)/)
      .first()
      .waitFor()
    const file = join(tally.dir, 'sent-by-the-seller.xml')
    writeFileSync(file, invoice({ number: 'WEB-2026-1', due: '2027-03-01' }))
    await page.locator('input[type=file]').setInputFiles(file)
    await page.getByText('sent-by-the-seller.xml: one receivable here stands on it').waitFor()
    // A pledge was not asked for; more than all of it can not be paid out.
    expect(await page.getByLabel('How').locator('option').count()).toBe(2)
    await page.getByLabel(words.en.reserve).fill('20')
    await page.getByLabel(words.en.rate).fill('6')
    await page.getByText(/Advance and reserve are 100 % at most/).waitFor()
    expect(await page.getByRole('button', { name: 'Give the quote' }).isDisabled()).toBe(true)
    await lookAt(page, 'request, with a fault')
    await page.getByLabel(words.en.reserve).fill('10')
    // What is typed outlives a reload.
    await page.reload()
    expect(await page.getByLabel(words.en.rate).inputValue()).toBe('6')
    costs.push(await giveQuote(page, 'en', '6.25'))
    await page.getByText('Quotes that you gave').waitFor()
    await lookAt(page, 'request, quoted')
  })

  it('shows both quotes side by side, the cheapest first, with what was shown to their factors', async () => {
    const { tally, browser, supplier, lookAt } = stage()
    huichuan = await openPerson(browser, { origin: tally.apiUrl, language: 'zh' })
    await signIn(huichuan.page, tally, await keyFileOf(tally, 'huichuan'))
    await huichuan.page.getByRole('link', { name: 'EUR 100,000.00' }).first().click()
    costs.push(await giveQuote(huichuan.page, 'zh', '5', '1.5'))
    await lookAt(huichuan.page, 'request, in Chinese')

    const { page } = supplier
    await page.locator('.compare thead th').nth(2).waitFor()
    const rates = await page.locator('.compare tbody tr').first().locator('td').allTextContents()
    // A fee of 1.5 % for a month is dearer than 1.25 % of interest a year.
    expect(rates.map((rate) => rate.split(' ')[0])).toEqual(costs)
    expect(rates[0]).toContain('最低')
    expect(await page.locator('.compare thead th').nth(1).textContent()).toContain('Lindqvist')
    await lookAt(page, 'funding request, compared')
  })

  it('accepts by signing what the quote says; the note is locked, and others lapse', async () => {
    const { tally, supplier, lookAt } = stage()
    const { page } = supplier
    await page
      .getByRole('button', { name: /^接受年化/ })
      .first()
      .click()
    const line = page.locator('.to-sign .words').first()
    expect(await line.textContent()).toMatch(/为Lindqvist Factoring AB \(#\d+\)锁定.*EUR 100000\.00.*无追索权转让/)
    await sign(page, await keyFileOf(tally, 'alder', 'checker'))
    await page.locator('.facts .state-locked').waitFor()
    // Left and found again.
    await page.reload()
    await page.getByText(/已为 Lindqvist Factoring AB 锁定/).waitFor()
    await lookAt(page, 'funding request, locked')
    await huichuan.page.locator('.facts .state-closed').waitFor()
  })

  it('pays, takes the note, and finds it in the book beside its limits', async () => {
    const { supplier, lookAt } = stage()
    const { page } = lindqvist
    await page.getByText('Your quote was taken').waitFor()
    await page.getByLabel('Your reason').first().fill('Two deliveries in a month')
    await lookAt(page, 'request, to pay')
    await page.getByRole('button', { name: 'Accept', exact: true }).first().click()
    await page.getByText('You accepted it: Two deliveries in a month').waitFor()
    await goTo(page, '/app/book')
    await page.locator('.figures .state-locked').waitFor()
    await page.getByRole('button', { name: 'Set a limit' }).click()
    await page.getByLabel('Whom').selectOption({ label: 'Meridian Automotive SE' })
    await page.getByLabel('Limit', { exact: true }).fill('250000')
    await lookAt(page, 'book, limit')
    await page.getByRole('dialog').getByRole('button', { name: 'Set the limit' }).click()
    const limit = page.locator('table', { hasText: 'Reserved' })
    await limit.getByText('EUR 150,000.00').waitFor()
    await page.getByRole('button', { name: 'Record the payment' }).click()
    await page.getByLabel(/^Reference of the payment/).fill('SEPA 2026-11-28/1')
    await page.getByRole('button', { name: 'Continue to sign' }).click()
    await sign(page)
    await page.locator('.figures .state-held').waitFor()
    expect(await page.locator('table', { hasText: 'Positions' }).textContent()).toContain('Meridian Automotive SE')
    await lookAt(page, 'book')
    await supplier.page.locator('.facts .state-funded').waitFor()
    await supplier.page.getByText('Lindqvist Factoring AB 已声明放款并取得凭证，请核对到账。').waitFor()
    await lookAt(supplier.page, 'funding request, funded')
  })

  it('teaches in an empty book, and offers a withdrawn request to nobody', async () => {
    const { lookAt } = stage()
    const { page } = huichuan
    await goTo(page, '/app/book')
    await page.getByText('台账为空').waitFor()
    await lookAt(page, 'book, empty')
    await goTo(page, '/app/requests')
    await page.locator('.state-closed').waitFor()
    await lookAt(page, 'requests, in Chinese')
  })

  return () => [lindqvist, huichuan]
}
