import { readFileSync } from 'node:fs'

export interface InvoiceFields {
  number: string
  /** Payable and gross, as written. */
  payable: string
  sellerVat: string
  buyerVat: string
  /** Empty: the invoice has no due date. */
  due: string
  /** UNTDID 1001; 381 is a credit note. */
  type: string
  /** Elements of the seller's `Party` before its name, e.g. a GLN. */
  sellerIds: string
  /** The same of the buyer. */
  buyerIds: string
  /** YYYY-MM-DD. */
  issued: string
  /** Number of the purchase order. */
  order: string
  /** Elements after the order, e.g. a reference to a preceding invoice. */
  references: string
  /** Elements after the buyer, e.g. a payee. */
  payee: string
}

const folder = new URL('../../scripts/demo/invoices/', import.meta.url)
const shipped = {
  ubl: readFileSync(new URL('alder-finch.ubl.xml', folder), 'utf8'),
  cii: readFileSync(new URL('alder-finch.cii.xml', folder), 'utf8')
}

/** The shipped UBL invoice with other fields. */
export function invoice(fields: Partial<InvoiceFields> = {}): Uint8Array {
  const { number = 'AF-2026-0481', payable = '100000.00', due = '2027-03-01', type = '380' } = fields
  const [head, seller, buyer] = shipped.ubl.split('<cac:Party>')
  const text = [head, (fields.sellerIds ?? '') + seller, (fields.buyerIds ?? '') + buyer]
    .join('<cac:Party>')
    .replace('AF-2026-0481', number)
    .replace('2026-11-02', fields.issued ?? '2026-11-02')
    .replace('PO-77120', fields.order ?? 'PO-77120')
    .replace('</cac:OrderReference>', `</cac:OrderReference>${fields.references ?? ''}`)
    .replace('</cac:AccountingCustomerParty>', `</cac:AccountingCustomerParty>${fields.payee ?? ''}`)
    .replaceAll('100000.00', payable)
    .replace('DE900551209', fields.sellerVat ?? 'DE900551209')
    .replace('DE900417723', fields.buyerVat ?? 'DE900417723')
    .replace('<cbc:DueDate>2027-03-01</cbc:DueDate>', due && `<cbc:DueDate>${due}</cbc:DueDate>`)
    .replace('<cbc:InvoiceTypeCode>380<', `<cbc:InvoiceTypeCode>${type}<`)
  return new TextEncoder().encode(text)
}

/** An identifier of a party, as UBL has it. */
export function ublId(scheme: string, value: string): string {
  return `<cac:PartyIdentification><cbc:ID schemeID="${scheme}">${value}</cbc:ID></cac:PartyIdentification>`
}

/** The same invoice in CII. */
export function ciiInvoice(number: string, issued = '2026-11-02'): Uint8Array {
  const text = shipped.cii.replace('AF-2026-0481', number).replace('20261102', issued.replaceAll('-', ''))
  return new TextEncoder().encode(text)
}
