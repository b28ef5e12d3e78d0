/** Chinese invoices in OFD (GB/T 33190-2016) in both layouts that are issued, without seals. */
import { zipSync } from 'fflate'
import type { Party } from '../invoice.ts'
import { branch, leaf, xmlDocument } from '../xml-text.ts'
import { decimalsOf, signed, type SampleInvoice } from './model.ts'

const OFD = { 'xmlns:ofd': 'http://www.ofdspec.org/2016' }

/** Members of the archive by name. */
export type OfdMembers = Readonly<Record<string, Uint8Array>>

/** Members carry the day of the invoice, so that the same invoice gives the same bytes. */
export function zipOfd(members: OfdMembers, issueDate: string): Uint8Array {
  return zipSync(members, { mtime: new Date(`${issueDate}T00:00:00`) })
}

function coverOf(fields: Readonly<Record<string, string | undefined>>): Uint8Array {
  const data = Object.entries(fields).map(([Name, value]) => leaf('ofd:CustomData', value, { Name }))
  return xmlDocument(
    'ofd:OFD',
    OFD,
    branch(
      'ofd:DocBody',
      branch('ofd:DocInfo', branch('ofd:CustomDatas', ...data)),
      leaf('ofd:DocRoot', 'Doc_0/Document.xml')
    )
  )
}

function chineseDay(day: string): string {
  return day.replace(/^(\d{4})-(\d{2})-(\d{2})$/, '$1年$2月$3日')
}

/** A VAT e-invoice of the layout of 2020: the invoice itself is attached. */
export function writeOfdAttached(invoice: SampleInvoice): Uint8Array {
  return zipOfd(ofdAttachedMembers(invoice), invoice.issueDate)
}

export function ofdAttachedMembers(invoice: SampleInvoice): OfdMembers {
  const { number, invoiceCode, issueDate, seller, buyer } = invoice
  const { net, tax, gross } = decimalsOf(invoice)
  const party = (role: 'Seller' | 'Buyer', { name, uscc }: Party): string =>
    branch(`fp:${role}`, leaf(`fp:${role}Name`, name), leaf(`fp:${role}TaxID`, uscc ?? ''))
  return {
    'OFD.xml': coverOf({ 发票代码: invoiceCode, 发票号码: number }),
    'Doc_0/Document.xml': xmlDocument('ofd:Document', OFD, leaf('ofd:Attachments', 'Attachs/Attachments.xml')),
    'Doc_0/Attachs/Attachments.xml': xmlDocument(
      'ofd:Attachments',
      OFD,
      `<ofd:Attachment ID="1" Name="original_invoice">${leaf('ofd:FileLoc', 'original_invoice.xml')}</ofd:Attachment>`
    ),
    'Doc_0/Attachs/original_invoice.xml': xmlDocument(
      'eInvoice',
      { 'xmlns:fp': 'http://www.edrm.org.cn/schema/e-invoice/2019' },
      leaf('fp:InvoiceCode', invoiceCode),
      leaf('fp:InvoiceNo', number),
      leaf('fp:IssueDate', chineseDay(issueDate)),
      party('Buyer', buyer),
      party('Seller', seller),
      leaf('fp:TaxExclusiveTotalAmount', signed(invoice, net)),
      leaf('fp:TaxTotalAmount', signed(invoice, tax)),
      leaf('fp:TaxInclusiveTotalAmount', signed(invoice, gross))
    )
  }
}

/** A 数电票: a custom tag names the text objects of page and template that show each field. */
export function writeOfdTagged(invoice: SampleInvoice): Uint8Array {
  return zipOfd(ofdTaggedMembers(invoice), invoice.issueDate)
}

export function ofdTaggedMembers(invoice: SampleInvoice): OfdMembers {
  const { number, issueDate, seller, buyer } = invoice
  const { gross } = decimalsOf(invoice)
  const fields: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['InvoiceNo', [number]],
    ['IssueDate', [chineseDay(issueDate)]],
    ['BuyerName', buyer.name === undefined ? undefined : [buyer.name]],
    ['BuyerTaxID', buyer.uscc === undefined ? undefined : [buyer.uscc]],
    ['SellerName', seller.name === undefined ? undefined : [seller.name]],
    ['SellerTaxID', seller.uscc === undefined ? undefined : [seller.uscc]],
    ['TaxInclusiveTotalAmount', ['¥', signed(invoice, gross)]]
  ]
  const objects: string[] = []
  const tags = fields.map(([name, texts = []]) => {
    const references = texts.map((text) => {
      const id = String(101 + objects.length)
      objects.push(`<ofd:TextObject ID="${id}">${leaf('ofd:TextCode', text, { X: '1', Y: '2' })}</ofd:TextObject>`)
      return leaf('ofd:ObjectRef', id, { ...OFD, PageRef: '1' })
    })
    return branch(name, ...references)
  })
  const page = (list: readonly string[]): Uint8Array =>
    xmlDocument('ofd:Page', OFD, branch('ofd:Content', `<ofd:Layer ID="9">${list.join('')}</ofd:Layer>`))
  return {
    'OFD.xml': coverOf({ 发票号码: number }),
    'Doc_0/Document.xml': xmlDocument(
      'ofd:Document',
      OFD,
      branch('ofd:CommonData', '<ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/>'),
      branch('ofd:Pages', '<ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/>'),
      leaf('ofd:CustomTags', 'Tags/CustomTags.xml')
    ),
    'Doc_0/Tags/CustomTags.xml': xmlDocument(
      'ofd:CustomTags',
      OFD,
      branch('ofd:CustomTag', leaf('ofd:FileLoc', 'CustomTag.xml'))
    ),
    'Doc_0/Tags/CustomTag.xml': xmlDocument('eInvoice', {}, ...tags),
    'Doc_0/Pages/Page_0/Content.xml': page(objects.slice(0, 4)),
    'Doc_0/Tpls/Tpl_0/Content.xml': page(objects.slice(4))
  }
}
