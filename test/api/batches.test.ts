import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getBytes } from 'ethers'
import { openSealed, unwrapWith } from '../../domain/crypto/envelope.ts'
import { sealingContext } from '../../domain/evidence/sealed.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import type { Intent } from '../../scripts/demo/client.ts'
import { inSeconds, startInstance, type Answer, type Instance } from './instance.ts'

let tally: Instance

beforeAll(async () => {
  tally = await startInstance()
})
afterAll(async () => {
  const troubles = tally?.troubles()
  await tally?.stop()
  expect(troubles).toEqual([])
})

interface Item {
  place: string
  isNew?: boolean
  document?: {
    documentId: string
    sha256: string
    fingerprint: string
    invoice: Record<string, unknown>
    alarms: object[]
  }
  problem?: { code: string; field?: string; reason?: string }
}
interface Batch {
  intents: Intent[]
  items: { receivableId: string; intentId: string }[]
}

const HEADER = 'Invoice No,Invoice Date,Due Date,Currency,Invoice Amount,Seller VAT ID,Buyer VAT ID'
/** Of Alder & Finch to Meridian unless told otherwise, each on a day of its own. */
function row(number: string, { amount = '100.00', seller = 'DE900551209', buyer = 'DE900417723' } = {}): string {
  const day = String(1 + ((number.codePointAt(number.length - 1)! * 7) % 28)).padStart(2, '0')
  return `${number},2026-10-${day},2027-03-01,EUR,${amount},${seller},${buyer}`
}
const ledger = (...rows: readonly string[]): Uint8Array => new TextEncoder().encode([HEADER, ...rows].join('\n'))
const upload = (body: Uint8Array, query = '', as = 'alder', key?: string): Promise<Answer> =>
  tally.call(`/v1/document-batches${query}`, { as, body, ...(key === undefined ? {} : { key }) })
const itemsOf = (answer: Answer): Item[] => {
  expect(answer.status, answer.text).toBeLessThan(300)
  return answer.body['items'] as Item[]
}
const documentsOf = async (...rows: readonly string[]): Promise<string[]> =>
  itemsOf(await upload(ledger(...rows))).map(({ document }) => document!.documentId)
const registerAll = (ids: readonly string[], more: object = {}): object => ({
  items: ids.map((documentId) => ({ documentId, ...more }))
})
const propose = async (path: string, as: string, body: object): Promise<Batch> => {
  const answer = await tally.call(path, { as, body })
  expect(answer.status, answer.text).toBe(202)
  return answer.body as unknown as Batch
}
/** Signs every intent and follows each to its end. */
async function carryOut(as: string, { intents }: Batch): Promise<Intent[]> {
  const done: Intent[] = []
  for (const intent of intents) done.push(await tally.as(as).followUp(intent, tally.newKey()))
  return done
}

