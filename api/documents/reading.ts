/**
 * Reads uploaded files in a thread of its own, with limits of time and memory: whatever a file does to a reader, the api goes
 * on. The thread stays warm between files and is replaced after one that broke it. Files are read one after another.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { NormalisedInvoice } from '../../domain/documents/invoice.ts'
import { DocumentRefused, type DocumentRefusalCode, type RefusalDetails } from '../../domain/documents/refusal.ts'
import { ApiError } from '../errors.ts'

/** What the thread answers. */
export type Answer =
  { readonly invoice: NormalisedInvoice } | { readonly code: DocumentRefusalCode; readonly details: RefusalDetails }

export interface ReadingLimits {
  readonly milliseconds: number
  /** Heap of the thread. The largest real file needs 60 MB. */
  readonly heapMegabytes: number
}

export const READING_LIMITS: ReadingLimits = { milliseconds: 2000, heapMegabytes: 192 }

export class DocumentReading {
  readonly #limits: ReadingLimits
  #worker: Promise<Worker> | undefined
  /** Ends when everything that was asked before is read. */
  #before: Promise<unknown> = Promise.resolve()

  constructor(limits = READING_LIMITS) {
    this.#limits = limits
  }

  /**
   * @throws DocumentRefused as the reader does
   * @throws ApiError DOCUMENT_TOO_SLOW or DOCUMENT_TOO_HEAVY at a limit
   */
  read(bytes: Uint8Array): Promise<NormalisedInvoice> {
    const reading = this.#before.then(() => this.#readNext(bytes))
    this.#before = reading.catch(() => undefined)
    return reading
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    await (await worker?.catch(() => undefined))?.terminate()
  }

  async #readNext(bytes: Uint8Array): Promise<NormalisedInvoice> {
    this.#worker ??= this.#start()
    const worker = await this.#worker
    try {
      const answer = await this.#ask(worker, bytes)
      if ('invoice' in answer) return answer.invoice
      throw new DocumentRefused(answer.code, answer.details)
    } finally {
      worker.unref()
    }
  }

  /** The time to load the thread is not the file's. */
  async #start(): Promise<Worker> {
    const worker = new Worker(new URL('./reading-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.heapMegabytes, maxYoungGenerationSizeMb: 32 }
    })
    try {
      await once(worker, 'message')
      return worker
    } catch (error) {
      this.#worker = undefined
      throw error
    }
  }

  #ask(worker: Worker, bytes: Uint8Array): Promise<Answer> {
    const { milliseconds, heapMegabytes } = this.#limits
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer)
        worker.off('message', onAnswer).off('error', onError).off('exit', onExit)
      }
      /** The thread is of no more use. */
      const drop = (error: unknown): void => {
        end()
        this.#worker = undefined
        // Errors of a thread that is being ended interest nobody.
        worker.on('error', () => undefined)
        void worker.terminate()
        reject(error)
      }
      const onAnswer = (answer: Answer): void => {
        end()
        resolve(answer)
      }
      const onError = (error: Error & { code?: string }): void => {
        const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        drop(isMemory ? new ApiError('DOCUMENT_TOO_HEAVY', { required: `at most ${heapMegabytes} MB to read` }) : error)
      }
      const onExit = (code: number): void => drop(new Error(`the reading thread ended with ${code}`))
      const timer = setTimeout(
        () => drop(new ApiError('DOCUMENT_TOO_SLOW', { required: `read within ${milliseconds} ms` })),
        milliseconds
      )
      worker.on('message', onAnswer).on('error', onError).on('exit', onExit)
      worker.ref()
      worker.postMessage(bytes, [])
    })
  }
}

const LETTERS = new TextDecoder('latin1')

/** Of a file that was read, by its first bytes. */
export function mediaTypeOf(bytes: Uint8Array): string {
  const head = LETTERS.decode(bytes.subarray(0, 64)).trimStart()
  if (head.startsWith('%PDF')) return 'application/pdf'
  if (head.startsWith('PK')) return 'application/ofd'
  if (head.startsWith('UN')) return 'application/edifact'
  return 'application/xml'
}
