/**
 * The identity of an invoice: seller, number and year, or the number a state issued. Buyer, amounts and dates are
 * attributes: if a cent were part of the identity, a cent would buy a second financing.
 */
import type { Identifier, NormalisedInvoice, Party } from '../documents/invoice.ts'
import { DocumentRefused } from '../documents/refusal.ts'
import { idNumberKey, normaliseText, numberKey } from './normalise.ts'

/** Names a party by one key, undefined when it cannot. The API passes the directory's participant id. */
export type PartyKey = (party: Party) => string | undefined

/**
 * `['CN-DE', 20 digits]`, `['CN-VAT', code, 8 digits]`, or `['R' | 'C', seller, number, 'YYYY']`.
 * A credit note has an identity of its own, since sellers give it the number of the invoice it corrects.
 */
export type Identity = readonly string[]

/** Throws `DocumentRefused` SELLER_UNIDENTIFIED, NUMBER_MALFORMED or ISSUE_DATE_MISSING. */
export function identityOf(invoice: NormalisedInvoice, sellerKey: PartyKey = partyKeyOf): Identity {
  if (invoice.format.startsWith('CN-')) return chineseIdentityOf(invoice)
  const number = idNumberKey(invoice.number)
  if (number === '') {
    const required = 'a letter or digit'
    throw new DocumentRefused('NUMBER_MALFORMED', { field: 'number', presented: invoice.number, required })
  }
  if (invoice.issueDate === undefined) throw new DocumentRefused('ISSUE_DATE_MISSING', { field: 'issueDate' })
  const seller = sellerKey(invoice.seller)
  if (seller === undefined) {
    const required = 'a VAT id, tax number, legal registration, other identifier, endpoint or name that is known'
    throw new DocumentRefused('SELLER_UNIDENTIFIED', { field: 'seller', required })
  }
  return [invoice.class, seller, number, invoice.issueDate.slice(0, 4)]
}

/**
 * Every identity that deliveries of the invoice may have, the one of {@link identityOf} first: a 数电票 on paper has a code and a number
 * beside its 20 digits, and each of the two is enough to ask for money. Throws as `identityOf` does.
 */
export function identitiesOf(invoice: NormalisedInvoice, sellerKey?: PartyKey): readonly [Identity, ...Identity[]] {
  const identity = identityOf(invoice, sellerKey)
  if (!invoice.alias) return [identity]
  const other = chineseIdentityOf(invoice.alias)
  return other.join() === identity.join() ? [identity] : [identity, other]
}

/**
 * 数电票 have 20 digits; earlier VAT invoices a code of 10 or 12 and a number of 8, whose zeros count. The state issued
 * them, so that no seller is needed: the code printed on an invoice has the same identity. Programs with fields for a code and a number
 * only cut the 20 digits into 12 and 8; they begin with the year, from 21 on, and codes of 12 digits with 0 or 1. Throws NUMBER_MALFORMED.
 */
export function chineseIdentityOf({
  number,
  invoiceCode
}: Pick<NormalisedInvoice, 'number' | 'invoiceCode'>): Identity {
  const digits = numberKey(number)
  if (/^[0-9]{20}$/.test(digits)) return ['CN-DE', digits]
  const code = numberKey(invoiceCode ?? '')
  if (/^[2-9][0-9]{11}$/.test(code) && /^[0-9]{1,8}$/.test(digits)) return ['CN-DE', code + digits.padStart(8, '0')]
  if (/^([0-9]{10}|[0-9]{12})$/.test(code) && /^[0-9]{1,8}$/.test(digits)) {
    return ['CN-VAT', code, digits.padStart(8, '0')]
  }
  throw new DocumentRefused('NUMBER_MALFORMED', {
    field: 'number',
    presented: number,
    required: '20 digits, or a code and 8'
  })
}

/**
 * The party's key without a directory: VAT, USCC, tax number, legal registration, other identifier, endpoint, name, in
 * this order. It is only as good as the text of the document: whoever leaves the VAT id out gets another key.
 */
export function partyKeyOf(party: Party): string | undefined {
  if (party.vat !== undefined && numberKey(party.vat) !== '') return `VAT:${vatKey(party.vat, party.country)}`
  if (party.uscc !== undefined && numberKey(party.uscc) !== '') return `USCC:${numberKey(party.uscc)}`
  if (party.tax !== undefined && isTaxNumber(party.tax)) return prefixed('TAX', party.country, party.tax)
  if (party.legal) return prefixed('LEG', party.legal.scheme ?? party.country ?? '', party.legal.v)
  const [id] = party.ids
  if (id) return identifierKey('ID', id)
  if (party.endpoint) return identifierKey('EP', party.endpoint)
  const name = numberKey(party.name ?? '')
  return name === '' ? undefined : `NAME:${name}`
}

/** `DE 123456789` and `123456789` of a German seller are one id. */
function vatKey(vat: string, country: string | undefined): string {
  const key = numberKey(vat)
  return /^[A-Z]{2}/.test(key) || country === undefined ? key : normaliseText(country).trim() + key
}

/** Sweden writes "Godkänd för F-skatt" where the number belongs: taking that as an id makes all sellers one. */
function isTaxNumber(tax: string): boolean {
  return (numberKey(tax).match(/[0-9]/g) ?? []).length >= 4
}

function prefixed(kind: string, scheme: string | undefined, value: string): string {
  return scheme === undefined
    ? `${kind}:${numberKey(value)}`
    : `${kind}:${normaliseText(scheme).trim()}:${numberKey(value)}`
}

function identifierKey(kind: string, { scheme, v }: Identifier): string {
  return prefixed(kind, scheme ?? '', v)
}
