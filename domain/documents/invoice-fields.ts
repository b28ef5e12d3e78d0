/** Invoices of firms that have none as a file: their fields, in a document of our own. */
import canonicalize from 'canonicalize'
import { utf8 } from '../crypto/bytes.ts'
import { isDay } from '../calendar/day.ts'
import { isCurrency } from '../money/currency.ts'
import type { DocumentFormat, NormalisedInvoice, Party } from './invoice.ts'
import { DocumentRefused } from './refusal.ts'

/** As its seller states it. Days are YYYY-MM-DD, amounts minor units in decimal. */
export interface InvoiceFields {
  readonly number: string
  /** 发票代码. */
  readonly invoiceCode?: string
  readonly issueDate: string
  readonly dueDate?: string
  readonly currency: string
  readonly payable: string
  readonly gross?: string
  readonly preceding?: readonly string[]
  readonly orders?: readonly string[]
  readonly contracts?: readonly string[]
}

/** A firm by the identifier that the directory names it by, `SCHEME:value` (domain/participant/identifiers.ts). */
export interface NamedFirm {
  readonly legalIdentity: string
  readonly name: string
  readonly country: string
}

/**
 * The invoice, and the file that stands for it: the UTF-8 of RFC 8785 JSON, so that the same fields are the same file. What a state numbered
 * has the identity that its file would have: 20 digits, or a code and a number, of a Chinese seller.
 * @throws DocumentRefused DATE_MALFORMED, CURRENCY_UNKNOWN
 */
export function invoiceOfFields(
  fields: InvoiceFields,
  seller: NamedFirm,
  buyer: NamedFirm
): { invoice: NormalisedInvoice; bytes: Uint8Array } {
  for (const field of ['issueDate', 'dueDate'] as const) {
    const presented = fields[field]
    if (presented !== undefined && !isDay(presented))
      throw new DocumentRefused('DATE_MALFORMED', { field, presented, required: 'a day as YYYY-MM-DD' })
  }
  const { currency, payable, gross, ...texts } = fields
  if (!isCurrency(currency))
    throw new DocumentRefused('CURRENCY_UNKNOWN', { field: 'currency', presented: currency, required: 'ISO 4217' })
  const parties = { seller: partyOfFirm(seller), buyer: partyOfFirm(buyer) }
  const format = formatOf(fields, parties.seller)
  return {
    invoice: {
      format,
      class: 'R',
      ...texts,
      currency,
      payable: BigInt(payable),
      ...(gross === undefined ? {} : { gross: BigInt(gross) }),
      ...parties,
      preceding: fields.preceding ?? [],
      provenance: {}
    },
    bytes: utf8(canonicalize({ tallystick: 'invoice fields 1', ...fields, ...parties })!)
  }
}

function formatOf({ number, invoiceCode }: InvoiceFields, seller: Party): DocumentFormat {
  const isOfState = seller.uscc !== undefined && (invoiceCode !== undefined || /^[0-9]{20}$/.test(number.trim()))
  return isOfState ? 'CN-FIELDS' : 'FIELDS'
}

/** As a document would name the firm. */
export function partyOfFirm({ legalIdentity, name, country }: NamedFirm): Party {
  const at = legalIdentity.indexOf(':')
  const [scheme, value] = [legalIdentity.slice(0, at), legalIdentity.slice(at + 1)]
  const firm = { name, country, ids: [] }
  switch (scheme) {
    case 'VAT':
      return { ...firm, vat: value }
    case 'USCC':
      return { ...firm, uscc: value }
    case 'TAX':
      return { ...firm, tax: value.slice(3), taxCountry: value.slice(0, 2) }
    case 'LEG':
      return { ...firm, country: value.slice(0, 2), legal: { v: value.slice(3) } }
    default:
      return { ...firm, ids: [{ v: value, scheme }] }
  }
}
