import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { readAny, readDocument, readInvoices } from '../../../domain/documents/read.ts'
import { chineseIdentityOf, identityOf } from '../../../domain/fingerprint/identity.ts'
import { bytesOf, cii, edifact, einvoice, fattura, ofd, ofdTagged, ubl } from './samples.ts'

function refusal(code: string, details: object = {}): object {
  return expect.objectContaining({ name: 'DocumentRefused', code, ...details })
}

/** The zip with one byte sequence replaced by another of the same length, everywhere. */
function patched(bytes: Uint8Array, from: string, to: string, last = false): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1')
  const at = last ? text.lastIndexOf(from) : text.indexOf(from)
  if (at < 0) throw new Error(`${from} is not there`)
  return Buffer.from(text.slice(0, at) + to + text.slice(at + from.length), 'latin1')
}

describe('an OFD', () => {
  it('with the invoice attached is read, by the location that OFD.xml leads to', () => {
    const invoice = readDocument(ofd())
    expect(invoice).toMatchObject({
      format: 'CN-OFD',
      class: 'R',
      invoiceCode: '031001900511',
      number: '00004875',
      issueDate: '2026-03-05',
      payable: 1130000n,
      seller: { uscc: '91310000TEST0000X1', name: '临港云杉铸造有限公司' }
    })
    expect(invoice.provenance['number']).toBe('/eInvoice/InvoiceNo')
    expect(identityOf(invoice)).toEqual(['CN-VAT', '031001900511', '00004875'])
  })

  it.each([
    ['as issued, with an empty prefix', '<:eInvoice xmlns:="">', '</:eInvoice>'],
    ['well formed', '<eInvoice>', '</eInvoice>']
  ])('with a custom tag %s is read from the text objects', (_, open, close) => {
    const invoice = readDocument(ofdTagged({ open, close }))
    expect(invoice).toMatchObject({
      class: 'R',
      number: '26312000009990000017',
      issueDate: '2026-03-05',
      payable: 1130000n,
      seller: { uscc: '91310000TEST0000X1', name: '临港云杉铸造有限公司' },
      buyer: { name: '东海起重机械有限公司' }
    })
    expect(identityOf(invoice)).toEqual(['CN-DE', '26312000009990000017'])
  })

  it('of a red invoice is a credit', () => {
    expect(readDocument(ofdTagged({ total: '-11300.00' }))).toMatchObject({ class: 'C', payable: -1130000n })
  })

  it.each<[string, Uint8Array, string]>([
    ['whose cover names another number', ofd({ cover: '00004876' }), 'FIELD_CONTRADICTORY'],
    ['with two invoices attached', ofd({ attachments: 2 }), 'FIELD_REPEATED'],
    ['with a number of seven digits', ofd({ number: '0004875' }), 'NUMBER_MALFORMED'],
    ['without a text for the number', ofdTagged({ number: '' }), 'FIELD_MISSING'],
    ['that is another zip', zipSync({ 'a.txt': bytesOf('x') }), 'DOCUMENT_KIND_UNKNOWN'],
    ['whose document is missing', zipSync({ 'OFD.xml': bytesOf(coverOf('Doc_0/Nothing.xml')) }), 'OFD_WITHOUT_INVOICE'],
    ['with a step up in a name', zipSync({ '../../x': bytesOf('x') }), 'ARCHIVE_REFUSED'],
    ['with an absolute name', zipSync({ '/x': bytesOf('x') }), 'ARCHIVE_REFUSED'],
    ['with a drive', zipSync({ 'C:x': bytesOf('x') }), 'ARCHIVE_REFUSED'],
    ['with a backslash', zipSync({ 'a\\b': bytesOf('x') }), 'ARCHIVE_REFUSED'],
    ['with names that differ in case', zipSync({ a: bytesOf('x'), A: bytesOf('x') }), 'ARCHIVE_REFUSED'],
    ['with a bomb', zipSync({ 'OFD.xml': new Uint8Array(10 << 20) }), 'ARCHIVE_REFUSED'],
    [
      'with too many members',
      zipSync(Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [`m${i}`, new Uint8Array()]))),
      'ARCHIVE_REFUSED'
    ],
    ['named otherwise in the directory', patched(ofd(), 'OFD.xml', 'OFD.xmk', true), 'ARCHIVE_REFUSED'],
    ['cut short', ofd().subarray(0, 500), 'ARCHIVE_REFUSED']
  ])('%s is refused', (_, bytes, code) => {
    expect(() => readDocument(bytes)).toThrow(refusal(code))
  })

  it('whose directory points twice at one member is refused', () => {
    const bytes = zipSync({ a: bytesOf('x'.repeat(50)), b: bytesOf('y'.repeat(50)) }, { level: 0 })
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const directory = view.getUint32(bytes.length - 6, true)
    // The second entry points at the first member, whose name is as long.
    view.setUint32(directory + 47 + 42, 0, true)
    bytes[directory + 47 + 46] = 'c'.charCodeAt(0)
    expect(() => readDocument(bytes)).toThrow(refusal('ARCHIVE_REFUSED'))
  })
})

