/**
 * Chinese invoices in OFD (GB/T 33190-2016), a zip of XML. Two layouts: VAT e-invoices from 2020 attach the invoice as
 * `original_invoice.xml`; 数电票 only name, in a custom tag, the text objects on the page that show each field.
 * Every member is found through OFD.xml, since names in the archive differ. Seals and signatures are not checked.
 */
import { all, FieldReader, first, only, present, stepsOf, valueOf } from './fields.ts'
import type { NormalisedInvoice, Party } from './invoice.ts'
import { DocumentRefused } from './refusal.ts'
import { classOf } from './sign.ts'
import { parseXml, XmlElement } from './xml.ts'
import { ZipFile } from './zip-file.ts'

const CURRENCY = 'CNY'
const PAGES_MAX = 200
const TAGS_MAX = 20
const ofd = stepsOf('http://www.ofdspec.org/2016')
const FP = 'http://www.edrm.org.cn/schema/e-invoice/2019'
const fp = stepsOf(FP)

/** Reads a zip. Throws `DocumentRefused`. */
export function readOfd(bytes: Uint8Array): NormalisedInvoice {
  const zip = new ZipFile(bytes)
  if (!zip.has('OFD.xml')) {
    throw new DocumentRefused('DOCUMENT_KIND_UNKNOWN', { presented: 'a zip without OFD.xml', required: 'OFD' })
  }
  const body = only(xmlIn(zip, 'OFD.xml'), ofd('DocBody'))
  const root = pathFrom('', required(only(body, ofd('DocRoot')), 'DocRoot'))
  const document = xmlIn(zip, root)
  const attached = attachedInvoice(zip, root, document)
  const invoice = attached ? readAttached(attached) : readTagged(zip, root, document)
  requireSameNumber(body, invoice)
  return invoice
}

function xmlIn(zip: ZipFile, path: string): XmlElement {
  const bytes = zip.data(path)
  if (bytes) return parseXml(bytes)
  throw new DocumentRefused('OFD_WITHOUT_INVOICE', { presented: `no member ${path}` })
}

function required(element: XmlElement | undefined, name: string): string {
  const value = valueOf(element)
  if (value !== undefined) return value
  throw new DocumentRefused('OFD_WITHOUT_INVOICE', { required: name })
}

/** A location is relative to the file that names it, or to the archive when it begins with a slash. */
function pathFrom(file: string, location: string): string {
  if (location.startsWith('/')) return location.slice(1)
  return file.slice(0, file.lastIndexOf('/') + 1) + location
}

/** The attachment `original_invoice`. Two of them are two truths. */
function attachedInvoice(zip: ZipFile, root: string, document: XmlElement): XmlElement | undefined {
  const list = valueOf(only(document, ofd('Attachments')))
  if (list === undefined) return undefined
  const listPath = pathFrom(root, list)
  if (!zip.has(listPath)) return undefined
  const invoices = all(xmlIn(zip, listPath), ofd('Attachment')).filter((attachment) => {
    const location = valueOf(first(attachment, ofd('FileLoc'))) ?? ''
    return (
      attachment.attributes.get('Name')?.toLowerCase() === 'original_invoice' ||
      /original_invoice\.xml$/i.test(location)
    )
  })
  if (invoices.length > 1) {
    throw new DocumentRefused('FIELD_REPEATED', { field: 'original_invoice', required: 'one attachment' })
  }
  if (!invoices[0]) return undefined
  return xmlIn(zip, pathFrom(listPath, required(only(invoices[0], ofd('FileLoc')), 'FileLoc')))
}

/** `eInvoice` itself has no namespace or that of its fields. */
function readAttached(root: XmlElement): NormalisedInvoice {
  if (root.name !== 'eInvoice' || (root.namespace !== '' && root.namespace !== FP)) {
    throw new DocumentRefused('DOCUMENT_KIND_UNKNOWN', { presented: root.name, required: 'eInvoice' })
  }
  return invoiceFrom((...path) => only(root, ...path.map(fp)))
}

type Field = (...path: readonly string[]) => XmlElement | undefined

function invoiceFrom(field: Field): NormalisedInvoice {
  const reader = new FieldReader()
  const gross = reader.requiredAmount('payable', field('TaxInclusiveTotalAmount'), CURRENCY)
  reader.provenance['gross'] = reader.provenance['payable']!
  const number = reader.number(field('InvoiceNo'))
  const invoiceCode = reader.text('invoiceCode', field('InvoiceCode'))
  requireForm(number, invoiceCode)
  return {
    format: 'CN-OFD',
    class: classOf(false, gross, gross),
    number,
    currency: CURRENCY,
    payable: gross,
    gross,
    issueDate: reader.requiredDate('issueDate', field('IssueDate')),
    seller: partyFrom(reader, field, 'Seller'),
    buyer: partyFrom(reader, field, 'Buyer'),
    preceding: [],
    ...present({ invoiceCode }),
    provenance: reader.provenance
  }
}

function requireForm(number: string, code: string | undefined): void {
  const isDigital = /^[0-9]{20}$/.test(number) && code === undefined
  const isVat = /^[0-9]{8}$/.test(number) && /^([0-9]{10}|[0-9]{12})$/.test(code ?? '')
  if (isDigital || isVat) return
  const presented = code === undefined ? number : `${code} ${number}`
  throw new DocumentRefused('NUMBER_MALFORMED', { field: 'number', presented, required: '20 digits, or a code and 8' })
}

