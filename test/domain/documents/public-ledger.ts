import { existsSync } from 'node:fs'
import type { LedgerMapping } from '../../../domain/documents/ledger-mapping.ts'

/** The public accounts-receivable ledger of 2,466 rows. */
export const publicLedger = new URL(
  '../../../../shared/data/invoice/arcsv/ibm-accounts-receivable.csv',
  import.meta.url
)
export const isPublicLedgerThere = existsSync(publicLedger)

export const publicLedgerMapping: LedgerMapping = {
  currency: 'USD',
  dateFormat: 'M/D/YYYY',
  seller: { name: 'Ledger Owner Inc' },
  columns: {
    number: 'invoiceNumber',
    issueDate: 'InvoiceDate',
    dueDate: 'DueDate',
    gross: 'InvoiceAmount',
    'buyer.id': 'customerID'
  }
}