function coverOf(root: string): string {
  return `<OFD xmlns="http://www.ofdspec.org/2016"><DocBody><DocRoot>${root}</DocRoot></DocBody></OFD>`
}

describe('the code printed on a VAT invoice', () => {
  it.each([
    ['01,10,011001605111,80100798,64.9,20161018,85342965681116380258', ['CN-VAT', '011001605111', '80100798']],
    ['01,01,1200154130,03630024,94339.62,20160621,,9335,', ['CN-VAT', '1200154130', '03630024']],
    ['01,04,4200161350,00015045,165106.00,20160501,48114255542168294433,DBFE,', ['CN-VAT', '4200161350', '00015045']],
    ['01,32,,23442000000014209621,112,20230215,,74AE\r\n', ['CN-DE', '23442000000014209621']]
  ])('%s names its invoice', (text, identity) => {
    const reading = readAny(bytesOf(text))
    expect(reading.kind).toBe('reference')
    if (reading.kind === 'reference') expect(chineseIdentityOf(reading.reference)).toEqual(identity)
    expect(() => readDocument(bytesOf(text))).toThrow(refusal('DOCUMENT_NOT_AN_INVOICE'))
  })

  it('has the identity of the invoice it is printed on', () => {
    const reading = readAny(bytesOf('01,10,031001900511,00004875,10000,20260305,77669856890717802165,64CF,'))
    if (reading.kind !== 'reference') throw new Error(reading.kind)
    expect(chineseIdentityOf(reading.reference)).toEqual(identityOf(readDocument(ofd())))
    expect(reading.reference).toMatchObject({ kind: '10', amount: '10000', issueDate: '2026-03-05' })
  })

  it.each([
    ['01,10,011001605111,8010079,64.9,20161018,853', 'NUMBER_MALFORMED'],
    ['01,32,,2344200000001420962,112,20230215,,74AE', 'NUMBER_MALFORMED'],
    ['01,10,011001605111,80100798,1e3,20161018,853', 'AMOUNT_MALFORMED'],
    ['01,10,011001605111,80100798,64.9,20161318,853', 'DATE_MALFORMED'],
    ['01,10,011001605111,80100798,64.9,20161018,853,A,,,', 'FIELD_REPEATED']
  ])('%s is refused', (text, code) => {
    expect(() => readAny(bytesOf(text))).toThrow(refusal(code))
  })
})

describe('FatturaPA', () => {
  it('is read, and a file of two gives both', () => {
    const [first, second] = readInvoices(bytesOf(fattura(['17/A', '18/A'])))
    expect(first).toMatchObject({
      format: 'FATTURAPA',
      class: 'R',
      number: '17/A',
      issueDate: '2026-03-05',
      dueDate: '2026-06-05',
      payable: 122000n,
      gross: 122000n,
      seller: { vat: 'IT01234567897', name: 'Fonderia Lago Srl' },
      buyer: { tax: '09876543217' },
      preceding: ['9/A']
    })
    expect(second!.number).toBe('18/A')
    expect(() => readDocument(bytesOf(fattura(['17/A', '18/A'])))).toThrow(refusal('DOCUMENT_HAS_SEVERAL_INVOICES'))
  })

  it('of type TD04 is a credit, whose total has no sign', () => {
    expect(readDocument(bytesOf(fattura(['17/A'], 'TD04')))).toMatchObject({ class: 'C', payable: 122000n })
  })
})

