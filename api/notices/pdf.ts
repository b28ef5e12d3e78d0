/** Makes the PDF of a notice in a thread of its own: it takes about a second, which the api does not have. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { AssignmentNotice } from '../../domain/documents/notification/notice.ts'

/** Ends when every PDF that was asked for before is made: one at a time. */
let before: Promise<unknown> = Promise.resolve()

export function pdfOf(notice: AssignmentNotice): Promise<Uint8Array> {
  const made = before.then(async () => {
    const worker = new Worker(new URL('./pdf-worker.ts', import.meta.url), { workerData: notice })
    try {
      const [pdf] = (await once(worker, 'message')) as [Uint8Array]
      return pdf
    } finally {
      void worker.terminate()
    }
  })
  before = made.catch(() => undefined)
  return made
}
