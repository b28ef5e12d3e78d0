/** Thread of `pdfOf`: one notice in, its PDF out. */
import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { AssignmentNotice } from '../../domain/documents/notification/notice.ts'
import { notificationPdf } from '../../domain/documents/notification/pdf.ts'

const font = new URL('../../domain/documents/notification/font/noto-sans-sc-400.woff', import.meta.url)
parentPort!.postMessage(await notificationPdf(workerData as AssignmentNotice, readFileSync(font)), [])
