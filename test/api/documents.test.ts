import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../api/errors.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { inSeconds, startInstance, type Instance, type Registered } from './instance.ts'
import { ciiInvoice, invoice, ublId, type InvoiceFields } from './invoices.ts'

let tally: Instance
let registered: Registered

beforeAll(async () => {
  tally = await startInstance()
  registered = await tally.register({ number: 'FIRST-1' })
})
afterAll(async () => {
  const troubles = tally?.troubles()
  await tally?.stop()
  expect(troubles).toEqual([])
})

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const bytes = (content: string) => new TextEncoder().encode(content)
const upload = (body: Uint8Array, as = 'alder') => tally.call('/v1/documents', { as, body })
const plain = text(invoice({ number: 'HOSTILE-1' })).replace(/^<\?xml.*\?>\s*/, '')

describe('an upload', () => {
  const lol = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('')
  it.each<[string, Uint8Array, string]>([
    ['a document type', bytes(`<!DOCTYPE Invoice>${plain}`), 'XML_DOCTYPE_REFUSED'],
    [
      'an external entity',
      bytes(`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${plain.replace('HOSTILE-1', '&e;')}`),
      'XML_DOCTYPE_REFUSED'
    ],
    [
      'entities that multiply',
      bytes(`<!DOCTYPE x [<!ENTITY l0 "ha">${lol}]>${plain.replace('HOSTILE-1', '&l9;')}`),
      'XML_DOCTYPE_REFUSED'
    ],
    ['an unknown entity', bytes(plain.replace('HOSTILE-1', '&nbsp;')), 'XML_MALFORMED'],
    ['no end', bytes(plain.slice(0, -20)), 'XML_MALFORMED'],
    ['a hundred thousand levels', bytes('<a>'.repeat(100_000)), 'XML_TOO_DEEP'],
    ['bytes that are nothing', new Uint8Array(512).map((_, i) => (i * 37) % 256), 'ENCODING_REFUSED'],
    [
      'bytes that are not UTF-8',
      Uint8Array.from([...bytes(plain.slice(0, 300)), 0xff, 0xfe, ...bytes(plain.slice(300))]),
      'ENCODING_INVALID'
    ],
    ['another vocabulary', bytes('<html/>'), 'DOCUMENT_KIND_UNKNOWN'],
    ['a PDF without an invoice', bytes('%PDF-1.7\n%%EOF'), 'PDF_'],
    ['an amount of three decimals', invoice({ number: 'H-2', payable: '1.001' }), 'AMOUNT_TOO_PRECISE'],
    ['an amount in words', invoice({ number: 'H-3', payable: 'many' }), 'AMOUNT_MALFORMED']
  ])('with %s is refused by name', async (_what, body, reason) => {
    const problem = await tally.refused('DOCUMENT_REFUSED', '/v1/documents', { body })
    expect(problem).toMatchObject({ status: 422, reason: expect.stringContaining(reason) })
  })

  it('of an invoice of somebody else is refused', async () => {
    const body = invoice({ number: 'S-1' })
    expect(await tally.refused('SELLER_MISMATCH', '/v1/documents', { as: 'corvale', body })).toMatchObject({
      status: 422,
      presented: expect.stringContaining('Alder'),
      required: 'yourself'
    })
  })

  it('of an invoice of a seller that nobody knows is refused', async () => {
    const body = invoice({ number: 'S-2', sellerVat: 'DE999999999' })
    expect(await tally.refused('SELLER_UNKNOWN', '/v1/documents', { body })).toMatchObject({
      presented: { vat: 'DE999999999' }
    })
  })

  it.each<[string, Partial<InvoiceFields>]>([
    ['its GLN', { sellerIds: ublId('0088', '9520000000035') }],
    ['its LEI', { sellerIds: ublId('0199', '9999 00TA LLYA LDER 0307') }],
    ['its VAT id as the endpoint', { sellerIds: '<cbc:EndpointID schemeID="9930">900551209</cbc:EndpointID>' }]
  ])('whose seller’s VAT id is left out is the seller’s by %s, with the same fingerprint', async (what, fields) => {
    const number = `LEFT-OUT ${what}`
    const { fingerprint } = await tally.upload({ number })
    const other = await tally.upload({ number, sellerVat: '', ...fields })
    expect(other.fingerprint).toBe(fingerprint)
    await tally.refused('SELLER_UNKNOWN', '/v1/documents', { body: invoice({ number, sellerVat: '' }) })
  })

  it.each<[string, Partial<InvoiceFields>, object]>([
    [
      'the GLN of another participant',
      { sellerIds: ublId('0088', '9520000000059') },
      { 'seller.vat': 'DE900551209', 'seller.ids[0]': '9520000000059' }
    ],
    [
      'another VAT id than the registered one',
      { sellerVat: 'DE999999999', sellerIds: ublId('0088', '9520000000035') },
      { 'seller.vat': 'DE999999999', 'seller.ids[0]': '9520000000035' }
    ],
    [
      'an LEI that is checked wrong',
      { sellerIds: ublId('0199', '999900TALLYALDER0308') },
      { 'seller.vat': 'DE900551209', 'seller.ids[0]': '999900TALLYALDER0308' }
    ]
  ])('whose seller has %s is refused, and says nothing of the directory', async (_what, fields, presented) => {
    const body = invoice({ number: 'CONTRADICTORY-1', ...fields })
    const problem = await tally.refused('SELLER_CONTRADICTORY', '/v1/documents', { body })
    expect(problem).toMatchObject({ status: 422, field: 'seller', presented })
    expect(JSON.stringify(problem)).not.toMatch(/corvale|NL900118846|TALLYALDER0307/i)
  })

  it('whose buyer’s identifiers contradict each other, or the debtor named, is refused', async () => {
    const foreign = { number: 'CONTRADICTORY-2', buyerIds: ublId('0088', '9520000000004') }
    const refused = (path: string, fields: Partial<InvoiceFields>) =>
      tally.refused('BUYER_CONTRADICTORY', path, { body: invoice(fields) })
    expect(await refused('/v1/documents', foreign)).toMatchObject({
      field: 'buyer',
      presented: { 'buyer.vat': 'DE900417723', 'buyer.ids[0]': '9520000000004' }
    })
    const path = `/v1/documents?debtor=${participantIdOf('meridian')}`
    const presented = { 'buyer.vat': 'DE999999998' }
    expect(await refused(path, { number: 'CONTRADICTORY-3', buyerVat: 'DE999999998' })).toMatchObject({ presented })
    const { documentId } = await tally.upload({ number: 'CONTRADICTORY-3', buyerVat: 'DE999999998' })
    const body = { documentId, debtor: participantIdOf('meridian'), maturity: inSeconds(86_400) }
    expect(await tally.refused('BUYER_CONTRADICTORY', '/v1/receivables', { body })).toMatchObject({ presented })
  })

  it('tells which identifiers can be nobody’s, and goes by the others', async () => {
    const sellerIds = ublId('0088', '9520000000036')
    const { body } = await upload(invoice({ number: 'FAULT-1', sellerIds }))
    const fault = { field: 'seller.ids[0]', code: 'GLN_CHECKSUM_WRONG', presented: '9520000000036' }
    expect(body['identifierFaults']).toEqual([fault])
    const none = invoice({ number: 'FAULT-2', sellerIds, sellerVat: '' })
    expect(await tally.refused('SELLER_UNKNOWN', '/v1/documents', { body: none })).toMatchObject({
      reason: 'seller.ids[0]: GLN_CHECKSUM_WRONG'
    })
  })

  it('of the same file again is the same document, in a row and at once', async () => {
    const body = invoice({ number: 'SAME-1' })
    const before = await tally.written()
    const answers = await Promise.all(Array.from({ length: 8 }, () => upload(body)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201])
    expect(new Set(answers.map((one) => one.body['documentId'])).size).toBe(1)
    expect((await upload(body)).status).toBe(200)
    const after = await tally.written()
    expect([after['document'], after['leaf']]).toEqual([before['document']! + 1, before['leaf']! + 1])
    const path = `/v1/documents/${answers[0]!.body['documentId'] as string}`
    expect((await tally.call(path)).body).toEqual(answers[0]!.body)
  })
})

