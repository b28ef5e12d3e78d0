/** UN/CEFACT Cross Industry Invoice D16B with the elements of EN 16931, as Factur-X and ZUGFeRD 2 embed it. */
import type { Identifier, Party } from '../invoice.ts'
import { branch, leaf, xmlDocument } from '../xml-text.ts'
import { compactDay, decimalsOf, typeCodeOf, type SampleInvoice } from './model.ts'

const URN = 'urn:un:unece:uncefact:data:standard:'

export function writeCii(invoice: SampleInvoice): Uint8Array {
  const { number, issueDate, dueDate, currency, preceding, order, contract, seller, buyer, payee, item } = invoice
  const { net, tax, gross, payable, rate } = decimalsOf(invoice)
  const vat = (...first: readonly string[]): string =>
    branch(
      'ram:ApplicableTradeTax',
      ...first,
      leaf('ram:TypeCode', 'VAT'),
      first.length > 0 ? leaf('ram:BasisAmount', net) : '',
      leaf('ram:CategoryCode', 'S'),
      leaf('ram:RateApplicablePercent', rate)
    )
  return xmlDocument(
    'rsm:CrossIndustryInvoice',
    {
      'xmlns:rsm': `${URN}CrossIndustryInvoice:100`,
      'xmlns:udt': `${URN}UnqualifiedDataType:100`,
      'xmlns:ram': `${URN}ReusableAggregateBusinessInformationEntity:100`
    },
    branch(
      'rsm:ExchangedDocumentContext',
      branch('ram:GuidelineSpecifiedDocumentContextParameter', leaf('ram:ID', 'urn:cen.eu:en16931:2017'))
    ),
    branch(
      'rsm:ExchangedDocument',
      leaf('ram:ID', number),
      leaf('ram:TypeCode', typeCodeOf(invoice)),
      branch('ram:IssueDateTime', dayOf(issueDate))
    ),
    branch(
      'rsm:SupplyChainTradeTransaction',
      branch(
        'ram:IncludedSupplyChainTradeLineItem',
        branch('ram:AssociatedDocumentLineDocument', leaf('ram:LineID', '1')),
        branch('ram:SpecifiedTradeProduct', leaf('ram:Name', item)),
        branch(
          'ram:SpecifiedLineTradeAgreement',
          branch('ram:NetPriceProductTradePrice', leaf('ram:ChargeAmount', net))
        ),
        branch('ram:SpecifiedLineTradeDelivery', leaf('ram:BilledQuantity', '1', { unitCode: 'C62' })),
        branch(
          'ram:SpecifiedLineTradeSettlement',
          vat(),
          branch('ram:SpecifiedTradeSettlementLineMonetarySummation', leaf('ram:LineTotalAmount', net))
        )
      ),
      branch(
        'ram:ApplicableHeaderTradeAgreement',
        branch('ram:SellerTradeParty', partyOf(seller)),
        branch('ram:BuyerTradeParty', partyOf(buyer)),
        branch('ram:BuyerOrderReferencedDocument', leaf('ram:IssuerAssignedID', order)),
        branch('ram:ContractReferencedDocument', leaf('ram:IssuerAssignedID', contract))
      ),
      '<ram:ApplicableHeaderTradeDelivery/>',
      branch(
        'ram:ApplicableHeaderTradeSettlement',
        leaf('ram:InvoiceCurrencyCode', currency),
        branch('ram:PayeeTradeParty', payee ? partyOf(payee) : ''),
        vat(leaf('ram:CalculatedAmount', tax)),
        branch('ram:SpecifiedTradePaymentTerms', branch('ram:DueDateDateTime', dueDate ? dayOf(dueDate) : '')),
        branch(
          'ram:SpecifiedTradeSettlementHeaderMonetarySummation',
          leaf('ram:LineTotalAmount', net),
          leaf('ram:TaxBasisTotalAmount', net),
          leaf('ram:TaxTotalAmount', tax, { currencyID: currency }),
          leaf('ram:GrandTotalAmount', gross),
          leaf('ram:DuePayableAmount', payable)
        ),
        branch('ram:InvoiceReferencedDocument', leaf('ram:IssuerAssignedID', preceding))
      )
    )
  )
}

function dayOf(day: string): string {
  return leaf('udt:DateTimeString', compactDay(day), { format: '102' })
}

function identifierOf(name: string, identifier: Identifier | undefined): string {
  return leaf(name, identifier?.v, { schemeID: identifier?.scheme })
}

/** An identifier with a scheme is global, one without the seller's own. Own ones come first in the schema. */
function partyOf({ endpoint, ids, vat, tax, legal, name, trading, country }: Party): string {
  return [
    ...ids.filter(({ scheme }) => scheme === undefined).map((id) => identifierOf('ram:ID', id)),
    ...ids.filter(({ scheme }) => scheme !== undefined).map((id) => identifierOf('ram:GlobalID', id)),
    leaf('ram:Name', name),
    branch('ram:SpecifiedLegalOrganization', identifierOf('ram:ID', legal), leaf('ram:TradingBusinessName', trading)),
    branch('ram:PostalTradeAddress', leaf('ram:CountryID', country)),
    branch('ram:URIUniversalCommunication', identifierOf('ram:URIID', endpoint)),
    branch('ram:SpecifiedTaxRegistration', leaf('ram:ID', vat, { schemeID: 'VA' })),
    branch('ram:SpecifiedTaxRegistration', leaf('ram:ID', tax, { schemeID: 'FC' }))
  ].join('')
}
