/** Small documents of invented firms, and a PDF around one of them. */
import { zlibSync } from 'fflate'

export interface Sample {
  readonly number: string
  readonly issueDate: string
  readonly payable: string
  readonly vat: string
  readonly typeCode: string
  readonly currency: string
  /** Inserted after the root's opening tag. */
  readonly extra: string
}

const DEFAULTS: Sample = {
  number: 'LM-2026/0017',
  issueDate: '2026-03-05',
  payable: '1190.00',
  vat: 'DE811907980',
  typeCode: '380',
  currency: 'EUR',
  extra: ''
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function ubl(changes: Partial<Sample> = {}, root = 'Invoice'): string {
  const { number, issueDate, payable, vat, typeCode, currency, extra } = { ...DEFAULTS, ...changes }
  const urn = 'urn:oasis:names:specification:ubl:schema:xsd:'
  return `<?xml version="1.0" encoding="UTF-8"?>
<${root} xmlns="${urn}${root}-2" xmlns:cac="${urn}CommonAggregateComponents-2"
 xmlns:cbc="${urn}CommonBasicComponents-2">${extra}
<cbc:ID>${number}</cbc:ID><cbc:IssueDate>${issueDate}</cbc:IssueDate>
<cbc:${root}TypeCode>${typeCode}</cbc:${root}TypeCode><cbc:DocumentCurrencyCode>${currency}</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party>
<cac:PartyTaxScheme><cbc:CompanyID>${vat}</cbc:CompanyID>
<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
<cac:PartyLegalEntity><cbc:RegistrationName>Lindenmoor Feinguss GmbH</cbc:RegistrationName></cac:PartyLegalEntity>
</cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cbc:EndpointID schemeID="0088">4099887000012</cbc:EndpointID>
<cac:PartyLegalEntity><cbc:RegistrationName>Hafenkran Werke AG</cbc:RegistrationName></cac:PartyLegalEntity>
</cac:Party></cac:AccountingCustomerParty>
<cac:LegalMonetaryTotal><cbc:TaxInclusiveAmount currencyID="${currency}">${payable}</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="${currency}">${payable}</cbc:PayableAmount></cac:LegalMonetaryTotal>
</${root}>`
}

export function cii(changes: Partial<Sample> = {}): string {
  const { number, issueDate, payable, vat, typeCode, currency, extra } = { ...DEFAULTS, ...changes }
  const urn = 'urn:un:unece:uncefact:data:standard:'
  return `<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="${urn}CrossIndustryInvoice:100" xmlns:udt="${urn}UnqualifiedDataType:100"
 xmlns:ram="${urn}ReusableAggregateBusinessInformationEntity:100">${extra}
<rsm:ExchangedDocument><ram:ID>${number}</ram:ID><ram:TypeCode>${typeCode}</ram:TypeCode><ram:IssueDateTime>
<udt:DateTimeString format="102">${issueDate.replaceAll('-', '')}</udt:DateTimeString></ram:IssueDateTime>
</rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeAgreement>
<ram:SellerTradeParty><ram:Name>Lindenmoor Feinguss GmbH</ram:Name><ram:SpecifiedTaxRegistration>
<ram:ID schemeID="VA">${vat}</ram:ID></ram:SpecifiedTaxRegistration></ram:SellerTradeParty>
<ram:BuyerTradeParty><ram:Name>Hafenkran Werke AG</ram:Name><ram:URIUniversalCommunication>
<ram:URIID schemeID="0088">4099887000012</ram:URIID></ram:URIUniversalCommunication></ram:BuyerTradeParty>
</ram:ApplicableHeaderTradeAgreement><ram:ApplicableHeaderTradeSettlement>
<ram:InvoiceCurrencyCode>${currency}</ram:InvoiceCurrencyCode><ram:SpecifiedTradeSettlementHeaderMonetarySummation>
<ram:GrandTotalAmount>${payable}</ram:GrandTotalAmount><ram:DuePayableAmount>${payable}</ram:DuePayableAmount>
</ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>`
}

export interface ChineseSample {
  readonly id: string
  readonly number: string
  readonly total: string
  readonly label: string
}

export function einvoice(changes: Partial<ChineseSample> = {}): string {
  const number = '26312000009990000017'
  const { id, number: issued, total, label } = { id: number, number, total: '11300.00', label: 'Y', ...changes }
  return `<?xml version="1.0" encoding="UTF-8"?>
<EInvoice><Header><EIid>${id}</EIid>
<InherentLabel><InIssuType><LabelCode>${label}</LabelCode></InIssuType></InherentLabel></Header>
<EInvoiceData><SellerInformation><SellerIdNum>91310000TEST0000X1</SellerIdNum>
<SellerName>临港云杉铸造有限公司</SellerName></SellerInformation>
<BuyerInformation><BuyerName>东海起重机械有限公司</BuyerName></BuyerInformation>
<BasicInformation><TotalTaxAm>***</TotalTaxAm>
<TotalTax-includedAmount>${total}</TotalTax-includedAmount></BasicInformation></EInvoiceData>
<TaxSupervisionInfo><InvoiceNumber>${issued}</InvoiceNumber>
<IssueTime>2026-03-05 13:02:50</IssueTime></TaxSupervisionInfo></EInvoice>`
}

/** A PDF without pages that embeds the files: name to content. */
export function pdf(files: Readonly<Record<string, Uint8Array>>, trailerEntries = ''): Uint8Array {
  const entries = Object.entries(files)
  const specifications = entries.map(([name], index) => `(${name}) ${3 + 2 * index} 0 R`)
  const objects: (string | Uint8Array)[][] = [
    ['<< /Type /Catalog /Names << /EmbeddedFiles 2 0 R >> >>'],
    [`<< /Names [ ${specifications.join(' ')} ] >>`]
  ]
  entries.forEach(([name, content], index) => {
    const data = zlibSync(content)
    objects.push([`<< /Type /Filespec /F (${name}) /EF << /F ${4 + 2 * index} 0 R >> >>`])
    objects.push([`<< /Filter /FlateDecode /Length ${data.length} >>\nstream\n`, data, '\nendstream'])
  })
  const parts: Uint8Array[] = [bytesOf('%PDF-1.7\n')]
  const offsets: number[] = []
  const size = (): number => parts.reduce((sum, part) => sum + part.length, 0)
  objects.forEach((pieces, index) => {
    offsets.push(size())
    for (const piece of [`${index + 1} 0 obj\n`, ...pieces, '\nendobj\n']) {
      parts.push(typeof piece === 'string' ? bytesOf(piece) : piece)
    }
  })
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`)
  const start = size()
  parts.push(bytesOf(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows.join('')}`))
  parts.push(bytesOf(`trailer << /Root 1 0 R ${trailerEntries} >>\nstartxref\n${start}\n%%EOF`))
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}
