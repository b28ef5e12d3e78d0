import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { decodePDFRawStream, PDFDocument, PDFRawStream } from 'pdf-lib'
import { describe, expect, it } from 'vitest'
import type { AssignmentNotice } from '../../../domain/documents/notification/notice.ts'
import { notificationPdf } from '../../../domain/documents/notification/pdf.ts'
import { readAssignmentNotification } from '../../../domain/documents/notification/read.ts'
import { sfntOf } from '../../../domain/documents/notification/sfnt.ts'
import { chinesePage, englishPage } from '../../../domain/documents/notification/words.ts'
import { notificationXml } from '../../../domain/documents/notification/xml.ts'
import { parseXml, type XmlElement } from '../../../domain/documents/xml.ts'

const FONT = readFileSync(new URL('../../../domain/documents/notification/font/noto-sans-sc-400.woff', import.meta.url))

const notice: AssignmentNotice = {
  debtor: { name: '东海起重机械有限公司', identifier: '91310000TEST0000X2', scheme: 'USCC' },
  assignor: { name: '临港云杉铸造有限公司', identifier: '91310000TEST0000X1', scheme: 'USCC' },
  assignee: { name: 'Rheinufer Factoring AG' },
  receivableId: '0x00f1e2d3c4b5a69788796a5b4c3d2e1f0011223344556677',
  invoice: { number: '26312000009990000017', issueDate: '2026-03-05', tax: 130000n },
  faceAmount: 1130000n,
  noteId: '4523128485832663883733241601901871400518358776001584532791311875',
  span: { start: 30000n, end: 530000n },
  amount: 500000n,
  currency: 'CNY',
  maturity: '2026-09-05',
  assignedOn: '2026-03-12',
  issuedOn: '2026-03-13',
  payTo: 'DE89370400440532013000',
  block: 412n,
  transaction: `0x${'ab'.repeat(32)}`,
  logHead: { size: 1700n, root: `0x${'0c'.repeat(32)}` },
  verifyAt: 'https://registry.example/verify?a=1&b=2'
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

describe('the notification in XML', () => {
  it('is read back as it was', () => {
    expect(readAssignmentNotification(notificationXml(notice))).toEqual(notice)
    const { payTo: _payTo, ...without } = notice
    const least = { ...without, invoice: { number: 'A-1', issueDate: '2026-03-05' } }
    expect(readAssignmentNotification(notificationXml(least))).toEqual(least)
    const own = { ...notice, payTo: '6222 0200 1234' }
    expect(readAssignmentNotification(notificationXml(own))).toEqual(own)
  })

  it('has root, order and references of tsin.008', () => {
    const root = parseXml(notificationXml(notice))
    expect(root.namespace).toBe('urn:iso:std:iso:20022:tech:xsd:tsin.008.001.01')
    const names = ({ children }: XmlElement): string[] => children.map(({ name }) => name)
    const [message] = root.children
    expect(message!.name).toBe('InvcAssgnmtNtfctn')
    expect(names(message!)).toEqual(['Hdr', 'NtfctnList', 'NtfctnCnt', 'ItmCnt', 'CtrlSum'])
    const [header, list] = message!.children as [XmlElement, XmlElement]
    expect(names(header)).toEqual([
      'ApplCntxt',
      'LttrIdr',
      'Dt',
      'Orgtr',
      'PmryRcpt',
      'AuthstnUsr',
      'OthrPty',
      'AssoctdDoc'
    ])
    expect(names(list)).toEqual([
      'Idr',
      'IsseDt',
      'RltdDoc',
      'Assgne',
      'Assgnr',
      'NtfctnInf',
      'FinItm',
      'ItmCnt',
      'CtrlSum'
    ])
    const ids = new Set(
      header.children.flatMap((child) => child.children.flatMap(({ name, text }) => (name === 'Id' ? [text] : [])))
    )
    expect(ids).toEqual(new Set(['letter', 'assignor', 'debtor', 'authenticated', 'assignee', 'invoice']))
    const text = textOf(notificationXml(notice))
    for (const [, id] of text.matchAll(
      /<(?:RltdDoc|Assgne|Assgnr|NtifngPty|NtfctnRcvr|AckRcvr|Buyr|FinDocRef)>([^<]*)</g
    )) {
      expect(ids).toContain(id)
    }
  })

  it('keeps every name and number what it is, whatever is in it', () => {
    const letters = [...'aZ9 <>&"\'/]东\n\t\r', ']]>', '<!--', '&lt;', '<?x?>', '</Nm>', '\u202e', '😀', '\u2028']
    const text = (max: number): fc.Arbitrary<string> =>
      fc
        .array(fc.constantFrom(...letters), { minLength: 1, maxLength: 6 })
        .map((parts) => parts.join('').trim())
        .filter((each) => each !== '' && each.length <= max)
    fc.assert(
      fc.property(text(140), text(35), text(35), text(34), (name, number, identifier, payTo) => {
        const hostile = {
          ...notice,
          payTo,
          assignee: { name, identifier },
          invoice: { number, issueDate: '2026-03-05' }
        }
        expect(readAssignmentNotification(notificationXml(hostile))).toEqual(hostile)
      }),
      { numRuns: 200 }
    )
  })

  it('has U+FFFD for what XML cannot hold', () => {
    const name = 'A\u0000B\u0001C\u001bD\ufffeE\ud800F'
    const read = readAssignmentNotification(notificationXml({ ...notice, assignee: { name } }))
    expect(read.assignee.name).toBe('A\ufffdB\ufffdC\ufffdD\ufffdE\ufffdF')
  })

  it.each<[string, Partial<AssignmentNotice>]>([
    ['assignee.name', { assignee: { name: 'x'.repeat(141) } }],
    ['debtor.name', { debtor: { name: ' ' } }],
    ['assignor.identifier', { assignor: { name: 'A', identifier: 'x'.repeat(36) } }],
    ['invoice.number', { invoice: { number: 'x'.repeat(36), issueDate: '2026-03-05' } }],
    ['invoice.issueDate', { invoice: { number: 'A', issueDate: '2026-13-05' } }],
    ['invoice.tax', { invoice: { number: 'A', issueDate: '2026-03-05', tax: 1130001n } }],
    ['maturity', { maturity: '05.09.2026' }],
    ['span', { span: { start: 0n, end: 1130001n }, amount: 1130001n }],
    ['span', { span: { start: 5n, end: 5n }, amount: 0n }],
    ['amount', { amount: 499999n }],
    ['transaction', { transaction: '0xAB' }],
    ['logHead.root', { logHead: { size: 1n, root: 'x' } }],
    ['payTo', { payTo: 'x'.repeat(35) }],
    ['verifyAt', { verifyAt: 'javascript:alert(1)' }]
  ])('is refused for %s rather than cut', (field, changes) => {
    expect(() => notificationXml({ ...notice, ...changes })).toThrow(
      expect.objectContaining({ code: 'NOTICE_REFUSED', field })
    )
  })

  it.each<[string, (text: string) => string, string]>([
    ['another message', (text) => text.replaceAll('tsin.008', 'tsin.006'), 'DOCUMENT_KIND_UNKNOWN'],
    ['a second assignee', (text) => text.replace(/<OthrPty>.*<\/OthrPty>/s, '$&$&'), 'FIELD_REPEATED'],
    [
      'an amount in another currency',
      (text) => text.replace('DueAmt Ccy="CNY"', 'DueAmt Ccy="USD"'),
      'FIELD_CONTRADICTORY'
    ],
    ['no supplement', (text) => text.replace(/<PrtryDtls>.*<\/PrtryDtls>/s, ''), 'FIELD_MISSING'],
    ['a span that is no number', (text) => text.replace(/<SpanEnd>[^<]*/, '<SpanEnd>1e3'), 'NUMBER_MALFORMED'],
    ['a DOCTYPE', (text) => text.replace('<Document', '<!DOCTYPE Document><Document'), 'XML_DOCTYPE_REFUSED']
  ])('with %s is not read', (_, change, code) => {
    const bytes = new TextEncoder().encode(change(textOf(notificationXml(notice))))
    expect(() => readAssignmentNotification(bytes)).toThrow(expect.objectContaining({ code }))
  })
})

describe('the notification as PDF', () => {
  it('has a page in each language, the font embedded in part, and the same bytes again', async () => {
    const pdf = await notificationPdf(notice, FONT)
    const read = await PDFDocument.load(pdf)
    expect(read.getPageCount()).toBe(2)
    expect(read.getTitle()).toBe('应收账款债权转让通知书 / Notice of assignment')
    expect(pdf.length).toBeLessThan(100_000)
    expect(Buffer.compare(pdf, await notificationPdf(notice, FONT))).toBe(0)
  })

  it('takes hostile and endless names', async () => {
    const name = `${'W'.repeat(60)}\u202egnp.exe ]]> <b> 䶮 \n ${'临'.repeat(50)}`
    const pdf = await notificationPdf({ ...notice, assignee: { name } }, FONT)
    expect((await PDFDocument.load(pdf)).getPageCount()).toBe(2)
  })

  it('says every term in both languages', () => {
    for (const page of [chinesePage(notice), englishPage(notice)]) {
      const said = [page.greeting, ...page.rows.map(([, value]) => value)].join('\n')
      for (const term of [
        notice.debtor.name,
        notice.assignor.name,
        notice.assignee.name,
        notice.receivableId,
        notice.noteId,
        '[30000, 530000)',
        'CNY 5000.00',
        'CNY 11300.00',
        '2026-09-05',
        '2026-03-12',
        notice.payTo!,
        `412 / ${notice.transaction}`,
        `1700 / ${notice.logHead.root}`,
        notice.verifyAt
      ]) {
        expect(said).toContain(term)
      }
    }
    const { payTo: _payTo, ...without } = notice
    expect(englishPage(without).rows).toContainEqual(['Account to pay to', 'as the pay-to statement says'])
  })

  it('has every glyph it shows at an offset that its font can name', async () => {
    const pdf = await PDFDocument.load(await notificationPdf(notice, FONT))
    const fonts = pdf.context.enumerateIndirectObjects().flatMap(([, object]) => {
      if (!(object instanceof PDFRawStream)) return []
      const bytes = decodePDFRawStream(object).decode()
      return Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'true' ? [bytes] : []
    })
    expect(fonts).toHaveLength(1)
    const outlines = outlinesOf(fonts[0]!)
    expect(outlines.length).toBeGreaterThan(100)
    // A glyph begins with the number of its contours: -1 for a composite, few otherwise, 0 for none.
    for (const contours of outlines) expect(contours).toBeLessThan(100)
    expect(outlines.filter((contours) => contours > 0).length).toBeGreaterThan(outlines.length - 5)
  })

  it('refuses a font without TrueType outlines', () => {
    expect(() => sfntOf(new Uint8Array(64))).toThrow(RangeError)
  })
})

/** Numbers of contours of the glyphs of a TrueType font. */
function outlinesOf(font: Uint8Array): number[] {
  const view = new DataView(font.buffer, font.byteOffset, font.byteLength)
  const table = (tag: string): number => {
    for (let entry = 12; entry < 12 + 16 * view.getUint16(4); entry += 16) {
      if (String.fromCharCode(...font.subarray(entry, entry + 4)) === tag) return entry
    }
    throw new Error(`no table ${tag}`)
  }
  const [glyf, loca, head] = ['glyf', 'loca', 'head'].map((tag) => view.getUint32(table(tag) + 8)) as [
    number,
    number,
    number
  ]
  const isLong = view.getInt16(head + 50) === 1
  const offsetOf = (glyph: number): number =>
    isLong ? view.getUint32(loca + 4 * glyph) : 2 * view.getUint16(loca + 2 * glyph)
  const count = view.getUint32(table('loca') + 12) / (isLong ? 4 : 2) - 1
  return Array.from({ length: count }, (_, glyph) =>
    offsetOf(glyph) === offsetOf(glyph + 1) ? 0 : Math.abs(view.getInt16(glyf + offsetOf(glyph)))
  )
}