describe('a registration by fields', () => {
  const debtor = participantIdOf('meridian')
  /** The shipped invoice, in the fields of its file. */
  const fieldsOf = (number: string) => ({
    number,
    issueDate: '2026-11-02',
    dueDate: '2027-03-01',
    currency: 'EUR',
    payable: '10000000',
    gross: '10000000',
    orders: ['PO-77120']
  })
  const documentOf = async (receivableId: string) => {
    const { rows } = await tally.sql.query<{ id: string; mediaType: string; format: string; sealed: Buffer }>(
      `select d.document_id as id, d.media_type as "mediaType", d.format, d.sealed
         from app.document d join projection.receivable r using (content_commitment) where r.receivable_id = $1`,
      [receivableId]
    )
    return rows[0]!
  }

  it('gives the fingerprint of the invoice’s file, so that the file is registered no second time', async () => {
    const { fingerprint, documentId } = await tally.upload({ number: 'FIELDS-1' })
    const { receivableId } = await tally.done('alder', '/v1/receivables', { invoice: fieldsOf('FIELDS-1'), debtor })
    const made = await documentOf(receivableId!)
    const { body } = await tally.call(`/v1/documents/${made.id}`)
    expect(body).toMatchObject({ fingerprint, format: 'FIELDS', receivableId })
    expect(made.id).not.toBe(documentId)
    const again = await tally.as('alder').command('/v1/receivables', tally.newKey(), { documentId })
    expect(again).toMatchObject({ state: 'refused', refusal: { code: 'FingerprintAlreadyClaimed' } })
  })

  it('gives that of a Chinese invoice with a state’s number too', async () => {
    const file = readFileSync(new URL('../../scripts/demo/invoices/hualing.einvoice.xml', import.meta.url))
    const buyer = participantIdOf('beichen')
    const uploaded = await tally.call('/v1/documents', { as: 'hualing', body: new Uint8Array(file) })
    expect(uploaded.status, uploaded.text).toBe(201)
    const { number, issueDate, currency, payable } = uploaded.body['invoice'] as Record<string, string>
    const invoice = { number: number!, issueDate: issueDate!, currency: currency!, payable: payable! }
    const maturity = Math.floor(Date.now() / 1000) + 30 * 86_400
    const { receivableId } = await tally.done('hualing', '/v1/receivables', { invoice, debtor: buyer, maturity })
    const made = await documentOf(receivableId!)
    const { body } = await tally.call(`/v1/documents/${made.id}`, { as: 'hualing' })
    expect(body).toMatchObject({ fingerprint: uploaded.body['fingerprint'], format: 'CN-FIELDS' })
  })

  it('is sealed as an upload is: owner and debtor open the same file, which says what was stated', async () => {
    const { receivableId } = await tally.done('alder', '/v1/receivables', { invoice: fieldsOf('FIELDS-2'), debtor })
    const { id, mediaType } = await documentOf(receivableId!)
    expect(mediaType).toBe('application/json')
    for (const as of ['alder', 'meridian', 'regulator']) {
      const { body } = await tally.call(`/v1/documents/${id}/sealed`, { as })
      expect(body, as).toMatchObject({ documentId: id, mediaType, wrapped: expect.stringMatching(/^0x/) })
    }
    await tally.refused('DOCUMENT_NOT_FOUND', `/v1/documents/${id}/sealed`, { as: 'corvale' })
  })

  it.each<[string, object, ErrorCode]>([
    ['a document besides', { documentId: '01900000-0000-7000-8000-000000000000', debtor }, 'REQUEST_INVALID'],
    ['no debtor', {}, 'REQUEST_INVALID'],
    ['a debtor that nobody is', { debtor: 4_000_000_000 }, 'PARTICIPANT_UNKNOWN'],
    ['a debtor that owes nothing', { debtor: participantIdOf('corvale') }, 'ROLE_MISSING'],
    ['no such day', { debtor, invoice: { ...fieldsOf('F'), issueDate: '2026-02-30' } }, 'DOCUMENT_REFUSED'],
    ['no such currency', { debtor, invoice: { ...fieldsOf('F'), currency: 'ZZZ' } }, 'DOCUMENT_REFUSED'],
    ['nothing to pay', { debtor, invoice: { ...fieldsOf('F'), payable: '0' } }, 'AMOUNT_INVALID'],
    ['a number of no letter or digit', { debtor, invoice: { ...fieldsOf('--'), number: '--' } }, 'DOCUMENT_REFUSED'],
    ['an unknown field', { debtor, invoice: { ...fieldsOf('F'), seller: 'me' } }, 'REQUEST_INVALID']
  ])('with %s is refused, and leaves no document', async (_what, more, code) => {
    await tally.refused(code, '/v1/receivables', { body: { invoice: fieldsOf('FIELDS-3'), ...more } })
  })

  it('goes in a batch beside files', async () => {
    const { documentId } = await tally.upload()
    const items = [
      { documentId, maturity: inSeconds(86_400) },
      { invoice: fieldsOf('FIELDS-4'), debtor }
    ]
    const { status, body, text } = await tally.call('/v1/receivable-batches', { body: { items } })
    expect(status, text).toBe(202)
    expect(body['items']).toHaveLength(2)
  })
})

