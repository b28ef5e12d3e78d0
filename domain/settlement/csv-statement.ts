/** A bank's export in CSV as a statement, by a mapping: a CSV says nothing of itself. */
import { amountReaderOf, cellOf, dayReaderOf, type Cell } from '../documents/ledger-cells.ts'
import { delimiterOf, eachRow, lineOf, type Row } from '../documents/csv.ts'
import { present } from '../documents/fields.ts'
import { DocumentRefused } from '../documents/refusal.ts'
import type { Statement, StatementEntry } from '../documents/statement.ts'
import { decodeText } from '../documents/text.ts'
import { isDay } from '../calendar/day.ts'
import { isCurrency } from '../money/currency.ts'
import type { CsvColumn } from './csv-columns.ts'

/**
 * How to read it. Either `amount`, where money that left is negative, or `credit` and `debit`, of which each row has one.
 * Every row is booked: an export of what is still to come has no place here.
 */
export interface CsvStatementMapping {
  /** IBAN or number of the account: the file's rows do not say it. */
  readonly account: string
  /** ISO 4217 letters. */
  readonly currency: string
  /** Title of the column of each field. */
  readonly columns: Readonly<Partial<Record<CsvColumn, string>>>
  readonly encoding?: 'utf-8' | 'latin-1' | 'gb18030'
  readonly delimiter?: string
  /** Row of the titles, from 1. */
  readonly headerRow?: number
  readonly decimal?: '.' | ','
  readonly thousands?: '.' | ',' | ' ' | "'"
  readonly dateFormat?: string
  /** Balances before the first and after the last row, signed minor units: without them nothing is held against the rows. */
  readonly opening?: string
  readonly closing?: string
  /** Day of the closing balance. */
  readonly closingDay?: string
}

function rowsOf(text: string, headerRow: number, delimiter: string): Row[] {
  const rows: Row[] = []
  eachRow(text, headerRow, delimiter, (row) => {
    if (row.refusal) throw row.refusal
    rows.push(row)
  })
  return rows
}

/** Throws `DocumentRefused`: LEDGER_MAPPING_INVALID, CSV_COLUMN_MISSING, and what its cells are refused for. */
export function readCsvStatement(bytes: Uint8Array, mapping: CsvStatementMapping): Statement {
  requireMapping(mapping)
  const { account, currency, columns, headerRow = 1 } = mapping
  const text = decodeText(bytes, mapping.encoding ?? 'utf-8')
  const delimiter = mapping.delimiter ?? delimiterOf(lineOf(text, headerRow))
  const [header, ...rows] = rowsOf(text, headerRow, delimiter)
  const at = placesOf(header, columns)
  const dayIn = dayReaderOf(mapping)
  const amountIn = amountReaderOf(mapping)
  const entries = rows.map((row) => entryOf(row))
  return { format: 'CSV', account, currency, balances: balancesOf(mapping), entries }

  function entryOf(row: Row): StatementEntry {
    const cell = (field: CsvColumn): Cell | undefined => {
      const index = at.get(field)
      return index === undefined ? undefined : cellOf(row.cells[index]!, row.row, columns[field]!)
    }
    const text = (field: CsvColumn): string | undefined => cell(field)?.text
    const { amount, effect } = movementOf(row, cell)
    const day = cell('day')
    if (!day) throw new DocumentRefused('FIELD_MISSING', { field: `row ${row.row}`, required: 'a day' })
    const valueDay = cell('valueDay')
    const words = text('text')
    return {
      amount,
      currency,
      effect,
      reversal: false,
      status: 'booked',
      bookingDate: dayIn(day),
      transactions: [
        {
          amount,
          currency,
          remittance: words === undefined ? [] : [words],
          creditorReferences: [],
          documentNumbers: [],
          ...present({
            endToEndId: text('endToEndId'),
            debtor: text('debtor'),
            debtorAccount: text('debtorAccount'),
            creditor: text('creditor'),
            creditorAccount: text('creditorAccount')
          })
        }
      ],
      ...present({ valueDate: valueDay && dayIn(valueDay), reference: text('reference') })
    }
  }

  function movementOf(
    row: Row,
    cell: (field: CsvColumn) => Cell | undefined
  ): Pick<StatementEntry, 'amount' | 'effect'> {
    const [plain, credit, debit] = [cell('amount'), cell('credit'), cell('debit')]
    const given = [plain, credit, debit].filter((one) => one !== undefined)
    if (given.length !== 1) {
      throw new DocumentRefused('AMOUNT_MALFORMED', {
        field: `row ${row.row}`,
        presented: `${given.length} amounts`,
        required: 'one'
      })
    }
    const minor = amountIn(given[0]!, currency)
    if (plain) return minor < 0n ? { amount: -minor, effect: 'debit' } : { amount: minor, effect: 'credit' }
    if (minor < 0n) {
      throw new DocumentRefused('AMOUNT_MALFORMED', { field: given[0]!.place, required: 'an amount without sign' })
    }
    return { amount: minor, effect: credit ? 'credit' : 'debit' }
  }
}

function placesOf(header: Row | undefined, columns: CsvStatementMapping['columns']): Map<CsvColumn, number> {
  const places = new Map<CsvColumn, number>()
  for (const [field, title] of Object.entries(columns) as [CsvColumn, string][]) {
    const found = (header?.cells ?? []).flatMap((cell, index) => (cell.trim() === title ? [index] : []))
    if (found.length === 0) throw new DocumentRefused('CSV_COLUMN_MISSING', { field, presented: title })
    if (found.length > 1) throw new DocumentRefused('CSV_COLUMN_AMBIGUOUS', { field, presented: title })
    places.set(field, found[0]!)
  }
  return places
}

function balancesOf({ currency, opening, closing, closingDay }: CsvStatementMapping): Statement['balances'] {
  const balanceOf = (kind: string, minor: string | undefined, date: string | undefined) => {
    if (minor === undefined) return []
    const amount = BigInt(minor)
    const size = amount < 0n ? -amount : amount
    return [
      {
        kind,
        amount: size,
        currency,
        effect: amount < 0n ? ('debit' as const) : ('credit' as const),
        ...present({ date })
      }
    ]
  }
  return [...balanceOf('OPBD', opening, undefined), ...balanceOf('CLBD', closing, closingDay)]
}

function requireMapping({ account, currency, columns, closingDay, opening, closing }: CsvStatementMapping): void {
  const refuse = (field: string, presented: string, required: string): never => {
    throw new DocumentRefused('LEDGER_MAPPING_INVALID', { field, presented, required })
  }
  if (account.trim() === '') refuse('account', account, 'the account')
  if (!isCurrency(currency)) refuse('currency', currency, 'ISO 4217')
  if (!columns.day) refuse('columns', 'no day', 'a column of the day')
  const isSigned = columns.amount !== undefined
  const isApart = columns.credit !== undefined && columns.debit !== undefined
  const halves = columns.credit !== undefined || columns.debit !== undefined
  if (isSigned ? halves : !isApart) refuse('columns', 'amounts', 'amount, or credit and debit')
  if (closingDay !== undefined && !isDay(closingDay)) refuse('closingDay', closingDay, 'YYYY-MM-DD')
  for (const [field, value] of Object.entries({ opening, closing })) {
    if (value !== undefined && !/^-?(0|[1-9][0-9]{0,18})$/.test(value)) refuse(field, value, 'minor units')
  }
}
