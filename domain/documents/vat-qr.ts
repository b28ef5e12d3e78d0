/**
 * The two-dimensional code printed on Chinese VAT invoices: comma-separated, first field `01`. It names the invoice and
 * nothing of its parties, so that it identifies but cannot be registered on its own.
 */
import { DocumentRefused } from './refusal.ts'

/** What the code says. Its amount is without tax on VAT invoices and of unknown kind on 数电票: never part of an identity. */
export interface InvoiceReference {
  readonly format: 'CN-VAT-QR'
  /** 发票种类, as written: 01 专票, 04 普票, 10 电子普票, 32 数电票 and others. */
  readonly kind: string
  /** 发票代码; absent on 数电票, whose 20 digits are unique. */
  readonly invoiceCode?: string
  readonly number: string
  /** As written, in yuan. */
  readonly amount: string
  readonly issueDate: string
  /** Last digits of 校验码, absent on 专票 and 数电票. */
  readonly checkCode?: string
}

const LENGTH_MAX = 200

/** Told by its shape: 01, a kind of two digits, an empty code or one of 10 or 12 digits, a number. */
export function isVatQr(bytes: Uint8Array): boolean {
  if (bytes.length > LENGTH_MAX || bytes[0] !== 0x30 || bytes[1] !== 0x31 || bytes[2] !== 0x2c) return false
  return /^01,[0-9]{2},[^,]*,[^,]*,/.test(String.fromCharCode(...bytes))
}

/** Throws NUMBER_MALFORMED, AMOUNT_MALFORMED, DATE_MALFORMED and FIELD_REPEATED for a field too many. */
export function readVatQr(bytes: Uint8Array): InvoiceReference {
  const fields = String.fromCharCode(...bytes)
    .trim()
    .split(',')
  const [, kind = '', code = '', number = '', amount = '', date = '', check = ''] = fields
  // Code, number, amount, date, check code, CRC and sometimes a comma at the end.
  if (fields.length > 9)
    throw new DocumentRefused('FIELD_REPEATED', { field: 'code', presented: String(fields.length) })
  const isDigital = code === '' && /^[0-9]{20}$/.test(number)
  const isVat = /^([0-9]{10}|[0-9]{12})$/.test(code) && /^[0-9]{8}$/.test(number)
  if (!isDigital && !isVat) {
    const required = '20 digits, or a code and 8'
    throw new DocumentRefused('NUMBER_MALFORMED', { field: 'number', presented: `${code} ${number}`, required })
  }
  if (!/^-?[0-9]{1,15}(\.[0-9]{1,2})?$/.test(amount)) {
    throw new DocumentRefused('AMOUNT_MALFORMED', { field: 'amount', presented: amount, required: 'yuan' })
  }
  if (check !== '' && !/^[0-9]{1,20}$/.test(check)) {
    throw new DocumentRefused('NUMBER_MALFORMED', { field: 'checkCode', presented: check, required: 'digits' })
  }
  return {
    format: 'CN-VAT-QR',
    kind,
    number,
    amount,
    issueDate: dayOf(date),
    ...(code === '' ? {} : { invoiceCode: code }),
    ...(check === '' ? {} : { checkCode: check })
  }
}

function dayOf(date: string): string {
  const day = date.replace(/^([0-9]{4})([0-9]{2})([0-9]{2})$/, '$1-$2-$3')
  const time = Date.parse(`${day}T00:00:00Z`)
  if (day.length === 10 && !Number.isNaN(time) && new Date(time).toISOString().startsWith(day)) return day
  throw new DocumentRefused('DATE_MALFORMED', { field: 'issueDate', presented: date, required: 'YYYYMMDD' })
}
