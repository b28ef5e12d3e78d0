/** Ledgers in CSV (RFC 4180) with headers that are read without a mapping. Credits are written with minus. */
import { decimalsOf, signed, type SampleInvoice } from './model.ts'

type Column = readonly [string, (invoice: SampleInvoice) => string | undefined]

const ENGLISH: readonly Column[] = [
  ['Invoice No', ({ number }) => number],
  ['Invoice Date', ({ issueDate }) => issueDate],
  ['Due Date', ({ dueDate }) => dueDate],
  ['Currency', ({ currency }) => currency],
  ['Gross Amount', (invoice) => signed(invoice, decimalsOf(invoice).gross)],
  ['Amount Due', (invoice) => signed(invoice, decimalsOf(invoice).payable)],
  ['Seller VAT ID', ({ seller }) => seller.vat],
  ['Seller', ({ seller }) => seller.name],
  ['Buyer VAT ID', ({ buyer }) => buyer.vat],
  ['Buyer', ({ buyer }) => buyer.name],
  ['Preceding Invoice', ({ preceding }) => preceding],
  ['Order Number', ({ order }) => order],
  ['Contract Number', ({ contract }) => contract]
]

/** As tax platforms export: 数电票 in a column of its own. */
const CHINESE: readonly Column[] = [
  ['发票代码', ({ invoiceCode }) => invoiceCode],
  ['发票号码', ({ invoiceCode, number }) => (invoiceCode === undefined ? undefined : number)],
  ['数电票号码', ({ invoiceCode, number }) => (invoiceCode === undefined ? number : undefined)],
  ['销方识别号', ({ seller }) => seller.uscc],
  ['销方名称', ({ seller }) => seller.name],
  ['购方识别号', ({ buyer }) => buyer.uscc],
  ['购买方名称', ({ buyer }) => buyer.name],
  ['开票日期', ({ issueDate }) => `${issueDate} 13:02:50`],
  ['金额', (invoice) => signed(invoice, decimalsOf(invoice).net)],
  ['税额', (invoice) => signed(invoice, decimalsOf(invoice).tax)],
  ['价税合计', (invoice) => signed(invoice, decimalsOf(invoice).gross)]
]

export function writeLedger(...invoices: readonly SampleInvoice[]): Uint8Array {
  return tableOf(ENGLISH, invoices)
}

export function writeChineseLedger(...invoices: readonly SampleInvoice[]): Uint8Array {
  return tableOf(CHINESE, invoices)
}

function tableOf(columns: readonly Column[], invoices: readonly SampleInvoice[]): Uint8Array {
  const rows = [
    columns.map(([name]) => name),
    ...invoices.map((invoice) => columns.map(([, value]) => value(invoice) ?? ''))
  ]
  return new TextEncoder().encode(rows.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join(''))
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
