/** What every reader makes of a document, whatever its format. BT numbers: business terms of EN 16931-1:2017. */

/** What a document is in. `FIELDS`: stated without a file (invoice-fields.ts). Those in `CN-` hold invoices that a state numbered, which are identified by that number alone. */
export type DocumentFormat =
  | 'UBL'
  | 'CII'
  | 'ZF1'
  | 'CN-EINVOICE-XML'
  | 'CN-EIP-VARIANT'
  | 'CN-OFD'
  | 'CN-CSV'
  | 'FATTURAPA'
  | 'EDIFACT'
  | 'CSV'
  | 'FIELDS'
  | 'CN-FIELDS'

/** R: the seller is owed. C: the document credits the buyer. By the effective sign, not by the type code alone. */
export type DocumentClass = 'R' | 'C'

export interface Identifier {
  readonly v: string
  /** Identification scheme as written (ISO 6523 ICD, EAS or the sender's own). */
  readonly scheme?: string
}

/** A party with every identifier the document gives it, as written apart from blanks around. */
export interface Party {
  /** VAT id, BT-31 and BT-48. */
  readonly vat?: string
  /** 统一社会信用代码 or an older Chinese taxpayer number. */
  readonly uscc?: string
  /** Tax registration other than VAT, BT-32. Some countries put text here: see `partyKeyOf`. */
  readonly tax?: string
  /** ISO 3166-1 letters of the country that gave the tax number, whatever the address: {@link NormalisedInvoice.taxedIn}, put in. */
  readonly taxCountry?: string
  /** Legal registration, BT-30 and BT-47. */
  readonly legal?: Identifier
  /** Other identifiers, BT-29 and BT-46. */
  readonly ids: readonly Identifier[]
  /** Electronic address, BT-34 and BT-49. */
  readonly endpoint?: Identifier
  readonly name?: string
  /** BT-28, where the format keeps it apart: PartyName of UBL is the trading name of some, the only name of others. */
  readonly trading?: string
  /** ISO 3166-1 letters of the postal address. */
  readonly country?: string
}

/** A file inside an invoice, as the invoice names it. */
export interface Attachment {
  readonly id?: string
  readonly filename?: string
  readonly mediaType?: string
  /** Of the content, hex; absent when it is not carried in the document, or not as base64. */
  readonly sha256?: string
}

export interface NormalisedInvoice {
  readonly format: DocumentFormat
  readonly class: DocumentClass
  /** BT-1, as written apart from blanks around. */
  readonly number: string
  /** 发票代码, where the Chinese number is only unique together with it. */
  readonly invoiceCode?: string
  /** 发票代码 and 发票号码 that a 数电票 on paper has beside its 20 digits: whoever has only these has the same invoice. */
  readonly alias?: { readonly invoiceCode: string; readonly number: string }
  /** BT-2, YYYY-MM-DD. Absent only in a 数电票 without IssueTime, whose number is unique without it. */
  readonly issueDate?: string
  /** BT-9, YYYY-MM-DD. */
  readonly dueDate?: string
  /** BT-5, ISO 4217 letters. */
  readonly currency: string
  /** BT-115 in minor units, sign as written. */
  readonly payable: bigint
  /** BT-112 in minor units, sign as written. */
  readonly gross?: bigint
  readonly seller: Party
  readonly buyer: Party
  /** BG-10: who is to be paid when it is not the seller, which is how an assignment shows on an invoice. */
  readonly payee?: Party
  /** Countries that gave the tax numbers, where the format says so and an address need not. */
  readonly taxedIn?: Readonly<Partial<Record<'seller' | 'buyer', string>>>
  /** BT-25, numbers of preceding invoices. */
  readonly preceding: readonly string[]
  /** BT-13, purchase orders it names. */
  readonly orders?: readonly string[]
  /** BT-12, contracts it names. */
  readonly contracts?: readonly string[]
  /** BG-24, files that it carries. */
  readonly attachments?: readonly Attachment[]
  /** Which element each field was read from, as a path from the root. */
  readonly provenance: Readonly<Record<string, string>>
}
