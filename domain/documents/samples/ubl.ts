/** UBL 2.1 Invoice, CreditNote and DebitNote in the order of their schemas, with the elements of EN 16931 and Peppol BIS 3. */
import type { Identifier, Party } from '../invoice.ts'
import { branch, leaf, xmlDocument } from '../xml-text.ts'
import { decimalsOf, typeCodeOf, type SampleInvoice } from './model.ts'

const URN = 'urn:oasis:names:specification:ubl:schema:xsd:'

export type UblDocument = 'Invoice' | 'CreditNote' | 'DebitNote'

/** Names that differ between the three. */
const NAMES = {
  Invoice: { totals: 'LegalMonetaryTotal', line: 'InvoiceLine', quantity: 'InvoicedQuantity' },
  CreditNote: { totals: 'LegalMonetaryTotal', line: 'CreditNoteLine', quantity: 'CreditedQuantity' },
  DebitNote: { totals: 'RequestedMonetaryTotal', line: 'DebitNoteLine', quantity: 'DebitedQuantity' }
} as const

export function writeUbl(
  invoice: SampleInvoice,
  document: UblDocument = invoice.class === 'C' ? 'CreditNote' : 'Invoice'
): Uint8Array {
  const { number, issueDate, dueDate, currency, preceding, order, contract, seller, buyer, payee, item } = invoice
  const { net, tax, gross, payable, rate } = decimalsOf(invoice)
  const { totals, line, quantity } = NAMES[document]
  const money = (name: string, amount: string): string => leaf(`cbc:${name}`, amount, { currencyID: currency })
  const category = (name: string): string =>
    branch(name, leaf('cbc:ID', 'S'), leaf('cbc:Percent', rate), branch('cac:TaxScheme', leaf('cbc:ID', 'VAT')))
  const namespaces = {
    xmlns: `${URN}${document}-2`,
    'xmlns:cac': `${URN}CommonAggregateComponents-2`,
    'xmlns:cbc': `${URN}CommonBasicComponents-2`
  }
  return xmlDocument(
    document,
    namespaces,
    leaf('cbc:CustomizationID', 'urn:cen.eu:en16931:2017'),
    leaf('cbc:ID', number),
    leaf('cbc:IssueDate', issueDate),
    document === 'Invoice' ? leaf('cbc:DueDate', dueDate) : '',
    document === 'DebitNote' ? '' : leaf(`cbc:${document}TypeCode`, typeCodeOf(invoice)),
    leaf('cbc:DocumentCurrencyCode', currency),
    branch('cac:OrderReference', leaf('cbc:ID', order)),
    branch('cac:BillingReference', branch('cac:InvoiceDocumentReference', leaf('cbc:ID', preceding))),
    branch('cac:ContractDocumentReference', leaf('cbc:ID', contract)),
    branch('cac:AccountingSupplierParty', branch('cac:Party', partyOf(seller))),
    branch('cac:AccountingCustomerParty', branch('cac:Party', partyOf(buyer))),
    branch('cac:PayeeParty', payee ? partyOf(payee) : ''),
    // 30 is a credit transfer. Only the invoice itself has a due date of its own.
    document === 'Invoice' || dueDate === undefined
      ? ''
      : branch('cac:PaymentMeans', leaf('cbc:PaymentMeansCode', '30'), leaf('cbc:PaymentDueDate', dueDate)),
    branch(
      'cac:TaxTotal',
      money('TaxAmount', tax),
      branch('cac:TaxSubtotal', money('TaxableAmount', net), money('TaxAmount', tax), category('cac:TaxCategory'))
    ),
    branch(
      `cac:${totals}`,
      money('LineExtensionAmount', net),
      money('TaxExclusiveAmount', net),
      money('TaxInclusiveAmount', gross),
      money('PayableAmount', payable)
    ),
    branch(
      `cac:${line}`,
      leaf('cbc:ID', '1'),
      leaf(`cbc:${quantity}`, '1', { unitCode: 'C62' }),
      money('LineExtensionAmount', net),
      branch('cac:Item', leaf('cbc:Name', item), category('cac:ClassifiedTaxCategory')),
      branch('cac:Price', money('PriceAmount', net))
    )
  )
}

function identifierOf(name: string, identifier: Identifier | undefined): string {
  return leaf(name, identifier?.v, { schemeID: identifier?.scheme })
}

function taxOf(id: string | undefined, scheme: string): string {
  if (id === undefined) return ''
  return branch('cac:PartyTaxScheme', leaf('cbc:CompanyID', id), branch('cac:TaxScheme', leaf('cbc:ID', scheme)))
}

function partyOf({ endpoint, ids, vat, tax, legal, name, country }: Party): string {
  return [
    identifierOf('cbc:EndpointID', endpoint),
    ...ids.map((id) => branch('cac:PartyIdentification', identifierOf('cbc:ID', id))),
    branch('cac:PostalAddress', branch('cac:Country', leaf('cbc:IdentificationCode', country))),
    taxOf(vat, 'VAT'),
    taxOf(tax, 'TAX'),
    branch('cac:PartyLegalEntity', leaf('cbc:RegistrationName', name), identifierOf('cbc:CompanyID', legal))
  ].join('')
}
