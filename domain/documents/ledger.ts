/**
 * Ledgers in CSV, one invoice a row, by a mapping or by headers that many exports use. Whether an invoice is paid is not
 * read.
 */
import { delimiterOf, eachRow, lineOf, malformed, type Row } from './csv.ts'
import { present } from './fields.ts'
import type { NormalisedInvoice, Party } from './invoice.ts'
import {
  amountReaderOf,
  cellOf,
  currencyIn,
  dayReaderOf,
  numberIn,
  type AmountReader,
  type Cell,
  type DayReader
} from './ledger-cells.ts'
import { fieldOfHeader, isChineseHeader } from './ledger-headers.ts'
import { partyFields, type LedgerField, type LedgerMapping, type PartyField, type PartyRole } from './ledger-mapping.ts'
import { DocumentRefused } from './refusal.ts'
import { classOf, isCreditType } from './sign.ts'
import { decodeText } from './text.ts'

/** A row that may be an invoice. */
export interface LedgerRow extends Row {
  /** Empty for a ledger without. */
  readonly header: readonly string[]
  readonly delimiter: string
  /** Throws `DocumentRefused`, which names row and column. */
  readonly invoice: () => NormalisedInvoice
}

/** Every row as an invoice: the whole ledger is read or nothing of it. Throws `DocumentRefused`, which names row and column. */
export function readLedger(bytes: Uint8Array, mapping?: LedgerMapping): NormalisedInvoice[] {
  const invoices: NormalisedInvoice[] = []
  eachLedgerRow(bytes, mapping, ({ invoice }) => invoices.push(invoice()))
  return invoices
}

/**
 * Gives the rows one after another, so that a caller may go on after one that is refused and need not keep them. Throws
 * `DocumentRefused` for what is wrong with the ledger as a whole, and what `take` throws.
 */
export function eachLedgerRow(
  bytes: Uint8Array,
  mapping: LedgerMapping | undefined,
  take: (row: LedgerRow) => void
): void {
  const text = textOf(bytes, mapping)
  const headerRow = mapping?.headerRow ?? 1
  const delimiter = mapping?.delimiter ?? delimiterOf(lineOf(text, headerRow))
  let header: string[] | undefined = headerRow === 0 ? [] : undefined
  let table: Table | undefined
  let count = 0
  eachRow(text, headerRow, delimiter, (row) => {
    if (row.row === headerRow) {
      header = row.cells.map((name) => name.trim())
      table = tableOf(header, mapping ?? mappingOf(header))
      return
    }
    if (!header) throw withoutHeader(headerRow)
    table ??= tableOf(header, mapping ?? mappingOf(header))
    count += 1
    take({ ...row, header, delimiter, invoice: invoiceReaderOf(table, row) })
  })
  if (!header) throw withoutHeader(headerRow)
  if (count === 0) throw malformed('', { presented: 'no row', required: 'one row at least' })
}

function invoiceReaderOf(table: Table, row: Row): () => NormalisedInvoice {
  return () => {
    if (row.refusal) throw row.refusal
    return invoiceOf(table, row)
  }
}

function withoutHeader(headerRow: number): DocumentRefused {
  return malformed(`row ${headerRow}`, { presented: 'no header', required: 'a header' })
}

/** Without a mapping UTF-8, or GB 18030 where that makes Chinese headers of the first line, as Excel in China saves. */
function textOf(bytes: Uint8Array, mapping: LedgerMapping | undefined): string {
  if (mapping) return decodeText(bytes, mapping.encoding ?? 'utf-8')
  try {
    return decodeText(bytes, 'utf-8')
  } catch (error) {
    const chinese = chineseTextOf(bytes)
    if (chinese !== undefined) return chinese
    throw error
  }
}

function chineseTextOf(bytes: Uint8Array): string | undefined {
  try {
    const text = decodeText(bytes, 'gb18030')
    const header = /^[^\r\n]*/.exec(text)![0]
    return header.split(delimiterOf(header)).some((name) => isChineseHeader(name.replaceAll('"', '')))
      ? text
      : undefined
  } catch {
    return undefined
  }
}

/** The mapping that well-known headers make. Throws CSV_COLUMN_AMBIGUOUS when two name the same field. */
function mappingOf(header: readonly string[]): LedgerMapping {
  const columns: Partial<Record<LedgerField, string>> = {}
  for (const name of header) {
    const field = fieldOfHeader(name)
    if (field === undefined) continue
    const other = columns[field]
    if (other !== undefined && other !== name) {
      const presented = `${other} and ${name}`
      throw new DocumentRefused('CSV_COLUMN_AMBIGUOUS', { field, presented, required: 'one column, or a mapping' })
    }
    columns[field] = name
  }
  const numbers = [columns.number, columns.invoiceCode, columns.digitalNumber]
  if (!numbers.some((name) => name !== undefined && isChineseHeader(name))) return { columns }
  return { columns, numbering: 'china', ...(columns.currency === undefined ? { currency: 'CNY' } : {}) }
}

