/** What near-duplicate alarms look at in a document, in normal forms. */
import type { Attachment, NormalisedInvoice, Party } from '../documents/invoice.ts'
import { idNumberKey, numberKey, skeleton } from '../fingerprint/normalise.ts'

/** A document as the rules see it. Keys name parties; two documents of one firm must have the same key for it. */
export interface AlarmFacts {
  readonly class: 'R' | 'C'
  readonly seller: string
  /** Empty: nobody knows whom the document names. */
  readonly buyer: string
  /** As written. */
  readonly number: string
  /** Letters and digits, with the code of Chinese VAT invoices in front, without leading zeros where a number may lose them. */
  readonly numberKey: string
  /** YYYY-MM-DD, where the document has one. */
  readonly issueDate: string | undefined
  /** ISO 4217 letters. */
  readonly currency: string
  /** Total with tax in minor units without sign; what is to be paid, where the document has no total. */
  readonly gross: bigint
  /** Orders and contracts that it names, in normal form. */
  readonly references: readonly string[]
  /** Keys of the invoices that it corrects or credits. */
  readonly preceding: readonly string[]
  /** Who is to be paid, when that is not the seller. */
  readonly payee: string | undefined
  /** SHA-256 of the file, hex. */
  readonly file: string
  /** SHA-256 of the files inside, hex. */
  readonly attachments: readonly string[]
}

/** The fields of a normalised invoice that alarms need. */
export type AlarmInvoice = Pick<
  NormalisedInvoice,
  'format' | 'class' | 'number' | 'currency' | 'payable' | 'preceding'
> & {
  readonly [K in 'invoiceCode' | 'issueDate' | 'gross' | 'orders' | 'contracts' | 'payee' | 'attachments']?:
    NormalisedInvoice[K] | undefined
}

/** Who the document names, by the keys of the caller's directory. */
export interface AlarmParties {
  readonly seller: string
  readonly buyer: string | undefined
  /** Key of a payee; undefined when there is none or it is the seller. */
  readonly payee: string | undefined
}

export function alarmFactsOf(invoice: AlarmInvoice, parties: AlarmParties, file: string): AlarmFacts {
  const gross = invoice.gross ?? invoice.payable
  const isChinese = invoice.format.startsWith('CN-')
  const keyOf = isChinese ? numberKey : idNumberKey
  return {
    class: invoice.class,
    seller: parties.seller,
    buyer: parties.buyer ?? '',
    number: invoice.number,
    numberKey: keyOf((invoice.invoiceCode ?? '') + invoice.number),
    issueDate: invoice.issueDate,
    currency: invoice.currency,
    gross: gross < 0n ? -gross : gross,
    references: distinct([...(invoice.orders ?? []), ...(invoice.contracts ?? [])].map(numberKey)),
    preceding: distinct(invoice.preceding.map(keyOf)),
    payee: parties.payee,
    file,
    attachments: distinct((invoice.attachments ?? []).flatMap(({ sha256 }: Attachment) => sha256 ?? []))
  }
}

/** A payee is another than the seller when no identifier and no name says that it is the same. */
export function payeeOtherThan(seller: Party, payee: Party | undefined, keyOf: (party: Party) => string | undefined) {
  if (!payee) return undefined
  const key = keyOf(payee)
  const sameName = payee.name !== undefined && numberKey(payee.name) === numberKey(seller.name ?? '')
  return key === undefined || key === keyOf(seller) || sameName ? undefined : key
}

/** Days between two days; undefined when one is not known. */
export function daysBetween(left: string | undefined, right: string | undefined): number | undefined {
  if (left === undefined || right === undefined) return undefined
  return Math.abs(Date.parse(left) - Date.parse(right)) / 86_400_000
}

/** A number at a glance: look-alikes folded, leading zeros dropped, the other zeros kept. */
export function glance({ numberKey: key }: AlarmFacts): string {
  return skeleton(key, 'keep-zeros').replace(/^0+(?=.)/, '')
}

/** Digits alone, where there are enough to mean something. */
export function digitsOf({ numberKey: key }: AlarmFacts): string | undefined {
  const digits = key.replace(/[^0-9]/g, '').replace(/^0+(?=.)/, '')
  return digits.length >= 4 ? digits : undefined
}

function distinct(keys: readonly string[]): string[] {
  return [...new Set(keys)].filter((key) => key !== '')
}