describe('a ledger that is uploaded', () => {
  it('becomes a document of each row, and a problem of each row that is refused', async () => {
    const rows = [
      row('L-1'),
      row('L-2', { amount: '1.0x' }),
      row('L-3', { seller: 'NL900118846B01' }),
      row('L-4', { buyer: 'DE999999998' }),
      row('L-5')
    ]
    const answer = await upload(ledger(...rows))
    expect(answer).toMatchObject({ status: 201, body: { documents: 3, problems: 2 } })
    const items = itemsOf(answer)
    expect(items.map(({ place }) => place)).toEqual(['row 2', 'row 3', 'row 4', 'row 5', 'row 6'])
    expect(items[0]).toMatchObject({
      isNew: true,
      document: {
        format: 'CSV',
        invoice: { number: 'L-1', payable: '10000', provenance: { payable: '/row 2/Invoice Amount' } },
        fingerprint: expect.stringMatching(/^0x0001/),
        alarms: []
      }
    })
    expect(items[1]!.problem).toMatchObject({
      code: 'DOCUMENT_REFUSED',
      field: 'row 3, column Invoice Amount',
      reason: expect.stringContaining('AMOUNT_MALFORMED')
    })
    expect(items[2]!.problem!.code).toMatch(/^SELLER_(MISMATCH|UNKNOWN)$/)
    expect(items[3]!.document!.invoice).toMatchObject({ number: 'L-4' })
    expect(items[4]!.document!.invoice).toMatchObject({ number: 'L-5' })
  })

  it('has the fingerprints that its invoices have in another format', async () => {
    const [item] = itemsOf(await upload(ledger(row('L-10'))))
    const { fingerprint } = await tally.upload({ number: 'L-10', issued: '2026-04-01' })
    expect(item!.document!.fingerprint).toBe(fingerprint)
  })

  it('again, or in a longer one, gives the same documents', async () => {
    const first = await upload(ledger(row('L-20'), row('L-21')))
    const before = await tally.written()
    const again = await upload(ledger(row('L-20'), row('L-21')))
    expect(again.status).toBe(200)
    expect((await tally.written())['document']).toBe(before['document'])
    expect(itemsOf(again).map(({ document, isNew }) => [document!.documentId, isNew])).toEqual(
      itemsOf(first).map(({ document }) => [document!.documentId, false])
    )
    const longer = itemsOf(await upload(ledger(row('L-19'), row('L-20'), row('L-20'))))
    expect(longer.map(({ isNew }) => isNew)).toEqual([true, false, false])
    expect(new Set(longer.slice(1).map(({ document }) => document!.documentId))).toEqual(
      new Set([itemsOf(first)[0]!.document!.documentId])
    )
  })

  it('at once and with one key is stored once, and the key is of that file alone', async () => {
    const rows = Array.from({ length: 25 }, (_, i) => row(`L-3${String(i).padStart(2, '0')}`))
    const before = await tally.written()
    const key = tally.newKey()
    const answers = await Promise.all([
      upload(ledger(...rows), '', 'alder', key),
      upload(ledger(...rows), '', 'alder', key),
      upload(ledger(...[...rows].reverse()))
    ])
    expect(answers[1]!.text).toBe(answers[0]!.text)
    const after = await tally.written()
    expect([after['document'], after['leaf']]).toEqual([before['document']! + 25, before['leaf']! + 25])
    await tally.refused('IDEMPOTENCY_KEY_REUSED', '/v1/document-batches', { body: ledger(row('L-399')), key })
  })

  it('with headers of its own is read by the mapping given', async () => {
    const mapping = {
      delimiter: ';',
      decimal: ',',
      currency: 'EUR',
      columns: { number: 'Beleg', issueDate: 'Tag', gross: 'Summe' },
      seller: { vat: 'DE900551209' }
    }
    const body = new TextEncoder().encode('Beleg;Tag;Summe\nM-1;2026-03-05;1190,00\n')
    const query = (value: object) =>
      `?debtor=${participantIdOf('meridian')}&mapping=${encodeURIComponent(JSON.stringify(value))}`
    const [item] = itemsOf(await upload(body, query(mapping)))
    expect(item!.document!.invoice).toMatchObject({ number: 'M-1', payable: '119000' })
    const wrong = query({ ...mapping, columns: { ...mapping.columns, foo: 'Tag' } })
    expect(await tally.refused('DOCUMENT_REFUSED', `/v1/document-batches${wrong}`, { body })).toMatchObject({
      status: 422,
      reason: expect.stringContaining('LEDGER_MAPPING_INVALID')
    })
    expect(await tally.refused('DOCUMENT_REFUSED', '/v1/document-batches', { body })).toMatchObject({
      reason: expect.stringContaining('CSV_COLUMN_MISSING')
    })
  })

  it('is read by the buyer of a row as far as that row', async () => {
    const rows = [row('L-50', { buyer: 'DE900417723' }), row('L-51', { buyer: 'NL900118846B01' })]
    const items = itemsOf(await upload(ledger(...rows)))
    const open = async (index: number, as: string) =>
      tally.call(`/v1/documents/${items[index]!.document!.documentId}/sealed`, { as })
    expect((await open(1, 'meridian')).status).toBe(404)
    const own = await open(0, 'meridian')
    expect(own.body).toMatchObject({ mediaType: 'text/csv' })
    const { sealed, wrapped, sha256 } = own.body as { sealed: string; wrapped: string; sha256: string }
    const unwrap = unwrapWith(getBytes(tally.keys.participants['meridian']!.encryption))
    const clear = await openSealed(Buffer.from(sealed, 'base64'), getBytes(wrapped), unwrap, sealingContext(sha256))
    expect(new TextDecoder().decode(clear)).toBe(`${HEADER}\r\n${rows[0]}\r\n`)
  })
})

describe('a Chinese invoice on paper', () => {
  const chinese = (body: string): Uint8Array => new TextEncoder().encode(body)
  const both = chinese(`发票代码,发票号码,数电票号码,销方识别号,购方识别号,开票日期,到期日,价税合计
031001900511,4875996,26312000009990000017,91320500MA1TALLY1P,,2026-10-05,2027-03-01,1000.00
`)
  const old = chinese(`发票代码,发票号码,销方识别号,开票日期,到期日,价税合计
031001900511,4875996,91320500MA1TALLY1P,2026-10-05,2027-03-01,1000.00
`)
  const digital = chinese(`数电票号码,销方识别号,开票日期,到期日,价税合计
26312000009990000017,91320500MA1TALLY1P,2026-10-05,2027-03-01,1000.00
`)

  it('with 20 digits beside code and number collides with deliveries that have only one of them', async () => {
    const debtor = participantIdOf('meridian')
    const documentOf = async (body: Uint8Array) =>
      itemsOf(await upload(body, `?debtor=${debtor}`, 'hualing'))[0]!.document!
    const [first, second, third] = [await documentOf(both), await documentOf(old), await documentOf(digital)]
    expect((first as unknown as { identities: string[][] }).identities).toEqual([
      ['CN-DE', '26312000009990000017'],
      ['CN-VAT', '031001900511', '04875996']
    ])
    await tally.done('hualing', '/v1/receivables', { documentId: first.documentId, debtor })
    for (const { documentId } of [second, third]) {
      const code = documentId === third.documentId ? 'FINGERPRINT_CLAIMED' : 'IDENTITY_CONFLICT'
      const problem = await tally.refused('BATCH_REFUSED', '/v1/receivable-batches', {
        as: 'hualing',
        body: registerAll([documentId], { debtor })
      })
      expect(problem['presented']).toMatchObject([{ problem: { code } }])
    }
  })
})

