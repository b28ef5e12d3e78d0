/**
 * `npm run screens`: writes pictures of the console's pages to docs/screens/, from a running instance (`npm start`), in whose registry it makes
 * more receivables: begin with a fresh one. Needs Chromium and a font with Chinese (Debian: `apt-get install chromium fonts-noto-cjk`; CHROMIUM names
 * another browser).
 */
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { getBytes, hexlify } from 'ethers'
import type { Page } from 'playwright-core'
import { publicKeyOf } from '../../domain/crypto/sm2.ts'
import { writeCamt053, type SamplePayment } from '../../domain/documents/samples/statement.ts'
import type { SignerDuty } from '../../domain/participant/signers.ts'
import { openStage, type Stage } from '../../scripts/demo/stage.ts'
import { defaultDataDir } from '../../scripts/instance/options.ts'
import { participantIdOf } from '../../scripts/world/cast.ts'
import { castKeyFile } from '../../scripts/world/key-files.ts'
import { accountSignerOf, newPrivateKey } from '../../scripts/world/signing.ts'
import { invoice } from '../api/invoices.ts'
import { browserPath, launchBrowser, openPerson, type PersonOptions } from './browser.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = join(root, 'docs/screens')
const dataDir = process.argv[2] ?? process.env['TALLYSTICK_DATA'] ?? defaultDataDir(root)
const passphrase = 'for the pictures only'
const mostBytes = 150_000

if (browserPath === undefined) throw new Error('no Chromium: apt-get install chromium, or name one in CHROMIUM')
const stage = await openStage(dataDir)
const files = await mkdtemp(join(tmpdir(), 'tallystick-screens-'))
const run = String(Date.now()).slice(-7)
const today = new Date().toISOString().slice(0, 10)
mkdirSync(folder, { recursive: true })
let commands = 0

/** Further debts, so that calendar and cash flow have months. */
async function laterDebts({ as }: Stage): Promise<void> {
  for (const [index, day] of ['2027-01-15', '2027-02-10', '2027-04-20'].entries()) {
    const number = `AF-${run}-${index}`
    const file = invoice({
      number,
      payable: `${61_000 + 23_450 * index + Number(run.slice(-3))}.00`,
      issued: `2026-0${6 + index}-11`,
      order: `PO-${number}`
    })
    const key = `screens-${number}`
    const { documentId } = await as('alder').post<{ documentId: string }>('/v1/documents', `${key}-upload`, file)
    const maturity = Date.parse(`${day}T23:59:59Z`) / 1000
    const { receivableId } = await as('alder').command('/v1/receivables', `${key}-register`, { documentId, maturity })
    // The last one is left for the debtor to confirm.
    if (index < 2) await as('meridian').command(`/v1/receivables/${receivableId}/confirmation`, `${key}-confirm`)
  }
}

/** A receivable with a part in each state that a supplier meets. */
async function story({ as }: Stage): Promise<{ receivableId: string; noteId: string; requestId: string }> {
  const day = 1 + (Number(run) % 28)
  const issued = `2026-09-${String(day).padStart(2, '0')}`
  const file = invoice({
    number: `AF-${run}`,
    payable: `${240_000 + Number(run.slice(-4))}.00`,
    issued,
    order: `PO-${run}`
  })
  const { documentId } = await as('alder').post<{ documentId: string }>('/v1/documents', `screens-${run}-upload`, file)
  const give = async (slug: string, path: string, body?: object) => {
    const intent = await as(slug).command(path, `screens-${run}-${++commands}`, body)
    if (intent.state !== 'projected') throw new Error(`${path}: ${JSON.stringify(intent.refusal)}`)
    return intent
  }
  const { receivableId } = await give('alder', '/v1/receivables', { documentId })
  await give('meridian', `/v1/receivables/${receivableId}/confirmation`)
  const offer = async (from: string, to: string, noteId: string, amount: string) => {
    const body = { assignee: participantIdOf(to), amount, tradeDocument: `PO-${run}-${to}` }
    return (await give(from, `/v1/notes/${noteId}/transfers`, body)).noteId!
  }
  const rootNote = `${receivableId}${'0'.repeat(16)}`
  const corvale = await offer('alder', 'corvale', rootNote, '9000000')
  await give('corvale', `/v1/notes/${corvale}/acceptance`)
  const tormel = await offer('corvale', 'tormel', corvale, '4000000')
  await give('tormel', `/v1/notes/${tormel}/acceptance`)
  const lock = { factor: participantIdOf('lindqvist'), amount: '2500000', purpose: 'assignment', quote: 'Q-7' }
  await give('tormel', `/v1/notes/${tormel}/locks`, lock)
  await offer('alder', 'yunchuan', rootNote, '5000000')
  const ask = { noteId: corvale, amount: '3000000' }
  const { requestId } = await as('corvale').post<{ requestId: string }>(
    '/v1/funding-requests',
    `screens-${run}-ask`,
    ask
  )
  const now = Math.floor(Date.now() / 1000)
  const quote = async (slug: string, changes: object): Promise<void> => {
    const terms = {
      purpose: 'assignment',
      advanceBp: 9000,
      reserveBp: 1000,
      dayCount: 'ACT/360',
      interestDue: 'funding'
    }
    const times = { expiresAt: now + 86_400, fundBy: now + 3 * 86_400 }
    const body = { ...terms, annualRateBp: 625, fees: [], isFirm: true, ...times, ...changes }
    await as(slug).post(`/v1/funding-requests/${requestId}/quotes`, `screens-${run}-${slug}`, body)
  }
  await quote('lindqvist', {})
  const fee = { kind: 'share', bp: 50, due: 'funding' }
  await quote('huichuan', { purpose: 'recourse-assignment', annualRateBp: 480, fees: [fee], isFirm: false })
  const limit = { scope: 'debtor', participantId: participantIdOf('meridian'), currency: 978, amount: '50000000' }
  await as('lindqvist').post('/v1/limits', `screens-${run}-limit`, { ...limit, expiresAt: now + 90 * 86_400 })
  return { receivableId: receivableId!, noteId: corvale, requestId }
}

