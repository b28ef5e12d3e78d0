/**
 * `npm run bench:documents [-- FOLDER]`: reading, normalising and fingerprinting of documents beside the bare parse of the
 * same bytes, in turns, by format. Prints a table, writes bench/results/documents.json and ends with 1 when a budget is
 * missed. Without the corpus of real files the samples of the demo are measured.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { readAny } from '../../domain/documents/read.ts'
import { DEVELOPMENT_FINGERPRINT_KEY, fingerprintOf } from '../../domain/fingerprint/fingerprint.ts'
import { identityOf } from '../../domain/fingerprint/identity.ts'
import { floorOf, TEXT_FORMATS } from './floor.ts'
import { measureLedger } from './ledger.ts'
import { measure, type DocumentRow } from './row.ts'

const root = new URL('../../', import.meta.url)
const corpus = new URL(process.argv[2] ? `file://${process.argv[2]}/` : '../shared/data/', root)
const FILES_MAX = 60

/** Files by format that are read, as bytes in memory. */
function filesByFormat(): Map<string, Uint8Array[]> {
  const paths = existsSync(new URL('INDEX.json', corpus))
    ? (JSON.parse(readFileSync(new URL('INDEX.json', corpus), 'utf8')).files as { path: string }[]).map(
        ({ path }) => new URL(path, corpus)
      )
    : readdirSync(new URL('scripts/demo/invoices/', root)).map((name) => new URL(`scripts/demo/invoices/${name}`, root))
  const files = new Map<string, Uint8Array[]>()
  for (const path of paths) {
    if (!statSync(path).isFile()) continue
    const bytes = readFileSync(path)
    const format = formatOf(bytes)
    const list = files.get(format ?? '') ?? []
    if (format !== undefined && list.length < FILES_MAX) files.set(format, [...list, bytes])
  }
  return files
}

function formatOf(bytes: Uint8Array): string | undefined {
  try {
    const reading = readAny(bytes)
    const isPdf = bytes[0] === 0x25
    if (reading.kind === 'invoices') {
      reading.invoices.forEach((invoice) => identityOf(invoice))
      return isPdf ? 'PDF' : reading.invoices[0]!.format
    }
    return reading.kind === 'statements' ? reading.statements[0]!.format : reading.reference.format
  } catch {
    return undefined
  }
}

/** What an upload costs before anything is stored. */
function ours(bytes: Uint8Array): void {
  const reading = readAny(bytes)
  if (reading.kind !== 'invoices') return
  for (const invoice of reading.invoices) fingerprintOf(identityOf(invoice), DEVELOPMENT_FINGERPRINT_KEY, 1)
}

/** Cutting text into lines is no parser, so that nothing is promised against it. */
function budgetOf(format: string): number | null {
  if (TEXT_FORMATS.includes(format)) return null
  return format === 'PDF' ? 1.5 : 2
}

const rows: DocumentRow[] = []
for (const [format, files] of filesByFormat()) {
  rows.push(measure(format, files, ours, floorOf(format), budgetOf(format)))
}
rows.push(measureLedger())
const head = ['format', 'files', 'documents/s', 'floor', 'time ×floor', 'budget', 'MB at most', '']
const lines = rows.map((row) => [
  row.metric,
  String(row.files),
  String(Math.round(row.ours)),
  String(Math.round(row.floor)),
  row.ratioToFloor.toFixed(2),
  row.budget === null ? '' : String(row.budget),
  row.memoryMegabytes.toFixed(1),
  row.missed.length > 0 ? '✗' : ''
])
const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]!.length)))
for (const line of [head, ...lines]) {
  console.log(line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
}
const file = fileURLToPath(new URL('../results/documents.json', import.meta.url))
await writeFile(file, `${JSON.stringify({ rows }, null, 2)}\n`)
const missed = rows.filter((row) => row.missed.length > 0)
for (const row of missed) {
  const measured = `${row.ratioToFloor.toFixed(2)} × floor, ${row.memoryMegabytes.toFixed(0)} MB`
  console.log(`✗ ${row.metric}: ${measured}, required ${row.missed.join(', ')}`)
}
if (missed.length === 0) console.log('✓ every budget is met')
process.exit(missed.length === 0 ? 0 : 1)
