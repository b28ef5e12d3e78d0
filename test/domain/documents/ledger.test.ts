import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseLedgerMapping, type LedgerMapping } from '../../../domain/documents/ledger-mapping.ts'
import { DOCUMENT_BYTES_MAX, readDocument, readInvoices } from '../../../domain/documents/read.ts'
import { identityOf } from '../../../domain/fingerprint/identity.ts'
import { isPublicLedgerThere, publicLedger, publicLedgerMapping } from './public-ledger.ts'
import { bytesOf, einvoice, ubl } from './samples.ts'

function refusal(code: string, details: object = {}): object {
  return expect.objectContaining({ name: 'DocumentRefused', code, ...details })
}

const HEADER = 'Invoice No,Invoice Date,Due Date,Currency,Invoice Amount,Seller VAT ID,Seller,Customer'
const ROW = 'LM-2026/0017,2026-03-05,2026-06-05,EUR,1190.00,DE811907980,Lindenmoor Feinguss GmbH,Hafenkran Werke AG'

function ledger(...rows: readonly string[]): Uint8Array {
  return bytesOf([HEADER, ...rows].join('\r\n'))
}

function changed(from: string, to: string): Uint8Array {
  if (!ROW.includes(from)) throw new Error(`${from} is not there`)
  return ledger(ROW, ROW.replace('0017', '0018').replace(from, to))
}

