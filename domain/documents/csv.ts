/** CSV (RFC 4180) to rows of text cells, with limits, for files from strangers. */
import { parse } from 'csv-parse/sync'
import { DocumentRefused, type RefusalDetails } from './refusal.ts'
import { decodeLatin1 } from './text.ts'

const ROWS_MAX = 100_000
const COLUMNS_MAX = 500
const RECORD_LENGTH_MAX = 100_000
const DELIMITERS = [',', ';', '\t', '|']

export interface Row {
  /** As spreadsheets count, from 1 with the header. */
  readonly row: number
  readonly cells: readonly string[]
}

/** Told by its first line: text of two columns or more that is no markup and no JSON. */
export function isCsv(bytes: Uint8Array): boolean {
  const line = /^[^\r\n]*/.exec(decodeLatin1(bytes.subarray(0, 4096)).replace(/^\u00ef\u00bb\u00bf/, ''))![0]
  if (/^\s*[<{[]/.test(line) || [...line].some((character) => character < ' ' && character !== '\t')) return false
  return DELIMITERS.some((delimiter) => line.includes(delimiter))
}

export function malformed(field: string, details: RefusalDetails): DocumentRefused {
  return new DocumentRefused('CSV_MALFORMED', field === '' ? details : { field, ...details })
}

/** The delimiter of which the line has most, outside quotes. Throws CSV_MALFORMED when two have as many. */
export function delimiterOf(line: string): string {
  const plain = line.replace(/"[^"]*"/g, '')
  const counts = DELIMITERS.map((delimiter) => [plain.split(delimiter).length - 1, delimiter] as const)
  const [[most, delimiter], [next]] = counts.sort(([left], [right]) => right - left) as [
    readonly [number, string],
    readonly [number, string]
  ]
  if (most > next) return delimiter
  throw malformed('row 1', { presented: line, required: 'one delimiter, or a mapping with delimiter' })
}

/** Records from the header on with their rows; those of empty cells only are left out. Throws CSV_MALFORMED, DOCUMENT_TOO_LARGE. */
export function rowsOf(text: string, headerRow: number, delimiter: string | undefined): Row[] {
  const nul = text.indexOf('\0')
  if (nul >= 0) {
    const row = text.slice(0, nul).split(/\r\n|\r|\n/).length
    throw malformed(`line ${row}`, { presented: 'a NUL', required: 'text' })
  }
  const lines = text.split(/\r\n|\r|\n/, Math.max(headerRow, 1))
  const records = parsed(text, delimiter ?? delimiterOf(lines.at(-1) ?? ''), headerRow)
  if (records.length > ROWS_MAX + 1) throw tooMany(`${records.length} rows`, `at most ${ROWS_MAX} rows`)
  return records
}

function tooMany(presented: string, required: string): DocumentRefused {
  return new DocumentRefused('DOCUMENT_TOO_LARGE', { presented, required })
}

/** Rows above the header may have any length; from the header on all have one. */
function parsed(text: string, delimiter: string, headerRow: number): Row[] {
  const rows: Row[] = []
  let width: number | undefined
  let refusal: DocumentRefused | undefined
  try {
    parse(text, {
      bom: true,
      cast: false,
      delimiter,
      max_record_size: RECORD_LENGTH_MAX,
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (cells: readonly string[], { records, empty_lines }) => {
        const row = records + empty_lines
        if (row < headerRow || refusal || rows.length > ROWS_MAX + 1 || cells.every((cell) => cell === '')) return null
        width ??= cells.length
        if (width > COLUMNS_MAX) refusal = tooMany(`${width} columns`, `at most ${COLUMNS_MAX} columns`)
        if (cells.length !== width) {
          refusal = malformed(`row ${row}`, {
            presented: `${cells.length} cells`,
            required: `${width} as in the header`
          })
        }
        rows.push({ row, cells })
        return null
      }
    })
  } catch (error) {
    throw refusalOf(error)
  }
  if (refusal) throw refusal
  return rows
}

/** Quotes that do not close or open inside a cell, and a record without end. */
function refusalOf(error: unknown): unknown {
  const { code, records, empty_lines } = error as { code?: unknown; records?: number; empty_lines?: number }
  if (typeof code !== 'string') return error
  if (code === 'CSV_MAX_RECORD_SIZE') return tooMany('a row without end', `rows of ${RECORD_LENGTH_MAX} characters`)
  return malformed(`row ${(records ?? 0) + (empty_lines ?? 0) + 1}`, { presented: code, required: 'quotes in pairs' })
}
