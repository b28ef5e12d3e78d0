/** What a clearing bank does by clicks, from a statement to the books of the day. Told inside the console's own test file. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { dayOfSeconds } from '../../domain/calendar/day.ts'
import { writeCamt053, writeMt940, type SamplePayment } from '../../domain/documents/samples/statement.ts'
import { inSeconds, type Registered } from '../api/instance.ts'
import { goTo, keyFileOf, sign, signIn, type Stage } from './people.ts'

const ALDER = 'DE00999999990000551209'
const DEBTOR = 'DE00999999990000417723'

/** @param stage Asked when a test runs: the instance is started before */
export function tellBank(stage: () => Stage): void {
  describe('the clearing bank', () => {
    const maturity = inSeconds(2 * 86_400)
    const day = dayOfSeconds(maturity)
    let whole: Registered
    let part: Registered
    let bank: Page
    let debtor: Page
    /** Of the payment run, by note. */
    let references: Map<string, string>

    const onDisk = (name: string, bytes: Uint8Array): string => {
      const file = join(stage().tally.dir, name)
      writeFileSync(file, bytes)
      return file
    }
    const paid = (noteId: string, amount: bigint, fields: Partial<SamplePayment> = {}): SamplePayment => ({
      amount,
      effect: 'credit',
      day,
      reference: `WEB-${noteId.slice(2, 8)}-${amount}`,
      endToEndId: references.get(noteId) ?? 'NOTPROVIDED',
      debtor: 'Meridian Automotive SE',
      creditor: 'Alder & Finch',
      documentNumbers: [],
      remittance: 'Tallystick',
      ...fields
    })
    const statement = (id: string, opening: bigint, payments: SamplePayment[]) => {
      return { id, iban: ALDER, currency: 'EUR', opening, from: day, to: day, payments }
    }

    beforeAll(async () => {
      const { tally, open } = stage()
      const made = [await tally.confirmed(maturity), await tally.confirmed(maturity)] as const
      ;[whole, part] = made
      await tally.turnClock(maturity + 10)
      ;[bank, debtor] = [await open('zh'), await open('en')]
    }, 120_000)

    it('is paid by the debtor’s order, which the payables page hands out', async () => {
      const { tally, lookAt, saved } = stage()
      await signIn(debtor, tally, await keyFileOf(tally, 'meridian'))
      await goTo(debtor, '/app/payables')
      await debtor.getByLabel('What matures up to').fill(day)
      await debtor.getByLabel(/^From your account/).fill(DEBTOR)
      await debtor.getByRole('button', { name: 'Prepare payments' }).click()
      await debtor.getByText('To be carried out').waitFor()
      await lookAt(debtor, 'payables, payments')
      const order = new TextDecoder().decode(await saved(debtor, 'Download pain.001'))
      expect(order).toContain('pain.001.001.09')
      const { items } = await tally.as('meridian').get<{ items: { payments: { noteId: string; endToEndId: string }[] }[] }>('/v1/payment-runs') // prettier-ignore
      references = new Map(items[0]!.payments.map(({ noteId, endToEndId }) => [noteId, endToEndId]))
      for (const { rootNote } of [whole, part]) expect(order).toContain(references.get(rootNote))
    })

    it('brings a statement, and sees what was read, what it pays and why', async () => {
      const { tally, lookAt } = stage()
      await signIn(bank, tally, await keyFileOf(tally, 'jiangan'))
      await bank.getByText('尚无对账单').waitFor()
      await lookAt(bank, 'bank statements, none')
      await goTo(bank, '/app/bank/queue')
      await lookAt(bank, 'matching, none')
      await goTo(bank, '/app/bank/settlement')
      await lookAt(bank, 'settlement, none')
      await goTo(bank, '/app/bank/statements')
      const payments = [
        paid(whole.rootNote, 10_000_000n),
        paid(part.rootNote, 4_000_000n),
        paid('0x', 12_345n, { remittance: 'Rent of a hall', debtor: 'Somebody else' })
      ]
      await bank
        .locator('input[type=file]')
        .setInputFiles(onDisk('day.xml', writeCamt053(statement('1', 0n, payments))))
      await bank.getByText('借贷平衡').waitFor()
      const rows = bank.locator('table', { hasText: '由此文件带来的入账' }).locator('tbody tr')
      await expect.poll(() => rows.count()).toBe(3)
      expect(await rows.nth(0).textContent()).toMatch(/已匹配.*EUR 100,000\.00.*Alder.*自动接受.*含本系统编号/)
      expect(await rows.nth(1).textContent()).toMatch(/待判断.*仅部分付款/)
      await lookAt(bank, 'bank statement')
    })

    it('judges the doubtful one with a reason, and rejects none by mistake', async () => {
      const { lookAt } = stage()
      await goTo(bank, '/app/bank/queue')
      await bank.getByText('未找到凭证的入账').waitFor()
      await lookAt(bank, 'matching')
      await bank.getByRole('button', { name: /^指定凭证/ }).first().click() // prettier-ignore
      await bank.getByRole('dialog').locator('select option').nth(1).waitFor({ state: 'attached' })
      await lookAt(bank, 'assign')
      await bank.getByRole('dialog').getByRole('button', { name: '关闭' }).click()
      await bank.getByRole('button', { name: /^接受/ }).click()
      await bank.getByLabel('理由').fill('债务人来电说明')
      await bank.getByRole('dialog').getByRole('button', { name: '接受' }).click()
      await bank.getByText('建议的匹配').waitFor({ state: 'detached' })
    })

    it('shows all of it to the second person, and leaves nothing to it but to sign', async () => {
      const { tally, open } = stage()
      const second = await open('zh')
      await signIn(second, tally, await keyFileOf(tally, 'jiangan', 'checker'))
      for (const [path, table, buttons] of [
        ['/app/bank/queue', '未找到凭证的入账', /^指定凭证/],
        ['/app/bank/settlement', '待清分', /^(清分全部|撤回匹配)/]
      ] as const) {
        for (const page of [bank, second]) {
          await goTo(page, path)
          await page.locator('table', { hasText: table }).locator('tbody tr').first().waitFor()
        }
        expect(await bank.getByRole('button', { name: buttons }).count(), path).toBeGreaterThan(0)
        expect(await second.getByRole('button', { name: buttons }).count(), path).toBe(0)
      }
      await goTo(second, '/app/bank/statements')
      await second.locator('tbody tr').first().waitFor()
      expect(await second.locator('input[type=file]').count()).toBe(0)
    })

    it('settles both on chain by signing in the page, the part as a cut of its note', async () => {
      const { tally, lookAt } = stage()
      await goTo(bank, '/app/bank/settlement')
      await bank.getByText('债务人来电说明').waitFor()
      await lookAt(bank, 'settlement')
      await bank.getByRole('button', { name: '清分全部 EUR' }).click()
      const words = bank.locator('.to-sign .words')
      await words.first().waitFor()
      expect((await words.allTextContents()).join('；')).toMatch(/清分债权凭证.*EUR 100000\.00.*EUR 40000\.00/)
      await sign(bank, await keyFileOf(tally, 'jiangan', 'checker'))
      await bank.locator('table', { hasText: '已清分' }).waitFor()
      expect(await tally.receivable(whole.receivableId)).toMatchObject({ state: 'settled' })
      expect(await tally.receivable(part.receivableId)).toMatchObject({ state: 'confirmed', settled: '4000000' })
    })

    it('assigns by hand what no rule found, and settles it too', async () => {
      const { tally } = stage()
      const text = paid('0x', 6_000_500n, { remittance: 'the rest, and too much', debtor: 'A cousin' })
      await goTo(bank, '/app/bank/statements')
      const file = writeMt940(statement('2', 14_012_345n, [text]))
      await bank.locator('input[type=file]').setInputFiles(onDisk('next.sta', file))
      await bank.waitForURL(/statements\/[0-9a-f-]{36}$/)
      await bank.getByText('借贷平衡').waitFor()
      await goTo(bank, '/app/bank/queue')
      const row = bank.locator('tr', { hasText: 'EUR 60,005.00' }).first()
      await row.getByRole('button').click()
      const dialog = bank.getByRole('dialog')
      const note = dialog.locator('select')
      await note.locator('option').nth(1).waitFor({ state: 'attached' })
      await dialog.getByLabel('按债务人').fill('60,000.00')
      await note.selectOption({ index: 1 })
      await expect.poll(() => dialog.getByLabel('金额（EUR）').inputValue()).toBe('60000.00')
      await dialog.getByLabel('理由').fill('电话确认')
      await dialog.getByRole('button', { name: '人工匹配' }).click()
      await dialog.waitFor({ state: 'detached' })
      await bank.locator('table', { hasText: '余款' }).waitFor()
      await goTo(bank, '/app/bank/settlement')
      await bank.getByRole('button', { name: '清分全部 EUR' }).click()
      await sign(bank, await keyFileOf(tally, 'jiangan', 'checker'))
      expect(await tally.receivable(part.receivableId)).toMatchObject({ state: 'settled' })
    })

    it('says what the columns of a CSV are, guessed by their titles', async () => {
      const { lookAt } = stage()
      await goTo(bank, '/app/bank/statements')
      const csv = 'Booking day;Betrag;Payer;Text\n24.12.2026;-1.234,56;Somebody;Charges\n'
      await bank.locator('input[type=file]').setInputFiles(onDisk('export.csv', new TextEncoder().encode(csv)))
      await bank.getByLabel('账户（IBAN 或账号）').fill('NL00 TALL 0900 1188 46')
      await bank.getByLabel('小数点').selectOption(',')
      expect(await bank.getByLabel('摘要').inputValue()).toBe('Text')
      await lookAt(bank, 'columns of a CSV')
      await bank.getByRole('button', { name: '读取对账单' }).click()
      const row = bank.locator('table', { hasText: '由此文件带来的入账' }).locator('tbody tr')
      await row.waitFor()
      expect(await row.textContent()).toMatch(/Somebody.*Charges.*-EUR 1,234\.56支出/)
    })

    it('reads the books of the day, in which every cent is explained', async () => {
      const { lookAt, saved } = stage()
      await goTo(bank, '/app/bank/days')
      await bank.getByLabel('日期').fill(day)
      await bank.getByText('✓ 每一分钱均已解释').waitFor()
      const book = (await bank.locator('table', { hasText: '期初至期末' }).textContent())!
      expect(book).toMatch(/期初余额EUR 0\.00.*已上链清分EUR 200,000\.00.*余款，未用于凭证EUR 5\.00/)
      expect(book).toMatch(/与本系统无关EUR 123\.45期末余额EUR 200,128\.45$/)
      await bank.getByText('✓ 凭证与入账一致').waitFor()
      await lookAt(bank, 'books of the day')
      expect(new TextDecoder().decode(await saved(bank, '下载 CSV'))).toMatch(/^side,account,currency,kind/)
      await bank.getByRole('button', { name: 'English' }).click()
      await bank.getByText('✓ Every cent is explained').waitFor()
      await lookAt(bank, 'books of the day, in English')
    })
  })
}
