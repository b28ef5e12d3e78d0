/** OASIS UBL 2.0 to 2.3: Invoice, CreditNote, DebitNote, FreightInvoice (ISO/IEC 19845; EN 16931-3-2; Peppol BIS 3). */
import { all, attachmentsIn, FieldReader, first, only, present, stepsOf, valueOf } from './fields.ts'
import type { Identifier, NormalisedInvoice, Party } from './invoice.ts'
import { DocumentRefused } from './refusal.ts'
import { classOf, isCreditType } from './sign.ts'
import type { XmlElement } from './xml.ts'

const UBL = 'urn:oasis:names:specification:ubl:schema:xsd:'
const cbc = stepsOf(`${UBL}CommonBasicComponents-2`)
const cac = stepsOf(`${UBL}CommonAggregateComponents-2`)

/** BT-90, the creditor identifier of SEPA direct debit, stands among the party's ids but names a mandate's creditor. */
const DIRECT_DEBIT = 'SEPA'

/** UNTDID 3055 code of the Colombian tax administration. */
const DIAN = '195'
/** Its code of the taxpayer number, beside those of passports and foreign numbers. */
const NIT = '31'

interface Kind {
  readonly typeCode: string
  readonly totals: string
  readonly credits: boolean
}

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['Invoice', { typeCode: 'InvoiceTypeCode', totals: 'LegalMonetaryTotal', credits: false }],
  ['CreditNote', { typeCode: 'CreditNoteTypeCode', totals: 'LegalMonetaryTotal', credits: true }],
  ['DebitNote', { typeCode: 'DebitNoteTypeCode', totals: 'RequestedMonetaryTotal', credits: false }],
  ['FreightInvoice', { typeCode: 'InvoiceTypeCode', totals: 'LegalMonetaryTotal', credits: false }]
])

export function isUbl(root: XmlElement): boolean {
  return KINDS.has(root.name) && root.namespace === `${UBL}${root.name}-2`
}

/** Reads a root for which `isUbl` holds. Throws `DocumentRefused`. */
export function readUbl(root: XmlElement): NormalisedInvoice {
  const kind = KINDS.get(root.name)!
  const reader = new FieldReader()
  const number = reader.number(only(root, cbc('ID')))
  const issueDate = reader.requiredDate('issueDate', only(root, cbc('IssueDate')))
  const totals = only(root, cac(kind.totals))
  if (!totals) throw new DocumentRefused('FIELD_MISSING', { field: 'payable', required: kind.totals })
  const payableElement = only(totals, cbc('PayableAmount'))
  const currency = reader.currency(only(root, cbc('DocumentCurrencyCode')), payableElement)
  const payable = reader.requiredAmount('payable', payableElement, currency)
  const gross = reader.amount('gross', only(totals, cbc('TaxInclusiveAmount')), currency)
  const typeCode = reader.text('type', only(root, cbc(kind.typeCode)))
  const payee = only(root, cac('PayeeParty'))
  return {
    format: 'UBL',
    class: classOf(kind.credits || isCreditType(typeCode), gross, payable),
    number,
    issueDate,
    currency,
    payable,
    seller: partyAt(reader, 'seller', only(root, cac('AccountingSupplierParty'))),
    buyer: partyAt(reader, 'buyer', only(root, cac('AccountingCustomerParty'))),
    preceding: precedingOf(reader, root),
    ...present({
      gross,
      taxedIn: taxedInOf(root),
      dueDate: dueDateOf(reader, root),
      payee: payee && partyOf(reader, 'payee', payee, []),
      orders: reader.texts('orders', all(root, cac('OrderReference'), cbc('ID'))),
      contracts: reader.texts('contracts', all(root, cac('ContractDocumentReference'), cbc('ID'))),
      attachments: attachmentsIn(
        all(root, cac('AdditionalDocumentReference')),
        cbc('ID'),
        cac('Attachment'),
        cbc('EmbeddedDocumentBinaryObject')
      )
    }),
    provenance: reader.provenance
  }
}

/** BT-9 is an element of its own in an invoice; a credit note and UBL 2.0 give it with the means of payment. */
function dueDateOf(reader: FieldReader, root: XmlElement): string | undefined {
  const element = only(root, cbc('DueDate')) ?? first(root, cac('PaymentMeans'), cbc('PaymentDueDate'))
  return reader.date('dueDate', element)
}

function precedingOf(reader: FieldReader, root: XmlElement): readonly string[] {
  const references = all(root, cac('BillingReference'))
  const numbers = ['InvoiceDocumentReference', 'CreditNoteDocumentReference'].flatMap((name) =>
    references.flatMap((reference) => only(reference, cac(name), cbc('ID')) ?? [])
  )
  return reader.texts('preceding', numbers) ?? []
}

/** Colombia's tax numbers say whose they are. */
function taxedInOf(root: XmlElement): NormalisedInvoice['taxedIn'] {
  const countryOf = (role: string): 'CO' | undefined => {
    const ids = all(root, cac(role), cac('Party'), cac('PartyTaxScheme'), cbc('CompanyID'))
    const isNit =
      ids[0]?.attributes.get('schemeAgencyID')?.trim() === DIAN && ids[0].attributes.get('schemeName') === NIT
    return isNit ? 'CO' : undefined
  }
  const countries = { seller: countryOf('AccountingSupplierParty'), buyer: countryOf('AccountingCustomerParty') }
  return countries.seller || countries.buyer ? present(countries) : undefined
}

/** Peru (UBL 2.0) writes the taxpayer number and its kind beside the party instead of in it. */
function partyAt(reader: FieldReader, field: string, role: XmlElement | undefined): Party {
  const account = valueOf(only(role, cbc('CustomerAssignedAccountID')))
  const kind = valueOf(first(role, cbc('AdditionalAccountID')))
  const ids = account !== undefined && kind !== undefined ? [{ v: account, scheme: `PE-${kind}` }] : []
  return partyOf(reader, field, only(role, cac('Party')), ids)
}

function partyOf(reader: FieldReader, field: string, party: XmlElement | undefined, accounts: Identifier[]): Party {
  const schemes = all(party, cac('PartyTaxScheme')).filter((scheme) => valueOf(first(scheme, cbc('CompanyID'))))
  const isVat = (scheme: XmlElement): boolean =>
    valueOf(only(scheme, cac('TaxScheme'), cbc('ID')))?.toUpperCase() === 'VAT'
  const vat = schemes.find(isVat)
  const tax = schemes.find((scheme) => !isVat(scheme))
  const registered = first(party, cac('PartyLegalEntity'), cbc('RegistrationName'))
  const usual = first(party, cac('PartyName'), cbc('Name'))
  const identifications = all(party, cac('PartyIdentification'), cbc('ID')).filter((id) => {
    return id.attributes.get('schemeID')?.trim() !== DIRECT_DEBIT
  })
  const country = only(party, cac('PostalAddress'), cac('Country'), cbc('IdentificationCode'))
  return {
    ids: [...reader.identifiers(`${field}.ids`, identifications), ...accounts],
    ...present({
      vat: reader.text(`${field}.vat`, first(vat, cbc('CompanyID'))),
      tax: reader.text(`${field}.tax`, first(tax, cbc('CompanyID'))),
      legal: reader.identifier(`${field}.legal`, first(party, cac('PartyLegalEntity'), cbc('CompanyID'))),
      endpoint: reader.identifier(`${field}.endpoint`, only(party, cbc('EndpointID'))),
      name: reader.text(`${field}.name`, registered) ?? reader.text(`${field}.name`, usual),
      country: reader.text(`${field}.country`, country)
    })
  }
}