describe('a batch of registrations', () => {
  it('is one signature for all, and its confirmation another', async () => {
    const ids = await documentsOf(row('R-1'), row('R-2', { amount: '250.50' }), row('R-3'), row('R-4'))
    const batch = await propose('/v1/receivable-batches', 'alder', registerAll(ids))
    expect(batch.intents).toHaveLength(1)
    const { en, zh } = batch.intents[0]!.words
    expect(en).toContain('Register 4 receivables of EUR 550.50 in all; all of them or none. First: "R-1" of EUR 100.00')
    expect(en).toContain('\n2. "R-2" of EUR 250.50 against Meridian')
    expect(zh).toContain('登记 4 笔应收账款，合计 EUR 550.50；全部执行或全不执行')
    expect((await carryOut('alder', batch)).map(({ state }) => state)).toEqual(['projected'])
    const receivableIds = batch.items.map(({ receivableId }) => receivableId)
    for (const receivableId of receivableIds) {
      expect(await tally.receivable(receivableId)).toMatchObject({ state: 'registered' })
    }
    const confirmations = await propose('/v1/confirmations', 'meridian', { receivableIds })
    expect(confirmations.intents[0]!.words.en).toContain(
      'Confirm 4 receivables of EUR 550.50 in all, and promise to pay'
    )
    expect(confirmations.intents[0]!.words.en).toContain('\n2. "R-2" of EUR 250.50 owed to Alder')
    await carryOut('meridian', confirmations)
    for (const receivableId of receivableIds) {
      expect(await tally.receivable(receivableId)).toMatchObject({ state: 'confirmed' })
    }
  })

  it('is refused beforehand with every item that can not go', async () => {
    const [taken, credit, late, free] = await documentsOf(
      row('R-20'),
      row('R-21', { amount: '-100.00' }),
      row('R-22'),
      row('R-23')
    )
    await tally.done('alder', '/v1/receivables', { documentId: taken!, maturity: inSeconds(86_400) })
    const other = await tally.upload({ number: 'R-23', payable: '100.00', issued: '2026-04-01' })
    const before = await tally.written()
    const items = [
      { documentId: taken! },
      { documentId: credit! },
      { documentId: late!, maturity: 1 },
      { documentId: free! },
      { documentId: other.documentId },
      { documentId: '01900000-0000-7000-8000-000000000000' }
    ]
    const problem = await tally.refused('BATCH_REFUSED', '/v1/receivable-batches', { body: { items } })
    const presented = problem['presented'] as { item: number; subject: string; problem: { code: string } }[]
    expect(presented.map(({ item, subject, problem: { code } }) => [item, subject, code])).toEqual([
      [0, taken, 'FINGERPRINT_CLAIMED'],
      [1, credit, 'DOCUMENT_NOT_RECEIVABLE'],
      [2, late, 'MATURITY_INVALID'],
      [4, other.documentId, 'FINGERPRINT_CLAIMED'],
      [5, items[5]!.documentId, 'DOCUMENT_NOT_FOUND']
    ])
    expect(presented[3]!.problem).toMatchObject({
      field: 'body/items/4/documentId',
      reason: 'item 3 of this batch is the same invoice'
    })
    expect(await tally.written()).toEqual(before)
    await tally.refused('REQUEST_INVALID', '/v1/receivable-batches', { body: { items: [] } })
  })

  it('goes as a whole or not at all', async () => {
    const [first, second] = await documentsOf(row('R-30'), row('R-31'))
    const batch = await propose('/v1/receivable-batches', 'alder', registerAll([first!, second!]))
    await tally.done('alder', '/v1/receivables', { documentId: second! })
    const [refused] = await carryOut('alder', batch)
    expect(refused).toMatchObject({ state: 'refused', refusal: { code: 'FingerprintAlreadyClaimed' } })
    const { status } = await tally.call(`/v1/receivables/${batch.items[0]!.receivableId}`)
    expect(status).toBe(404)
  })

  it('is confirmed by its debtor alone, each once and while it waits for that', async () => {
    const registered = await tally.register({ number: 'R-40', order: 'PO-R-40' })
    const confirmed = await tally.confirmed()
    const ids = [confirmed.receivableId, registered.receivableId, registered.receivableId]
    const problem = await tally.refused('BATCH_REFUSED', '/v1/confirmations', {
      as: 'meridian',
      body: { receivableIds: ids }
    })
    expect(problem['presented']).toMatchObject([
      { item: 0, subject: confirmed.receivableId, problem: { code: 'RECEIVABLE_STATE_WRONG' } },
      { item: 2, subject: registered.receivableId, problem: { code: 'REQUEST_INVALID' } }
    ])
  })
})
