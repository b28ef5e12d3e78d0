/** Thread that reads bank statements: one file in, what it says or why it is refused out. */
import { parentPort } from 'node:worker_threads'
import { readStatements } from '../../domain/documents/read.ts'
import type { Statement } from '../../domain/documents/statement.ts'
import { readCsvStatement, type CsvStatementMapping } from '../../domain/settlement/csv-statement.ts'
import { refusalOf, type Answer } from '../documents/reading-thread.ts'

/** A file, and how to read it when it is a CSV. */
export interface StatementFile {
  bytes: Uint8Array
  mapping?: CsvStatementMapping
}

function answerTo({ bytes, mapping }: StatementFile): Answer<readonly Statement[]> {
  try {
    return { read: mapping ? [readCsvStatement(bytes, mapping)] : readStatements(bytes) }
  } catch (error) {
    return refusalOf(error)
  }
}

parentPort!.on('message', (file: StatementFile) => parentPort!.postMessage(answerTo(file), []))
parentPort!.postMessage('ready', [])
