/**
 * Factur-X 1.0 / ZUGFeRD 2: a page for people with CII embedded as `factur-x.xml` and the XMP that names the profile. Like
 * PDF/A-3 but not it: the font is one of the standard fourteen, not embedded, and there is no output intent.
 */
import { AFRelationship, PDFDocument, PDFName, StandardFonts } from 'pdf-lib'
import { escapeXml } from '../xml-text.ts'
import { writeCii } from './cii.ts'
import { decimalsOf, type SampleInvoice } from './model.ts'

export async function writeFacturX(invoice: SampleInvoice, filename = 'factur-x.xml'): Promise<Uint8Array> {
  const pdf = await PDFDocument.create()
  const { number, issueDate, dueDate, currency, seller, buyer, item } = invoice
  const { net, tax, gross, payable } = decimalsOf(invoice)
  const day = new Date(`${issueDate}T00:00:00Z`)
  pdf.setTitle(`Invoice ${number}`)
  pdf.setCreationDate(day)
  pdf.setModificationDate(day)
  const font = await pdf.embedFont(StandardFonts.Helvetica)
  const encodable = new Set(font.getCharacterSet())
  const page = pdf.addPage([595, 842])
  const lines = [
    seller.name ?? '',
    '',
    `${invoice.class === 'C' ? 'Credit note' : 'Invoice'} ${number} of ${issueDate}`,
    `To: ${buyer.name ?? ''}`,
    '',
    `${item}: ${net} ${currency}`,
    `Tax: ${tax} ${currency}`,
    `Total: ${gross} ${currency}`,
    `To pay: ${payable} ${currency}${dueDate === undefined ? '' : ` by ${dueDate}`}`,
    '',
    'A sample. No such firms, no such debt.'
  ]
  lines.forEach((line, index) => {
    // The standard fonts have no letters beyond WinAnsi; what counts is the XML.
    const text = Array.from(line, (letter) => (encodable.has(letter.codePointAt(0)!) ? letter : '?')).join('')
    page.drawText(text, { x: 56, y: 770 - 20 * index, size: 11, font })
  })
  await pdf.attach(writeCii(invoice), filename, {
    mimeType: 'text/xml',
    description: 'Factur-X invoice',
    afRelationship: AFRelationship.Alternative,
    creationDate: day,
    modificationDate: day
  })
  const metadata = pdf.context.stream(new TextEncoder().encode(xmpOf(number, filename)), {
    Type: 'Metadata',
    Subtype: 'XML'
  })
  pdf.catalog.set(PDFName.of('Metadata'), pdf.context.register(metadata))
  return pdf.save({ addDefaultPage: false, updateFieldAppearances: false })
}

/** Part 3 level B is what a converter would have to make true; the extension says where the invoice is. */
function xmpOf(number: string, filename: string): string {
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt>
<rdf:li xml:lang="x-default">Invoice ${escapeXml(number)}</rdf:li></rdf:Alt></dc:title></rdf:Description>
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>${escapeXml(filename)}</fx:DocumentFileName>
<fx:Version>1.0</fx:Version><fx:ConformanceLevel>EN 16931</fx:ConformanceLevel></rdf:Description>
</rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
}