describe('EDIFACT INVOIC', () => {
  it('is read with its separators, release character and payee', () => {
    expect(readDocument(bytesOf(edifact()))).toMatchObject({
      format: 'EDIFACT',
      class: 'R',
      number: "LM+2026'17",
      issueDate: '2026-03-05',
      dueDate: '2026-06-05',
      currency: 'EUR',
      payable: 119000n,
      seller: { vat: 'DE811907980', name: 'Lindenmoor Feinguss GmbH' },
      payee: { name: 'Factor AG' },
      preceding: ['LM16']
    })
  })

  it.each<[string, string, string]>([
    ['a second number', edifact().replace('DTM+137', "BGM+380+X'DTM+137"), 'FIELD_REPEATED'],
    ['a second total', edifact().replace('MOA+9:', "MOA+9:1'MOA+9:"), 'FIELD_REPEATED'],
    ['two messages', edifact().replace('UNT+', "UNH+2+INVOIC:D:14B:UN'UNT+"), 'EDIFACT_MALFORMED'],
    ['another message', edifact().replace('INVOIC:', 'ORDERS:'), 'DOCUMENT_KIND_UNKNOWN'],
    ['no end', edifact().slice(0, -3), 'EDIFACT_MALFORMED']
  ])('with %s is refused', (_, text, code) => {
    expect(() => readDocument(bytesOf(text))).toThrow(refusal(code))
  })
})

describe('what an invoice refers to', () => {
  it('is read from UBL: orders, contracts, preceding invoices and files', () => {
    const extra = `<cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>
<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>LM-16</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>
<cac:ContractDocumentReference><cbc:ID>C-9</cbc:ID></cac:ContractDocumentReference>
<cac:AdditionalDocumentReference><cbc:ID>T-1</cbc:ID><cac:Attachment>
<cbc:EmbeddedDocumentBinaryObject mimeCode="text/csv" filename="hours.csv">YQ==</cbc:EmbeddedDocumentBinaryObject>
</cac:Attachment></cac:AdditionalDocumentReference>`
    expect(readDocument(bytesOf(ubl({ extra })))).toMatchObject({
      orders: ['PO-1'],
      contracts: ['C-9'],
      preceding: ['LM-16'],
      attachments: [{ id: 'T-1', filename: 'hours.csv', mediaType: 'text/csv' }]
    })
  })

  it('is read from CII', () => {
    const text = cii().replace(
      '</ram:ApplicableHeaderTradeAgreement>',
      `<ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>PO-1</ram:IssuerAssignedID></ram:BuyerOrderReferencedDocument>
<ram:ContractReferencedDocument><ram:IssuerAssignedID>C-9</ram:IssuerAssignedID></ram:ContractReferencedDocument>
<ram:AdditionalReferencedDocument><ram:IssuerAssignedID>T-1</ram:IssuerAssignedID>
<ram:AttachmentBinaryObject mimeCode="text/csv" filename="hours.csv">YQ==</ram:AttachmentBinaryObject>
</ram:AdditionalReferencedDocument></ram:ApplicableHeaderTradeAgreement>`
    )
    expect(readDocument(bytesOf(text))).toMatchObject({
      orders: ['PO-1'],
      contracts: ['C-9'],
      attachments: [{ id: 'T-1', filename: 'hours.csv', mediaType: 'text/csv' }]
    })
  })

  it('is read from the remark of a red 数电票 that has no element for it', () => {
    const remark =
      '<AdditionalInformation><Remark>被红冲蓝字数电票号码：26312000009990000001 红字</Remark></AdditionalInformation>'
    const text = einvoice({ label: 'N', total: '-1.00' }).replace('</EInvoiceData>', `${remark}</EInvoiceData>`)
    expect(readDocument(bytesOf(text))).toMatchObject({ class: 'C', preceding: ['26312000009990000001'] })
  })
})
