/** Thread of `DocumentReading`: one file in, what it says or why it is refused out. Nothing of one file is kept for the next. */
import { parentPort } from 'node:worker_threads'
import { readBatch, type BatchItem } from '../../domain/documents/batch.ts'
import { readDocument } from '../../domain/documents/read.ts'
import { refusalOf, type Answer } from './reading-thread.ts'
import type { ItemAnswer, Question, Read } from './reading.ts'

function answerTo(question: Question): Answer<Read> {
  try {
    if ('document' in question) return { read: { invoice: readDocument(question.document) } }
    return { read: { items: readBatch(question.batch, question.mapping).map(itemAnswer) } }
  } catch (error) {
    return refusalOf(error)
  }
}

function itemAnswer(item: BatchItem): ItemAnswer {
  return 'invoice' in item ? item : { place: item.place, ...refusalOf(item.refusal) }
}

parentPort!.on('message', (question: Question) => parentPort!.postMessage(answerTo(question), []))
parentPort!.postMessage('ready', [])
