/** Open notes by when they fall due, as the projection shows them. */
import { roleBits } from '../../domain/participant/roles.ts'
import type { PayableNote } from '../../domain/settlement/payments.ts'
import type { Pool, Transaction } from '../database.ts'

/** By whom: what a debtor owes, what a payee gets, or everything, for the clearing bank. */
export type Viewpoint = 'debtor' | 'holder' | 'clearing'

export interface DueFilter {
  viewpoint: Viewpoint
  participantId: number
  /** Unix seconds at which a freeze is in force or not. */
  time: number
  /** Unix seconds: maturities from the first to the last. */
  from: number
  to: number
  /** ISO 4217 number. */
  currency?: number | undefined
  receivableIds?: readonly string[] | undefined
  /** The last of the page before. */
  after?: { maturity: number; noteId: string } | undefined
  limit: number
}

export interface DueNote extends PayableNote {
  debtor: number
}

type Row = Omit<DueNote, 'end' | 'amount'> & { end: string; amount: string }

/** As contracts/receivables/Settlement.sol and domain/settlement/payments.ts have it; `$1` is the time. */
export const payeeSql = `case when n.frozen_until > $1 then n.freeze_escrow when n.state = 'pledged' then n.counterparty else n.holder end`

export const dueColumns = `n.note_id as "noteId", n.receivable_id as "receivableId", upper(n.span)::text as end,
  (upper(n.span) - lower(n.span))::text as amount, r.currency, r.maturity::float8 as maturity, n.state, n.holder, n.counterparty,
  n.frozen_until::float8 as "frozenUntil", n.freeze_escrow as "freezeEscrow", r.debtor`

const OPEN = `('live', 'offered', 'locked', 'pledged')`

const isDue = `r.state = 'confirmed' and n.state in ${OPEN} and r.maturity between $4 and $5
  and case $2 when 'debtor' then r.debtor = $3 when 'holder' then ${payeeSql} = $3 else true end
  and ($6::int is null or r.currency = $6)`

/** By the way a party is found: the debtor's own index, or the parties of a receivable. */
function sourceOf(viewpoint: Viewpoint): string {
  const own = `r.receivable_id in (select v.receivable_id from projection.receivable_party v where v.participant_id = $3)`
  return `projection.note n join projection.receivable r using (receivable_id)
    where ${viewpoint === 'holder' ? own : 'true'} and ${isDue}`
}

export function dueOf(row: Row): DueNote {
  return { ...row, end: BigInt(row.end), amount: BigInt(row.amount) }
}

/** Soonest first; keyset pages. */
export async function listDue(client: Pool | Transaction, filter: DueFilter): Promise<DueNote[]> {
  const { viewpoint, participantId, time, from, to, currency, receivableIds, after, limit } = filter
  const { rows } = await client.query<Row>({
    name: `due.list-${viewpoint}`,
    text: `select ${dueColumns} from ${sourceOf(viewpoint)}
              and ($7::text[] is null or r.receivable_id = any($7))
              and ($8::bigint is null or (r.maturity, n.note_id) > ($8, $9::text))
            order by r.maturity, n.note_id limit $10`,
    values: [
      time,
      viewpoint,
      participantId,
      from,
      to,
      currency ?? null,
      receivableIds ?? null,
      after?.maturity ?? null,
      after?.noteId ?? null,
      limit
    ]
  })
  return rows.map(dueOf)
}

export interface DueTotal {
  /** YYYY-MM-DD in UTC. */
  maturityDay: string
  currency: number
  count: number
  amount: bigint
}

/** Sums over everything that falls due, by the day of maturity in UTC. */
export async function sumDue(
  client: Pool | Transaction,
  filter: Omit<DueFilter, 'after' | 'limit'>
): Promise<DueTotal[]> {
  const { viewpoint, participantId, time, from, to, currency } = filter
  const { rows } = await client.query<Omit<DueTotal, 'amount'> & { amount: string }>({
    name: `due.sum-${viewpoint}`,
    text: `select to_char(to_timestamp(r.maturity) at time zone 'UTC', 'YYYY-MM-DD') as "maturityDay", r.currency,
                  count(*)::int as count, sum(upper(n.span) - lower(n.span))::text as amount
             from ${sourceOf(viewpoint)} group by 1, 2 order by 1, 2`,
    values: [time, viewpoint, participantId, from, to, currency ?? null]
  })
  return rows.map((row) => ({ ...row, amount: BigInt(row.amount) }))
}

/** Notes by their ids, whatever state they are in; those that are gone are left out. */
export async function findNotes(client: Pool | Transaction, noteIds: readonly string[]): Promise<DueNote[]> {
  if (noteIds.length === 0) return []
  const { rows } = await client.query<Row>({
    name: 'due.find',
    text: `select ${dueColumns} from projection.note n join projection.receivable r using (receivable_id)
            where n.note_id = any($1)`,
    values: [noteIds]
  })
  return rows.map(dueOf)
}

/** Open notes that pay one of these participants, soonest first. */
export async function findOpenOf(
  client: Pool | Transaction,
  payees: readonly number[],
  time: number,
  limit: number
): Promise<DueNote[]> {
  if (payees.length === 0) return []
  const { rows } = await client.query<Row>({
    name: 'due.open-of',
    text: `select ${dueColumns} from projection.note n join projection.receivable r using (receivable_id)
            where r.receivable_id in (
                    select v.receivable_id from projection.receivable_party v where v.participant_id = any($2::int[]))
              and r.state = 'confirmed' and n.state in ${OPEN} and ${payeeSql} = any($2::int[])
            order by r.maturity, n.note_id limit $3`,
    values: [time, payees, limit]
  })
  return rows.map(dueOf)
}

/** Who runs the registry: the participants with the role of its evidence. They are never paid. */
export async function operatorsOf(client: Pool | Transaction): Promise<Set<number>> {
  const { rows } = await client.query<{ id: number }>({
    name: 'due.operators',
    text: 'select participant_id as id from projection.participant where (roles & $1) <> 0',
    values: [roleBits.evidence]
  })
  return new Set(rows.map(({ id }) => id))
}
