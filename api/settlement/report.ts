/** The books of a day: what the statements show and what the chain settled, from one moment of the database. */
import { daysBetween, secondsOf } from '../../domain/calendar/day.ts'
import { currencyOfNumber } from '../../domain/money/currency.ts'
import {
  accountBook,
  chainBook,
  type AccountBook,
  type AppliedPart,
  type BookedEntry,
  type ChainBook,
  type SettledNote
} from '../../domain/settlement/report.ts'
import type { Transaction } from '../database.ts'
import type { Vault } from '../vault.ts'
import { openAccount } from './statements.ts'

export interface DayBooks {
  accounts: (AccountBook & {
    account: string
    currency: string
    notBooked: { entryId: number; status: string; amount: bigint }[]
  })[]
  chain: (ChainBook & { currency: string })[]
}

interface AccountRow {
  accountId: number
  digest: Buffer
  currency: string
  fields: Buffer
}

/** Books of all accounts of a clearing bank that have entries or balances on the day, and of every currency settled on it. */
export async function dayBooks(tx: Transaction, vault: Vault, participantId: number, day: string): Promise<DayBooks> {
  const { rows } = await tx.query<AccountRow>(
    `select a.account_id::float8 as "accountId", a.digest, a.currency, a.fields from app.bank_account a
      where a.participant_id = $1
        and (exists (select from app.statement_entry e where e.account_id = a.account_id and e.day = $2)
          or exists (select from app.statement_part p where p.account_id = a.account_id and p.closing_day = $2))
      order by a.account_id`,
    [participantId, day]
  )
  const accounts = []
  for (const row of rows) {
    const entries = await entriesOf(tx, row.accountId, day)
    const book = accountBook(
      entries.filter(({ status }) => status === 'booked'),
      await balancesOf(tx, row.accountId, day)
    )
    const notBooked = entries.filter(({ status }) => status !== 'booked')
    accounts.push({
      account: openAccount(vault, row),
      currency: row.currency,
      ...book,
      notBooked: notBooked.map(({ entryId, status, effect, amount }) => {
        return { entryId, status, amount: effect === 'credit' ? amount : -amount }
      })
    })
  }
  return { accounts, chain: await chainOf(tx, participantId, day) }
}

interface EntryRow {
  entryId: number
  digest: string
  effect: 'credit' | 'debit'
  amount: string
  status: string
  finding: BookedEntry['finding']
  reversal: number | null
  exceptions: string[] | null
  proposed: string | null
  parts: (Omit<AppliedPart, 'amount'> & { amount: string })[] | null
}

async function entriesOf(
  tx: Transaction,
  accountId: number,
  day: string
): Promise<(BookedEntry & { status: string })[]> {
  const { rows } = await tx.query<EntryRow>(
    `select e.entry_id::float8 as "entryId", e.digest, e.effect, e.amount::text, e.status, e.finding,
            coalesce(e.reversal_of, (select r.entry_id from app.statement_entry r where r.reversal_of = e.entry_id))::float8 as reversal,
            (select array_agg(x.kind || case when x.closed_at is null then ', open' else ', closed' end order by x.exception_id)
               from app.settlement_exception x where x.entry_id = e.entry_id) as exceptions,
            (select max(sum)::text from (select sum(p.amount) as sum from app.match m join app.match_part p using (match_id)
                                          where m.entry_id = e.entry_id and m.state = 'proposed' group by m.match_id) s) as proposed,
            (select json_agg(json_build_object('noteId', p.note_id, 'receivableId', p.receivable_id, 'amount', p.amount::text,
                      'state', case when b.number is not null then 'settled' when i.state <> 'refused'
                      then 'settling' else 'accepted' end,
                      'settledNoteId', n.note_id, 'txHash', case when b.number is not null then i.tx_hash end,
                      'block', b.number) order by p.match_id, p.part)
               from app.match_part p
               left join app.intent i using (intent_id)
               left join projection.block b on i.state = 'mined' and b.number = i.block_number and b.hash = i.block_hash
               left join lateral (
                 select n.note_id from projection.note n
                  where n.receivable_id = p.receivable_id and n.state = 'settled' and n.changed_tx = i.tx_hash and n.payment = p.payment
                  order by (n.note_id = p.settled_note_id) desc limit 1) n on b.number is not null
              where p.entry_id = e.entry_id and p.is_active) as parts
       from app.statement_entry e where e.account_id = $1 and e.day = $2 order by e.entry_id`,
    [accountId, day]
  )
  return rows.map(({ amount, exceptions, proposed, parts, ...row }) => ({
    ...row,
    amount: BigInt(amount),
    remark: exceptions?.join('; ') ?? null,
    proposed: BigInt(proposed ?? '0'),
    parts: (parts ?? []).map((part) => ({ ...part, amount: BigInt(part.amount) }))
  }))
}

