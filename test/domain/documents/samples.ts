/** Small documents of invented firms, and a PDF around one of them. */
import { zipSync, zlibSync } from 'fflate'

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

export interface OfdSample {
  readonly number: string
  /** The number in OFD.xml. */
  readonly cover: string
  readonly attachments: number
}

const OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'

/** A VAT e-invoice of the layout of 2020: the invoice is attached, under a name of its own. */
export function ofd(changes: Partial<OfdSample> = {}): Uint8Array {
  const number = changes.number ?? '00004875'
  const { cover, attachments } = { cover: number, attachments: 1, ...changes }
  const attachment = '<ofd:Attachment Name="original_invoice"><ofd:FileLoc>i.xml</ofd:FileLoc></ofd:Attachment>'
  return zipSync({
    'OFD.xml': bytesOf(ofdCover('发票号码', cover)),
    'Doc_0/Document.xml': bytesOf(`<ofd:Document ${OFD}><ofd:Attachments>At/List.xml</ofd:Attachments></ofd:Document>`),
    'Doc_0/At/List.xml': bytesOf(`<ofd:Attachments ${OFD}>${attachment.repeat(attachments)}</ofd:Attachments>`),
    'Doc_0/At/i.xml': bytesOf(`\ufeff<?xml version="1.0" encoding="utf-8"?>
<eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019"><fp:InvoiceCode>031001900511</fp:InvoiceCode>
<fp:InvoiceNo>${number}</fp:InvoiceNo><fp:IssueDate><![CDATA[2026年03月05日]]></fp:IssueDate>
<fp:Buyer><fp:BuyerName>东海起重机械有限公司</fp:BuyerName><fp:BuyerTaxID></fp:BuyerTaxID></fp:Buyer>
<fp:Seller><fp:SellerName>临港云杉铸造有限公司</fp:SellerName><fp:SellerTaxID>91310000TEST0000X1</fp:SellerTaxID></fp:Seller>
<fp:TaxTotalAmount>***</fp:TaxTotalAmount>
<fp:TaxInclusiveTotalAmount>11300.00</fp:TaxInclusiveTotalAmount></eInvoice>`)
  })
}

function ofdCover(name: string, value: string): string {
  return `<ofd:OFD ${OFD}><ofd:DocBody><ofd:DocInfo><ofd:CustomDatas>
<ofd:CustomData Name="${name}">${value}</ofd:CustomData></ofd:CustomDatas></ofd:DocInfo>
<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>`
}

export interface OfdTaggedSample {
  readonly number: string
  readonly total: string
  readonly open: string
  readonly close: string
}

/** A 数电票: a custom tag refers to the text objects of page and template. */
export function ofdTagged(changes: Partial<OfdTaggedSample> = {}): Uint8Array {
  const { number, total, open, close } = {
    number: '26312000009990000017',
    total: '11300.00',
    open: '<:eInvoice xmlns:="">',
    close: '</:eInvoice>',
    ...changes
  }
  const fields: [string, string[]][] = [
    ['InvoiceNo', [number]],
    ['IssueDate', ['2026年03月05日']],
    ['BuyerName', ['东海起重机械有限公司']],
    ['SellerName', ['临港云杉铸造', '有限公司']],
    ['SellerTaxID', ['91310000TEST0000X1']],
    ['TaxInclusiveTotalAmount', ['¥', total]]
  ]
  let id = 100
  const objects: string[] = []
  const tags = fields.map(([name, texts]) => {
    const references = texts.map((text) => {
      objects.push(`<ofd:TextObject ID="${++id}"><ofd:TextCode X="1" Y="2">${text}</ofd:TextCode></ofd:TextObject>`)
      return `<ofd:ObjectRef xmlns:ofd="http://www.ofdspec.org/2016" PageRef="1">${id}</ofd:ObjectRef>`
    })
    return `<${name}>${references.join('')}</${name}>`
  })
  const page = (list: readonly string[]): Uint8Array =>
    bytesOf(`<ofd:Page ${OFD}><ofd:Content><ofd:Layer ID="9">${list.join('')}</ofd:Layer></ofd:Content></ofd:Page>`)
  return zipSync({
    'OFD.xml': bytesOf(ofdCover('native-producer', 'Test')),
    'Doc_0/Document.xml': bytesOf(`<ofd:Document ${OFD}><ofd:CommonData>
<ofd:TemplatePage ID="2" BaseLoc="Tpl.xml"/></ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="/Doc_0/P.xml"/></ofd:Pages>
<ofd:CustomTags>Tags/List.xml</ofd:CustomTags></ofd:Document>`),
    'Doc_0/Tags/List.xml': bytesOf(
      `<ofd:CustomTags ${OFD}><ofd:CustomTag><ofd:FileLoc>T.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>`
    ),
    'Doc_0/Tags/T.xml': bytesOf(`<?xml version="1.0" encoding="UTF-8"?>${open}${tags.join('')}${close}`),
    'Doc_0/P.xml': page(objects.slice(0, 4)),
    'Doc_0/Tpl.xml': page(objects.slice(4))
  })
}

