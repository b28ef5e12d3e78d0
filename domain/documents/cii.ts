/**
 * UN/CEFACT Cross Industry Invoice D16B (EN 16931-3-3, Factur-X, ZUGFeRD 2, XRechnung) and its forerunner of
 * ZUGFeRD 1.0, which has the same shape under other names.
 */
import { all, attachmentsIn, FieldReader, first, only, present, stepsOf, valueOf, type Step } from './fields.ts'
import type { DocumentFormat, NormalisedInvoice, Party } from './invoice.ts'
import { DocumentRefused } from './refusal.ts'
import { classOf, isCreditType } from './sign.ts'
import type { XmlElement } from './xml.ts'

const CEFACT = 'urn:un:unece:uncefact:data:standard:'

type Steps = (name: string) => Step

/** Names that differ between the two versions. */
interface Dialect {
  readonly format: DocumentFormat
  readonly rsm: Steps
  readonly ram: Steps
  readonly udt: Steps
  readonly root: string
  readonly header: string
  readonly transaction: string
  readonly agreement: string
  readonly settlement: string
  readonly summation: string
}

const DIALECTS: readonly Dialect[] = [
  {
    format: 'CII',
    rsm: stepsOf(`${CEFACT}CrossIndustryInvoice:100`),
    ram: stepsOf(`${CEFACT}ReusableAggregateBusinessInformationEntity:100`),
    udt: stepsOf(`${CEFACT}UnqualifiedDataType:100`),
    root: 'CrossIndustryInvoice',
    header: 'ExchangedDocument',
    transaction: 'SupplyChainTradeTransaction',
    agreement: 'ApplicableHeaderTradeAgreement',
    settlement: 'ApplicableHeaderTradeSettlement',
    summation: 'SpecifiedTradeSettlementHeaderMonetarySummation'
  },
  {
    format: 'ZF1',
    rsm: stepsOf('urn:ferd:CrossIndustryDocument:invoice:1p0'),
    ram: stepsOf(`${CEFACT}ReusableAggregateBusinessInformationEntity:12`),
    udt: stepsOf(`${CEFACT}UnqualifiedDataType:15`),
    root: 'CrossIndustryDocument',
    header: 'HeaderExchangedDocument',
    transaction: 'SpecifiedSupplyChainTradeTransaction',
    agreement: 'ApplicableSupplyChainTradeAgreement',
    settlement: 'ApplicableSupplyChainTradeSettlement',
    summation: 'SpecifiedTradeSettlementMonetarySummation'
  }
]

export function isCii(root: XmlElement): boolean {
  return dialectOf(root) !== undefined
}

function dialectOf(root: XmlElement): Dialect | undefined {
  return DIALECTS.find(({ rsm, root: name }) => root.name === name && root.namespace === rsm(name).namespace)
}

