/** The notes behind a figure of the statistics: filtered by what it counts, and summed in the same moment. */
import type { Static } from 'typebox'
import type { Transaction } from '../database.ts'
import { isOpen, monthOf } from '../positions/repository.ts'
import type { Sum } from '../positions/sums.ts'
import { noteColumns, type NoteView } from '../receivables/repository.ts'
import type { OutstandingSchema } from './schemas.ts'
import { overdueOf } from './statistics.ts'

type Outstanding = Static<typeof OutstandingSchema>['items'][number]

/** What a figure counts by; what is left out is not asked for. */
export interface OutstandingFilter {
  currency?: number
  tier?: number
  state?: string
  debtor?: number
  /** Of the debtor. */
  group?: string
  /** YYYY-MM of maturity, UTC. */
  month?: string
  overdue?: string
  only?: 'financed' | 'disputed' | 'frozen' | 'overdue'
}

/** In SQL: open notes at $1 that pass the filter $2 to $9. */
const FOUND = `from projection.note n join projection.receivable r using (receivable_id)
  left join app.participant_group g on g.participant_id = r.debtor
 where ${isOpen} and ($2::int is null or r.currency = $2) and ($3::int is null or n.tier = $3)
   and ($4::text is null or n.state = $4) and ($5::bigint is null or r.debtor = $5) and ($6::text is null or g.name = $6)
   and ($7::text is null or ${monthOf('r.maturity')} = $7) and ($8::text is null or ${overdueOf('$1::bigint')} = $8)
   and case $9::text when 'financed' then n.disbursement is not null when 'disputed' then r.disputed
         when 'frozen' then coalesce(n.frozen_until > $1, false) when 'overdue' then r.maturity <= $1 else true end`

function valuesOf(now: number, filter: OutstandingFilter) {
  const { currency, tier, state, debtor, group, month, overdue, only } = filter
  return [now, currency, tier, state, debtor, group, month, overdue, only].map((value) => value ?? null)
}

/** In the order of ids. */
export async function outstandingNotes(
  tx: Transaction,
  now: number,
  filter: OutstandingFilter,
  { after, limit }: { after?: string; limit: number }
): Promise<Outstanding[]> {
  const { rows } = await tx.query<NoteView & Omit<Outstanding, 'note'>>({
    name: 'outstanding.notes',
    text: `select ${noteColumns}, r.debtor, r.currency, r.maturity::float8 as maturity, r.disputed as "isDisputed"
             ${FOUND} and ($10::text is null or n.note_id > $10) order by n.note_id limit $11`,
    values: [...valuesOf(now, filter), after ?? null, limit]
  })
  return rows.map(({ debtor, currency, maturity, isDisputed, ...note }) => {
    return { note, debtor, currency, maturity, isDisputed }
  })
}

/** Of all that is found, by currency. */
export async function outstandingTotals(
  tx: Transaction,
  now: number,
  filter: OutstandingFilter
): Promise<(Sum & { currency: number })[]> {
  const { rows } = await tx.query<Sum & { currency: number }>({
    name: 'outstanding.totals',
    text: `select r.currency, sum(upper(n.span) - lower(n.span))::text as amount, count(*)::float8 as notes
             ${FOUND} group by r.currency order by r.currency`,
    values: valuesOf(now, filter)
  })
  return rows
}
