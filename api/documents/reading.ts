/** Reads uploaded invoices in a thread with limits. */
import type { BatchItem } from '../../domain/documents/batch.ts'
import type { NormalisedInvoice } from '../../domain/documents/invoice.ts'
import type { LedgerMapping } from '../../domain/documents/ledger-mapping.ts'
import { DocumentRefused } from '../../domain/documents/refusal.ts'
import { READING_LIMITS, ReadingThread, type RefusalAnswer } from './reading-thread.ts'

/** What the thread is asked. */
export type Question =
  { readonly document: Uint8Array } | { readonly batch: Uint8Array; readonly mapping: LedgerMapping | undefined }

/** An invoice of several, as it comes out of the thread. */
export type ItemAnswer = Extract<BatchItem, { invoice: unknown }> | ({ readonly place: string } & RefusalAnswer)

export type Read = { readonly invoice: NormalisedInvoice } | { readonly items: readonly ItemAnswer[] }

export class DocumentReading {
  readonly #thread: ReadingThread<Read, Question>

  constructor(limits = READING_LIMITS) {
    this.#thread = new ReadingThread(new URL('./reading-worker.ts', import.meta.url), limits)
  }

  /**
   * @throws DocumentRefused as the reader does
   * @throws ApiError DOCUMENT_TOO_SLOW or DOCUMENT_TOO_HEAVY at a limit
   */
  async read(document: Uint8Array): Promise<NormalisedInvoice> {
    const answer = await this.#thread.read({ document })
    if ('invoice' in answer) return answer.invoice
    throw unexpected()
  }

  /**
   * Every invoice of a file, within the limits of one.
   * @throws as `read` does, for what is wrong with the file as a whole
   */
  async readBatch(batch: Uint8Array, mapping: LedgerMapping | undefined): Promise<readonly BatchItem[]> {
    const answer = await this.#thread.read({ batch, mapping })
    if (!('items' in answer)) throw unexpected()
    return answer.items.map((item) =>
      'invoice' in item ? item : { place: item.place, refusal: new DocumentRefused(item.code, item.details) }
    )
  }

  close(): Promise<void> {
    return this.#thread.close()
  }
}

function unexpected(): Error {
  return new Error('the reading thread answered another question')
}

const LETTERS = new TextDecoder('latin1')

/** Of a file that was read, by its first bytes. */
export function mediaTypeOf(bytes: Uint8Array): string {
  const head = LETTERS.decode(bytes.subarray(0, 64))
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart()
  if (head.startsWith('%PDF')) return 'application/pdf'
  if (head.startsWith('PK')) return 'application/ofd'
  if (head.startsWith('UN')) return 'application/edifact'
  return head.startsWith('<') ? 'application/xml' : 'text/csv'
}
