/** The one way in: bytes of a document to what it says. */
import { isCamt, readCamt } from './camt.ts'
import { isCii, readCii } from './cii.ts'
import { isCsv } from './csv.ts'
import { isEInvoice, isEipInvoice, readEInvoice, readEipInvoice } from './einvoice.ts'
import { isEdifact, readEdifact } from './edifact.ts'
import { isFatturaPa, readFatturaPa } from './fatturapa.ts'
import type { NormalisedInvoice } from './invoice.ts'
import { readLedger } from './ledger.ts'
import type { LedgerMapping } from './ledger-mapping.ts'
import { isMt940, readMt940 } from './mt940.ts'
import { readOfd } from './ofd.ts'
import { embeddedInvoicesOf, isPdf } from './pdf.ts'
import { DocumentRefused } from './refusal.ts'
import type { Statement } from './statement.ts'
import { isUbl, readUbl } from './ubl.ts'
import { isVatQr, readVatQr, type InvoiceReference } from './vat-qr.ts'
import { parseXml, type XmlElement } from './xml.ts'
import { isZip } from './zip-file.ts'

/** The largest real invoice file has 3.3 MB. */
export const DOCUMENT_BYTES_MAX = 5 * 1024 * 1024

/** What a document turned out to be. */
export type Reading =
  | { readonly kind: 'invoices'; readonly invoices: readonly NormalisedInvoice[] }
  /** A printed code: names an invoice without its parties. */
  | { readonly kind: 'reference'; readonly reference: InvoiceReference }
  | { readonly kind: 'statements'; readonly statements: readonly Statement[] }

interface Format {
  readonly is: (root: XmlElement) => boolean
  readonly read: (root: XmlElement) => Reading
}

const one =
  (read: (root: XmlElement) => NormalisedInvoice) =>
  (root: XmlElement): Reading => ({ kind: 'invoices', invoices: [read(root)] })

const FORMATS: readonly Format[] = [
  { is: isUbl, read: one(readUbl) },
  { is: isCii, read: one(readCii) },
  { is: isEInvoice, read: one(readEInvoice) },
  { is: isEipInvoice, read: one(readEipInvoice) },
  { is: isFatturaPa, read: (root) => ({ kind: 'invoices', invoices: readFatturaPa(root) }) },
  { is: isCamt, read: (root) => ({ kind: 'statements', statements: readCamt(root) }) }
]

const SUPPORTED =
  'UBL, CII, 数电票 XML, OFD, FatturaPA, EDIFACT INVOIC, a VAT invoice code, a CSV ledger, camt.052/053/054 or MT940'

/**
 * Reads any document: invoices in UBL 2.x, UN/CEFACT CII, 数电票 XML, OFD, FatturaPA or EDIFACT, a PDF that has one of the XML
 * embedded (Factur-X, ZUGFeRD), a ledger in CSV, the code printed on a Chinese invoice, or a bank statement in camt or MT940.
 * The format is told by the content, never by a file name. Nothing is verified against the world: signatures, sums and
 * parties are the caller's. The mapping is for a ledger whose headers are not well known; other formats ignore it.
 * Throws `DocumentRefused`, and nothing else.
 */
export function readAny(bytes: Uint8Array, mapping?: LedgerMapping): Reading {
  if (bytes.length === 0) throw new DocumentRefused('DOCUMENT_EMPTY')
  requireSize(bytes.length)
  // Most are, and none of the others begins so.
  if (isMarkup(bytes)) return readXml(bytes)
  if (isPdf(bytes)) return { kind: 'invoices', invoices: [readPdf(bytes)] }
  if (isZip(bytes)) return { kind: 'invoices', invoices: [readOfd(bytes)] }
  if (isVatQr(bytes)) return { kind: 'reference', reference: readVatQr(bytes) }
  if (isEdifact(bytes)) return { kind: 'invoices', invoices: [readEdifact(bytes)] }
  if (isMt940(bytes)) return { kind: 'statements', statements: readMt940(bytes) }
  if (isTable(bytes, mapping)) return { kind: 'invoices', invoices: readLedger(bytes, mapping) }
  return readXml(bytes)
}

/** Whether {@link readAny} would read it as a ledger. */
export function isLedger(bytes: Uint8Array, mapping?: LedgerMapping): boolean {
  const isOther = [isPdf, isZip, isVatQr, isEdifact, isMt940].some((is) => is(bytes))
  return !isOther && isTable(bytes, mapping)
}

