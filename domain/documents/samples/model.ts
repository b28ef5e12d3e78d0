/** One plain invoice that every writer of this folder puts into its format. For demonstration and tests: no firm is real. */
import { decimalFromMinor } from '../../money/amount.ts'
import type { DocumentClass, Party } from '../invoice.ts'

export interface SampleInvoice {
  /** C: a credit note or red invoice, in the manner of the format: type 381 or TD04 with plus, or amounts with minus. */
  readonly class: DocumentClass
  readonly number: string
  /** 发票代码, for Chinese VAT invoices of before 数电票. */
  readonly invoiceCode?: string
  /** YYYY-MM-DD. */
  readonly issueDate: string
  readonly dueDate?: string
  readonly currency: string
  /** With tax, in minor units, never negative. */
  readonly gross: bigint
  /** Of the gross. */
  readonly tax: bigint
  /** Default: the gross. */
  readonly payable?: bigint
  readonly seller: Party
  readonly buyer: Party
  readonly payee?: Party
  /** Number of the invoice that a credit note corrects. */
  readonly preceding?: string
  readonly order?: string
  readonly contract?: string
  /** What was sold. */
  readonly item: string
}

/** Writes the invoice in a format. Fields that the format has no place for are left out. */
export type SampleWriter = (invoice: SampleInvoice) => Uint8Array

/** Amounts of an invoice as decimal strings without sign. */
export interface Decimals {
  readonly net: string
  readonly tax: string
  readonly gross: string
  readonly payable: string
  /** Percent, two decimals. */
  readonly rate: string
}

export function decimalsOf({ gross, tax, payable, currency }: SampleInvoice): Decimals {
  const net = gross - tax
  const rate = net === 0n ? 0n : (tax * 10_000n + net / 2n) / net
  return {
    net: decimalFromMinor(net, currency),
    tax: decimalFromMinor(tax, currency),
    gross: decimalFromMinor(gross, currency),
    payable: decimalFromMinor(payable ?? gross, currency),
    rate: `${rate / 100n}.${String(rate % 100n).padStart(2, '0')}`
  }
}

/** For formats that write a credit with minus. */
export function signed(invoice: SampleInvoice, decimal: string): string {
  return invoice.class === 'C' && /[1-9]/.test(decimal) ? `-${decimal}` : decimal
}

/** UNTDID 1001. */
export function typeCodeOf(invoice: SampleInvoice): string {
  return invoice.class === 'C' ? '381' : '380'
}

export function compactDay(day: string): string {
  return day.replaceAll('-', '')
}
