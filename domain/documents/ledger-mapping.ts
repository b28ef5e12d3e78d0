/** How the columns of a ledger are to be understood. A CSV says nothing of itself, so that whoever exported it must. */
import { isCurrency } from '../money/currency.ts'
import { DocumentRefused } from './refusal.ts'

export const ledgerEncodings = ['utf-8', 'latin-1', 'gb18030'] as const
export type LedgerEncoding = (typeof ledgerEncodings)[number]

export const partyFields = ['vat', 'uscc', 'tax', 'legal', 'id', 'name', 'country'] as const
export type PartyField = (typeof partyFields)[number]

const ROLES = ['seller', 'buyer', 'payee'] as const
export type PartyRole = (typeof ROLES)[number]

const PLAIN_FIELDS = [
  'number',
  /** 发票代码, beside a number of 8 digits. */
  'invoiceCode',
  /** 数电票号码: where the cell has one, it counts instead of code and number. */
  'digitalNumber',
  /** UNTDID 1001 code, BT-3. Without it the sign alone says what is a credit. */
  'type',
  'issueDate',
  'dueDate',
  'currency',
  'gross',
  'payable',
  'preceding',
  'order',
  'contract',
  /** 发票状态: a row whose cell is there and not 正常, normal or valid is refused, as voided or reversed. */
  'status'
] as const

export type LedgerField = (typeof PLAIN_FIELDS)[number] | `${PartyRole}.${PartyField}`

export const ledgerFields: readonly LedgerField[] = [
  ...PLAIN_FIELDS,
  ...ROLES.flatMap((role) => partyFields.map((field): LedgerField => `${role}.${field}`))
]

export interface LedgerMapping {
  /** Default: UTF-8. */
  readonly encoding?: LedgerEncoding
  /** Default: the one of `,` `;` tab and `|` that the header has most of. */
  readonly delimiter?: string
  /** Row of the header, from 1; rows above are skipped. 0: there is none, and columns are given by number. Default 1. */
  readonly headerRow?: number
  /** Default: either, where it leaves one or two digits behind it. */
  readonly decimal?: '.' | ','
  /** Default: none may occur. */
  readonly thousands?: '.' | ',' | ' ' | "'"
  /** Whether `(1.00)` is -1.00. Default: it is refused. */
  readonly parentheses?: boolean
  /** Of YYYY, MM or M, DD or D and what stands between. Default: forms that mean one day only; never `03/04/2024`. */
  readonly dateFormat?: string
  /** ISO 4217 letters, for a ledger without a column of it. */
  readonly currency?: string
  /** For the ledger of one seller. */
  readonly seller?: Readonly<Partial<Record<PartyField, string>>>
  /** Whether the state issued the numbers, so that they identify without a seller. */
  readonly numbering?: 'seller' | 'china'
  /** Field to the name of its column in the header, or its number from 1. */
  readonly columns: Readonly<Partial<Record<LedgerField, string | number>>>
}

function invalid(field: string, presented: unknown, required: string): DocumentRefused {
  const text = typeof presented === 'string' ? presented : (JSON.stringify(presented) ?? 'nothing')
  return new DocumentRefused('LEDGER_MAPPING_INVALID', { field, presented: text, required })
}

/** A mapping from its JSON. Unknown keys are refused, since a mistyped one would silently change what is read. */
export function parseLedgerMapping(json: string): LedgerMapping {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw invalid('mapping', json, 'JSON')
  }
  const mapping = recordOf('mapping', value)
  for (const [key, check] of Object.entries(CHECKS)) if (mapping[key] !== undefined) check(key, mapping[key])
  refuseOthers('mapping', mapping, Object.keys(CHECKS))
  if (mapping['columns'] === undefined) throw invalid('columns', undefined, 'fields and their columns')
  // Every key was checked above.
  const checked = mapping as unknown as LedgerMapping
  checkTogether(checked)
  return checked
}

function recordOf(field: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw invalid(field, value, 'an object')
}