/** Rows above the header of a mapped ledger may look like anything but markup. */
function isTable(bytes: Uint8Array, mapping: LedgerMapping | undefined): boolean {
  return isCsv(bytes) || (mapping !== undefined && !isMarkup(bytes))
}

/** Every invoice of a document that holds invoices. Throws `DocumentRefused`, and nothing else. */
export function readInvoices(bytes: Uint8Array, mapping?: LedgerMapping): readonly NormalisedInvoice[] {
  const reading = readAny(bytes, mapping)
  if (reading.kind === 'invoices') return reading.invoices
  const presented = reading.kind === 'reference' ? 'a code that names an invoice' : 'a bank statement'
  throw new DocumentRefused('DOCUMENT_NOT_AN_INVOICE', { presented, required: 'an invoice' })
}

/** The invoice of a document that holds one. Throws `DocumentRefused`, and nothing else. */
export function readDocument(bytes: Uint8Array): NormalisedInvoice {
  const [invoice, ...others] = readInvoices(bytes)
  if (others.length === 0) return invoice!
  const presented = `${others.length + 1} invoices`
  throw new DocumentRefused('DOCUMENT_HAS_SEVERAL_INVOICES', { presented, required: 'one invoice' })
}

/** Every statement of a bank statement. Throws `DocumentRefused`, and nothing else. */
export function readStatements(bytes: Uint8Array): readonly Statement[] {
  const reading = readAny(bytes)
  if (reading.kind === 'statements') return reading.statements
  throw new DocumentRefused('DOCUMENT_NOT_A_STATEMENT', { required: 'camt.052, 053, 054 or MT940' })
}

/** Byte order marks, NUL of UTF-16, and blanks. */
const BEFORE_MARKUP: ReadonlySet<number> = new Set([
  ...[0xef, 0xbb, 0xbf, 0xfe, 0xff, 0x00],
  ...[0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0xa0]
])

export function isMarkup(bytes: Uint8Array): boolean {
  for (let i = 0; i < 64; i++) {
    if (bytes[i] === 0x3c) return true
    if (bytes[i] === undefined || !BEFORE_MARKUP.has(bytes[i]!)) return false
  }
  return false
}

/** Of the file, and of what a PDF embeds when it is inflated. Throws DOCUMENT_TOO_LARGE. */
export function requireSize(size: number): void {
  if (size <= DOCUMENT_BYTES_MAX) return
  const required = `at most ${DOCUMENT_BYTES_MAX} bytes`
  throw new DocumentRefused('DOCUMENT_TOO_LARGE', { presented: `${size} bytes`, required })
}

/** Some senders embed ZUGFeRD 1 and 2 side by side. They must say the same, or nobody knows which one counts. */
function readPdf(bytes: Uint8Array): NormalisedInvoice {
  const files = embeddedInvoicesOf(bytes)
  requireSize(files.reduce((sum, { length }) => sum + length, 0))
  const [invoice, ...others] = files.map((embedded) => {
    const reading = readXml(embedded)
    if (reading.kind === 'invoices' && reading.invoices.length === 1) return reading.invoices[0]!
    throw new DocumentRefused('DOCUMENT_NOT_AN_INVOICE', { presented: 'an attachment', required: 'one invoice' })
  })
  const other = others.find((each) => contentOf(each) !== contentOf(invoice!))
  if (!other) return invoice!
  throw new DocumentRefused('PDF_WITH_SEVERAL_INVOICES', { presented: other.number, required: 'one invoice' })
}

/** Attachments do not count: they are other files beside the invoice. */
function contentOf(invoice: NormalisedInvoice): string {
  const { format: _format, provenance: _provenance, attachments: _attachments, ...content } = invoice
  const entries = Object.entries(content).sort(([left], [right]) => (left < right ? -1 : 1))
  return JSON.stringify(entries, (_, value) => (typeof value === 'bigint' ? String(value) : value))
}

function readXml(bytes: Uint8Array): Reading {
  const root = parseXml(bytes)
  const format = FORMATS.find(({ is }) => is(root))
  if (!format) {
    const presented = root.namespace === '' ? root.name : `{${root.namespace}}${root.name}`
    throw new DocumentRefused('DOCUMENT_KIND_UNKNOWN', { presented, required: SUPPORTED })
  }
  return format.read(root)
}