describe('a plain ledger', () => {
  it('in English is read by its headers, with row and column of each field', () => {
    const [invoice, ...others] = readInvoices(ledger(ROW))
    expect(others).toEqual([])
    const { provenance, ...read } = invoice!
    expect(read).toEqual({
      format: 'CSV',
      class: 'R',
      number: 'LM-2026/0017',
      issueDate: '2026-03-05',
      dueDate: '2026-06-05',
      currency: 'EUR',
      payable: 119000n,
      gross: 119000n,
      seller: { vat: 'DE811907980', name: 'Lindenmoor Feinguss GmbH', ids: [] },
      buyer: { name: 'Hafenkran Werke AG', ids: [] },
      preceding: []
    })
    expect(provenance).toMatchObject({ number: '/row 2/Invoice No', payable: '/row 2/Invoice Amount' })
    expect(identityOf(invoice!)).toEqual(identityOf(readDocument(bytesOf(ubl()))))
  })

  it('in German is read, with semicolons and commas, a byte order mark and quotes', () => {
    const text = `\ufeffRechnungs-Nr.;Rechnungsdatum;Fällig am;Währung;Rechnungsbetrag;Lieferant;Kunde
"LM ""17""; neu";5.3.2026;05.06.2026;EUR;1190,5;Lindenmoor Feinguss GmbH;"Hafenkran
Werke AG"
`
    const ok = text.replace('Hafenkran\nWerke', 'Hafenkran Werke')
    expect(readInvoices(bytesOf(ok))).toMatchObject([
      {
        number: 'LM "17"; neu',
        issueDate: '2026-03-05',
        dueDate: '2026-06-05',
        payable: 119050n,
        buyer: { name: 'Hafenkran Werke AG' }
      }
    ])
    // A line break inside a name is a control character.
    expect(() => readInvoices(bytesOf(text))).toThrow(refusal('CSV_CELL_REFUSED', { field: 'row 2, column Kunde' }))
  })

  const CHINESE = `发票代码,发票号码,数电票号码,销方税号,销方名称,购买方名称,开票日期,金额,价税合计
,,26312000009990000017,91310000TEST0000X1,临港云杉铸造有限公司,东海起重机械有限公司,2026-03-05 13:02:50,10000,11300
031001900511,4875,,91310000TEST0000X1,临港云杉铸造有限公司,东海起重机械有限公司,2026年3月5日,10000,-11300.00
`
  it.each(['作废', '已红冲-全额', '已红冲-部分', 'void'])(
    'in Chinese with an invoice that is %s is refused',
    (status) => {
      const text = `数电票号码,开票日期,价税合计,发票状态\n26312000009990000017,2026-03-05,1.00,正常\n26312000009990000018,2026-03-05,1.00,`
      expect(readInvoices(bytesOf(`${text}\n`))).toHaveLength(2)
      const details = { field: 'row 3, column 发票状态', presented: status }
      expect(() => readInvoices(bytesOf(`${text}${status}\n`))).toThrow(refusal('INVOICE_NOT_IN_FORCE', details))
    }
  )

  it('in Chinese with 20 digits beside code and number has both', () => {
    const text = `发票代码,发票号码,数电票号码,开票日期,价税合计
031001900511,4875996,26312000009990000017,2026-03-05,1.00
,26312000009990000018,26312000009990000018,2026-03-05,1.00
031001900511,,26312000009990000019,2026-03-05,1.00
`
    const [both, ...others] = readInvoices(bytesOf(text))
    expect(both).toMatchObject({
      number: '26312000009990000017',
      alias: { invoiceCode: '031001900511', number: '04875996' },
      provenance: { number: '/row 2/数电票号码', 'alias.number': '/row 2/发票号码' }
    })
    expect(others.map(({ number, alias }) => [number, alias])).toEqual([
      ['26312000009990000018', undefined],
      ['26312000009990000019', undefined]
    ])
    const broken = text.replace('4875996', '48759')
    expect(readInvoices(bytesOf(broken))[0]!.alias).toEqual({ invoiceCode: '031001900511', number: '00048759' })
    const details = { field: 'row 2, column 发票号码' }
    expect(() => readInvoices(bytesOf(text.replace('4875996', 'X')))).toThrow(refusal('NUMBER_MALFORMED', details))
  })

  // Of GB 18030, made by another implementation.
  const GBK_HEADER =
    '\xb7\xa2\xc6\xb1\xba\xc5\xc2\xeb,\xbf\xaa\xc6\xb1\xc8\xd5\xc6\xda,\xbc\xdb\xcb\xb0\xba\xcf\xbc\xc6'

  it('in Chinese has the identity of the 数电票, in CNY, never taking 金额 for the total', () => {
    const [digital, vat] = readInvoices(bytesOf(CHINESE))
    expect(digital).toMatchObject({ format: 'CN-CSV', currency: 'CNY', payable: 1130000n, issueDate: '2026-03-05' })
    expect(identityOf(digital!)).toEqual(identityOf(readDocument(bytesOf(einvoice()))))
    expect(vat).toMatchObject({ class: 'C', invoiceCode: '031001900511', number: '00004875', payable: -1130000n })
    expect(identityOf(vat!)).toEqual(['CN-VAT', '031001900511', '00004875'])
  })

  it('in GB 18030 without a mapping is known by its Chinese headers', () => {
    const bytes = Uint8Array.from(Buffer.from(`${GBK_HEADER}\n26312000009990000017,20260305,11300\n`, 'latin1'))
    expect(readInvoices(bytes)).toMatchObject([{ number: '26312000009990000017', payable: 1130000n }])
    const other = Uint8Array.from(Buffer.from('Rechnungsnr;W\xe4hrung\n1;2\n', 'latin1'))
    expect(() => readInvoices(other)).toThrow(refusal('ENCODING_INVALID'))
  })

  it.each([
    ['31001900511', '4875', 'a code that lost its zero'],
    ['', '2.6312E+19', 'a number that lost its digits'],
    ['', '2631200000999000001', '19 digits']
  ])('in Chinese with code %j and number %s is refused: %s', (code, number) => {
    const text = `发票代码,发票号码,开票日期,价税合计\n${code},${number},2026-03-05,1.00\n`
    expect(() => readInvoices(bytesOf(text))).toThrow(refusal('NUMBER_MALFORMED', { field: 'row 2, column 发票号码' }))
  })
})

