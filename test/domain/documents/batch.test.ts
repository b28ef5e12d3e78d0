import { describe, expect, it } from 'vitest'
import { BATCH_INVOICES_MAX, readBatch, type BatchItem } from '../../../domain/documents/batch.ts'
import { extractMapping } from '../../../domain/documents/extract.ts'
import { parseLedgerMapping } from '../../../domain/documents/ledger-mapping.ts'
import { readDocument, readInvoices } from '../../../domain/documents/read.ts'
import { writeFatturaPa } from '../../../domain/documents/samples/fatturapa.ts'
import type { SampleInvoice } from '../../../domain/documents/samples/model.ts'
import { bytesOf, ubl } from './samples.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

function refusal(code: string, details: object = {}): object {
  return expect.objectContaining({ name: 'DocumentRefused', code, ...details })
}

function readItem(item: BatchItem | undefined): Extract<BatchItem, { invoice: unknown }> {
  if (item && 'invoice' in item) return item
  throw new Error(`not read: ${JSON.stringify(item)}`)
}

/** What it says, wherever it stands. */
function contentOf({ provenance: _provenance, ...content }: ReturnType<typeof readDocument>): object {
  return content
}

const HEADER = 'Invoice No,Invoice Date,Currency,Invoice Amount,Seller VAT ID,Customer'
const row = (number: string, amount = '1190.00'): string =>
  `${number},2026-03-05,EUR,${amount},DE811907980,Hafenkran AG`
const ledger = (...rows: readonly string[]): Uint8Array => bytesOf([HEADER, ...rows].join('\r\n'))

describe('a ledger', () => {
  it('is read row by row: one that is refused does not refuse the others', () => {
    const items = readBatch(ledger(row('A-1'), row('A-2', '1.190'), row('A-3'), 'A-4,2026-03-05', '', row('=A-5')))
    expect(items.map(({ place }) => place)).toEqual(['row 2', 'row 3', 'row 4', 'row 5', 'row 7'])
    expect(readItem(items[0]).invoice).toMatchObject({ number: 'A-1', provenance: { number: '/row 2/Invoice No' } })
    expect(readItem(items[2]).invoice).toMatchObject({ number: 'A-3', provenance: { number: '/row 4/Invoice No' } })
    expect(items[1]).toEqual({
      place: 'row 3',
      refusal: refusal('AMOUNT_MALFORMED', { field: 'row 3, column Invoice Amount' })
    })
    expect(items[3]).toEqual({ place: 'row 5', refusal: refusal('CSV_MALFORMED', { field: 'row 5' }) })
    expect(items[4]).toEqual({
      place: 'row 7',
      refusal: refusal('CSV_CELL_REFUSED', { field: 'row 7, column Invoice No' })
    })
  })

  it('gives each row an extract that says the same and nothing of the others', () => {
    const items = readBatch(ledger(row('"A ""1"", x"'), row('B-2'))).map(readItem)
    expect(items.map(({ extract }) => text(extract))).toEqual([
      `${HEADER}\r\n${row('"A ""1"", x"')}\r\n`,
      `${HEADER}\r\n${row('B-2')}\r\n`
    ])
    for (const { extract, invoice } of items) expect(contentOf(readDocument(extract))).toEqual(contentOf(invoice))
  })

  it.each(['utf-8', 'gb18030'] as const)('with a mapping and rows above the header does so too, in %s', (encoding) => {
    const mapping = parseLedgerMapping(
      JSON.stringify({
        encoding,
        delimiter: ';',
        headerRow: 2,
        decimal: ',',
        currency: 'EUR',
        columns: { number: 'Beleg', issueDate: 'Tag', gross: 'Summe' },
        seller: { vat: 'DE811907980' }
      })
    )
    const bytes = bytesOf('Export of March\nBeleg;Tag;Summe\n"B;1";2026-03-05;1190,00\nB-2;2026-03-06;x\n')
    const [first, second] = readBatch(bytes, mapping)
    expect(text(readItem(first).extract)).toBe('Beleg;Tag;Summe\r\n"B;1";2026-03-05;1190,00\r\n')
    const again = readInvoices(readItem(first).extract, extractMapping(mapping))
    expect(again.map(contentOf)).toEqual([contentOf(readItem(first).invoice)])
    expect(second).toEqual({ place: 'row 4', refusal: refusal('AMOUNT_MALFORMED', { field: 'row 4, column Summe' }) })
  })

  it('is refused as a whole for what concerns all rows', () => {
    const refused = (bytes: Uint8Array): unknown => {
      try {
        return readBatch(bytes)
      } catch (error) {
        return error
      }
    }
    expect(refused(bytesOf(''))).toEqual(refusal('DOCUMENT_EMPTY'))
    expect(refused(bytesOf(`${HEADER}\n`))).toEqual(refusal('CSV_MALFORMED'))
    expect(refused(bytesOf('Invoice No,Amount\nA-1,1.00\n'))).toEqual(refusal('CSV_COLUMN_MISSING'))
    expect(refused(ledger(row('A-1'), `"A-2${row('')}`))).toEqual(refusal('CSV_MALFORMED'))
    const many = Array.from({ length: BATCH_INVOICES_MAX + 1 }, (_, i) => row(`A-${i}`))
    expect(refused(ledger(...many))).toEqual(refusal('DOCUMENT_TOO_LARGE', { required: 'at most 1000 invoices' }))
    expect(readBatch(ledger(...many.slice(1)))).toHaveLength(BATCH_INVOICES_MAX)
  })

  it('is refused when its header, once in each extract, would make too much of it', () => {
    const wide = `${HEADER},${'x'.repeat(90_000)}`
    const rows = Array.from({ length: 300 }, (_, i) => `${row(`A-${i}`)},`)
    expect(() => readBatch(bytesOf([wide, ...rows].join('\n')))).toThrow(refusal('DOCUMENT_TOO_LARGE'))
  })
})

