/** The code printed on Chinese invoices. Its amount is the one without tax. */
import { compactDay, decimalsOf, signed, type SampleInvoice } from './model.ts'

/** Kind 32 数电票 without code and check code, else 10 电子普票. */
export function writeVatQr(invoice: SampleInvoice): Uint8Array {
  const { number, invoiceCode, issueDate } = invoice
  const kind = invoiceCode === undefined ? '32' : '10'
  const check = invoiceCode === undefined ? '' : '77669856890717802165'
  const amount = signed(invoice, decimalsOf(invoice).net)
  const fields = ['01', kind, invoiceCode ?? '', number, amount, compactDay(issueDate), check, '64CF', '']
  return new TextEncoder().encode(fields.join(','))
}