/** Reads a root for which `isCii` holds. Throws `DocumentRefused`. */
export function readCii(root: XmlElement): NormalisedInvoice {
  const dialect = dialectOf(root)!
  const { rsm, ram } = dialect
  const reader = new FieldReader()
  const header = only(root, rsm(dialect.header))
  const transaction = only(root, rsm(dialect.transaction))
  const agreement = only(transaction, ram(dialect.agreement))
  const settlement = only(transaction, ram(dialect.settlement))
  const totals = only(settlement, ram(dialect.summation))
  if (!totals) throw new DocumentRefused('FIELD_MISSING', { field: 'payable', required: dialect.summation })
  const number = reader.number(only(header, ram('ID')))
  const issueDate = reader.requiredDate('issueDate', dayAt(dialect, only(header, ram('IssueDateTime'))))
  const grossElement = only(totals, ram('GrandTotalAmount'))
  const payableElement = only(totals, ram('DuePayableAmount')) ?? grossElement
  const currency = reader.currency(only(settlement, ram('InvoiceCurrencyCode')), payableElement)
  const payable = reader.requiredAmount('payable', payableElement, currency)
  const gross = reader.amount('gross', grossElement, currency)
  const typeCode = reader.text('type', only(header, ram('TypeCode')))
  const payee = only(settlement, ram('PayeeTradeParty'))
  return {
    format: dialect.format,
    class: classOf(isCreditType(typeCode), gross, payable),
    number,
    issueDate,
    currency,
    payable,
    seller: partyOf(dialect, reader, 'seller', only(agreement, ram('SellerTradeParty'))),
    buyer: partyOf(dialect, reader, 'buyer', only(agreement, ram('BuyerTradeParty'))),
    preceding: numbersOf(dialect, reader, 'preceding', all(settlement, ram('InvoiceReferencedDocument'))) ?? [],
    ...present({
      gross,
      dueDate: dueDateOf(dialect, reader, settlement),
      payee: payee && partyOf(dialect, reader, 'payee', payee),
      orders: numbersOf(dialect, reader, 'orders', all(agreement, ram('BuyerOrderReferencedDocument'))),
      contracts: numbersOf(dialect, reader, 'contracts', all(agreement, ram('ContractReferencedDocument'))),
      attachments: attachmentsIn(
        all(agreement, ram('AdditionalReferencedDocument')),
        ram('IssuerAssignedID'),
        ram('AttachmentBinaryObject')
      )
    }),
    provenance: reader.provenance
  }
}

/** The day inside a date element: udt:DateTimeString, or udt:DateTime in some files of older versions. */
function dayAt({ udt }: Dialect, element: XmlElement | undefined): XmlElement | undefined {
  return only(element, udt('DateTimeString')) ?? only(element, udt('DateTime'))
}

/** BT-9. With several terms of payment the first that has a date counts. */
function dueDateOf(dialect: Dialect, reader: FieldReader, settlement: XmlElement | undefined): string | undefined {
  const { ram } = dialect
  const dates = all(settlement, ram('SpecifiedTradePaymentTerms'), ram('DueDateDateTime'))
  return reader.date('dueDate', dayAt(dialect, dates[0]))
}

/** ZUGFeRD 1 calls the number of a referenced document plainly ID. */
function numbersOf(
  { ram }: Dialect,
  reader: FieldReader,
  field: string,
  documents: readonly XmlElement[]
): readonly string[] | undefined {
  const named = documents.map((document) => {
    const number = only(document, ram('IssuerAssignedID'))
    return valueOf(number) === undefined ? only(document, ram('ID')) : number
  })
  return reader.texts(
    field,
    named.filter((element) => element !== undefined)
  )
}

function isVat(id: XmlElement): boolean {
  return id.attributes.get('schemeID')?.trim() === 'VA'
}

function partyOf(dialect: Dialect, reader: FieldReader, field: string, party: XmlElement | undefined): Party {
  const { ram } = dialect
  const taxIds = all(party, ram('SpecifiedTaxRegistration'), ram('ID')).filter((id) => valueOf(id) !== undefined)
  const ids = [...all(party, ram('GlobalID')), ...all(party, ram('ID'))]
  const organisation = only(party, ram('SpecifiedLegalOrganization'))
  return {
    ids: reader.identifiers(`${field}.ids`, ids),
    ...present({
      vat: reader.text(`${field}.vat`, taxIds.find(isVat)),
      tax: reader.text(
        `${field}.tax`,
        taxIds.find((id) => !isVat(id))
      ),
      legal: reader.identifier(`${field}.legal`, only(organisation, ram('ID'))),
      endpoint: reader.identifier(`${field}.endpoint`, first(party, ram('URIUniversalCommunication'), ram('URIID'))),
      name: reader.text(`${field}.name`, only(party, ram('Name'))),
      trading: reader.text(`${field}.trading`, only(organisation, ram('TradingBusinessName'))),
      country: reader.text(`${field}.country`, only(party, ram('PostalTradeAddress'), ram('CountryID')))
    })
  }
}
