/** A factor's book, and what a holder may have financed: read from the projection. */
import type { NoteState } from '../../domain/note/note-states.ts'
import type { Pool } from '../database.ts'
import type { Caller } from '../plugins/auth.ts'

/** One note in a factor's book. */
export interface Position {
  noteId: string
  receivableId: string
  /** `returned`: it demanded recourse, and the assignor has not answered. */
  standing: 'locked' | 'pledged' | 'held' | 'returned'
  amount: string
  currency: number
  debtor: number
  /** From whom it has the note, or whose it still is. */
  seller: number
  maturity: number
  hasRecourse: boolean
  isDisputed: boolean
  /** Until when it has to pay, or the assignor to answer. */
  deadline: number | null
}

/** Open notes that are locked or pledged for the factor `$1`, or that it holds by assignment. */
const positionSql = `
  select n.note_id as "noteId", n.receivable_id as "receivableId",
         case when n.holder = $1 then case when n.state = 'offered' and n.purpose = 'return' then 'returned' else 'held' end
              else n.state end as standing,
         upper(n.span) - lower(n.span) as amount, r.currency, r.debtor,
         case when n.holder = $1 then n.assignor else n.holder end as seller,
         r.maturity, n.has_recourse as "hasRecourse", r.disputed as "isDisputed", n.deadline
    from projection.note n join projection.receivable r using (receivable_id)
   where n.holder = $1 and n.assignor is not null and n.state in ('live', 'offered', 'locked', 'pledged')
      or n.counterparty = $1 and n.state in ('locked', 'pledged')`

export async function listPositions(
  pool: Pool,
  factor: number,
  { after, limit }: { after?: string | undefined; limit: number }
): Promise<Position[]> {
  const { rows } = await pool.query<Position>({
    name: 'book.positions',
    text: `select "noteId", "receivableId", standing, amount::text, currency, debtor, seller, maturity::float8 as maturity,
                  "hasRecourse", "isDisputed", deadline::float8 as deadline
             from (${positionSql}) p where $2::text is null or "noteId" > $2 order by "noteId" limit $3`,
    values: [factor, after ?? null, limit]
  })
  return rows
}

/** A sum over positions that are alike. `key` names them: a debtor, a seller, a month of maturity (YYYY-MM, UTC). */
export interface Sum {
  by: 'standing' | 'debtor' | 'seller' | 'maturity'
  key: string
  currency: number
  amount: string
  notes: number
}

/** The book in sums, by currency. */
export async function sumsOf(pool: Pool, factor: number): Promise<Sum[]> {
  const { rows } = await pool.query<Sum>({
    name: 'book.sums',
    text: `with position as (${positionSql})
           select k.by, k.key, p.currency, sum(p.amount)::text as amount, count(*)::int as notes
             from position p
             cross join lateral (values
               ('standing', p.standing), ('debtor', p.debtor::text), ('seller', p.seller::text),
               ('maturity', to_char(to_timestamp(p.maturity) at time zone 'UTC', 'YYYY-MM'))) as k (by, key)
            group by k.by, k.key, p.currency order by k.by, k.key, p.currency`,
    values: [factor]
  })
  return rows
}

/** A note that its holder could have financed; before confirmation the one that its receivable will begin with. */
export interface Financeable {
  noteId: string
  receivableId: string
  state: NoteState
  amount: string
  currency: number
  debtor: number
  maturity: number
  tier: number
  isDisputed: boolean
  frozenUntil: number | null
}

/** In the order of ids. A receivable that waits for confirmation stands in its place with the id of its root note. */
export async function listFinanceable(
  pool: Pool,
  { participantId }: Caller,
  { after, limit }: { after?: string | undefined; limit: number }
): Promise<Financeable[]> {
  const { rows } = await pool.query<Financeable>({
    name: 'book.financeable',
    text: `select * from (
             select n.note_id as "noteId", n.receivable_id as "receivableId", n.state, (upper(n.span) - lower(n.span))::text as amount,
                    r.currency, r.debtor, r.maturity::float8 as maturity, n.tier::int, r.disputed as "isDisputed",
                    n.frozen_until::float8 as "frozenUntil"
               from projection.note n join projection.receivable r using (receivable_id)
              where n.holder = $1 and n.state in ('live', 'offered', 'locked', 'pledged')
             union all
             select r.receivable_id || repeat('0', 16), r.receivable_id, 'none', r.amount::text, r.currency, r.debtor,
                    r.maturity::float8, 0, r.disputed, null
               from projection.receivable r where r.creditor = $1 and r.state = 'registered') own
            where $2::text is null or "noteId" > $2 order by "noteId" limit $3`,
    values: [participantId, after ?? null, limit]
  })
  return rows
}