function partyFrom(reader: FieldReader, field: Field, role: 'Seller' | 'Buyer'): Party {
  const key = role.toLowerCase()
  return {
    ids: [],
    ...present({
      uscc: reader.text(`${key}.uscc`, field(role, `${role}TaxID`)),
      name: reader.text(`${key}.name`, field(role, `${role}Name`))
    })
  }
}

/** Fields through ObjectRef: `eInvoice/InvoiceNo/ObjectRef` holds the id of the text object that shows the number. */
function readTagged(zip: ZipFile, root: string, document: XmlElement): NormalisedInvoice {
  const tags = valueOf(only(document, ofd('CustomTags')))
  if (tags === undefined)
    throw new DocumentRefused('OFD_WITHOUT_INVOICE', { required: 'an attachment or a custom tag' })
  const tagsPath = pathFrom(root, tags)
  const locations = all(xmlIn(zip, tagsPath), ofd('CustomTag'), ofd('FileLoc')).flatMap((each) => valueOf(each) ?? [])
  if (locations.length > TAGS_MAX)
    throw new DocumentRefused('DOCUMENT_TOO_LARGE', { required: `${TAGS_MAX} custom tags` })
  const [tag, another] = locations
    .map((location) => tagIn(zip, pathFrom(tagsPath, location)))
    .filter((each) => each.name === 'eInvoice')
  if (!tag) throw new DocumentRefused('OFD_WITHOUT_INVOICE', { required: 'a custom tag eInvoice' })
  if (another) throw new DocumentRefused('FIELD_REPEATED', { field: 'eInvoice', required: 'one custom tag' })
  const texts = textsOf(zip, root, document)
  return invoiceFrom((...path) => {
    const name = path.at(-1)!
    // Parties stand in an element of their own in some files and beside the other fields in others.
    const element = path.length > 1 ? (childOf(childOf(tag, path[0]!), name) ?? childOf(tag, name)) : childOf(tag, name)
    return element && shown(element, texts)
  })
}

/** Issued files have `<:eInvoice xmlns:="">`, which is no XML: the empty prefix is taken away, nothing else. */
function tagIn(zip: ZipFile, path: string): XmlElement {
  const bytes = zip.data(path)
  if (!bytes) throw new DocumentRefused('OFD_WITHOUT_INVOICE', { presented: `no member ${path}` })
  const marked = bytes.length < 1_000_000 && new TextDecoder().decode(bytes.subarray(0, 1000)).includes('<:')
  if (!marked) return parseXml(bytes)
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  return parseXml(new TextEncoder().encode(text.replace(/<(\/?):(?=[A-Za-z])/g, '<$1').replace(/ xmlns:=""/g, '')))
}

/** By local name: the namespace of tags differs from issuer to issuer. Refused when there are two. */
function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  const [found, another] = element?.children.filter((child) => child.name === name) ?? []
  if (another) throw new DocumentRefused('FIELD_REPEATED', { field: another.path, required: 'one element' })
  return found
}

/** A plain element with the shown text, which keeps the path of the tag for provenance. The sign ¥ is no text. */
function shown(tag: XmlElement, texts: ReadonlyMap<string, string>): XmlElement {
  const references = tag.children.filter(({ name }) => name === 'ObjectRef')
  const parts = references.map((reference) => texts.get(reference.text.trim()) ?? '')
  const element = new XmlElement(tag.namespace, tag.name, tag.parent, tag.attributes)
  const text = parts.map((part) => part.trim()).join('')
  element.text = tag.name.endsWith('Amount') ? text.replace(/^([-(（]?)[¥￥]\s*/, '$1') : text
  return element
}

/** Text of every text object of pages and templates by its id. An id that shows two texts is refused when it is read. */
function textsOf(zip: ZipFile, root: string, document: XmlElement): ReadonlyMap<string, string> {
  const pages = [
    ...all(document, ofd('Pages'), ofd('Page')),
    ...all(document, ofd('CommonData'), ofd('TemplatePage'))
  ].slice(0, PAGES_MAX)
  const texts = new Map<string, string>()
  for (const page of pages) {
    const location = page.attributes.get('BaseLoc')
    const path = location === undefined ? undefined : pathFrom(root, location.trim())
    if (path !== undefined && zip.has(path)) collectTexts(xmlIn(zip, path), texts)
  }
  return texts
}

function collectTexts(element: XmlElement, texts: Map<string, string>): void {
  const { name: TEXT, namespace } = ofd('TextObject')
  if (element.name === TEXT && element.namespace === namespace) {
    const id = element.attributes.get('ID') ?? ''
    const text = all(element, ofd('TextCode')).reduce((whole, code) => whole + code.text, '')
    if (texts.has(id) && texts.get(id) !== text) {
      throw new DocumentRefused('FIELD_CONTRADICTORY', { field: `TextObject ${id}`, presented: text })
    }
    texts.set(id, text)
  }
  for (const child of element.children) collectTexts(child, texts)
}

/** OFD.xml repeats the number as custom data in most files: the cover must not name another invoice. */
function requireSameNumber(body: XmlElement | undefined, { number, invoiceCode }: NormalisedInvoice): void {
  const data = all(body, ofd('DocInfo'), ofd('CustomDatas'), ofd('CustomData'))
  for (const [name, wanted] of [
    ['发票号码', number],
    ['发票代码', invoiceCode]
  ] as const) {
    for (const each of data) {
      const value = each.attributes.get('Name') === name ? valueOf(each) : undefined
      if (value === undefined || wanted === undefined || value === wanted) continue
      throw new DocumentRefused('FIELD_CONTRADICTORY', { field: name, presented: value, required: wanted })
    }
  }
}
