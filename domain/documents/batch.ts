/** Files that hold several invoices, each invoice for itself: one that is refused does not refuse the others. */
import { fatturaPaExtracts, ledgerExtract } from './extract.ts'
import { isFatturaPa } from './fatturapa.ts'
import type { NormalisedInvoice } from './invoice.ts'
import { eachLedgerRow } from './ledger.ts'
import type { LedgerMapping } from './ledger-mapping.ts'
import { isLedger, isMarkup, readDocument, requireSize } from './read.ts'
import { DocumentRefused } from './refusal.ts'
import { parseXml } from './xml.ts'

export const BATCH_INVOICES_MAX = 1000
/** Of all extracts: each repeats the header, which may be large. */
const EXTRACTS_BYTES_MAX = 20 * 1024 * 1024

/** `place`: `row 3`, `body 2`, or empty for the file as a whole. */
export type BatchItem =
  | { readonly place: string; readonly invoice: NormalisedInvoice; readonly extract: Uint8Array }
  | { readonly place: string; readonly refusal: DocumentRefused }

/**
 * Every invoice of a file with its extract ({@link ledgerExtract}, {@link fatturaPaExtracts}); a file of one invoice is its own. Provenance
 * is of the file that was given. Throws `DocumentRefused` for what is wrong with the file as a whole, and when it has more than 1,000.
 */
export function readBatch(bytes: Uint8Array, mapping?: LedgerMapping): readonly BatchItem[] {
  if (bytes.length === 0) throw new DocumentRefused('DOCUMENT_EMPTY')
  requireSize(bytes.length)
  if (isLedger(bytes, mapping)) return ledgerItems(bytes, mapping)
  if (isMarkup(bytes)) {
    const root = parseXml(bytes)
    const isSeveral = root.children.filter(({ name }) => name === 'FatturaElettronicaBody').length > 1
    if (isFatturaPa(root) && isSeveral) return fatturaPaItems(bytes)
  }
  return [{ place: '', invoice: readDocument(bytes), extract: bytes }]
}

function ledgerItems(bytes: Uint8Array, mapping: LedgerMapping | undefined): BatchItem[] {
  const items: BatchItem[] = []
  const room = new Room()
  eachLedgerRow(bytes, mapping, (row) => {
    const extract = ledgerExtract(row)
    room.take(extract)
    items.push(itemOf(`row ${row.row}`, extract, row.invoice))
  })
  return items
}

function fatturaPaItems(bytes: Uint8Array): BatchItem[] {
  const items: BatchItem[] = []
  const room = new Room()
  for (const extract of fatturaPaExtracts(bytes)) {
    room.take(extract)
    items.push(itemOf(`body ${items.length + 1}`, extract, () => readDocument(extract)))
  }
  return items
}

function itemOf(place: string, extract: Uint8Array, read: () => NormalisedInvoice): BatchItem {
  try {
    return { place, invoice: read(), extract }
  } catch (error) {
    if (!(error instanceof DocumentRefused)) throw error
    return { place, refusal: error }
  }
}

/** How much may still come. */
class Room {
  #count = 0
  #bytes = 0

  take({ length }: Uint8Array): void {
    this.#count += 1
    this.#bytes += length
    if (this.#count > BATCH_INVOICES_MAX) throw tooLarge('more invoices', `at most ${BATCH_INVOICES_MAX} invoices`)
    if (this.#bytes > EXTRACTS_BYTES_MAX) {
      throw tooLarge('invoices with a large header', `at most ${EXTRACTS_BYTES_MAX} bytes with the header repeated`)
    }
  }
}

function tooLarge(presented: string, required: string): DocumentRefused {
  return new DocumentRefused('DOCUMENT_TOO_LARGE', { presented, required })
}