/** Somebody applies, and other keys are proposed for a firm that lost its own. */
async function registry({ apiUrl, deployment, as }: Stage): Promise<void> {
  const signer = (kind: 'sm2' | 'p256', duty: SignerDuty) =>
    accountSignerOf({ kind, duty, privateKey: newPrivateKey(kind) }, deployment)
  const body = {
    name: 'Nordahl Gjuteri AB',
    country: 'SE',
    roles: ['supplier'],
    identifiers: [`VAT:SE${`99${run}000`.slice(0, 10)}01`],
    signers: [signer('sm2', 'maker'), signer('p256', 'checker')],
    quorum: { makers: 1, checkers: 1 },
    encryptionKey: hexlify(publicKeyOf(getBytes(newPrivateKey('sm2'))))
  }
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${apiUrl}/v1/applications`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(await answer.text())
  const keys = { signers: [signer('sm2', 'maker')], quorum: { makers: 1, checkers: 0 } }
  const path = `/v1/participants/${participantIdOf('tormel')}/recoveries`
  await as('registrar').command(path, `screens-${run}-recovery`, {
    reason: 'Smart card lost, letter of 27 November',
    ...keys
  })
}

async function keyFileOf(slug: string, duty: SignerDuty = 'maker'): Promise<string> {
  const account = await stage.accountOf(slug)
  const text = await castKeyFile({ dataDir, slug, duty, passphrase, account, iterations: 1000 })
  const file = join(files, `${slug}-${duty}.key.json`)
  writeFileSync(file, text!)
  return file
}

/** One payment that names the story's invoice, and one that is none of the registry's. */
function bankStatement(): string {
  const payment = (amount: bigint, debtor: string, remittance: string, documentNumbers: string[]): SamplePayment => ({
    amount,
    effect: 'credit',
    day: today,
    reference: `B-${run}-${amount}`,
    endToEndId: 'NOTPROVIDED',
    debtor,
    creditor: 'Alder & Finch Castings GmbH',
    documentNumbers,
    remittance
  })
  const payments = [
    payment(10_000_000n, 'Meridian Automotive SE', 'On account', [`AF-${run}`]),
    payment(12_345n, 'Somebody else', 'Rent of a hall', [])
  ]
  const iban = 'DE00999999990000551209'
  const statement = { id: run, iban, currency: 'EUR', opening: 0n, from: today, to: today, payments }
  const path = join(files, 'statement.xml')
  writeFileSync(path, writeCamt053(statement))
  return path
}

async function picture(page: Page, name: string): Promise<void> {
  // Whatever is still being read. The network is never idle: the page follows the stream of events.
  await page.waitForTimeout(1500)
  const path = join(folder, `${name}.png`)
  await page.screenshot({ path })
  const { size } = statSync(path)
  console.log(`${size > mostBytes ? '✗ too large' : '✓'} ${path} ${size} bytes`)
  if (size > mostBytes) process.exitCode = 1
}

const browser = await launchBrowser()
try {
  const { receivableId, noteId, requestId } = await story(stage)
  await laterDebts(stage)
  await registry(stage)
  const origin = stage.apiUrl
  const open = async (slug: string, options: Partial<PersonOptions> = {}): Promise<Page> => {
    const { page } = await openPerson(browser, { origin, height: 800, ...options })
    await page.goto(`${origin}/`)
    await page.locator('input[type=file]').setInputFiles(await keyFileOf(slug))
    await page.locator('input[autocomplete=current-password]').fill(passphrase)
    if (slug === 'alder' && options.language === undefined) await picture(page, 'sign-in')
    await page.locator('form button[type=submit]').first().click()
    await page.locator('nav').waitFor()
    return page
  }

  const supplier = await open('alder')
  await supplier.goto(`${origin}/app/positions`)
  await picture(supplier, 'positions')
  await supplier.goto(`${origin}/app/receivables/${receivableId}`)
  await supplier.locator('.span-picture').waitFor()
  await picture(supplier, 'receivable')
  await supplier.goto(`${origin}/app/offers`)
  await picture(supplier, 'offers')
  await supplier.goto(`${origin}/app/register`)
  const file = join(files, 'invoice.xml')
  writeFileSync(
    file,
    invoice({ number: `AF-${run}-B`, payable: '18250.40', issued: '2026-08-14', order: `PO-${run}-B` })
  )
  await supplier.locator('input[type=file]').setInputFiles(file)
  await supplier.locator('.data-table').waitFor()
  await picture(supplier, 'register')

  const second = await open('corvale')
  await second.goto(`${origin}/app/notes/${noteId}`)
  await second.locator('.timeline').waitFor()
  await picture(second, 'note')
  await second.locator('.commands .primary').first().click()
  await picture(second, 'transfer')

  await second.goto(`${origin}/app/funding/${requestId}`)
  await second.locator('.compare').waitFor()
  await picture(second, 'quotes')

  const factor = await open('lindqvist')
  await factor.goto(`${origin}/app/requests/${requestId}`)
  await factor.getByLabel('Interest, % a year on the advance').fill('5.9')
  await factor.locator('.preview').waitFor()
  await factor.evaluate("document.querySelector('#quote-title').scrollIntoView()")
  await picture(factor, 'quoting')
  await factor.goto(`${origin}/app/book`)
  await factor.locator('.figures').waitFor()
  await picture(factor, 'book')

  const debtor = await open('meridian')
  await debtor.goto(`${origin}/app/payables`)
  await picture(debtor, 'payables')
  await debtor.getByRole('button', { name: 'Choose all' }).click()
  await debtor.getByRole('button', { name: /^Confirm/ }).click()
  await debtor.locator('.to-sign .words').first().waitFor()
  await picture(debtor, 'signing')

  const registrar = await open('registrar')
  await registrar.locator('.data-table').waitFor()
  await picture(registrar, 'applications')
  await registrar.locator('.data-table a').first().click()
  await registrar.locator('.facts').waitFor()
  await picture(registrar, 'application')
  await registrar.goto(`${origin}/app/participants/${participantIdOf('tormel')}`)
  await registrar.locator('.recovery .facts').first().waitFor()
  await registrar.evaluate("document.querySelector('.recovery').scrollIntoView({ block: 'center' })")
  await picture(registrar, 'participant')
  await debtor.goto(`${origin}/app/receivables/${receivableId}/lineage`)
  await debtor.locator('.lineage-box').first().waitFor()
  await picture(debtor, 'lineage')
  await debtor.goto(`${origin}/app/calendar/2027-03`)
  await debtor.locator('.calendar .paid').first().waitFor()
  await picture(debtor, 'calendar')
  await supplier.goto(`${origin}/app/cash-flow`)
  await supplier.locator('.flow').waitFor()
  await picture(supplier, 'cash-flow')

  const bank = await open('jiangan')
  await bank.goto(`${origin}/app/bank/statements`)
  await bank.locator('input[type=file]').setInputFiles(bankStatement())
  await bank.locator('.facts').first().waitFor()
  await picture(bank, 'bank-statement')
  await bank.goto(`${origin}/app/bank/queue`)
  await bank.locator('.data-table').first().waitFor()
  await picture(bank, 'matching')
  await bank.goto(`${origin}/app/bank/days/${today}`)
  await bank.locator('.data-table').first().waitFor()
  await picture(bank, 'books-of-the-day')

  const authority = await open('regulator')
  await authority.goto(`${origin}/app/overview`)
  await authority.locator('.chart').first().waitFor()
  await picture(authority, 'overview')
  await authority.goto(`${origin}/app/notes/${noteId}`)
  await authority.getByRole('button', { name: 'Freeze by order' }).click()
  const order = authority.getByRole('dialog')
  await order.getByLabel('Amount, EUR').fill('20000.00')
  await order.getByLabel('Escrow').selectOption({ index: 1 })
  await order.getByLabel('Reference of the order').fill('HH 7 O 12/26')
  await order.getByLabel('Court or authority').fill('Court of Hamburg')
  await picture(authority, 'freeze-by-order')
  await authority.goto(`${origin}/app/audit`)
  await authority.locator('.data-table').waitFor()
  await picture(authority, 'audit-trail')

  const phone = await open('alder', { language: 'zh', width: 390, height: 800 })
  await phone.goto(`${origin}/app/receivables/${receivableId}`)
  await phone.locator('.span-picture').waitFor()
  await picture(phone, 'phone')

  const { page: reader } = await openPerson(browser, { origin, height: 1000 })
  await reader.goto(`${origin}/verify`)
  await reader.getByRole('button', { name: 'Take those of this registry' }).click()
  const evidence = join(files, 'receivable.zip')
  writeFileSync(evidence, await stage.as('alder').download(`/v1/receivables/${receivableId}/evidence`))
  await reader.getByRole('button', { name: 'Take those of this registry' }).click()
  await reader.waitForTimeout(1500)
  await reader.locator('input[type=file]').first().setInputFiles(evidence)
  await reader.locator('.report').waitFor()
  await picture(reader, 'verify')
} finally {
  await browser.close()
}
process.exit()
