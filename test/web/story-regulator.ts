/** What an authority does by clicks, and the pictures. Told inside the console's own test file. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { participantIdOf } from '../../scripts/world/cast.ts'
import { inSeconds, type Registered } from '../api/instance.ts'
import { goTo, keyFileOf, sign, signIn, type Stage } from './people.ts'

/** @param stage Asked when a test runs: the instance is started before */
export function tellRegulator(stage: () => Stage): void {
  describe('the regulator', () => {
    let own: Registered
    let part: string
    let page: Page
    let order: string
    let frozenId: string

    const openNote = async (noteId: string): Promise<void> => {
      await goTo(page, '/app/search')
      await page.getByLabel('What you look for').fill(noteId)
      await page.getByRole('main').getByRole('button', { name: 'Search' }).click()
      await page.getByRole('link', { name: 'Open the note' }).click()
      await page.locator('.timeline li').first().waitFor()
    }
    const fillOrder = async (reference: string): Promise<void> => {
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Reference of the order').fill(reference)
      await dialog.getByLabel('Court or authority').fill('Court of Hamburg')
      await dialog.locator('input[type=file]').setInputFiles(order)
    }

    beforeAll(async () => {
      const { tally, open } = stage()
      own = await tally.confirmed(inSeconds(40 * 86_400))
      const body = { assignee: participantIdOf('corvale'), amount: '4000000', tradeDocument: 'PO for the picture' }
      part = (await tally.done('alder', `/v1/notes/${own.rootNote}/transfers`, body)).noteId!
      await tally.done('corvale', `/v1/notes/${part}/acceptance`)
      order = join(tally.dir, 'order.pdf')
      writeFileSync(order, `%PDF-1.7 order about ${part}`)
      page = await open('en')
    }, 120_000)

    it('sees what is outstanding, and the notes behind each figure', async () => {
      const { tally, lookAt } = stage()
      await signIn(page, tally, await keyFileOf(tally, 'regulator'))
      const row = page.locator('tr', { hasText: 'Meridian Automotive SE' }).first()
      await row.waitFor()
      await lookAt(page, 'overview')
      const figure = (await row.locator('a').textContent())!
      await row.locator('a').click()
      await page.getByText('owed by Meridian').waitFor()
      expect(await page.locator('.chosen').textContent()).toContain(`${figure} in `)
      expect(await page.locator('tbody tr').count()).toBeGreaterThan(1)
      await lookAt(page, 'notes behind a figure')
    })

    it('finds by name and by id, and has a claim certified', async () => {
      const { lookAt, saved } = stage()
      await goTo(page, '/app/search')
      await page.getByLabel('What you look for').fill('Meridian')
      await page.getByRole('main').getByRole('button', { name: 'Search' }).click()
      await page.locator('td', { hasText: 'Meridian Automotive SE' }).waitFor()
      await lookAt(page, 'search')
      await page.getByLabel('What you look for').fill(own.receivableId)
      await page.getByRole('main').getByRole('button', { name: 'Search' }).click()
      await page.getByRole('link', { name: 'Open the receivable' }).click()
      await page.getByRole('button', { name: 'Certificate', exact: true }).click()
      await page.getByText('It is claimed').waitFor()
      await lookAt(page, 'receivable, certified')
      const certificate = JSON.parse(new TextDecoder().decode(await saved(page, 'Download the certificate'))) as object
      expect(certificate).toMatchObject({ statement: { kind: 'search' } })
    })

    it('orders a freeze with its document, which waits for the second person', async () => {
      const { tally, lookAt } = stage()
      await goTo(page, '/app/freezes')
      await page.getByText('No freeze is in force').waitFor()
      await openNote(part)
      await page.getByRole('button', { name: 'Freeze by order' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Amount, EUR').fill('10000.00')
      await dialog.getByLabel('Escrow').selectOption({ index: 1 })
      await fillOrder('HH 7 O 12/26')
      await lookAt(page, 'freeze by order')
      await dialog.getByRole('button', { name: 'Continue to sign' }).click()
      await sign(page)
      expect(await tally.note(part)).toMatchObject({ frozenUntil: null, amount: '4000000' })
    })

    it('counter-signs as the second person, and a part of the note is frozen', async () => {
      const { tally, lookAt } = stage()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await signIn(page, tally, await keyFileOf(tally, 'regulator', 'checker'))
      await goTo(page, '/app/freezes')
      await page.getByRole('button', { name: 'Read and counter-sign' }).waitFor()
      await lookAt(page, 'orders, to counter-sign')
      await page.getByRole('button', { name: 'Check the document' }).click()
      const dialog = page.getByRole('dialog')
      await fillOrder('HH 7 O 99/26')
      await dialog.getByRole('button', { name: 'Compare' }).click()
      await dialog.getByText('✗ What you would sign').waitFor()
      await dialog.getByLabel('Reference of the order').fill('HH 7 O 12/26')
      await dialog.getByRole('button', { name: 'Compare' }).click()
      await dialog.getByText('✓ What you would sign').waitFor()
      await lookAt(page, 'the document of an order')
      await dialog.getByRole('button', { name: 'Close' }).click()
      await page.getByRole('button', { name: 'Read and counter-sign' }).click()
      expect(await page.locator('.to-sign .words').first().textContent()).toMatch(/^Freeze EUR 10000\.00 off note/)
      await sign(page)
      const frozen = page.locator('table', { hasText: 'Frozen notes' })
      await frozen.waitFor()
      await lookAt(page, 'orders')
      await frozen.getByRole('link', { name: 'EUR 10,000.00' }).click()
      await page.getByText('HH 7 O 12/26, Court of Hamburg').first().waitFor()
      await page.getByText('By order HH 7 O 12/26').waitFor()
      frozenId = page.url().split('/').at(-1)!
      expect(await tally.note(frozenId)).toMatchObject({ amount: '1000000', freezeEscrow: participantIdOf('jiangan') })
    })

    it('releases it by another order, both signing in one dialog', async () => {
      const { tally } = stage()
      // Who only checks proposes nothing.
      expect(await page.getByRole('button', { name: 'Lift the freeze by order' }).count()).toBe(0)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await signIn(page, tally, await keyFileOf(tally, 'regulator'))
      await openNote(frozenId)
      await page.getByRole('button', { name: 'Lift the freeze by order' }).click()
      await fillOrder('HH 7 O 13/26')
      await page.getByRole('dialog').getByRole('button', { name: 'Continue to sign' }).click()
      await sign(page, await keyFileOf(tally, 'regulator', 'checker'))
      await page.getByText('Freeze lifted').waitFor()
      await page.getByRole('button', { name: 'Freeze by order' }).waitFor()
      await goTo(page, '/app/freezes')
      await page.getByText('No freeze is in force').waitFor()
    })

    it('checks a file against the log without sending it', async () => {
      const { lookAt } = stage()
      const sent: string[] = []
      page.on('request', (request) => void (request.method() === 'POST' && sent.push(request.url())))
      await goTo(page, '/app/evidence')
      await page.locator('input[type=file]').setInputFiles(order)
      await page.getByText('✓ It is recorded').waitFor()
      // The head over it is anchored within seconds.
      const held = page.getByText('✓ leads to that root')
      for (let i = 0; i < 20 && !(await held.isVisible()); i++) {
        await page.getByRole('button', { name: 'Look for it' }).click()
        await page.waitForTimeout(1000)
      }
      await held.waitFor()
      await lookAt(page, 'evidence check')
      await page.getByLabel(/^Or its digest/).fill(`0x${'ab'.repeat(32)}`)
      await page.getByRole('button', { name: 'Look for it' }).click()
      await page.getByText('✗ It is not recorded').waitFor()
      expect(sent).toEqual([])
    })

    it('reads the audit trail, newest first, and takes exports away', async () => {
      const { lookAt, saved } = stage()
      await goTo(page, '/app/audit')
      await page.getByLabel('Whose entries').selectOption({ label: 'Alder & Finch Castings GmbH' })
      await expect.poll(() => page.locator('tbody tr').first().textContent()).toContain('Alder')
      const numbers = await page.locator('tbody tr td:first-child').allTextContents()
      const read = numbers.map((text) => Number(text.replaceAll(',', '')))
      expect(read).toEqual(read.toSorted((a, b) => b - a))
      await lookAt(page, 'audit trail')
      const csv = new TextDecoder().decode(await saved(page, 'Receivables, CSV'))
      expect(csv).toContain(own.receivableId)
    })

    it('follows the lineage by keyboard from note to note', async () => {
      const { lookAt } = stage()
      await openNote(part)
      await page.getByRole('link', { name: 'Lineage' }).click()
      await page.getByRole('link', { name: 'To the receivable' }).click()
      await page.getByRole('link', { name: 'Lineage' }).click()
      const boxes = page.locator('.lineage-box')
      await boxes.nth(2).waitFor()
      expect(await boxes.count()).toBe(3)
      expect(await boxes.nth(1).textContent()).toMatch(/^Corvale Polymers B\.V\. T1 · EUR 30,000\.00 · Live/)
      await lookAt(page, 'lineage')
      await boxes.nth(1).focus()
      await page.keyboard.press('Enter')
      await page.waitForURL(`**/app/notes/${part}`)
    })
  })

  it('shows a holder on a phone what is paid when, by the calendar of its currency', async () => {
    const { tally, open, lookAt } = stage()
    const phone = await open('zh', 390)
    await signIn(phone, tally, await keyFileOf(tally, 'corvale'))
    await phone.getByRole('link', { name: '现金流' }).click()
    await phone.locator('.flow').waitFor()
    await lookAt(phone, 'cash flow')
    await phone.locator('tbody a').last().click()
    await phone.locator('.calendar .paid').first().waitFor()
    await lookAt(phone, 'calendar, phone')
    await phone.setViewportSize({ width: 1280, height: 900 })
    await phone.goto(`${tally.apiUrl}/app/calendar/2026-12`)
    // T2 is closed on 25 and 26 December; the second is a Saturday anyway.
    await phone.locator('td', { hasText: '25' }).getByText('假日').waitFor()
    await lookAt(phone, 'calendar')
  })
}