/** FatturaPA 1.2 with one body a number; the total is to be added up, the payment comes in two instalments. */
export function fattura(numbers: readonly string[], kind = 'TD01'): string {
  const bodies = numbers.map(
    (number) => `<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento>
<TipoDocumento>${kind}</TipoDocumento><Divisa>EUR</Divisa><Data>2026-03-05</Data><Numero>${number}</Numero>
</DatiGeneraliDocumento><DatiFattureCollegate><IdDocumento>9/A</IdDocumento></DatiFattureCollegate></DatiGenerali>
<DatiBeniServizi><DatiRiepilogo><ImponibileImporto>1000.00</ImponibileImporto><Imposta>220.00</Imposta></DatiRiepilogo>
</DatiBeniServizi><DatiPagamento>
<DettaglioPagamento><DataScadenzaPagamento>2026-06-05</DataScadenzaPagamento><ImportoPagamento>720.00</ImportoPagamento>
</DettaglioPagamento>
<DettaglioPagamento><DataScadenzaPagamento>2026-05-05</DataScadenzaPagamento><ImportoPagamento>500.00</ImportoPagamento>
</DettaglioPagamento></DatiPagamento></FatturaElettronicaBody>`
  )
  return `<p:FatturaElettronica versione="FPR12" xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2">
<FatturaElettronicaHeader><CedentePrestatore><DatiAnagrafici>
<IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>01234567897</IdCodice></IdFiscaleIVA>
<Anagrafica><Denominazione>Fonderia Lago Srl</Denominazione></Anagrafica></DatiAnagrafici></CedentePrestatore>
<CessionarioCommittente><DatiAnagrafici><CodiceFiscale>09876543217</CodiceFiscale>
<Anagrafica><Denominazione>Gru Nord Spa</Denominazione></Anagrafica></DatiAnagrafici></CessionarioCommittente>
</FatturaElettronicaHeader>${bodies.join('')}</p:FatturaElettronica>`
}

export function edifact(): string {
  return `UNA:+.?*'
UNB+UNOW:4::7+4000001000005:14+4000001000005:14+20260305:1403+1'
UNH+1+INVOIC:D:14B:UN::16B'BGM+380+LM?+2026?'17'DTM+137:20260305:102'RFF+OI:LM16'
NAD+SE+4000001000005:0088++Lindenmoor Feinguss GmbH+Weg 1+Moor++1+DE'RFF+VA:DE811907980'
NAD+BY+++Hafenkran Werke AG'NAD+PE+++Factor AG'CUX+2:EUR'PYT+1'DTM+13:20260605:102'
LIN+1'MOA+203:1000'UNS+S'MOA+388:1190'MOA+9:1190.00'UNT+9+1'UNZ+1+1'
`
}
