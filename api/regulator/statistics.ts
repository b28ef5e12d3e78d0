/** Figures over the whole projection, for a regulator. */
import { concentrationOf } from '../../domain/money/concentration.ts'
import type { Transaction } from '../database.ts'
import { isOpen, monthOf } from '../positions/repository.ts'
import { currenciesOf, none, Sums, sumsBy, type Sum, type SumRow } from '../positions/sums.ts'
import type { NoteView } from '../receivables/repository.ts'
import type { Statistics } from './schemas.ts'

/** Days past due, by upper bound. */
const BUCKETS = [30, 60, 90] as const
export const overdueBuckets = ['1-30', '31-60', '61-90', '91+'] as const

const bucketOf = (days: string) =>
  `case ${BUCKETS.map((bound, i) => `when ${days} <= ${bound} then '${overdueBuckets[i]}'`).join(' ')} else '91+' end`

/** In SQL: the bucket of what has matured at `now`, else `none`. */
export const overdueOf = (now: string) =>
  `case when r.maturity <= ${now} then ${bucketOf(`((${now} - r.maturity) / 86400 + 1)`)} else 'none' end`

/** Open notes by everything that is counted. The days past due begin with 1 on the day of maturity. */
async function openSums(tx: Transaction, now: number): Promise<SumRow[]> {
  const { rows } = await tx.query<SumRow>({
    name: 'statistics.open',
    text: `with spans as (
             select r.currency, n.tier, n.state, r.debtor, n.holder, ${monthOf('r.maturity')} as month,
                    coalesce('group ' || g.name, 'firm ' || r.debtor) as obligor, n.disbursement is not null as financed, r.disputed,
                    coalesce(n.frozen_until > $1, false) as frozen,
                    ${overdueOf('$1')} as overdue,
                    upper(n.span) - lower(n.span) as amount
               from projection.note n join projection.receivable r using (receivable_id)
               left join app.participant_group g on g.participant_id = r.debtor
              where ${isOpen})
           ${sumsBy(['tier', 'state', 'debtor', 'month', 'obligor', 'overdue'], ['financed', 'disputed', 'frozen'])}`,
    values: [now]
  })
  return rows
}

interface FaceRow {
  currency: number
  state: Statistics['currencies'][number]['receivables'][number]['state']
  amount: string
  receivables: number
}

async function receivableSums(tx: Transaction): Promise<FaceRow[]> {
  const { rows } = await tx.query<FaceRow>({
    name: 'statistics.receivables',
    text: `select currency, state, sum(amount)::text as amount, count(*)::float8 as receivables
             from projection.receivable group by currency, state order by currency, state`
  })
  return rows
}

type TurnoverRow = Sum & { currency: number; kind: keyof Statistics['currencies'][number]['turnover'] }

/** In SQL: the amount of an event's note: its word ends with where its span ends, its id with where it starts. */
const eventAmount = ['note', 'noteId']
  .map((arg) => `('x' || right(e.args ->> '${arg}', 16))::bit(64)::bigint`)
  .join(' - ')

/** In SQL: an event from $1 to before $2. Found from the newest block back, so that a period of late does not read all history. */
const isWithin = (
  e: string
) => `${e}.block_number > coalesce((select max(number) from projection.block where time < $1), -1)
  and ${e}.block_number <= (select max(number) from projection.block where time < $2)`

/**
 * What happened from `from` to before `to`, by block time. Notes that one payment settled all at once have no event of their own: their
 * amount is what the receivable has settled beyond those that have.
 */
async function turnoverOf(tx: Transaction, from: number, to: number): Promise<TurnoverRow[]> {
  const { rows } = await tx.query<TurnoverRow>({
    name: 'statistics.turnover',
    text: `select currency, kind, sum(amount)::text as amount, count(*)::float8 as notes
             from (
               select currency, 'registered' as kind, amount::numeric from projection.receivable
                where registered_at >= $1 and registered_at < $2
               union all
               select currency, 'confirmed', amount from projection.receivable where confirmed_at >= $1 and confirmed_at < $2
               union all
               select r.currency, case e.name when 'NoteAccepted' then 'transferred' when 'NoteFinanced' then 'financed'
                                              when 'NoteSettled' then 'settled' else 'cancelled' end, ${eventAmount}
                 from projection.event e join projection.receivable r using (receivable_id)
                where e.name in ('NoteAccepted', 'NoteFinanced', 'NoteSettled', 'NoteCancelled') and ${isWithin('e')}
               union all
               select r.currency, 'settled', r.settled - coalesce((select sum(${eventAmount}) from projection.event e
                        where e.receivable_id = r.receivable_id and e.name = 'NoteSettled'), 0)
                 from projection.event s join projection.receivable r using (receivable_id)
                where s.name = 'ReceivableSettled' and ${isWithin('s')}) happened
            group by currency, kind`,
    values: [from, to]
  })
  return rows
}

/** All figures of one moment. `from` and `to` bound the turnover, unix seconds. */
export async function statisticsOf(
  tx: Transaction,
  now: number,
  from: number,
  to: number
): Promise<Statistics['currencies']> {
  const open = await openSums(tx, now)
  const faces = await receivableSums(tx)
  const turnover = await turnoverOf(tx, from, to)
  const currencies = []
  for (const currency of currenciesOf([...open, ...faces, ...turnover])) {
    const sums = new Sums(currency, open)
    const moved = (kind: TurnoverRow['kind']): Sum => {
      const row = turnover.find((one) => one.currency === currency && one.kind === kind)
      return row ? { amount: row.amount, notes: row.notes } : none
    }
    const obligors = sums.by('obligor')
    const groups = obligors.filter(({ value }) => value.startsWith('group '))
    currencies.push({
      currency,
      outstanding: sums.total(),
      financed: sums.one('financed', 'true'),
      disputed: sums.one('disputed', 'true'),
      frozen: sums.one('frozen', 'true'),
      overdue: overdueBuckets.map((days) => ({ days, ...sums.one('overdue', days) })),
      receivables: faces
        .filter((one) => one.currency === currency)
        .map(({ state, amount, receivables }) => ({ state, amount, receivables })),
      byTier: sums.by('tier').map(({ value, ...sum }) => ({ tier: Number(value), ...sum })),
      byState: sums.by('state').map(({ value, ...sum }) => ({ state: value as NoteView['state'], ...sum })),
      byMonth: sums.by('month').map(({ value, ...sum }) => ({ month: value, ...sum })),
      byDebtor: await sums.byParticipant(tx, 'debtor'),
      byDebtorGroup: groups.map(({ value, ...sum }) => ({ group: value.slice('group '.length), ...sum })),
      concentration: concentrationOf(sums.by('debtor').map(({ amount }) => BigInt(amount))),
      concentrationByGroup: concentrationOf(obligors.map(({ amount }) => BigInt(amount))),
      turnover: {
        registered: moved('registered'),
        confirmed: moved('confirmed'),
        transferred: moved('transferred'),
        financed: moved('financed'),
        settled: moved('settled'),
        cancelled: moved('cancelled')
      }
    })
  }
  return currencies
}
