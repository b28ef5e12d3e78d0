import { describe, expect, it } from 'vitest'
import type { NormalisedInvoice } from '../../../domain/documents/invoice.ts'
import { DOCUMENT_BYTES_MAX, readDocument } from '../../../domain/documents/read.ts'
import { bytesOf, cii, einvoice, pdf, ubl } from './samples.ts'

function read(text: string): NormalisedInvoice {
  return readDocument(bytesOf(text))
}

function refusal(code: string, details: object = {}): object {
  return expect.objectContaining({ name: 'DocumentRefused', code, ...details })
}

describe('readDocument refuses', () => {
  it.each<[string, string, string, object]>([
    ['text that is not XML', 'hello', 'XML_MALFORMED', {}],
    ['another root', '<Order/>', 'DOCUMENT_KIND_UNKNOWN', { presented: 'Order' }],
    ['an invoice root in another namespace', ubl().replaceAll('oasis', 'evil'), 'DOCUMENT_KIND_UNKNOWN', {}],
    ['a DOCTYPE', `<!DOCTYPE Invoice>${ubl().slice(38)}`, 'XML_DOCTYPE_REFUSED', {}],
    ['XML 1.1', ubl().replace('"1.0"', '"1.1"'), 'XML_VERSION_REFUSED', { presented: '1.1' }],
    ['a second root', `${ubl()}<x/>`, 'XML_MALFORMED', {}],
    ['65 levels', ubl({ extra: '<a>'.repeat(64) + '</a>'.repeat(64) }), 'XML_TOO_DEEP', {}],
    ['a second number', ubl({ extra: '<cbc:ID>A</cbc:ID>' }), 'FIELD_REPEATED', { field: '/Invoice/ID' }],
    ['a number that is empty', ubl({ number: ' ' }), 'FIELD_MISSING', { field: 'number' }],
    ['a number with a child', ubl({ number: 'A<x>1</x>' }), 'FIELD_NOT_SIMPLE', { field: '/Invoice/ID' }],
    ['a day that is none', ubl({ issueDate: '2026-02-30' }), 'DATE_MALFORMED', { presented: '2026-02-30' }],
    ['an unknown currency', ubl({ currency: 'EUX' }), 'CURRENCY_UNKNOWN', { presented: 'EUX' }],
    [
      'an amount in another currency',
      ubl().replace('TaxInclusiveAmount currencyID="EUR"', 'TaxInclusiveAmount currencyID="HUF"'),
      'FIELD_CONTRADICTORY',
      { presented: 'HUF' }
    ],
    ['an amount below the cent', cii({ payable: '1.005' }), 'AMOUNT_TOO_PRECISE', { presented: '1.005' }],
    ['no totals', ubl().replaceAll('LegalMonetaryTotal', 'Other'), 'FIELD_MISSING', { field: 'payable' }],
    [
      'two Chinese numbers that differ',
      einvoice({ id: '26312000009990000018' }),
      'FIELD_CONTRADICTORY',
      { field: 'EIid' }
    ],
    ['a Chinese number of 19 digits', einvoice({ id: '', number: '2631200000999000001' }), 'NUMBER_MALFORMED', {}],
    ['a blue invoice with a negative total', einvoice({ total: '-1.00' }), 'FIELD_CONTRADICTORY', { presented: 'Y' }],
    ['a total of asterisks', einvoice({ total: '***' }), 'AMOUNT_MALFORMED', { presented: '***' }]
  ])('%s', (_, text, code, details) => {
    expect(() => read(text)).toThrow(refusal(code, details))
  })

  it('no bytes, and bytes beyond the limit', () => {
    expect(() => readDocument(new Uint8Array())).toThrow(refusal('DOCUMENT_EMPTY'))
    expect(() => readDocument(new Uint8Array(DOCUMENT_BYTES_MAX + 1))).toThrow(refusal('DOCUMENT_TOO_LARGE'))
  })

  it('200,000 levels without running out of stack', () => {
    expect(() => read(ubl({ extra: '<a>'.repeat(200_000) }))).toThrow(refusal('XML_TOO_DEEP'))
  })

  it('a text beyond 4 MB in one element', () => {
    expect(() => read(ubl({ extra: `<a>${'x'.repeat(4 * 1024 * 1024 + 1)}</a>` }))).toThrow(
      refusal('XML_TOO_MUCH_TEXT')
    )
  })

  it('keeps a hostile value short in the message', () => {
    const long = 'x'.repeat(1000)
    expect(() => read(ubl({ issueDate: long }))).toThrow(
      refusal('DATE_MALFORMED', { presented: `${'x'.repeat(100)}…` })
    )
  })
})

