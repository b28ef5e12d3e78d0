/** What becomes of notes in a factor's book, by clicks: released, declined, passed on, foreclosed, taken back. Told inside the console's own test file. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { participantIdOf } from '../../scripts/world/cast.ts'
import { giveQuote } from './funding-story.ts'
import { goTo, keyFileOf, sign, signIn, type Stage } from './people.ts'

const DAY = 86_400
const [corvale, lindqvist, huichuan] = ['corvale', 'lindqvist', 'huichuan'].map(participantIdOf)

/** @param stage Asked when a test runs: the instance is started before */
export function tellFactor(stage: () => Stage): void {
  describe('the book of a factor', () => {
    let maturity: number
    let factor: Page
    let seller: Page
    let other: Page
    /** Of the notes that the factor has, by what happens to them. */
    const notes = {} as Record<'released' | 'foreclosed' | 'returned' | 'refinanced' | 'declined', string>

    const row = (amount: string) => factor.locator('table', { hasText: 'Positions' }).locator('tr', { hasText: amount })
    /** Presses the command of a position, says what it asks for, and signs. */
    const command = async (amount: string, name: string, asked?: string): Promise<void> => {
      await row(amount).getByRole('button', { name }).click()
      if (asked !== undefined) {
        await factor.getByRole('dialog').locator('input, textarea').fill(asked)
        await factor.getByRole('button', { name: 'Continue to sign' }).click()
      }
      await sign(factor)
    }

    beforeAll(async () => {
      const { tally, open } = stage()
      const { body } = await tally.call('/readyz', { as: null })
      maturity = (body['asOf'] as { time: number }).time + 3 * DAY
      const { rootNote } = await tally.confirmed(maturity)
      const transfer = { assignee: corvale, amount: '4000000', tradeDocument: 'PO for the book' }
      const { noteId } = await tally.done('alder', `/v1/notes/${rootNote}/transfers`, transfer)
      await tally.done('corvale', `/v1/notes/${noteId}/acceptance`)
      for (const [what, amount, purpose] of [
        ['released', '1010000', 'pledge'],
        ['foreclosed', '720000', 'pledge'],
        ['returned', '530000', 'recourse-assignment'],
        ['refinanced', '440000', 'assignment'],
        ['declined', '350000', 'assignment']
      ] as const) {
        const lock = { factor: lindqvist, amount, purpose, quote: what }
        notes[what] = (await tally.done('corvale', `/v1/notes/${noteId}/locks`, lock)).noteId!
        if (what === 'declined') continue
        await tally.done('lindqvist', `/v1/notes/${notes[what]}/financing`, { disbursement: what })
      }
      ;[factor, seller, other] = [await open('en'), await open('en'), await open('zh')]
      await signIn(seller, tally, await keyFileOf(tally, 'corvale'))
      await signIn(factor, tally, await keyFileOf(tally, 'lindqvist'))
      await goTo(factor, '/app/book')
    }, 120_000)

    it('releases a pledge that was repaid; its seller sees it without reload', async () => {
      const { tally } = stage()
      await seller.goto(`${tally.apiUrl}/app/notes/${notes.released}`)
      await seller.locator('.facts .state-pledged').waitFor()
      await command('EUR 10,100.00', 'Repaid: release', 'SEPA 2026-12-01/7')
      await row('EUR 10,100.00').waitFor({ state: 'detached' })
      await seller.locator('.facts .state-live').waitFor()
      await seller.getByText('Released', { exact: true }).waitFor()
      expect(await tally.note(notes.released)).toMatchObject({ state: 'live', holder: corvale, counterparty: null })
    })

    it('declines a note that was locked for it', async () => {
      const { tally } = stage()
      await command('EUR 3,500.00', 'Decline')
      await row('EUR 3,500.00').waitFor({ state: 'detached' })
      expect(await tally.note(notes.declined)).toMatchObject({ state: 'live', holder: corvale, counterparty: null })
    })

    it('withdraws a quote that is not firm, and the seller its request', async () => {
      const { lookAt } = stage()
      await goTo(seller, '/app/funding')
      await seller.getByRole('button', { name: 'Ask for funding on EUR 10,100.00' }).click()
      await seller.getByLabel('Lindqvist Factoring AB').check()
      await seller.getByRole('button', { name: 'Ask for quotes' }).click()
      await seller.getByText('No quotes yet').waitFor()
      await goTo(factor, '/app/requests')
      await factor.getByRole('link', { name: 'EUR 10,100.00' }).click()
      await factor.getByLabel('Firm: I can not withdraw it').uncheck()
      await giveQuote(factor, 'en', '7')
      await seller.getByRole('button', { name: /^Accept the quote/ }).waitFor()
      await factor.getByRole('button', { name: 'Withdraw', exact: true }).click()
      await factor.locator('table', { hasText: 'Quotes that you gave' }).locator('.state-withdrawn').waitFor()
      await seller.locator('.compare .state-withdrawn').waitFor()
      expect(await seller.getByRole('button', { name: /^Accept the quote/ }).count()).toBe(0)
      await lookAt(seller, 'funding request, its quote withdrawn')
      await seller.getByRole('button', { name: 'Withdraw the request' }).click()
      await seller.locator('.facts .state-withdrawn').waitFor()
      await factor.locator('.facts .state-withdrawn').waitFor()
      expect(await factor.getByRole('button', { name: 'Give the quote' }).count()).toBe(0)
    })

    it('passes a note on to another factor, which pays for it', async () => {
      const { tally } = stage()
      await goTo(factor, '/app/book')
      await row('EUR 4,400.00').getByRole('button', { name: 'Refinance' }).click()
      await factor.getByLabel(/Huichuan/).check()
      await factor.getByRole('button', { name: 'Ask for quotes' }).click()
      await factor.getByText('No quotes yet').waitFor()
      await signIn(other, tally, await keyFileOf(tally, 'huichuan'))
      await other.getByRole('link', { name: 'EUR 4,400.00' }).click()
      await giveQuote(other, 'zh', '3')
      await factor.getByRole('button', { name: /^Accept the quote/ }).click()
      await sign(factor)
      await factor.locator('.facts .state-locked').waitFor()
      await other.getByRole('button', { name: '登记放款' }).click()
      await other.getByRole('dialog').locator('input, textarea').fill('CIPS 20261201-3')
      await other.getByRole('button', { name: '继续签署' }).click()
      await sign(other, await keyFileOf(tally, 'huichuan', 'checker'))
      await factor.locator('.facts .state-funded').waitFor()
      const passed = { state: 'live', holder: huichuan, assignor: lindqvist }
      expect(await tally.note(notes.refinanced)).toMatchObject(passed)
      await goTo(factor, '/app/book')
      await row('EUR 5,300.00').waitFor()
      expect(await row('EUR 4,400.00').count()).toBe(0)
      await goTo(other, '/app/book')
      await other.locator('tr', { hasText: 'EUR 4,400.00' }).locator('.state-held').waitFor()
    })

    it('takes a pledged note that was not repaid by its maturity, and not before', async () => {
      const { tally } = stage()
      expect(await row('EUR 7,200.00').getByRole('button').allTextContents()).toEqual(['Repaid: release'])
      expect(await row('EUR 5,300.00').getByRole('button').allTextContents()).toEqual(['Refinance'])
      await tally.turnClock(maturity + 10)
      // The page asks for the newest block every ten seconds; who comes in asks at once.
      await factor.reload()
      await row('EUR 7,200.00').getByText('due, not paid').waitFor()
      await command('EUR 7,200.00', 'Not repaid: take the note')
      await row('EUR 7,200.00').locator('.state-held').waitFor()
      expect(await tally.note(notes.foreclosed)).toMatchObject({ state: 'live', holder: lindqvist, assignor: corvale })
      // Taken for a debt, and without recourse to anybody.
      expect(await row('EUR 7,200.00').getByRole('button').count()).toBe(0)
    })

    it('demands recourse, and its seller repays and takes the note back', async () => {
      const { tally, lookAt } = stage()
      await command('EUR 5,300.00', 'Demand recourse', 'Meridian did not pay EUR 5,300.00')
      await row('EUR 5,300.00').locator('.state-returned').waitFor()
      await lookAt(factor, 'book, with a note returned')
      const demanded = { state: 'offered', purpose: 'return', holder: lindqvist, counterparty: corvale }
      expect(await tally.note(notes.returned)).toMatchObject(demanded)
      await goTo(seller, '/app/offers')
      await lookAt(seller, 'offers, with recourse')
      await seller.getByRole('button', { name: 'Repaid: take the note back' }).click()
      await sign(seller)
      await row('EUR 5,300.00').waitFor({ state: 'detached' })
      const taken = { state: 'live', holder: corvale, counterparty: null, hasRecourse: false }
      expect(await tally.note(notes.returned)).toMatchObject(taken)
      await seller.goto(`${tally.apiUrl}/app/notes/${notes.returned}`)
      await seller.getByText('Taken back', { exact: true }).waitFor()
    })
  })
}
