/** What was read from a file, as the api shows it (api/documents/json.ts). */
import type { ReadDocument } from '../../client/operations.generated.ts'

interface ReadParty {
  name?: string
  trading?: string
  vat?: string
  uscc?: string
  tax?: string
}

export interface ReadInvoice {
  number: string
  issueDate: string | null
  dueDate: string | null
  currency: string
  /** Minor units. */
  payable: string
  seller: ReadParty
  buyer: ReadParty
  payee: ReadParty | null
  /** Which element of the file each field was read from. */
  provenance: Record<string, string>
}

export function invoiceOf({ invoice }: ReadDocument): ReadInvoice {
  return invoice as ReadInvoice
}

/** Name, and the identifier that decides who it is. */
export function partyWords({ name, trading, uscc, vat, tax }: ReadParty): string {
  return [name ?? trading, uscc ?? vat ?? tax].filter(Boolean).join(' · ')
}

/** The element that a field, or the first of a party's, was read from. */
export function sourceOf(invoice: ReadInvoice, ...fields: readonly string[]): string | undefined {
  const known = Object.entries(invoice.provenance)
  for (const field of fields) {
    const found = known.find(([name]) => name === field) ?? known.find(([name]) => name.startsWith(`${field}.`))
    if (found) return found[1]
  }
  return undefined
}