describe('a ledger is refused, with row and column,', () => {
  it.each<[string, Uint8Array, string, object]>([
    [
      'for a formula',
      changed('Lindenmoor Feinguss GmbH', '=HYPERLINK(A1)'),
      'CSV_CELL_REFUSED',
      { field: 'row 3, column Seller' }
    ],
    [
      'for a command',
      changed('Hafenkran Werke AG', "@SUM(1)|cmd|' /C calc'!A0"),
      'CSV_CELL_REFUSED',
      { field: 'row 3, column Customer' }
    ],
    ['for a full-width formula', changed('LM-2026', '＝1'), 'CSV_CELL_REFUSED', {}],
    ['for a formula after a minus', changed('Hafenkran', '-cmd'), 'CSV_CELL_REFUSED', {}],
    ['for a NUL', changed('Hafenkran', 'Hafen\0kran'), 'CSV_MALFORMED', { field: 'line 3' }],
    ['for an escape', changed('Hafenkran', 'Hafen\u001b[2Jkran'), 'CSV_CELL_REFUSED', {}],
    ['for a quote that does not close', changed('LM', '"LM'), 'CSV_MALFORMED', { field: 'row 3' }],
    ['for a quote in a cell', changed('Hafenkran', 'Hafen"kran'), 'CSV_MALFORMED', { field: 'row 3' }],
    ['for a row too long', changed('AG', 'AG,x'), 'CSV_MALFORMED', { field: 'row 3', presented: '9 cells' }],
    ['for a row too short', changed(',EUR', ''), 'CSV_MALFORMED', { field: 'row 3', presented: '7 cells' }],
    [
      'for thousands',
      changed('1190.00', '"1,190.00"'),
      'AMOUNT_MALFORMED',
      { field: 'row 3, column Invoice Amount', presented: '1,190.00' }
    ],
    ['for what may be one or a thousand', changed('1190.00', '1.190'), 'AMOUNT_MALFORMED', {}],
    ['for parentheses', changed('1190.00', '(1190.00)'), 'AMOUNT_MALFORMED', { presented: '(1190.00)' }],
    ['for a sign of a currency', changed('1190.00', '€1190.00'), 'AMOUNT_MALFORMED', {}],
    ['for an exponent', changed('1190.00', '1e3'), 'AMOUNT_MALFORMED', {}],
    ['for no amount', changed('1190.00', ''), 'FIELD_MISSING', { field: 'row 3, column Invoice Amount' }],
    [
      'for a day that may be two',
      changed('2026-03-05', '03/04/2026'),
      'DATE_MALFORMED',
      { field: 'row 3, column Invoice Date' }
    ],
    ['for a slash even where one reading is impossible', changed('2026-03-05', '13/04/2026'), 'DATE_MALFORMED', {}],
    [
      'for a day that is none',
      changed('2026-06-05', '2026-02-30'),
      'DATE_MALFORMED',
      { field: 'row 3, column Due Date' }
    ],
    [
      'for no number',
      ledger(ROW, ROW.replace('LM-2026/0017', ' ')),
      'FIELD_MISSING',
      { field: 'row 3, column Invoice No' }
    ],
    [
      'for a number without its digits',
      ledger(ROW.replace('LM-2026/0017', '1.2E+15')),
      'NUMBER_MALFORMED',
      { field: 'row 2, column Invoice No' }
    ],
    ['for an unknown currency', changed('EUR', 'EUX'), 'CURRENCY_UNKNOWN', { field: 'row 3, column Currency' }],
    ['for a row of totals', ledger(ROW, 'Total,,,,1190.00,,,'), 'FIELD_MISSING', { field: 'row 3, column Currency' }]
  ])('%s', (_, bytes, code, details) => {
    expect(() => readInvoices(bytes)).toThrow(refusal(code, details))
  })

  it('counting rows as spreadsheets do, over empty ones', () => {
    const bytes = ledger('', ROW, ',,,,,,,', ROW.replace('0017', '0018').replace('EUR', 'EUX'))
    expect(() => readInvoices(bytes)).toThrow(refusal('CURRENCY_UNKNOWN', { field: 'row 5, column Currency' }))
  })
})

