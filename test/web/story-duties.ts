/** What a maker may press, and a checker of the same firm must not even see. Told inside the console's own test file. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { participantIdOf } from '../../scripts/world/cast.ts'
import { peopleOf } from '../api/factoring.ts'
import type { Registered } from '../api/instance.ts'
import { newKey, Newcomer } from '../api/newcomer.ts'
import { keyFileOf, signIn, type Stage } from './people.ts'

const DAY = 86_400

/** @param stage Asked when a test runs: the instance is started before */
export function tellDuties(stage: () => Stage): void {
  describe('who only checks', () => {
    let registered: Registered
    /** Quoted by a factor, and locked for it. */
    let quoted: string
    let locked: string
    let applicationId: string

    beforeAll(async () => {
      const { tally } = stage()
      const { body } = await tally.call('/readyz', { as: null })
      const now = (body['asOf'] as { time: number }).time
      const maturity = now + 40 * DAY
      const { ask, give, accept } = peopleOf(() => tally)
      const terms = { expiresAt: now + DAY, fundBy: now + 3 * DAY }
      const [first, second] = [await tally.confirmed(maturity), await tally.confirmed(maturity)]
      quoted = (await ask(first.rootNote)).requestId
      await give(quoted, 'huichuan', terms)
      locked = (await ask(second.rootNote)).requestId
      await accept((await give(locked, 'huichuan', terms)).quoteId)
      registered = await tally.register({}, maturity)
      const newcomer = new Newcomer(tally, 'Ostrava Odlitky a.s.', ['VAT:CZ99007712'], [newKey('sm2', 'maker')])
      applicationId = (await newcomer.apply()).applicationId
    }, 120_000)

    it.each([
      [
        'alder',
        () => [
          ['/app/positions', 'table', ['Register an invoice']],
          ['/app/funding', 'table', [/^Ask for funding on/]],
          [`/app/funding/${quoted}`, '.compare', ['Withdraw the request', /^Accept the quote/]],
          [`/app/receivables/${registered.receivableId}`, '.facts .state-registered', ['Withdraw']]
        ]
      ],
      [
        'huichuan',
        () => [
          [`/app/requests/${quoted}`, 'table', ['Withdraw', 'Give the quote']],
          [`/app/requests/${locked}`, '.notice article', ['Accept', 'Reject', 'Record the payment', 'Decline']]
        ]
      ],
      [
        'meridian',
        () => [
          ['/app/payables', 'table', ['Choose all', 'Confirm 0 chosen', 'Prepare payments']],
          [`/app/receivables/${registered.receivableId}`, '.facts .state-registered', ['Confirm', 'Reject']]
        ]
      ],
      [
        'registrar',
        () => [
          [`/app/applications/${applicationId}`, 'table', ['Admit and sign', 'Refuse', /^Ask the screening/]],
          [
            `/app/participants/${participantIdOf('corvale')}`,
            'table',
            ['Suspend', 'Change roles', 'Propose other keys']
          ]
        ]
      ]
    ] as [string, () => [path: string, landmark: string, names: (string | RegExp)[]][]][])(
      'for %s sees what the maker sees, and none of the buttons that propose',
      async (slug, pages) => {
        const { tally, open } = stage()
        const come = async (duty: 'maker' | 'checker'): Promise<Page> => {
          const page = await open('en')
          await signIn(page, tally, await keyFileOf(tally, slug, duty))
          return page
        }
        const [maker, checker] = await Promise.all([come('maker'), come('checker')])
        for (const [path, landmark, names] of pages()) {
          for (const page of [maker, checker]) {
            await page.goto(tally.apiUrl + path)
            await page.locator('main').locator(landmark).first().waitFor()
          }
          for (const name of names) {
            const offered = (page: Page) => {
              const main = page.locator('main')
              const named = typeof name === 'string' ? { name, exact: true } : { name }
              return main.getByRole('button', named).or(main.getByRole('link', named))
            }
            await offered(maker).first().waitFor()
            expect(await offered(checker).count(), `${path}: ${String(name)}`).toBe(0)
          }
        }
        expect(await checker.getByText('you sign what others propose').count()).toBe(1)
        expect(await checker.locator('nav a[href="/app/register"]').count()).toBe(0)
      }
    )
  })
}
