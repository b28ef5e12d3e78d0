/** Cells of a ledger to values. Whatever could mean two things is refused with its row and column. */
import { AmountRefused, minorFromDecimal } from '../money/amount.ts'
import { exponentOf, isCurrency } from '../money/currency.ts'
import { dayPatternOf, type LedgerMapping } from './ledger-mapping.ts'
import { DocumentRefused } from './refusal.ts'

const VALUE_LENGTH_MAX = 2000

/** One cell that is not empty, without the blanks around it. */
export class Cell {
  readonly text: string
  readonly row: number
  readonly column: string

  constructor(text: string, row: number, column: string) {
    this.text = text
    this.row = row
    this.column = column
  }

  /** For refusals. */
  get place(): string {
    return `row ${this.row}, column ${this.column}`
  }
}

/**
 * The cell, or undefined when it is empty. Refused when a spreadsheet would run it (it begins with `=`, `+`, `@`, or with
 * `-` and no number after it) or when it has control characters. Throws CSV_CELL_REFUSED, FIELD_TOO_LONG.
 */
export function cellOf(raw: string, row: number, column: string): Cell | undefined {
  const text = raw.trim()
  if (text === '') return undefined
  const cell = new Cell(text, row, column)
  // Most cells are: letters, digits and what stands between them, and neither a formula nor a control character.
  if (text.length <= VALUE_LENGTH_MAX && /^[A-Za-z0-9][A-Za-z0-9 .,:;/&_'()-]*$/.test(text)) return cell
  if (text.length > VALUE_LENGTH_MAX) {
    const required = `at most ${VALUE_LENGTH_MAX} characters`
    throw new DocumentRefused('FIELD_TOO_LONG', { field: cell.place, presented: text, required })
  }
  if (/^[=+@＝＋＠]|^[-−－](?![0-9])/u.test(text)) throw refusedCell(cell, 'no formula')
  if (/\p{Cc}/u.test(text)) throw refusedCell(cell, 'no control characters')
  return cell
}

function refusedCell({ place, text }: Cell, required: string): DocumentRefused {
  return new DocumentRefused('CSV_CELL_REFUSED', { field: place, presented: text, required })
}

/** A document number. Spreadsheets turn long ones into `2.6312E+19`, whose digits are lost. */
export function numberIn(cell: Cell): string {
  const { text } = cell
  if (text.length > 200) {
    throw new DocumentRefused('FIELD_TOO_LONG', {
      field: cell.place,
      presented: text,
      required: 'at most 200 characters'
    })
  }
  if (/^[0-9](?:[.,][0-9]+)?E\+?[0-9]+$/i.test(text)) {
    throw new DocumentRefused('NUMBER_MALFORMED', { field: cell.place, presented: text, required: 'all its digits' })
  }
  return text
}

export function currencyIn(cell: Cell): string {
  const { text } = cell
  if (isCurrency(text)) return text
  throw new DocumentRefused('CURRENCY_UNKNOWN', { field: cell.place, presented: text, required: 'ISO 4217' })
}

export type DayReader = (cell: Cell) => string

/** Forms with one meaning. A slash between day and month is written both ways, so that it needs a date format. */
const PLAIN_DAYS = ['YYYY-MM-DD', 'YYYY/M/D', 'YYYYMMDD', 'YYYY年M月D日', 'D.M.YYYY'].map(dayPatternOf)

export function dayReaderOf({ dateFormat }: Pick<LedgerMapping, 'dateFormat'>): DayReader {
  const patterns = dateFormat === undefined ? PLAIN_DAYS : [dayPatternOf(dateFormat)]
  const required = dateFormat ?? 'YYYY-MM-DD, YYYY/M/D, YYYYMMDD, 年月日 or D.M.YYYY, or a mapping with dateFormat'
  const known = new Map<string, string>()
  return (cell) => {
    const day = known.get(cell.text) ?? dayIn(cell)
    known.set(cell.text, day)
    return day
  }

  function dayIn(cell: Cell): string {
    const { text } = cell
    for (const pattern of patterns) {
      const { year = '', month = '', day = '' } = pattern.exec(text)?.groups ?? {}
      const written = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
      const time = Date.parse(`${written}T00:00:00Z`)
      if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(written)) return written
    }
    throw new DocumentRefused('DATE_MALFORMED', { field: cell.place, presented: text, required })
  }
}

export type AmountReader = (cell: Cell, currency: string) => bigint

const UNMAPPED = 'digits with one or two decimals, or a mapping with decimal and thousands'

/** Minor units. Without a convention `1.000` may be one or a thousand: only one or two decimals have one meaning. */
export function amountReaderOf(mapping: Pick<LedgerMapping, 'decimal' | 'thousands' | 'parentheses'>): AmountReader {
  const { decimal, thousands, parentheses = false } = mapping
  const point = decimal === undefined ? '[.,]' : `\\${decimal}`
  const decimals = decimal === undefined ? '{1,2}' : '+'
  const blanks = thousands === ' ' ? '[ \\u00a0\\u202f]' : thousands === "'" ? "['\\u2019]" : `\\${thousands}`
  const grouped = thousands === undefined ? '' : `[0-9]{1,3}(?:${blanks}[0-9]{3})+|`
  const pattern = new RegExp(`^(-?)(${grouped}[0-9]+)(?:${point}([0-9]${decimals}))?$`)
  const required = decimal === undefined ? UNMAPPED : `digits with ${decimal} before decimals as mapped`
  return (cell, currency) => {
    const { text } = cell
    const inside = parentheses ? /^\(([^()]*)\)$/.exec(text)?.[1] : undefined
    const match = pattern.exec(inside === undefined ? text : `-${inside}`)
    if (!match) throw new DocumentRefused('AMOUNT_MALFORMED', { field: cell.place, presented: text, required })
    const [, sign = '', whole = '', fraction] = match
    if (decimal === undefined && fraction !== undefined && exponentOf(currency) > 2) {
      throw new DocumentRefused('AMOUNT_MALFORMED', {
        field: cell.place,
        presented: text,
        required: 'a mapping with decimal'
      })
    }
    return minorOf(`${sign}${whole.replace(/[^0-9]/g, '')}${fraction === undefined ? '' : `.${fraction}`}`)

    function minorOf(plain: string): bigint {
      try {
        return minorFromDecimal(plain, currency)
      } catch (error) {
        if (!(error instanceof AmountRefused)) throw error
        throw new DocumentRefused(error.code, { field: cell.place, presented: text, required: error.required })
      }
    }
  }
}
