import { noteStates } from '../../domain/note/note-states.ts'
import type { Obstacle } from '../../domain/note/obstacles.ts'
import type { Transaction } from '../database.ts'
import type { Caller } from '../plugins/auth.ts'
import { noteColumns, type NoteView } from '../receivables/repository.ts'
import { sumsBy, type Sum, type SumRow } from './sums.ts'

const open = noteStates.filter((state) => !['none', 'settled', 'cancelled'].includes(state))

/** In SQL: a note that is owed. */
export const isOpen = `n.state in (${open.map((state) => `'${state}'`).join(', ')})`

/** In SQL: ISO month and day of a time, UTC. */
export const monthOf = (seconds: string) => `to_char(to_timestamp(${seconds}) at time zone 'UTC', 'YYYY-MM')`
const dayOf = (seconds: string) => `to_char(to_timestamp(${seconds}) at time zone 'UTC', 'YYYY-MM-DD')`

/** In SQL: the first of domain/note/obstacles.ts that a note has at `now`, else null. */
const firstObstacle = (
  now: string
) => `case when n.state <> 'live' then 'bound' when n.frozen_until > ${now} then 'frozen'
  when r.disputed then 'disputed' when r.maturity <= ${now} then 'matured' end`

/** What a debtor owes at `now`. */
export async function payableSums(tx: Transaction, debtor: number, now: number): Promise<SumRow[]> {
  const { rows } = await tx.query<SumRow>({
    name: 'positions.payables',
    text: `with spans as (
             select r.currency, n.tier, n.holder, r.creditor, ${monthOf('r.maturity')} as month, ${dayOf('r.maturity')} as day,
                    r.disputed, coalesce(n.frozen_until > $2, false) as frozen, r.maturity <= $2 as overdue,
                    upper(n.span) - lower(n.span) as amount
               from projection.note n join projection.receivable r using (receivable_id)
              where r.debtor = $1 and ${isOpen})
           ${sumsBy(['tier', 'holder', 'creditor', 'month', 'day'], ['disputed', 'frozen', 'overdue'])}`,
    values: [debtor, now]
  })
  return rows
}

/** Every note of a debtor's receivables by its state. */
export async function payableStates(tx: Transaction, debtor: number): Promise<SumRow[]> {
  const { rows } = await tx.query<SumRow>({
    name: 'positions.payable-states',
    text: `with spans as (
             select r.currency, n.state, upper(n.span) - lower(n.span) as amount
               from projection.note n join projection.receivable r using (receivable_id) where r.debtor = $1)
           ${sumsBy(['state'])}`,
    values: [debtor]
  })
  return rows
}

export interface UnconfirmedSum {
  currency: number
  amount: string
  receivables: number
}

export async function unconfirmedSums(
  tx: Transaction,
  role: 'debtor' | 'creditor',
  participantId: number
): Promise<UnconfirmedSum[]> {
  const { rows } = await tx.query<UnconfirmedSum>({
    name: `positions.unconfirmed-by-${role}`,
    text: `select currency, sum(amount)::text as amount, count(*)::float8 as receivables
             from projection.receivable where ${role} = $1 and state = 'registered' group by currency`,
    values: [participantId]
  })
  return rows
}

/** What a holder has at `now`. */
export async function heldSums(tx: Transaction, holder: number, now: number): Promise<SumRow[]> {
  const { rows } = await tx.query<SumRow>({
    name: 'positions.held',
    text: `with spans as (
             select r.currency, n.state, r.debtor, ${monthOf('r.maturity')} as month,
                    coalesce(${firstObstacle('$2')}, 'none') as obstacle, upper(n.span) - lower(n.span) as amount
               from projection.note n join projection.receivable r using (receivable_id)
              where n.holder = $1 and ${isOpen})
           ${sumsBy(['state', 'debtor', 'month', 'obstacle'])}`,
    values: [holder, now]
  })
  return rows
}

