/** What the registrar does in the console, and the firm whose keys are to be changed. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { participantIdOf } from '../../scripts/world/cast.ts'
import type { Instance } from '../api/instance.ts'
import { newKey, Newcomer } from '../api/newcomer.ts'
import { keyFileOf, sign, signIn } from './people.ts'

type LookAt = (page: Page, name: string) => Promise<void>

/** By the console's own link. */
async function goTo(page: Page, path: string): Promise<void> {
  await page.locator(`nav a[href="${path}"]`).click()
  await page.waitForURL(`**${path}`)
  await page.locator('main h1').waitFor()
}

/** Reads an application, sees what was not screened, admits by two signatures. Returns the newcomer's number. */
export async function admitsByClicks(tally: Instance, page: Page, lookAt: LookAt): Promise<number> {
  const keys = [newKey('sm2', 'maker'), newKey('p256', 'checker')]
  const newcomer = new Newcomer(tally, 'Nordahl Gjuteri AB', ['VAT:SE990077123401'], keys)
  const applied = await newcomer.apply()
  await signIn(page, tally, await keyFileOf(tally, 'registrar'))
  // The first page of a registrar.
  await page.waitForURL('**/app/applications')
  await page.getByRole('link', { name: 'Nordahl Gjuteri AB' }).waitFor()
  await lookAt(page, 'applications')
  await page.getByRole('link', { name: 'Nordahl Gjuteri AB' }).click()
  await page.getByText('Not screened').waitFor()
  await lookAt(page, 'application')
  await page.getByLabel('Reason').fill('Register extract seen')
  await page.getByRole('button', { name: 'Admit and sign' }).click()
  await page.getByText('SCREENING_OPEN').waitFor()
  await page.getByLabel('Admit although none has not cleared it').check()
  await page.getByLabel('Reason').press('Enter')
  const words = page.locator('.to-sign .words')
  await words.first().waitFor()
  // Read from the bytes: the account and the ends of its keys, not the name that the server tells.
  expect((await words.allTextContents()).join('; ')).toMatch(
    /^Admit the account 0x\w{40} as a participant: supplier; .*maker …\w{12}, checker …\w{12}/
  )
  await sign(page, await keyFileOf(tally, 'registrar', 'checker'))
  await page.locator('.facts .state-live', { hasText: 'Admitted' }).waitFor()
  await lookAt(page, 'application, admitted')
  return newcomer.admitted(applied)
}

/** Suspends and reinstates in Chinese, by keyboard where a mouse is not needed. */
export async function suspendsByClicks(tally: Instance, page: Page, id: number, lookAt: LookAt): Promise<void> {
  await page.getByRole('button', { name: '中文' }).click()
  await goTo(page, '/app/participants')
  await page.getByText('可否决换钥').waitFor()
  await lookAt(page, 'participants, in Chinese')
  const link = page.getByRole('link', { name: 'Nordahl Gjuteri AB' })
  await link.focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/app/participants/${id}`)
  const checker = await keyFileOf(tally, 'registrar', 'checker')
  for (const [command, state] of [
    ['暂停', '.state-refused'],
    ['恢复', '.state-live']
  ] as const) {
    await page.getByRole('button', { name: command, exact: true }).click()
    await page.getByRole('dialog').getByLabel('理由').fill('待核实')
    await page.getByRole('button', { name: '继续签署' }).click()
    await sign(page, checker)
    await page.locator(`.facts ${state}`).first().waitFor()
  }
  await lookAt(page, 'participant, in Chinese')
  await page.getByRole('button', { name: 'English' }).click()
}

/** Proposes other keys for a firm that has its own: the delay is seen, the firm vetoes; a second proposal comes into force after it. */
export async function recoversByClicks(tally: Instance, page: Page, firm: Page, lookAt: LookAt): Promise<void> {
  const checker = await keyFileOf(tally, 'registrar', 'checker')
  const lost = new Newcomer(tally, 'new keys', [], [newKey('sm2', 'maker')])
  const propose = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Propose other keys' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Keys, one a line').fill('maker 0x12')
    await dialog.getByText('Line 1 is no duty and key.').waitFor()
    await lookAt(page, 'keys, proposed')
    await dialog.getByLabel('Keys, one a line').fill(
      lost
        .signers()
        .map(({ duty, signer }) => `${duty} ${signer}`)
        .join('\n')
    )
    await dialog.getByLabel('Checkers who have to sign').fill('0')
    await dialog.getByLabel('Reason').fill('Smart card lost')
    await dialog.getByRole('button', { name: 'Continue to sign' }).click()
    await sign(page, checker)
    await page.locator('.recovery .state-offered').waitFor()
  }
  await goTo(page, '/app/participants')
  await page.getByRole('link', { name: 'Tormel Fasteners S.r.l.' }).click()
  await propose()
  expect(await page.locator('.recovery').first().textContent()).toMatch(/Can be vetoed alone until.*in \d days/)
  expect(await page.getByRole('button', { name: 'Put the new keys in force' }).count()).toBe(0)
  await lookAt(page, 'recovery, pending')

  await signIn(firm, tally, await keyFileOf(tally, 'tormel'))
  await goTo(firm, '/app/signatures')
  await firm.getByText('Other keys are proposed for your account').waitFor()
  await lookAt(firm, 'recovery, seen by the firm')
  await firm.getByRole('button', { name: 'Veto' }).click()
  await sign(firm)
  await page.locator('.recovery .state-refused', { hasText: 'Vetoed' }).waitFor()

  await propose()
  const { body } = await tally.call('/v1/recoveries', { as: 'tormel' })
  const [{ readyAt }] = body['items'] as [{ readyAt: number }]
  await tally.turnClock(readyAt + 1)
  await page.getByRole('button', { name: 'Put the new keys in force' }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('No veto came')
  await page.getByRole('button', { name: 'Continue to sign' }).click()
  await sign(page, checker)
  await page.locator('.recovery .state-live', { hasText: 'In force' }).waitFor()
  await lookAt(page, 'recovery, in force')
  expect((await lost.session(participantIdOf('tormel'))).status, 'the new key logs in').toBe(201)
}