describe('readDocument', () => {
  it('reads the same invoice from UBL, CII and a PDF with CII in it', () => {
    const { format, provenance, ...fromUbl } = read(ubl())
    expect(format).toBe('UBL')
    expect(provenance['seller.vat']).toBe('/Invoice/AccountingSupplierParty/Party/PartyTaxScheme/CompanyID')
    expect(fromUbl).toEqual({
      class: 'R',
      number: 'LM-2026/0017',
      issueDate: '2026-03-05',
      currency: 'EUR',
      payable: 119000n,
      gross: 119000n,
      seller: { vat: 'DE811907980', name: 'Lindenmoor Feinguss GmbH', ids: [] },
      buyer: { endpoint: { v: '4099887000012', scheme: '0088' }, name: 'Hafenkran Werke AG', ids: [] },
      preceding: []
    })
    expect(read(cii())).toMatchObject({ ...fromUbl, format: 'CII' })
    expect(readDocument(pdf({ 'factur-x.xml': bytesOf(cii()) }))).toMatchObject({ ...fromUbl, format: 'CII' })
  })

  it('reads a 数电票 in CNY, with the day of its issue time and without the tax of asterisks', () => {
    expect(read(einvoice())).toMatchObject({
      format: 'CN-EINVOICE-XML',
      class: 'R',
      number: '26312000009990000017',
      issueDate: '2026-03-05',
      currency: 'CNY',
      payable: 1130000n,
      seller: { uscc: '91310000TEST0000X1', name: '临港云杉铸造有限公司' }
    })
  })

  it('takes a red 数电票 as a credit', () => {
    expect(read(einvoice({ label: 'N', total: '-11300.00' }))).toMatchObject({ class: 'C', payable: -1130000n })
  })

  it.each([
    ['381 with plus', ubl({ typeCode: '381' }), 'C'],
    ['380 with minus', ubl({ payable: '-1190.00' }), 'C'],
    ['a credit note with plus', ubl({ typeCode: '381' }, 'CreditNote'), 'C'],
    ['a credit note with minus', ubl({ typeCode: '381', payable: '-1.00' }, 'CreditNote'), 'R'],
    ['a corrected invoice', cii({ typeCode: '384' }), 'R'],
    ['an invoice of 0', cii({ payable: '0.00' }), 'R']
  ])('classifies %s by its effective sign', (_, text, expected) => {
    expect(read(text).class).toBe(expected)
  })

  it('keeps an invoice a receivable when a prepayment makes only the payable amount negative', () => {
    const text = ubl().replace('>1190.00</cbc:PayableAmount>', '>-10.00</cbc:PayableAmount>')
    expect(read(text)).toMatchObject({ class: 'R', gross: 119000n, payable: -1000n })
  })

  it.each(['2026-03-05+01:00', '2026-03-05T23:30:00Z', '20260305', ' 2026-03-05 '])(
    'reads the day of %j',
    (issueDate) => {
      expect(read(ubl({ issueDate })).issueDate).toBe('2026-03-05')
    }
  )

  it('is not led astray by the same name in another namespace or in an extension', () => {
    const decoy =
      '<x:ID xmlns:x="urn:evil">DECOY</x:ID><x:Extensions xmlns:x="urn:evil"><cbc:ID>DECOY</cbc:ID></x:Extensions>'
    expect(read(ubl({ extra: decoy })).number).toBe('LM-2026/0017')
  })

  it('takes the currency of the amount when the document names none', () => {
    const text = ubl().replace('<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>', '')
    const invoice = read(text)
    expect(invoice.currency).toBe('EUR')
    expect(invoice.provenance['currency']).toBe('/Invoice/LegalMonetaryTotal/PayableAmount/@currencyID')
  })
})

describe('a PDF', () => {
  const invoice = bytesOf(cii())

  it.each<[string, Uint8Array, string]>([
    ['without an invoice', pdf({ 'photo.png': invoice }), 'PDF_WITHOUT_INVOICE'],
    ['that is encrypted', pdf({ 'factur-x.xml': invoice }, '/Encrypt 9 0 R'), 'PDF_REFUSED'],
    ['that ends in the middle', pdf({ 'factur-x.xml': invoice }).subarray(0, 400), 'PDF_REFUSED'],
    ['whose revisions run in a circle', withLoop(pdf({ 'factur-x.xml': invoice })), 'PDF_REFUSED'],
    ['that inflates beyond the limit', pdf({ 'factur-x.xml': new Uint8Array(30 * 1024 * 1024) }), 'PDF_REFUSED'],
    [
      'with two invoices that differ',
      pdf({ 'factur-x.xml': invoice, 'ZUGFeRD-invoice.xml': bytesOf(cii({ payable: '1190.01' })) }),
      'PDF_WITH_SEVERAL_INVOICES'
    ]
  ])('%s is refused', (_, bytes, code) => {
    expect(() => readDocument(bytes)).toThrow(refusal(code))
  })

  it('with two invoices that say the same is read', () => {
    const files = { 'factur-x.xml': invoice, 'ZUGFeRD-invoice.xml': bytesOf(`${cii()}\n`) }
    expect(readDocument(pdf(files)).number).toBe('LM-2026/0017')
  })
})

/** Points /Prev of the only revision at itself. */
function withLoop(bytes: Uint8Array): Uint8Array {
  const text = String.fromCharCode(...bytes)
  const start = /startxref\n(\d+)/.exec(text)![1]
  const looped = text.replace('trailer << ', `trailer << /Prev ${start} `)
  return Uint8Array.from(looped, (character) => character.charCodeAt(0))
}