describe('a header is refused', () => {
  it.each<[string, string, string, object]>([
    ['without a number', HEADER.replace('Invoice No', 'No'), 'CSV_COLUMN_MISSING', { field: 'number' }],
    ['without a date', HEADER.replace('Invoice Date', 'Day'), 'CSV_COLUMN_MISSING', { field: 'issueDate' }],
    ['without a total', HEADER.replace('Invoice Amount', 'Amount'), 'CSV_COLUMN_MISSING', { field: 'gross' }],
    ['without a currency', HEADER.replace('Currency', 'Cur'), 'CSV_COLUMN_MISSING', { field: 'currency' }],
    ['without a seller', HEADER.replace('Seller VAT ID,Seller', 'A,B'), 'CSV_COLUMN_MISSING', { field: 'seller' }],
    [
      'with a name twice',
      HEADER.replace('Customer', 'Currency'),
      'CSV_COLUMN_AMBIGUOUS',
      { presented: 'Currency twice' }
    ],
    [
      'with two names of one field',
      HEADER.replace('Customer', 'Gross amount'),
      'CSV_COLUMN_AMBIGUOUS',
      { field: 'gross', presented: 'Invoice Amount and Gross amount' }
    ],
    ['with two delimiters', 'Invoice No,Date;Total', 'CSV_MALFORMED', { field: 'row 1' }]
  ])('%s', (_, header, code, details) => {
    expect(() => readInvoices(bytesOf(`${header}\n${ROW}\n`))).toThrow(refusal(code, details))
  })

  it('with nothing below', () => {
    expect(() => readInvoices(ledger())).toThrow(refusal('CSV_MALFORMED', { presented: 'no row' }))
  })
})

describe('limits of a ledger', () => {
  const header = 'Invoice No,Invoice Date,Currency,Gross,Seller\n'

  it('are 100,000 rows, 5 MB, 500 columns, 100,000 characters a row', () => {
    const rows = (count: number): Uint8Array => bytesOf(header + 'A1,20260305,EUR,1,B\n'.repeat(count))
    expect(readInvoices(rows(100_000))).toHaveLength(100_000)
    const tooLarge = refusal('DOCUMENT_TOO_LARGE')
    expect(() => readInvoices(rows(100_001))).toThrow(tooLarge)
    expect(() => readInvoices(bytesOf(header + 'x'.repeat(DOCUMENT_BYTES_MAX)))).toThrow(tooLarge)
    expect(() => readInvoices(bytesOf(`${'a,'.repeat(500)}b\n`))).toThrow(tooLarge)
    expect(() => readInvoices(bytesOf(`${header}1,${'x'.repeat(100_001)}`))).toThrow(tooLarge)
  })
})