/** A ledger's columns found, and how its cells are read. */
interface Table {
  readonly columns: ReadonlyMap<LedgerField, { readonly index: number; readonly name: string }>
  /** Of each role the fields that have a column, with the names of both. */
  readonly parties: Readonly<Record<PartyRole, readonly (readonly [PartyField, LedgerField])[]>>
  /** What the mapping says of the seller, with the name of each field. */
  readonly fixedSeller: readonly (readonly [PartyField, string, LedgerField])[]
  readonly mapping: LedgerMapping
  readonly isChinese: boolean
  readonly day: DayReader
  readonly amount: AmountReader
}

function tableOf(header: readonly string[], mapping: LedgerMapping): Table {
  const twice = header.find((name, index) => name !== '' && header.indexOf(name) !== index)
  if (twice !== undefined) {
    throw new DocumentRefused('CSV_COLUMN_AMBIGUOUS', { presented: `${twice} twice`, required: 'one column of a name' })
  }
  const columns = new Map<LedgerField, { index: number; name: string }>()
  for (const [field, column] of Object.entries(mapping.columns) as [LedgerField, string | number][]) {
    const index = typeof column === 'number' ? column - 1 : header.indexOf(column.trim())
    if (index < 0 || (header.length > 0 && index >= header.length)) throw missing(field, String(column))
    columns.set(field, { index, name: header[index] || `column ${index + 1}` })
  }
  const isChinese =
    mapping.numbering === undefined
      ? columns.has('invoiceCode') || columns.has('digitalNumber')
      : mapping.numbering === 'china'
  const has = (...fields: LedgerField[]): boolean => fields.some((field) => columns.has(field))
  if (!has('number', 'digitalNumber')) throw missing('number')
  if (!has('issueDate')) throw missing('issueDate')
  if (!has('gross', 'payable')) throw missing('gross')
  if (!has('currency') && mapping.currency === undefined) throw missing('currency')
  const isSellerKnown = mapping.seller !== undefined || [...columns.keys()].some((field) => field.startsWith('seller.'))
  if (!isChinese && !isSellerKnown) throw missing('seller')
  const fieldsOf = (role: PartyRole): [PartyField, LedgerField][] =>
    partyFields.flatMap((field): [PartyField, LedgerField][] =>
      columns.has(`${role}.${field}`) ? [[field, `${role}.${field}`]] : []
    )
  const parties = { seller: fieldsOf('seller'), buyer: fieldsOf('buyer'), payee: fieldsOf('payee') }
  const fixedSeller = (Object.entries(mapping.seller ?? {}) as [PartyField, string][]).map(
    ([field, value]) => [field, value, `seller.${field}`] as const
  )
  return {
    columns,
    parties,
    fixedSeller,
    mapping,
    isChinese,
    day: dayReaderOf(mapping),
    amount: amountReaderOf(mapping)
  }
}

function missing(field: string, presented?: string): DocumentRefused {
  const required = presented === undefined ? 'a well-known header, or a mapping' : 'a column of that name or number'
  return new DocumentRefused('CSV_COLUMN_MISSING', {
    field,
    required,
    ...(presented === undefined ? {} : { presented })
  })
}

/** The cells of one row by field, remembering which gave each. */
class RowReader {
  readonly provenance: Record<string, string> = {}
  readonly #table: Table
  readonly #row: Row
  readonly #path: string

  constructor(table: Table, row: Row) {
    this.#table = table
    this.#row = row
    this.#path = `/row ${row.row}/`
  }

  cell(field: LedgerField, as: string = field): Cell | undefined {
    const cell = this.peek(field)
    if (cell) this.provenance[as] = this.#path + cell.column
    return cell
  }

  /** Without saying that anything was read from there. */
  peek(field: LedgerField): Cell | undefined {
    const column = this.#table.columns.get(field)
    if (!column) return undefined
    const { row, cells } = this.#row
    return cellOf(cells[column.index] ?? '', row, column.name)
  }

  required(field: LedgerField, cell: Cell | undefined): Cell {
    if (cell) return cell
    const name = this.#table.columns.get(field)?.name ?? field
    throw new DocumentRefused('FIELD_MISSING', { field: `row ${this.#row.row}, column ${name}` })
  }
}

