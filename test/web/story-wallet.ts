/** A key in a wallet of the browser: found by EIP-6963, logs in, signs a command to its end on chain. Told inside the console's own test file. */
import { Wallet, type TypedDataDomain, type TypedDataField } from 'ethers'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { askChain } from '../../scripts/instance/chain.ts'
import type { Registered } from '../api/instance.ts'
import { goTo, keyFileOf, passphrase, type Stage } from './people.ts'

/** Runs in every page before its own scripts, as an extension's does. Its key is not in it: the test answers. */
const announce = `
  const provider = {
    request: async (call) => {
      const { result, error } = await testWallet(call.method, call.params ?? [])
      if (error) throw Object.assign(new Error(error.message), { code: error.code })
      return result
    }
  }
  const info = Object.freeze({ uuid: crypto.randomUUID(), name: 'Test Wallet', icon: 'data:,', rdns: 'example.test.wallet' })
  // Others answer too, and not all of them well.
  const bad = [null, { info: { name: 'Nameless' } }, { info: { rdns: 'bad.test', name: 'Bad' }, provider: {} }]
  const tell = () => {
    for (const detail of bad) dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
    dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }))
  }
  addEventListener('eip6963:requestProvider', tell)
  tell()
`

/** @param stage Asked when a test runs: the instance is started before */
export function tellWallet(stage: () => Stage): void {
  describe('a wallet of the browser', () => {
    let page: Page
    let key: Wallet
    let registered: Registered
    const stranger = Wallet.createRandom()
    /** How the wallet behaves. */
    const mood = { chainId: 1, isRefusing: false, chosen: stranger as { address: string } }
    let signatures = 0

    const refuse = (code: number, message: string) => ({ error: { code, message } })
    /** As a wallet answers by EIP-1193. */
    async function answer(method: string, params: readonly unknown[]): Promise<object> {
      switch (method) {
        case 'eth_requestAccounts':
          return { result: [mood.chosen.address] }
        case 'eth_chainId':
          return { result: `0x${mood.chainId.toString(16)}` }
        case 'wallet_switchEthereumChain':
          return refuse(4902, 'Unrecognized chain ID')
        case 'eth_call':
          return { result: await askChain(stage().tally.chain.url, method, [...params]) }
        case 'eth_signTypedData_v4': {
          if (mood.isRefusing) return refuse(4001, 'User rejected the request.')
          const { domain, types, message } = JSON.parse(String(params[1])) as {
            domain: TypedDataDomain
            types: Record<string, TypedDataField[]>
            message: Record<string, unknown>
          }
          const { EIP712Domain: _, ...own } = types
          signatures++
          return { result: await key.signTypedData(domain, own, message) }
        }
        default:
          return refuse(4200, `${method} is not supported`)
      }
    }
    const come = () => page.getByRole('button', { name: 'Sign in with Test Wallet' }).click()

    beforeAll(async () => {
      const { tally, open } = stage()
      const maker = tally.keys.participants['alder']!.signers.find(({ duty }) => duty === 'maker')!
      key = new Wallet(maker.privateKey)
      const { body } = await tally.call('/readyz', { as: null })
      registered = await tally.register({}, (body['asOf'] as { time: number }).time + 40 * 86_400)
      page = await open('en')
      await page.exposeFunction('testWallet', answer)
      await page.addInitScript(announce)
    }, 60_000)

    it('is offered by its name, and told from one that is nobody’s or elsewhere', async () => {
      const { tally, lookAt } = stage()
      await page.goto(`${tally.apiUrl}/app/receivables/${registered.receivableId}`)
      await page.getByRole('button', { name: 'Sign in with Test Wallet' }).waitFor()
      expect(await page.getByRole('button', { name: /^Sign in with/ }).count()).toBe(1)
      await come()
      await page.getByText(`${stranger.address.toLowerCase()} signs for no participant`).waitFor()
      mood.chosen = key
      await come()
      await page.getByText('The wallet is on chain 1, the registry on chain 31415.').waitFor()
      await lookAt(page, 'sign in, with a wallet on another chain')
      mood.chainId = 31_415
      mood.isRefusing = true
      await come()
      await page.getByText('You refused in the wallet.').waitFor()
      expect([signatures, await page.locator('nav').count()]).toEqual([0, 0])
      mood.isRefusing = false
    })

    it('believes no other registry than the browser knows, and no other account than its own node', async () => {
      const { tally } = stage()
      const lie = (change: (served: { deployment: { receivables: string }; participants: { id: number }[] }) => void) =>
        page.route('**/v1/trust-anchors', async (route) => {
          const response = await route.fetch()
          const served = (await response.json()) as Parameters<typeof change>[0]
          change(served)
          await route.fulfill({ response, json: served })
        })
      await lie(({ deployment }) => (deployment.receivables = stranger.address))
      await come()
      await page.getByText(/serves another registry \(receivables 0x/).waitFor()
      await page.unroute('**/v1/trust-anchors')
      // That the key is of another firm's.
      const { participantId } = await tally.as('corvale').get<{ participantId: number }>('/v1/me')
      await lie(({ participants }) => {
        for (const one of participants) if (one.id === tally.as('alder').participantId) one.id = participantId
      })
      await come()
      await page.getByText(`${key.address.toLowerCase()} signs for no participant`).waitFor()
      await page.unroute('**/v1/trust-anchors')
      expect(signatures).toBe(0)
    })

    it('logs in to where one wanted to go, and again after a reload nothing has to be done', async () => {
      await come()
      await page.locator('.facts .state-registered').waitFor()
      expect(signatures).toBe(1)
      await page.reload()
      await page.locator('.facts .state-registered').waitFor()
      expect(signatures).toBe(1)
    })

    it('signs a command with a checker’s key file beside it, to its end on chain', async () => {
      const { tally, lookAt } = stage()
      await page.getByRole('button', { name: 'Withdraw' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.locator('.to-sign .words').waitFor()
      await lookAt(page, 'signing, with a wallet')
      expect(await dialog.locator('input[autocomplete=current-password]').count()).toBe(0)
      await dialog.locator('input[type=file]').setInputFiles(await keyFileOf(tally, 'alder', 'checker'))
      await dialog.locator('input[autocomplete=off]').fill(passphrase)
      const press = () => dialog.locator('form button[type=submit]').click()
      mood.isRefusing = true
      await press()
      await dialog.getByText('You refused in the wallet.').waitFor()
      mood.isRefusing = false
      mood.chosen = stranger
      await press()
      await dialog.getByText(`${key.address.toLowerCase()} has to sign.`).waitFor()
      expect(await tally.receivable(registered.receivableId)).toMatchObject({ state: 'registered' })
      mood.chosen = key
      await press()
      await dialog.locator('> button.primary').click()
      await page.locator('.facts .state-withdrawn').waitFor()
      expect(signatures).toBe(2)
      expect(await tally.receivable(registered.receivableId)).toMatchObject({ state: 'withdrawn' })
      await goTo(page, '/app/signatures')
      await page.locator('tbody tr').first().getByText('Done').waitFor()
    })

    it('is missed when it is gone, and nothing is signed', async () => {
      const { tally, open } = stage()
      const held = await page.evaluate(() => sessionStorage.getItem('tallystick.session'))
      const bare = await open('en')
      await bare.goto(tally.apiUrl)
      expect(await bare.getByRole('button', { name: /^Sign in with/ }).count()).toBe(0)
      await bare.evaluate((text) => sessionStorage.setItem('tallystick.session', text!), held)
      const other = await tally.register()
      await bare.goto(`${tally.apiUrl}/app/receivables/${other.receivableId}`)
      await bare.getByRole('button', { name: 'Withdraw' }).click()
      await bare.getByRole('dialog').locator('form button[type=submit]').click()
      await bare.getByText('Test Wallet is not there any more.').waitFor()
      expect(await tally.receivable(other.receivableId)).toMatchObject({ state: 'registered' })
    })
  })
}