export interface WaitingSum extends Sum {
  currency: number
  state: NoteView['state']
  purpose: NoteView['purpose']
}

/** What waits for a counterparty that can still act at `now`. */
export async function waitingSums(tx: Transaction, counterparty: number, now: number): Promise<WaitingSum[]> {
  const { rows } = await tx.query<WaitingSum>({
    name: 'positions.waiting',
    text: `select r.currency, n.state, n.purpose, sum(upper(n.span) - lower(n.span))::text as amount, count(*)::float8 as notes
             from projection.note n join projection.receivable r using (receivable_id)
            where n.counterparty = $1 and ${isOpen} and (n.deadline is null or n.deadline >= $2)
            group by r.currency, n.state, n.purpose order by r.currency, n.state, n.purpose`,
    values: [counterparty, now]
  })
  return rows
}

export interface OwedSum extends Sum {
  currency: number
  as: 'debtor' | 'assignor'
  month: string
}

/** What a participant owes itself, and what it answers for because it gave a note with recourse. */
export async function owedSums(tx: Transaction, participantId: number): Promise<OwedSum[]> {
  const { rows } = await tx.query<OwedSum>({
    name: 'positions.owed',
    text: `select currency, "as", month, sum(amount)::text as amount, count(*)::float8 as notes
             from (select r.currency, case when r.debtor = $1 then 'debtor' else 'assignor' end as "as",
                          ${monthOf('r.maturity')} as month, upper(n.span) - lower(n.span) as amount
                     from projection.note n join projection.receivable r using (receivable_id)
                    where ${isOpen} and (r.debtor = $1 or (n.has_recourse and n.assignor = $1))) owed
            group by currency, "as", month order by currency, "as" desc, month`,
    values: [participantId]
  })
  return rows
}

export interface HeldNote {
  note: NoteView
  debtor: number
  currency: number
  maturity: number
  isDisputed: boolean
}

/** Notes that a holder has, in the order of ids. */
export async function heldNotes(
  tx: Transaction,
  holder: number,
  { after, limit, obstacle, now }: { after?: string; limit: number; obstacle?: Obstacle | 'none'; now: number }
): Promise<HeldNote[]> {
  const { rows } = await tx.query<NoteView & Omit<HeldNote, 'note'>>({
    name: 'positions.held-notes',
    text: `select ${noteColumns}, r.debtor, r.currency, r.maturity::float8 as maturity, r.disputed as "isDisputed"
             from projection.note n join projection.receivable r using (receivable_id)
            where n.holder = $1 and ${isOpen} and ($2::text is null or n.note_id > $2)
              and ($3::text is null or $3 = coalesce(${firstObstacle('$4::bigint')}, 'none'))
            order by n.note_id limit $5`,
    values: [holder, after ?? null, obstacle ?? null, now, limit]
  })
  return rows.map(({ debtor, currency, maturity, isDisputed, ...note }) => {
    return { note, debtor, currency, maturity, isDisputed }
  })
}

export interface UnansweredReceivable {
  receivableId: string
  creditor: number
  debtor: number
  amount: string
  currency: number
  maturity: number
  silentSince: number
}

/** Registered receivables that their debtor has neither confirmed nor rejected: the caller's, or a regulator's all. */
export async function unanswered(
  tx: Transaction,
  { participantId, roles }: Caller,
  { after, limit }: { after?: string; limit: number }
): Promise<UnansweredReceivable[]> {
  const { rows } = await tx.query<UnansweredReceivable>({
    name: 'positions.unanswered',
    text: `select receivable_id as "receivableId", creditor, debtor, amount::text, currency, maturity::float8 as maturity,
                  registered_at::float8 as "silentSince"
             from projection.receivable
            where state = 'registered' and ($1::boolean or $2 in (debtor, creditor)) and ($3::text is null or receivable_id > $3)
            order by receivable_id limit $4`,
    values: [roles.includes('regulator'), participantId, after ?? null, limit]
  })
  return rows
}