function invoiceOf(table: Table, row: Row): NormalisedInvoice {
  const { mapping, isChinese, day, amount } = table
  const reader = new RowReader(table, row)
  requireInForce(reader.cell('status'))
  const currency = mapping.currency ?? currencyIn(reader.required('currency', reader.cell('currency')))
  if (mapping.currency !== undefined) reader.provenance['currency'] = '/mapping/currency'
  const grossCell = reader.cell('gross')
  const payableCell = reader.cell('payable')
  const gross = grossCell && amount(grossCell, currency)
  const hasPayable = table.columns.has('payable')
  const payable = payableCell
    ? amount(payableCell, currency)
    : (gross ?? amount(reader.required(hasPayable ? 'payable' : 'gross', undefined), currency))
  if (!payableCell) reader.provenance['payable'] = reader.provenance['gross']!
  const type = reader.cell('type')
  if (type && !/^[0-9]{2,3}$/.test(type.text)) {
    throw new DocumentRefused('NUMBER_MALFORMED', { field: type.place, presented: type.text, required: 'UNTDID 1001' })
  }
  const dueDate = reader.cell('dueDate')
  const list = (field: LedgerField): string[] | undefined => {
    const cell = reader.cell(field)
    return cell && [cell.text]
  }
  const payee = partyOf(table, reader, 'payee')
  return {
    format: isChinese ? 'CN-CSV' : 'CSV',
    class: classOf(isCreditType(type?.text), gross, payable),
    ...(isChinese ? chineseNumberOf(reader) : { number: numberIn(reader.required('number', reader.cell('number'))) }),
    issueDate: day(reader.required('issueDate', reader.cell('issueDate'))),
    currency,
    payable,
    seller: partyOf(table, reader, 'seller'),
    buyer: partyOf(table, reader, 'buyer'),
    preceding: list('preceding') ?? [],
    ...present({
      gross,
      dueDate: dueDate && day(dueDate),
      payee: Object.keys(payee).length > 1 || payee.ids.length > 0 ? payee : undefined,
      orders: list('order'),
      contracts: list('contract')
    }),
    provenance: reader.provenance
  }
}

/** A red row is in force, and the blue one that it reverses is not. */
function requireInForce(status: Cell | undefined): void {
  if (status === undefined || /^(正常|normal|valid)$/i.test(status.text)) return
  throw new DocumentRefused('INVOICE_NOT_IN_FORCE', {
    field: status.place,
    presented: status.text,
    required: '正常, normal or valid'
  })
}

/** 20 digits, or a code and up to 8 digits, since spreadsheets drop the zeros in front; or all of them, of an invoice on paper. */
function chineseNumberOf(reader: RowReader): Pick<NormalisedInvoice, 'number' | 'invoiceCode' | 'alias'> {
  const digital = reader.cell('digitalNumber', 'number')
  if (!digital) return oneNumberOf(reader.required('number', reader.cell('number')), reader.cell('invoiceCode'))
  const [code, number] = [reader.peek('invoiceCode'), reader.peek('number')]
  // A code alone, or the 20 digits again in the column of the number, is no other number.
  if (!code || !number || number.text === digital.text) return oneNumberOf(digital, undefined)
  const alias = oneNumberOf(number, code)
  reader.cell('invoiceCode', 'alias.invoiceCode')
  reader.cell('number', 'alias.number')
  return { ...oneNumberOf(digital, undefined), alias: { invoiceCode: code.text, number: alias.number } }
}

function oneNumberOf(cell: Cell, code: Cell | undefined): { number: string; invoiceCode?: string } {
  const number = numberIn(cell)
  const isDigital = /^[0-9]{20}$/.test(number) && code === undefined
  const isVat = /^[0-9]{1,8}$/.test(number) && code !== undefined && /^([0-9]{10}|[0-9]{12})$/.test(code.text)
  if (isDigital) return { number }
  if (isVat) return { number: number.padStart(8, '0'), invoiceCode: code.text }
  const presented = code === undefined ? number : `${code.text} ${number}`
  const required = '20 digits, or a code of 10 or 12 digits and a number of 8'
  throw new DocumentRefused('NUMBER_MALFORMED', { field: cell.place, presented, required })
}

function partyOf({ parties, fixedSeller }: Table, reader: RowReader, role: PartyRole): Party {
  const values: Partial<Record<PartyField, string>> = {}
  for (const [field, key] of parties[role]) {
    const value = reader.cell(key)?.text
    if (value !== undefined) values[field] = value
  }
  if (role === 'seller') {
    for (const [field, value, key] of fixedSeller) {
      values[field] = value
      reader.provenance[key] = `/mapping/${key}`
    }
  }
  const { id, legal, ...rest } = values
  return {
    ids: id === undefined ? [] : [{ v: id }],
    ...rest,
    ...(legal === undefined ? {} : { legal: { v: legal } })
  }
}
