/** What was read, as it is stored and shown: amounts are minor units in decimal, absent fields null. */
import type { NormalisedInvoice } from '../../domain/documents/invoice.ts'
import type { InvoiceJson } from './repository.ts'

export function toJson(invoice: NormalisedInvoice): InvoiceJson {
  return {
    format: invoice.format,
    class: invoice.class,
    number: invoice.number,
    issueDate: invoice.issueDate ?? null,
    dueDate: invoice.dueDate ?? null,
    currency: invoice.currency,
    payable: invoice.payable.toString(),
    gross: invoice.gross?.toString() ?? null,
    seller: invoice.seller,
    buyer: invoice.buyer,
    payee: invoice.payee ?? null,
    preceding: invoice.preceding,
    orders: invoice.orders ?? [],
    contracts: invoice.contracts ?? [],
    attachments: invoice.attachments ?? [],
    provenance: invoice.provenance
  }
}
