/**
 * The invoice embedded in a PDF/A-3: Factur-X 1.0 §6, ZUGFeRD 1.0 and 2. Pages are never decoded: the XML is the
 * invoice, and whether the picture says the same is for the people who confirm it.
 */
import { PdfFile } from './pdf-file.ts'
import { PdfStream, type PdfDictionary, type PdfValue } from './pdf-syntax.ts'
import { DocumentRefused } from './refusal.ts'

/** Names that the standards prescribe, in lower case, because files in use differ by it. */
const NAMES = ['factur-x.xml', 'zugferd-invoice.xml', 'xrechnung.xml']
const TREE_NODES_MAX = 1000
/** Embedded files of all kinds, and invoices that differ. */
const FILES_MAX = 1000
const INVOICES_MAX = 8

export function isPdf(bytes: Uint8Array): boolean {
  return bytes.length > 5 && String.fromCharCode(...bytes.subarray(0, 5)) === '%PDF-'
}

/** Every embedded XML with the name of an invoice, equal ones once. Throws PDF_REFUSED and PDF_WITHOUT_INVOICE. */
export function embeddedInvoicesOf(bytes: Uint8Array): Uint8Array[] {
  const file = new PdfFile(bytes)
  const root = file.dictionary(file.trailer.get('Root'))
  const specifications = [
    ...namesOf(file, file.dictionary(root?.get('Names'))?.get('EmbeddedFiles')),
    ...file.array(root?.get('AF'))
  ]
  if (specifications.length > FILES_MAX) throw tooMany('files', FILES_MAX)
  // A file is named in the tree and in AF: its data is read once.
  const streams = new Map<number, PdfStream>()
  for (const specification of specifications) {
    const stream = invoiceIn(file, file.dictionary(specification))
    if (stream) streams.set(stream.start, stream)
    if (streams.size > INVOICES_MAX) throw tooMany('invoices', INVOICES_MAX)
  }
  const invoices: Uint8Array[] = []
  for (const stream of streams.values()) {
    const invoice = file.data(stream)
    if (!invoices.some((known) => sameBytes(known, invoice))) invoices.push(invoice)
  }
  if (invoices.length > 0) return invoices
  throw new DocumentRefused('PDF_WITHOUT_INVOICE', { required: `an attachment ${NAMES.join(', ')}` })
}

function tooMany(what: string, limit: number): DocumentRefused {
  return new DocumentRefused('PDF_REFUSED', { presented: `too many embedded ${what}`, required: `at most ${limit}` })
}

/** Values of a name tree (ISO 32000-1 §7.9.6). */
function namesOf(file: PdfFile, tree: PdfValue | undefined): PdfValue[] {
  const values: PdfValue[] = []
  const pending: (PdfValue | undefined)[] = [tree]
  for (let seen = 0; pending.length > 0; seen++) {
    if (seen > TREE_NODES_MAX) throw new DocumentRefused('PDF_REFUSED', { presented: 'a name tree without end' })
    const node = file.dictionary(pending.pop())
    const kids = file.array(node?.get('Kids'))
    const names = file.array(node?.get('Names')).filter((_, index) => index % 2 === 1)
    if (pending.length + kids.length > TREE_NODES_MAX || values.length + names.length > FILES_MAX)
      throw tooMany('files', FILES_MAX)
    pending.push(...kids)
    values.push(...names)
  }
  return values
}

/** The embedded stream of a file specification (§7.11.3) whose name is that of an invoice. */
function invoiceIn(file: PdfFile, specification: PdfDictionary | undefined): PdfStream | undefined {
  const names = [specification?.get('UF'), specification?.get('F')].map((name) => nameOf(file.resolve(name)))
  if (!names.some((name) => NAMES.includes(name))) return undefined
  const embedded = file.dictionary(specification?.get('EF'))
  const stream = file.resolve(embedded?.get('UF') ?? embedded?.get('F'))
  return stream instanceof PdfStream ? stream : undefined
}

/** A text string in lower case: UTF-16 when it starts with its mark, else one byte a character (§7.9.2). */
function nameOf(value: PdfValue): string {
  if (typeof value !== 'string') return ''
  const name = value.startsWith('\u00fe\u00ff') ? value.slice(2).replace(/[^]([^])/g, '$1') : value
  return name.toLowerCase()
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index])
}
