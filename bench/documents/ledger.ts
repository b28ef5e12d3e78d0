/** A ledger in CSV: rows that are read, normalised and fingerprinted one after another, beside csv-parse over the same bytes. */
import { parse } from 'csv-parse/sync'
import { eachLedgerRow } from '../../domain/documents/ledger.ts'
import { DEVELOPMENT_FINGERPRINT_KEY, fingerprintOf } from '../../domain/fingerprint/fingerprint.ts'
import { identityOf } from '../../domain/fingerprint/identity.ts'
import { measure, type DocumentRow } from './row.ts'

const ROWS = 1000
/** The most that a ledger may have, in the 5 MB that a file may have. */
const ROWS_MAX = 100_000
const MEGABYTES_MAX = 256
const SAMPLE_EACH = 1000

function ledgerOf(rows: number): Uint8Array {
  const lines = Array.from({ length: rows }, (_, i) => {
    return `L-${i},2026-03-${String(1 + (i % 28)).padStart(2, '0')},EUR,${i + 1}.50,DE811907980`
  })
  const header = 'Invoice No,Invoice Date,Currency,Invoice Amount,Seller VAT ID'
  return new TextEncoder().encode([header, ...lines, ''].join('\n'))
}

function ours(bytes: Uint8Array, after: () => void = () => undefined): void {
  eachLedgerRow(bytes, undefined, ({ invoice }) => {
    fingerprintOf(identityOf(invoice()), DEVELOPMENT_FINGERPRINT_KEY, 1)
    after()
  })
}

/** Every row made, and none kept. */
function floor(bytes: Uint8Array): void {
  parse(new TextDecoder().decode(bytes), { bom: true, cast: false, skip_empty_lines: true, on_record: () => null })
}

/** Time by files of 1,000 rows, memory by one of 100,000: the most heap while it was read, in 10^6 bytes. */
export function measureLedger(): DocumentRow {
  const row = measure('CSV, 1,000 rows', [ledgerOf(ROWS)], (bytes) => ours(bytes), floor, 2)
  const bytes = ledgerOf(ROWS_MAX)
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  let [most, count] = [0, 0]
  ours(bytes, () => {
    if (++count % SAMPLE_EACH === 0) most = Math.max(most, process.memoryUsage().heapUsed - before)
  })
  const memoryMegabytes = most / 1e6
  const missed = memoryMegabytes > MEGABYTES_MAX ? [`at most ${MEGABYTES_MAX} MB for ${ROWS_MAX} rows`] : []
  return { ...row, memoryMegabytes, missed: [...row.missed, ...missed] }
}
