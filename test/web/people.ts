/** What people do in the console, said once. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { SignerDuty } from '../../domain/participant/signers.ts'
import { castKeyFile } from '../../scripts/world/key-files.ts'
import type { Instance } from '../api/instance.ts'

export const passphrase = 'correct horse battery staple'

/** What a part of the console's story works on. */
export interface Stage {
  tally: Instance
  /** Somebody with a browser of its own. */
  open: (language: 'en' | 'zh', width?: number) => Promise<Page>
  /** Lets axe look at the page as it is, in both languages where no dialog is open. */
  lookAt: (page: Page, name: string) => Promise<void>
  /** The file that a button hands out. */
  saved: (page: Page, button: string) => Promise<Uint8Array>
}

/** What people need of an instance: its data folder, its address, its clients. */
type Place = Pick<Instance, 'dir' | 'apiUrl' | 'as'>

/** By the console's own link, as people go. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.locator(`nav a[href="${path}"]`).click()
  await page.waitForURL(`**${path}`)
  await page.locator('main h1').waitFor()
}

/** Writes a member's key file, as the console's people keep it. Cheap to open unless told otherwise: the tests open it often. */
export async function keyFileOf(
  tally: Place,
  slug: string,
  duty: SignerDuty = 'maker',
  iterations = 1000
): Promise<string> {
  const folder = join(tally.dir, 'key-files')
  mkdirSync(folder, { recursive: true })
  const { account } = await tally.as(slug).get<{ account: string }>('/v1/me')
  const text = await castKeyFile({ dataDir: tally.dir, slug, duty, passphrase, account, iterations })
  if (text === undefined) throw new Error(`${slug} has no ${duty}`)
  const file = join(folder, `${slug}-${duty}.key.json`)
  writeFileSync(file, text)
  return file
}

/** From any page of the console to the first page after signing in. */
export async function signIn(page: Page, tally: Place, keyFile: string): Promise<void> {
  await page.goto(`${tally.apiUrl}/`)
  await page.locator('input[type=file]').setInputFiles(keyFile)
  await page.locator('input[autocomplete=current-password]').fill(passphrase)
  await page.locator('form button[type=submit]').first().click()
  await page.locator('nav').waitFor()
  await page.locator('main h1').waitFor()
}

/** Signs what the dialog shows, with the second person's key where one is given, and closes it when it is done. */
export async function sign(page: Page, second?: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.locator('.to-sign .words').first().waitFor()
  await dialog.locator('input[autocomplete=current-password]').fill(passphrase)
  if (second !== undefined) {
    await dialog.locator('input[type=file]').setInputFiles(second)
    await dialog.locator('input[autocomplete=off]').fill(passphrase)
  }
  await dialog.locator('form button[type=submit]').click()
  await dialog.locator('> button.primary').click()
  await dialog.waitFor({ state: 'hidden' })
}
