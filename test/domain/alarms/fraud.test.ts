import { describe, expect, it } from 'vitest'
import { distinctInvoices, isCorpusThere } from './corpus.ts'
import { honestLedger } from './ledger.ts'
import { isPublicLedgerThere } from '../documents/public-ledger.ts'
import { tableOf } from './tricks.ts'

if (!isCorpusThere) console.warn('skipped: the corpus of real invoices is not beside the project (../shared/data)')

/** Nothing but the seller is alike, and sellers issue invoices every day: only the debtor can tell. */
const BEYOND_RULES = 'new number, + 0.01, + 1 day, buyer renamed'

describe.skipIf(!isCorpusThere)('tricks on real invoices', () => {
  const rows = tableOf(distinctInvoices())

  it.each(rows.map((row) => [row.trick, row] as const))('%s', (trick, row) => {
    expect(row.tried).toBeGreaterThan(15)
    expect(row.identity + row.sellerUnknown + row.stopping + row.shown + row.missed).toBe(row.tried)
    if (trick !== BEYOND_RULES) expect(row.missed).toBe(0)
  })

  it('tries them on a hundred invoices', () => {
    expect(rows[0]!.tried).toBeGreaterThan(100)
  })
})

describe.skipIf(!isPublicLedgerThere)('an honest ledger of thousands of invoices', () => {
  it('is not stopped, and seldom shown', () => {
    const { invoices, stopping, shown } = honestLedger()
    expect(invoices).toBe(2466)
    expect(stopping).toBe(0)
    expect(shown).toBeLessThan(invoices / 50)
  })
})
