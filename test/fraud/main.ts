/** `npm run test:fraud`: every trick on every real invoice, and what stops it. Ends with 1 when more is missed than theory allows. */
import { distinctInvoices, isCorpusThere } from '../domain/alarms/corpus.ts'
import { honestLedger } from '../domain/alarms/ledger.ts'
import { isPublicLedgerThere } from '../domain/documents/public-ledger.ts'
import { tableOf } from '../domain/alarms/tricks.ts'

if (!isCorpusThere) {
  console.error('the corpus of real invoices is not beside the project (../shared/data)')
  process.exit(1)
}
const invoices = distinctInvoices()
const rows = tableOf(invoices)
const columns = ['tried', 'identity', 'sellerUnknown', 'stopping', 'shown', 'missed'] as const
console.log(`${invoices.length} distinct invoices`)
console.log([''.padEnd(44), ...columns.map((name) => name.padStart(14))].join(''))
for (const row of rows) {
  console.log([row.trick.padEnd(44), ...columns.map((name) => String(row[name]).padStart(14))].join(''))
}
console.log(`missed: ${rows.reduce((sum, { missed }) => sum + missed, 0)}`)
if (isPublicLedgerThere) {
  const { invoices: count, stopping, byRule, shown } = honestLedger()
  const rules = Object.entries(byRule).map(([rule, n]) => `${rule} ${n}`)
  console.log(`an honest ledger of ${count} invoices: ${stopping} stopped (${rules.join(', ')}), ${shown} shown`)
}
