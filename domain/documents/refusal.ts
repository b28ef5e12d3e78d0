/**
 * Every reason a document is not read, or not identified, with one sentence for people.
 * A client acts on the code; the sentence may change.
 */
export const documentRefusals = {
  DOCUMENT_EMPTY: 'The document has no bytes',
  DOCUMENT_TOO_LARGE: 'The document is larger than the limit',
  DOCUMENT_KIND_UNKNOWN: 'The document is in none of the formats that can be read',
  DOCUMENT_NOT_AN_INVOICE: 'The document is read, but it is no invoice',
  DOCUMENT_NOT_A_STATEMENT: 'The document is read, but it is no bank statement',
  DOCUMENT_HAS_SEVERAL_INVOICES: 'The document has several invoices where one is wanted',
  ENCODING_REFUSED: 'The document is in a character encoding that is not accepted',
  ENCODING_INVALID: 'The bytes are not text in the declared encoding',
  XML_MALFORMED: 'The document is not well-formed XML with namespaces',
  XML_VERSION_REFUSED: 'Only XML 1.0 is accepted',
  XML_DOCTYPE_REFUSED: 'A document type declaration is refused, whatever it holds',
  XML_TOO_DEEP: 'Elements are nested deeper than the limit',
  XML_TOO_MANY_ATTRIBUTES: 'An element has more attributes than the limit',
  XML_TOO_MUCH_TEXT: 'One element has more text than the limit',
  PDF_REFUSED: 'The PDF is encrypted, damaged or beyond the limits',
  PDF_WITHOUT_INVOICE: 'The PDF has no embedded invoice',
  PDF_WITH_SEVERAL_INVOICES: 'The PDF has embedded invoices that differ',
  ARCHIVE_REFUSED: 'The archive is damaged, irregular, encrypted or beyond the limits',
  OFD_WITHOUT_INVOICE: 'The OFD names no invoice that can be read',
  EDIFACT_MALFORMED: 'The interchange is not one EDIFACT message that can be read',
  CSV_MALFORMED: 'The CSV is not one table with a header',
  CSV_COLUMN_MISSING: 'The ledger has no column for a field that is needed',
  CSV_COLUMN_AMBIGUOUS: 'Two columns of the ledger may be meant',
  CSV_CELL_REFUSED: 'A cell is a formula or has control characters',
  INVOICE_NOT_IN_FORCE: 'The ledger says of an invoice that it was voided or reversed',
  LEDGER_MAPPING_INVALID: 'The mapping of the ledger is not in its form',
  STATEMENT_MISSING: 'The bank message has no statement',
  ENTRY_MALFORMED: 'An entry of the bank statement is not in the form its format requires',
  FIELD_MISSING: 'A required element is missing or empty',
  FIELD_REPEATED: 'An element that may occur once occurs again',
  FIELD_NOT_SIMPLE: 'An element that holds a plain value has child elements',
  FIELD_TOO_LONG: 'A value is longer than the limit',
  FIELD_CONTRADICTORY: 'Two elements that must say the same differ',
  DATE_MALFORMED: 'A date is not a day of the calendar in an accepted form',
  CURRENCY_UNKNOWN: 'The currency is not in ISO 4217',
  AMOUNT_MALFORMED: 'An amount is not a plain decimal number',
  AMOUNT_TOO_PRECISE: 'An amount has more decimals than its currency',
  NUMBER_MALFORMED: 'The document number is not in the form its format requires',
  SELLER_UNIDENTIFIED: 'The seller has no identifier that is known',
  ISSUE_DATE_MISSING: 'The identity needs the year of the issue date'
} as const

export type DocumentRefusalCode = keyof typeof documentRefusals

export interface RefusalDetails {
  /** The field or element the refusal is about. */
  readonly field?: string
  readonly presented?: string
  readonly required?: string
}

/** A document, or a field of it, is refused. Nothing of it was used. */
export class DocumentRefused extends Error {
  readonly code: DocumentRefusalCode
  declare readonly field?: string
  declare readonly presented?: string
  declare readonly required?: string

  constructor(code: DocumentRefusalCode, details: RefusalDetails = {}) {
    super(messageOf(code, details))
    this.name = 'DocumentRefused'
    this.code = code
    Object.assign(this, shortened(details))
  }

  toJSON(): RefusalDetails & { code: DocumentRefusalCode; message: string } {
    const details: { field?: string; presented?: string; required?: string } = {}
    if (this.field !== undefined) details.field = this.field
    if (this.presented !== undefined) details.presented = this.presented
    if (this.required !== undefined) details.required = this.required
    return { code: this.code, message: this.message, ...details }
  }
}

function messageOf(code: DocumentRefusalCode, details: RefusalDetails): string {
  const { field, presented, required } = shortened(details)
  const parts: string[] = [documentRefusals[code]]
  if (field !== undefined) parts.push(`field ${field}`)
  if (presented !== undefined) parts.push(`presented ${JSON.stringify(presented)}`)
  if (required !== undefined) parts.push(`required ${required}`)
  return parts.join('; ')
}

/** A hostile value must not fill logs and answers. */
function shortened(details: RefusalDetails): RefusalDetails {
  const { presented } = details
  if (presented === undefined || presented.length <= 100) return details
  return { ...details, presented: `${presented.slice(0, 100)}…` }
}