describe('a registration', () => {
  const register = (documentId: string, more: object = {}) => ({
    body: { documentId, maturity: inSeconds(86_400), ...more }
  })

  it('of a credit note is refused', async () => {
    const { documentId } = await tally.upload({ type: '381' })
    const problem = await tally.refused('DOCUMENT_NOT_RECEIVABLE', '/v1/receivables', register(documentId))
    expect(problem).toMatchObject({ status: 422, presented: 'C', required: 'R' })
  })

  it('of nothing, or of more than a note can carry, is refused', async () => {
    const { documentId } = await tally.upload({ payable: '0.00' })
    await tally.refused('AMOUNT_INVALID', '/v1/receivables', register(documentId))
    const answer = await upload(invoice({ number: 'HUGE-1', payable: '99999999999999999999.00' }))
    if (answer.status === 201) {
      await tally.refused('AMOUNT_INVALID', '/v1/receivables', register(answer.body['documentId'] as string))
    } else expect(answer.body).toMatchObject({ code: 'DOCUMENT_REFUSED' })
  })

  it('needs a maturity from the document or from the request, in the future and within the tenor', async () => {
    const { documentId } = await tally.upload({ due: '' })
    await tally.refused('MATURITY_MISSING', '/v1/receivables', { body: { documentId } })
    for (const maturity of [1, inSeconds(-1), inSeconds(367 * 86_400)]) {
      expect(
        await tally.refused('MATURITY_INVALID', '/v1/receivables', register(documentId, { maturity }))
      ).toMatchObject({
        presented: maturity,
        required: [expect.any(Number), expect.any(Number)]
      })
    }
    const late = await tally.upload({ due: '2020-01-01' })
    await tally.refused('MATURITY_INVALID', '/v1/receivables', { body: { documentId: late.documentId } })
  })

  it('needs a debtor that is a participant and is the one in the document', async () => {
    const { documentId } = await tally.upload()
    const mismatch = await tally.refused(
      'DEBTOR_MISMATCH',
      '/v1/receivables',
      register(documentId, { debtor: participantIdOf('beichen') })
    )
    expect(mismatch).toMatchObject({ presented: participantIdOf('beichen'), required: participantIdOf('meridian') })
    const stranger = (await tally.upload({ buyerVat: 'DE999999998' })).documentId
    await tally.refused('BUYER_UNKNOWN', '/v1/receivables', register(stranger))
    await tally.refused('PARTICIPANT_UNKNOWN', '/v1/receivables', register(stranger, { debtor: 4_000_000_000 }))
    const role = await tally.refused(
      'ROLE_MISSING',
      '/v1/receivables',
      register(stranger, { debtor: participantIdOf('corvale') })
    )
    expect(role).toMatchObject({ presented: ['supplier'], required: ['debtor'] })
  })

  it('can be read by a debtor that the file does not tell, when it is named with the upload', async () => {
    const file = invoice({ number: 'NAMED-1', buyerVat: 'DE999999998' })
    const upload = (debtor: number | string) => ({ path: `/v1/documents?debtor=${debtor}`, body: { body: file } })
    const unknown = upload(4_000_000_000)
    await tally.refused('PARTICIPANT_UNKNOWN', unknown.path, unknown.body)
    const none = upload('x')
    await tally.refused('REQUEST_INVALID', none.path, none.body)
    const named = upload(participantIdOf('beichen'))
    const { documentId } = (await tally.call(named.path, named.body)).body
    expect((await tally.call(`/v1/documents/${String(documentId)}/sealed`, { as: 'beichen' })).status).toBe(200)
    const other = { body: invoice({ number: 'NAMED-2' }) }
    expect(await tally.refused('DEBTOR_MISMATCH', named.path, other)).toMatchObject({
      presented: participantIdOf('beichen'),
      required: participantIdOf('meridian')
    })
  })

  it('of the same identity with one cent more is a conflict that names the fields that differ', async () => {
    const { documentId, fingerprint } = await tally.upload({ number: 'FIRST-1', payable: '100000.01' })
    expect((await tally.call(`/v1/documents/${registered.documentId}`)).body['fingerprint']).toBe(fingerprint)
    const problem = await tally.refused('IDENTITY_CONFLICT', '/v1/receivables', register(documentId))
    expect(problem).toMatchObject({
      status: 409,
      presented: { payable: '10000001' },
      required: { payable: '10000000' }
    })
    expect(Object.keys(problem['presented'] as object).sort()).toEqual(['gross', 'payable'])
    expect(problem['reason']).toContain(registered.receivableId)
  })

  it('of the same invoice in another format is refused by the contract', async () => {
    const { body } = await upload(ciiInvoice('FIRST-1'))
    const { documentId } = body as { documentId: string }
    const path = '/v1/receivables'
    const intent = await tally.as('alder').command(path, tally.newKey(), { documentId, maturity: inSeconds(86_400) })
    expect(intent).toMatchObject({ state: 'refused', refusal: { code: 'FingerprintAlreadyClaimed' } })
    expect(BigInt(intent.refusal!.args['subject']!)).toBe(BigInt(registered.receivableId))
    expect((await tally.call(`/v1/documents/${documentId}`)).body['receivableId']).toBe(null)
    await tally.refused('RECEIVABLE_NOT_FOUND', `/v1/receivables/${intent.receivableId}`)
  })

  it.each([
    ['rejection', 'meridian', 'rejected', { reason: 'Goods were not delivered' }],
    ['withdrawal', 'alder', 'withdrawn', undefined]
  ] as const)('is free again after a %s', async (verb, slug, state, body) => {
    const { documentId, receivableId } = await tally.register()
    await tally.done(slug, `/v1/receivables/${receivableId}/${verb}`, body)
    const shown = await tally.call(`/v1/receivables/${receivableId}`)
    expect(shown.body['receivable']).toMatchObject({ state })
    expect((await tally.call(`/v1/documents/${documentId}`)).body['receivableId']).toBe(null)
    const again = await tally.done('alder', '/v1/receivables', { documentId, maturity: inSeconds(2 * 86_400) })
    expect(again.receivableId).not.toBe(receivableId)
    expect((await tally.call(`/v1/documents/${documentId}`)).body['receivableId']).toBe(again.receivableId)
    for (const verb of ['confirmation', 'rejection']) {
      const request = { as: 'meridian', method: 'POST', ...(verb === 'rejection' ? { body: { reason: 'x' } } : {}) }
      await tally.refused('RECEIVABLE_STATE_WRONG', `/v1/receivables/${receivableId}/${verb}`, request)
    }
    await tally.refused('RECEIVABLE_STATE_WRONG', `/v1/receivables/${receivableId}/withdrawal`, { method: 'POST' })
  })
})
