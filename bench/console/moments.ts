/** The moments at which people wait for the console, by the clock, in a real browser. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { KEY_FILE_ITERATIONS } from '../../client/key-file.ts'
import type { SignerDuty } from '../../domain/participant/signers.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { invoice } from '../../test/api/invoices.ts'
import { openPerson } from '../../test/web/browser.ts'
import { goTo, keyFileOf, passphrase, signIn } from '../../test/web/people.ts'
import type { BenchInstance } from '../api/instance.ts'

/** Milliseconds. */
export interface Story {
  /** From the file's drop to the page of the registered receivable, two signatures and a block between. */
  registered: number
  /** Of that, until what was read is shown. */
  read: number
  /** From the debtor's press on “Sign” to what the supplier sees. */
  confirmedFromPress: number
  /** From the block of the confirmation to what the supplier sees, without reload. */
  confirmed: number
}

/** A connection as people have it; the loopback has none of this. */
export interface Line {
  latencyMs: number
  megabitsPerSecond: number
}

/** Key files as they are in production: opening one takes its share of the time. */
const keyFile = (instance: BenchInstance, slug: string, duty: SignerDuty = 'maker') =>
  keyFileOf(instance, slug, duty, KEY_FILE_ITERATIONS)

/**
 * Somebody who never was here opens the console's address.
 * @returns Milliseconds from the navigation to the last large paint, which is the form
 */
export async function firstView(browser: Browser, origin: string, line?: Line): Promise<number> {
  const { page, context } = await openPerson(browser, { origin })
  try {
    if (line) {
      const session = await context.newCDPSession(page)
      const throughput = (line.megabitsPerSecond * 1_000_000) / 8
      await session.send('Network.emulateNetworkConditions', {
        ...{ offline: false, latency: line.latencyMs },
        ...{ downloadThroughput: throughput, uploadThroughput: throughput }
      })
    }
    await page.goto(`${origin}/`)
    await page.locator('input[type=file]').waitFor()
    const painted = await page.evaluate(largestPaint)
    return painted
  } finally {
    await context.close()
  }
}

/** Runs in the page: as text, since this program has no DOM. */
const largestPaint =
  `new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime))
  .observe({ type: 'largest-contentful-paint', buffered: true }))` as unknown as () => Promise<number>

/** A supplier and a debtor, each before an open page. */
export class Desks {
  private readonly instance: BenchInstance
  private readonly supplier: Page
  private readonly debtor: Page

  private constructor(instance: BenchInstance, supplier: Page, debtor: Page) {
    this.instance = instance
    this.supplier = supplier
    this.debtor = debtor
  }

  static async open(instance: BenchInstance, browser: Browser): Promise<Desks> {
    const origin = instance.apiUrl
    const pages = await Promise.all([openPerson(browser, { origin }), openPerson(browser, { origin })])
    const [supplier, debtor] = pages.map(({ page }) => page) as [Page, Page]
    await signIn(supplier, instance, await keyFile(instance, 'alder'))
    await signIn(debtor, instance, await keyFile(instance, 'meridian'))
    return new Desks(instance, supplier, debtor)
  }

  /** One invoice from its drop to its confirmation. */
  async round(index: number): Promise<Story> {
    const { supplier, debtor, instance } = this
    const file = join(instance.dir, `invoice-${index}.xml`)
    writeFileSync(
      file,
      invoice({ number: `CLOCK-${index}`, payable: `${10_000 + 137 * index}.00`, order: `PO-${index}` })
    )
    const second = await keyFile(instance, 'alder', 'checker')
    await goTo(supplier, '/app/register')
    const dropped = Date.now()
    await supplier.locator('input[type=file]').setInputFiles(file)
    await supplier.locator('tr', { hasText: `CLOCK-${index}` }).waitFor()
    const read = Date.now() - dropped
    await supplier.locator('form button[type=submit]').click()
    await press(supplier, second)
    await supplier.getByRole('dialog').locator('> button.primary').click()
    await supplier.getByRole('link', { name: 'Open the receivable' }).click()
    await supplier.locator('.facts .state-registered').waitFor()
    const registered = Date.now() - dropped

    const theirs = await keyFile(instance, 'meridian', 'checker')
    await goTo(debtor, '/app/payables')
    await debtor.getByRole('button', { name: 'Choose all' }).click()
    await debtor.getByRole('button', { name: 'Confirm 1 chosen' }).click()
    const block = await this.nextBlocks()
    const pressed = await press(debtor, theirs)
    await supplier.locator('.facts .state-confirmed').waitFor()
    const seen = Date.now()
    const mined = block.stop()
    const receivableId = supplier.url().split('/').at(-1)!
    const at = mined.get(await this.blockOfConfirmation(receivableId))
    if (at === undefined) throw new Error('the block of the confirmation was not seen')
    await debtor.getByRole('dialog').locator('> button.primary').click()
    return { registered, read, confirmedFromPress: seen - pressed, confirmed: seen - at }
  }

  /** Watches the chain: when each block was there, to some milliseconds. */
  private async nextBlocks(): Promise<{ stop: () => Map<number, number> }> {
    const seen = new Map<number, number>()
    let isOver = false
    void (async () => {
      while (!isOver) {
        const number = Number(await askChain(this.instance.chain.url, 'eth_blockNumber', []))
        if (!seen.has(number)) seen.set(number, Date.now())
        await delay(5)
      }
    })()
    return {
      stop: () => {
        isOver = true
        return seen
      }
    }
  }

  private async blockOfConfirmation(receivableId: string): Promise<number> {
    const path = `/v1/receivables/${receivableId}/history`
    const { items } = await this.instance.as('alder').get<{ items: { name: string; block: number }[] }>(path)
    return items.find(({ name }) => name === 'ReceivableConfirmed')!.block
  }
}

/** Fills in the signing dialog and presses “Sign”. Returns when. */
async function press(page: Page, second: string): Promise<number> {
  const dialog = page.getByRole('dialog')
  await dialog.locator('.to-sign .words').first().waitFor()
  await dialog.locator('input[autocomplete=current-password]').fill(passphrase)
  await dialog.locator('input[type=file]').setInputFiles(second)
  await dialog.locator('input[autocomplete=off]').fill(passphrase)
  const at = Date.now()
  await dialog.locator('form button[type=submit]').click()
  return at
}