describe('a FatturaPA', () => {
  const sample: SampleInvoice = {
    class: 'R',
    number: 'FT-1',
    issueDate: '2026-03-05',
    dueDate: '2026-06-05',
    currency: 'EUR',
    gross: 122_000n,
    tax: 22_000n,
    seller: { ids: [], vat: 'IT01234567890', name: 'Officine Lago & Figli' },
    buyer: { ids: [], vat: 'IT09876543210', name: 'Cantiere Nord' },
    item: 'Viti <M8>'
  }
  const several = writeFatturaPa(
    sample,
    { ...sample, number: 'FT-2', gross: 61_000n, tax: 11_000n },
    { ...sample, number: 'FT-3' }
  )

  it('with several bodies is read body by body, each with an extract of its own', () => {
    const items = readBatch(several).map(readItem)
    expect(items.map(({ place, invoice }) => [place, invoice.number])).toEqual([
      ['body 1', 'FT-1'],
      ['body 2', 'FT-2'],
      ['body 3', 'FT-3']
    ])
    expect(items.map(({ invoice }) => invoice)).toEqual(readInvoices(several))
    for (const { extract, invoice } of items) {
      expect(readDocument(extract)).toEqual(invoice)
      expect(text(extract).match(/FT-[0-9]/g)).toEqual([invoice.number])
    }
  })

  it('keeps what stands in its bodies as it stands, in Latin-1 and with comments and blanks in tags', () => {
    const odd = text(several)
      .replace('<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.0" encoding="ISO-8859-1"?>')
      .replaceAll('Cantiere Nord', 'Citt\u00e0 <![CDATA[<FatturaElettronicaBody>]]>')
      .replaceAll('<FatturaElettronicaBody>', '<!-- <FatturaElettronicaBody> -->\r\n<FatturaElettronicaBody  >')
      .replace(
        '<![CDATA[<!-- <FatturaElettronicaBody> -->\r\n<FatturaElettronicaBody  >]]>',
        '<![CDATA[<FatturaElettronicaBody>]]>'
      )
    const bytes = Uint8Array.from(odd, (character) => character.charCodeAt(0))
    const items = readBatch(bytes).map(readItem)
    expect(items.map(({ invoice }) => invoice)).toEqual(readInvoices(bytes))
    expect(items[1]!.invoice.buyer.name).toBe('Citt\u00e0 <FatturaElettronicaBody>')
    expect(text(items[2]!.extract).match(/FT-[0-9]/g)).toEqual(['FT-3'])
  })

  it('with a body that is refused keeps the others', () => {
    const bytes = bytesOf(text(several).replace('<Numero>FT-2</Numero>', ''))
    const items = readBatch(bytes)
    expect(items[1]).toEqual({ place: 'body 2', refusal: refusal('FIELD_MISSING', { field: 'number' }) })
    expect([items[0], items[2]].map((item) => readItem(item).invoice.number)).toEqual(['FT-1', 'FT-3'])
  })
})

describe('a file of one invoice', () => {
  it('is its own extract', () => {
    const bytes = bytesOf(ubl())
    expect(readBatch(bytes)).toEqual([{ place: '', invoice: readDocument(bytes), extract: bytes }])
    expect(() => readBatch(bytesOf('<html/>'))).toThrow(refusal('DOCUMENT_KIND_UNKNOWN'))
  })
})
