/** What was read, as it is stored and shown: amounts are minor units in decimal, absent fields null. */
import type { NormalisedInvoice, Party } from '../../domain/documents/invoice.ts'
import type { Contents } from '../../domain/fingerprint/commitment.ts'
import type { Identity } from '../../domain/fingerprint/identity.ts'
import type { InvoiceJson } from './repository.ts'

export function toJson(invoice: NormalisedInvoice): InvoiceJson {
  return {
    format: invoice.format,
    class: invoice.class,
    number: invoice.number,
    invoiceCode: invoice.invoiceCode ?? null,
    ...(invoice.alias ? { alias: invoice.alias } : {}),
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

/** What the content commitment of a stored document is made of. */
export function contentsOf(invoice: InvoiceJson, identity: Identity): Contents {
  // Not kept apart in documents of before; their identity has it.
  const invoiceCode = invoice.invoiceCode ?? (identity[0] === 'CN-VAT' ? identity[1] : undefined)
  return {
    class: invoice.class,
    seller: invoice.seller as Party,
    buyer: invoice.buyer as Party,
    number: invoice.number,
    currency: invoice.currency,
    payable: BigInt(invoice.payable),
    ...(invoiceCode === undefined ? {} : { invoiceCode }),
    ...(invoice.issueDate === null ? {} : { issueDate: invoice.issueDate }),
    ...(invoice.gross === null ? {} : { gross: BigInt(invoice.gross) })
  }
}