function refuseOthers(field: string, record: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const other = Object.keys(record).find((key) => !known.includes(key))
  if (other !== undefined) throw invalid(field, other, known.join(', '))
}

type Check = (field: string, value: unknown) => void

const oneOf =
  (...values: readonly unknown[]): Check =>
  (field, value) => {
    if (!values.includes(value)) throw invalid(field, value, values.map((each) => JSON.stringify(each)).join(' or '))
  }

const CHECKS: Readonly<Record<string, Check>> = {
  encoding: oneOf(...ledgerEncodings),
  delimiter: oneOf(',', ';', '\t', '|'),
  headerRow: (field, value) => {
    if (!Number.isInteger(value) || Number(value) < 0 || Number(value) > 100) throw invalid(field, value, '0 to 100')
  },
  decimal: oneOf('.', ','),
  thousands: oneOf('.', ',', ' ', "'"),
  parentheses: oneOf(true, false),
  dateFormat: (field, value) => {
    if (typeof value !== 'string') throw invalid(field, value, 'text')
    dayPatternOf(value)
  },
  currency: (field, value) => {
    if (typeof value !== 'string' || !isCurrency(value)) throw invalid(field, value, 'ISO 4217')
  },
  seller: (field, value) => {
    const seller = recordOf(field, value)
    refuseOthers(field, seller, partyFields)
    for (const [key, text] of Object.entries(seller)) {
      if (typeof text !== 'string' || text.trim() === '') throw invalid(`${field}.${key}`, text, 'text')
    }
  },
  numbering: oneOf('seller', 'china'),
  columns: (field, value) => {
    const columns = recordOf(field, value)
    refuseOthers(field, columns, ledgerFields)
    for (const [key, column] of Object.entries(columns)) {
      if (typeof column === 'string' && column.trim() !== '') continue
      if (Number.isInteger(column) && Number(column) >= 1) continue
      throw invalid(`${field}.${key}`, column, 'the name of a column or its number from 1')
    }
  }
}

function checkTogether({ columns, seller, currency, decimal, thousands, headerRow }: LedgerMapping): void {
  const twice = Object.keys(seller ?? {}).find((key) => Object.hasOwn(columns, `seller.${key}`))
  if (twice !== undefined) throw invalid(`seller.${twice}`, 'a column and a fixed value', 'one of them')
  if (currency !== undefined && columns.currency !== undefined) {
    throw invalid('currency', 'a column and a fixed value', 'one of them')
  }
  if (thousands !== undefined && (decimal === undefined || thousands === decimal)) {
    throw invalid('thousands', thousands, 'another sign than decimal, and decimal beside it')
  }
  const named = Object.entries(columns).find(([, column]) => typeof column === 'string')
  if (headerRow === 0 && named) throw invalid(`columns.${named[0]}`, named[1], 'a number, as there is no header')
}

/** Groups `year`, `month` and `day` of a date format. Throws LEDGER_MAPPING_INVALID. */
export function dayPatternOf(format: string): RegExp {
  const tokens = format.match(/YYYY|MM?|DD?|[^YMD]/g) ?? []
  const digits: Readonly<Record<string, string>> = {
    YYYY: '(?<year>[0-9]{4})',
    MM: '(?<month>[0-9]{2})',
    M: '(?<month>[0-9]{1,2})',
    DD: '(?<day>[0-9]{2})',
    D: '(?<day>[0-9]{1,2})'
  }
  const parts = ['Y', 'M', 'D'].map((letter) => tokens.filter((token) => token.startsWith(letter)).length)
  if (tokens.join('') !== format || parts.some((count) => count !== 1) || tokens.length > 8) {
    throw invalid('dateFormat', format, 'YYYY, MM or M, DD or D, each once, such as DD/MM/YYYY')
  }
  const source = tokens.map((token) => digits[token] ?? token.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('')
  // A time of the day may follow: the ledger's own day counts.
  return new RegExp(`^${source}(?:[T ][0-9:.]+Z?)?$`)
}