describe('a mapping', () => {
  const columns = { number: 'Beleg', issueDate: 'Tag', gross: 'Summe' }
  const mapping = (changes: object = {}): LedgerMapping =>
    parseLedgerMapping(JSON.stringify({ columns, currency: 'EUR', seller: { vat: 'DE811907980' }, ...changes }))

  it('gives columns, constants and conventions, with their provenance', () => {
    const text = 'Export vom 6.3.2026\nBeleg|Tag|Summe\n7|04/03/2026|(1.190,00)\n'
    const conventions = { headerRow: 2, decimal: ',', thousands: '.', parentheses: true, dateFormat: 'DD/MM/YYYY' }
    const [invoice] = readInvoices(bytesOf(text), mapping({ delimiter: '|', ...conventions }))
    expect(invoice).toMatchObject({ class: 'C', number: '7', issueDate: '2026-03-04', payable: -119000n })
    expect(invoice!.provenance).toEqual({
      number: '/row 3/Beleg',
      issueDate: '/row 3/Tag',
      gross: '/row 3/Summe',
      payable: '/row 3/Summe',
      currency: '/mapping/currency',
      'seller.vat': '/mapping/seller.vat'
    })
  })

  it('gives columns by number where there is no header, and the encoding', () => {
    const bytes = Uint8Array.from(Buffer.from('7;20260304;1190;Gr\xfcn\n', 'latin1'))
    const byNumber = { number: 1, issueDate: 2, gross: 3, 'buyer.name': 4 }
    const [invoice] = readInvoices(bytes, mapping({ headerRow: 0, encoding: 'latin-1', columns: byNumber }))
    expect(invoice).toMatchObject({ number: '7', buyer: { name: 'Grün' } })
    expect(invoice!.provenance['number']).toBe('/row 1/column 1')
  })

  it.each<[string, object, string]>([
    ['1.190,00', { decimal: ',', thousands: '.' }, '119000'],
    ['1190,00', { decimal: ',', thousands: '.' }, '119000'],
    ['1 190,00', { decimal: ',', thousands: ' ' }, '119000'],
    ["1'190.00", { decimal: '.', thousands: "'" }, '119000'],
    ['1.190', { decimal: '.' }, '119'],
    ['-3', {}, '-300'],
    ['1.19,00', { decimal: ',', thousands: '.' }, 'AMOUNT_MALFORMED'],
    ['1190.00', { decimal: ',', thousands: '.' }, 'AMOUNT_MALFORMED'],
    ['1.191', { decimal: '.' }, 'AMOUNT_TOO_PRECISE'],
    ['(-3)', { parentheses: true }, 'AMOUNT_MALFORMED'],
    ['1.5', { currency: 'KWD' }, 'AMOUNT_MALFORMED']
  ])('reads %s under %j as %s', (amount, changes, expected) => {
    const read = (): unknown => {
      const [invoice] = readInvoices(bytesOf(`Beleg;Tag;Summe\n7;20260304;${amount}\n`), mapping(changes))
      return String(invoice!.gross)
    }
    if (expected.startsWith('AMOUNT')) expect(read).toThrow(refusal(expected, { field: 'row 2, column Summe' }))
    else expect(read()).toBe(expected)
  })

  it('that names a column which is not there is refused by its name', () => {
    const bytes = bytesOf('Beleg;Tag;Betrag\n7;20260304;1\n')
    const details = { field: 'gross', presented: 'Summe' }
    expect(() => readInvoices(bytes, mapping())).toThrow(refusal('CSV_COLUMN_MISSING', details))
  })

  it.each<[string, string, string]>([
    ['no JSON', '{', 'mapping'],
    ['a list', '[]', 'mapping'],
    ['no columns', '{}', 'columns'],
    ['a mistyped key', '{"colums":{},"columns":{}}', 'mapping'],
    ['an unknown field', '{"columns":{"numbr":"a"}}', 'columns'],
    ['__proto__', '{"columns":{"__proto__":"a"}}', 'columns'],
    ['a column that is no name', '{"columns":{"number":0}}', 'columns.number'],
    ['a date format without a day', '{"columns":{},"dateFormat":"MM/YYYY"}', 'dateFormat'],
    ['two months', '{"columns":{},"dateFormat":"MM/MM/DD/YYYY"}', 'dateFormat'],
    ['thousands as decimal', '{"columns":{},"decimal":",","thousands":","}', 'thousands'],
    ['a currency twice', '{"columns":{"currency":"c"},"currency":"EUR"}', 'currency'],
    ['an unknown currency', '{"columns":{},"currency":"EUX"}', 'currency'],
    ['names without a header', '{"columns":{"number":"a"},"headerRow":0}', 'columns.number'],
    ['a seller twice', '{"columns":{"seller.vat":"a"},"seller":{"vat":"b"}}', 'seller.vat']
  ])('with %s is refused', (_, json, field) => {
    expect(() => parseLedgerMapping(json)).toThrow(refusal('LEDGER_MAPPING_INVALID', { field }))
  })
})

describe.skipIf(!isPublicLedgerThere)('the public ledger of 2,466 rows', () => {
  it('is not read without a mapping', () => {
    expect(() => readInvoices(readFileSync(publicLedger))).toThrow(refusal('CSV_COLUMN_MISSING', { field: 'currency' }))
  })

  it('gives 2,466 invoices with as many identities', () => {
    const invoices = readInvoices(readFileSync(publicLedger), publicLedgerMapping)
    expect(invoices).toHaveLength(2466)
    expect(new Set(invoices.map(({ number }) => number)).size).toBe(2466)
    expect(new Set(invoices.map((invoice) => identityOf(invoice).join())).size).toBe(2466)
    expect(invoices[0]).toMatchObject({ number: '0000611365', issueDate: '2013-01-02', gross: 5594n })
  })

  it('has the same identities when a spreadsheet has dropped the zeros', () => {
    const kept = readFileSync(publicLedger, 'utf8')
    const lost = kept.replace(/^([^,]*,[^,]*,[^,]*,)0+/gm, '$1')
    const identities = (text: string): string[] =>
      readInvoices(bytesOf(text), publicLedgerMapping).map((invoice) => identityOf(invoice).join())
    expect(lost).not.toBe(kept)
    expect(identities(lost)).toEqual(identities(kept))
  })
})
