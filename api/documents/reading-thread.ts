/**
 * Reads files in a thread of its own, with limits of time and memory: whatever a file does to a reader, the api goes on. The thread stays
 * warm between files and is replaced after one that broke it. Files are read one after another.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { DocumentRefused, type DocumentRefusalCode, type RefusalDetails } from '../../domain/documents/refusal.ts'
import { ApiError } from '../errors.ts'

/** What a thread answers: what it read, or why it did not; errors do not go through as what they are. */
export type Answer<T> = { readonly read: T } | RefusalAnswer

export interface RefusalAnswer {
  readonly code: DocumentRefusalCode
  readonly details: RefusalDetails
}

/** The answer of a thread to a file that its reader refuses. Any other error ends the thread. */
export function refusalOf(error: unknown): RefusalAnswer {
  if (!(error instanceof DocumentRefused)) throw error
  const { code, message: _, ...details } = error.toJSON()
  return { code, details }
}

export interface ReadingLimits {
  readonly milliseconds: number
  /** Heap of the thread. The largest real file needs 60 MB. */
  readonly heapMegabytes: number
}

export const READING_LIMITS: ReadingLimits = { milliseconds: 2000, heapMegabytes: 192 }

/** Of what the thread at `entry` reads: T from the message M. */
export class ReadingThread<T, M> {
  readonly #limits: ReadingLimits
  readonly #entry: URL
  #worker: Promise<Worker> | undefined
  /** Ends when everything that was asked before is read. */
  #before: Promise<unknown> = Promise.resolve()

  constructor(entry: URL, limits = READING_LIMITS) {
    this.#limits = limits
    this.#entry = entry
  }

  /**
   * @throws DocumentRefused as the reader does
   * @throws ApiError DOCUMENT_TOO_SLOW or DOCUMENT_TOO_HEAVY at a limit
   */
  read(message: M): Promise<T> {
    const reading = this.#before.then(() => this.#readNext(message))
    this.#before = reading.catch(() => undefined)
    return reading
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    await (await worker?.catch(() => undefined))?.terminate()
  }

  async #readNext(message: M): Promise<T> {
    this.#worker ??= this.#start()
    const worker = await this.#worker
    try {
      const answer = await this.#ask(worker, message)
      if ('read' in answer) return answer.read
      throw new DocumentRefused(answer.code, answer.details)
    } finally {
      worker.unref()
    }
  }

  /** The time to load the thread is not the file's. */
  async #start(): Promise<Worker> {
    const worker = new Worker(this.#entry, {
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

  #ask(worker: Worker, message: M): Promise<Answer<T>> {
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
      const onAnswer = (answer: Answer<T>): void => {
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
      worker.postMessage(message, [])
    })
  }
}
