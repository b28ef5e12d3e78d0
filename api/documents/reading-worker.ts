/** Thread of `DocumentReading`: one file in, what it says or why it is refused out. Nothing of one file is kept for the next. */
import { parentPort } from 'node:worker_threads'
import { DocumentRefused } from '../../domain/documents/refusal.ts'
import { readDocument } from '../../domain/documents/read.ts'
import type { Answer } from './reading.ts'

function answerTo(bytes: Uint8Array): Answer {
  try {
    return { invoice: readDocument(bytes) }
  } catch (error) {
    if (!(error instanceof DocumentRefused)) throw error
    const { code, field, presented, required } = error.toJSON()
    return {
      code,
      details: {
        ...(field === undefined ? {} : { field }),
        ...(presented === undefined ? {} : { presented }),
        ...(required === undefined ? {} : { required })
      }
    }
  }
}

parentPort!.on('message', (bytes: Uint8Array) => parentPort!.postMessage(answerTo(bytes), []))
parentPort!.postMessage('ready', [])
