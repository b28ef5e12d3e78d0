/** The one way in: bytes of a document to what it says. */
import { isCii, readCii } from './cii.ts'
import { isEInvoice, isEipInvoice, readEInvoice, readEipInvoice } from './einvoice.ts'
import type { NormalisedInvoice } from './invoice.ts'
import { embeddedInvoicesOf, isPdf } from './pdf.ts'
import { DocumentRefused } from './refusal.ts'
import { isUbl, readUbl } from './ubl.ts'
import { parseXml, type XmlElement } from './xml.ts'

/** The largest real invoice file has 3.3 MB. */
export const DOCUMENT_BYTES_MAX = 5 * 1024 * 1024

interface Format {
  readonly is: (root: XmlElement) => boolean
  readonly read: (root: XmlElement) => NormalisedInvoice
}

const FORMATS: readonly Format[] = [
  { is: isUbl, read: readUbl },
  { is: isCii, read: readCii },
  { is: isEInvoice, read: readEInvoice },
  { is: isEipInvoice, read: readEipInvoice }
]

/**
 * Reads an e-invoice: UBL 2.x, UN/CEFACT CII, 数电票 XML, or a PDF that has one of them embedded (Factur-X, ZUGFeRD).
 * The format is told by the root element, never by a file name. Nothing is verified against the world: signatures,
 * sums and parties are the caller's. Throws `DocumentRefused`, and nothing else.
 */
export function readDocument(bytes: Uint8Array): NormalisedInvoice {
  if (bytes.length === 0) throw new DocumentRefused('DOCUMENT_EMPTY')
  if (bytes.length > DOCUMENT_BYTES_MAX) {
    const required = `at most ${DOCUMENT_BYTES_MAX} bytes`
    throw new DocumentRefused('DOCUMENT_TOO_LARGE', { presented: `${bytes.length} bytes`, required })
  }
  return isPdf(bytes) ? readPdf(bytes) : readXml(bytes)
}

/** Some senders embed ZUGFeRD 1 and 2 side by side. They must say the same, or nobody knows which one counts. */
function readPdf(bytes: Uint8Array): NormalisedInvoice {
  const [invoice, ...others] = embeddedInvoicesOf(bytes).map(readXml)
  const other = others.find((each) => contentOf(each) !== contentOf(invoice!))
  if (!other) return invoice!
  throw new DocumentRefused('PDF_WITH_SEVERAL_INVOICES', { presented: other.number, required: 'one invoice' })
}

function contentOf({ format: _format, provenance: _provenance, ...content }: NormalisedInvoice): string {
  const entries = Object.entries(content).sort(([left], [right]) => (left < right ? -1 : 1))
  return JSON.stringify(entries, (_, value) => (typeof value === 'bigint' ? String(value) : value))
}

function readXml(bytes: Uint8Array): NormalisedInvoice {
  const root = parseXml(bytes)
  const format = FORMATS.find(({ is }) => is(root))
  if (!format) {
    const presented = root.namespace === '' ? root.name : `{${root.namespace}}${root.name}`
    throw new DocumentRefused('DOCUMENT_KIND_UNKNOWN', { presented, required: 'UBL, CII or 数电票 XML' })
  }
  return format.read(root)
}
