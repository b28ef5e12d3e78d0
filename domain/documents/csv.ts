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
  /** Of one that has more or fewer cells than the header: its columns can not be told. */
  readonly refusal?: DocumentRefused
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

/** The header's line, or the first where there is none; empty when the text ends before. */
export function lineOf(text: string, headerRow: number): string {
  return text.split(/\r\n|\r|\n/, Math.max(headerRow, 1)).at(-1) ?? ''
}

/**
 * Gives each record from the header on, one after another, so that none has to be kept; those of empty cells only are left out. Rows
 * above the header may have any length; from the header on all have one. Throws CSV_MALFORMED, DOCUMENT_TOO_LARGE, and what `take` throws.
 */
export function eachRow(text: string, headerRow: number, delimiter: string, take: (row: Row) => void): void {
  const nul = text.indexOf('\0')
  if (nul >= 0) {
    const row = text.slice(0, nul).split(/\r\n|\r|\n/).length
    throw malformed(`line ${row}`, { presented: 'a NUL', required: 'text' })
  }
  let count = 0
  let width: number | undefined
  const onRecord = (cells: readonly string[], row: number): void => {
    if (++count > ROWS_MAX + 1) throw tooMany('more rows', `at most ${ROWS_MAX} rows`)
    width ??= cells.length
    if (width > COLUMNS_MAX) throw tooMany(`${width} columns`, `at most ${COLUMNS_MAX} columns`)
    const isWide = cells.length === width
    const lengths = { presented: `${cells.length} cells`, required: `${width} as in the header` }
    take(isWide ? { row, cells } : { row, cells, refusal: malformed(`row ${row}`, lengths) })
  }
  const onCells = (cells: readonly string[], row: number): void => {
    if (row >= headerRow && cells.some((cell) => cell !== '')) onRecord(cells, row)
  }
  if (eachPlainLine(text, (line, row) => onCells(line.split(delimiter), row))) return
  try {
    parse(text, {
      bom: true,
      cast: false,
      delimiter,
      max_record_size: RECORD_LENGTH_MAX,
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (cells: readonly string[], { records, empty_lines }) => {
        onCells(cells, records + empty_lines)
        return null
      }
    })
  } catch (error) {
    throw refusalOf(error)
  }
}

/**
 * Without quotes a line is a record and a delimiter ends a cell (RFC 4180 §2), so that nothing has to be parsed: most ledgers are
 * such, and it takes a fifth of the time. Returns whether the text is one of them, with one kind of line ends; else gives nothing.
 */
function eachPlainLine(text: string, take: (line: string, row: number) => void): boolean {
  if (text.includes('"')) return false
  const end = text.includes('\r') ? '\r\n' : '\n'
  if (end === '\r\n' && /[\r\n]/.test(text.replaceAll('\r\n', ''))) return false
  let from = text.startsWith('\ufeff') ? 1 : 0
  for (let row = 1; from < text.length; row++) {
    const at = text.indexOf(end, from)
    const to = at < 0 ? text.length : at
    if (to - from > RECORD_LENGTH_MAX) throw tooLong()
    if (to > from) take(text.slice(from, to), row)
    from = to + end.length
  }
  return true
}

function tooLong(): DocumentRefused {
  return tooMany('a row without end', `rows of ${RECORD_LENGTH_MAX} characters`)
}

function tooMany(presented: string, required: string): DocumentRefused {
  return new DocumentRefused('DOCUMENT_TOO_LARGE', { presented, required })
}

/** Quotes that do not close or open inside a cell, and a record without end. */
function refusalOf(error: unknown): unknown {
  if (error instanceof DocumentRefused) return error
  const { code, records, empty_lines } = error as { code?: unknown; records?: number; empty_lines?: number }
  if (typeof code !== 'string') return error
  if (code === 'CSV_MAX_RECORD_SIZE') return tooLong()
  return malformed(`row ${(records ?? 0) + (empty_lines ?? 0) + 1}`, { presented: code, required: 'quotes in pairs' })
}