/**
 * What the statements that close on the day say. One over several days has its opening balance carried to the day by the entries
 * before it. A day inside a longer statement has no balances of its own.
 */
async function balancesOf(
  tx: Transaction,
  accountId: number,
  day: string
): Promise<{ opening: bigint | null; closing: bigint | null }> {
  const { rows } = await tx.query<{ opening: string | null; closing: string | null; firstDay: string | null }>(
    `select p.opening::text, p.closing::text, p.first_day as "firstDay"
       from app.statement_part p join app.statement_file f using (statement_id)
      where p.account_id = $1 and p.closing_day = $2 and p.closing is not null
      order by f.created_at, p.part`,
    [accountId, day]
  )
  const [first, last] = [rows[0], rows.at(-1)]
  if (!first || !last) return { opening: null, closing: null }
  const closing = BigInt(last.closing!)
  if (first.opening === null) return { opening: null, closing }
  const isLonger = first.firstDay !== null && daysBetween(first.firstDay, day) > 0
  const carried = isLonger ? await movementOf(tx, accountId, first.firstDay!, day) : 0n
  return { opening: BigInt(first.opening) + carried, closing }
}

async function movementOf(tx: Transaction, accountId: number, from: string, before: string): Promise<bigint> {
  const { rows } = await tx.query<{ sum: string }>(
    `select coalesce(sum(case effect when 'credit' then amount else -amount end), 0)::text as sum
       from app.statement_entry where account_id = $1 and status = 'booked' and day >= $2 and day < $3`,
    [accountId, from, before]
  )
  return BigInt(rows[0]!.sum)
}

interface NoteRow {
  noteId: string
  receivableId: string
  currency: number
  amount: string
  payee: number
  txHash: string
  block: number
  entryId: number | null
  digest: string | null
  paid: string | null
}

/** By block time. The part that was ordered in the note's transaction is what paid it. */
async function chainOf(tx: Transaction, participantId: number, day: string): Promise<DayBooks['chain']> {
  const start = secondsOf(day)
  const { rows } = await tx.query<NoteRow>(
    `select n.note_id as "noteId", n.receivable_id as "receivableId", r.currency, (upper(n.span) - lower(n.span))::text as amount,
            n.payee, n.changed_tx as "txHash", n.changed_block::float8 as block, p.entry_id::float8 as "entryId", p.digest, p.paid
       from projection.note n join projection.receivable r using (receivable_id)
       left join lateral (
         select p.entry_id, e.digest, p.amount::text as paid
           from app.match_part p join app.intent i using (intent_id) join app.statement_entry e on e.entry_id = p.entry_id
          where e.participant_id = $1 and p.receivable_id = n.receivable_id and p.payment = n.payment and i.tx_hash = n.changed_tx
          order by (p.settled_note_id = n.note_id) desc limit 1) p on true
      where n.state = 'settled' and n.changed_at >= $2 and n.changed_at < $3
      order by n.changed_block, n.note_id`,
    [participantId, start, start + 86_400]
  )
  const byCurrency = new Map<string, SettledNote[]>()
  for (const { currency, amount, entryId, digest, paid, ...note } of rows) {
    const letters = currencyOfNumber(currency)
    const entry = entryId === null ? null : { entryId, digest: digest!, amount: BigInt(paid!) }
    const notes = byCurrency.get(letters) ?? []
    byCurrency.set(letters, [...notes, { ...note, amount: BigInt(amount), entry }])
  }
  return [...byCurrency]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([currency, notes]) => ({ currency, ...chainBook(notes) }))
}
