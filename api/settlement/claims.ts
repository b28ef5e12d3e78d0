/** The open notes that entries may pay, with everything by which a payment is recognised. */
import { dayOfSeconds } from '../../domain/calendar/day.ts'
import { paymentDayOf } from '../../domain/calendar/payment-day.ts'
import { currencyOfNumber } from '../../domain/money/currency.ts'
import { keyOfAccount, keysOf, parseAccount } from '../../domain/settlement/account.ts'
import { endToEndIdOf } from '../../domain/settlement/end-to-end.ts'
import type { EntryContent } from '../../domain/settlement/entry.ts'
import type { Claim } from '../../domain/settlement/match.ts'
import { payeeOf } from '../../domain/settlement/payments.ts'
import type { Services } from '../app.ts'
import { asService, serviceQuery, type Transaction } from '../database.ts'
import { numbersBehind } from '../documents/repository.ts'
import { chainTime } from '../receivables/repository.ts'
import { findNotes, findOpenOf, type DueNote } from './due.ts'
import { lockNotes, openOf } from './matches.ts'
import { recordsOf, runAccountsOf } from './payment-runs.ts'

/** Open notes of the credited payees that are looked at: the soonest. */
const CANDIDATES_MAX = 2_000

interface Ordered {
  endToEndId: string
  noteId: string
  runId: string
}

/**
 * Claims for these entries: the notes that their references lead to, settled ones too, and the open notes of whoever has the accounts
 * that were credited. Takes the locks of the notes that references lead to.
 */
export async function claimsFor(
  tx: Transaction,
  services: Pick<Services, 'vault'>,
  entries: readonly { content: EntryContent; references: readonly string[] }[]
): Promise<Claim[]> {
  const references = [...new Set(entries.flatMap((entry) => entry.references))]
  const ordered = await orderedBy(tx, references)
  await lockNotes(tx, ordered.map(({ noteId }) => noteId)) // prettier-ignore
  const time = await chainTime(tx)
  const payees = await payeesAt(tx, creditedBy(entries.map(({ content }) => content)))
  const notes = new Map<string, DueNote>()
  for (const note of await findNotes(tx, ordered.map(({ noteId }) => noteId))) notes.set(note.noteId, note) // prettier-ignore
  for (const note of await findOpenOf(tx, payees, time, CANDIDATES_MAX)) notes.set(note.noteId, note)
  return claimsOf(tx, services, [...notes.values()], ordered, time)
}

async function claimsOf(
  tx: Transaction,
  { vault }: Pick<Services, 'vault'>,
  notes: readonly DueNote[],
  ordered: readonly Ordered[],
  time: number
): Promise<Claim[]> {
  const open = await openOf(tx, notes.map(({ noteId }) => noteId)) // prettier-ignore
  const payees = notes.map((note) => payeeOf(note, time))
  const records = await recordsOf(tx, [...new Set([...payees, ...notes.map(({ debtor }) => debtor)])])
  const receivableIds = [...new Set(notes.map(({ receivableId }) => receivableId))]
  // Documents are their owners'; of each only the number is looked for in the bank's text.
  const numbers = await asService(tx, (service) => numbersBehind(service, vault, receivableIds))
  const accounts = await runAccountsOf(tx, vault, [...new Set(ordered.map(({ runId }) => runId))])
  return notes.map((note, index) => {
    const { noteId, receivableId, end, debtor, maturity } = note
    const orders = ordered.filter((one) => one.noteId === noteId)
    const currency = currencyOfNumber(note.currency)
    const payee = payees[index]!
    const debtorAccounts = [records.get(debtor)?.account, ...orders.map(({ runId }) => accounts.get(runId))]
    return {
      noteId,
      receivableId,
      payee,
      open: open.get(noteId) ?? 0n,
      currency,
      endToEndIds: [...new Set([endToEndIdOf(noteId, end, payee), ...orders.map(({ endToEndId }) => endToEndId)])],
      payeeAccounts: keysOfRecord(records.get(payee)?.account),
      debtorName: records.get(debtor)?.name ?? '',
      debtorAccounts: debtorAccounts.flatMap(keysOfRecord),
      numbers: numbers.get(receivableId) ?? [],
      paymentDay: paymentDayOf(currency, dayOfSeconds(maturity)).day
    }
  })
}

async function orderedBy(tx: Transaction, references: readonly string[]): Promise<Ordered[]> {
  if (references.length === 0) return []
  const { rows } = await serviceQuery<Ordered>(
    tx,
    `select end_to_end_id as "endToEndId", note_id as "noteId", run_id as "runId" from app.payment where end_to_end_id = any($1)`,
    [references]
  )
  return rows
}

function keysOfRecord(account: string | null | undefined): string[] {
  const parsed = account ? parseAccount(account) : undefined
  return parsed ? keysOf(parsed) : []
}

/** Keys of the accounts to which money went: those of the statements, and those that payments name. */
function creditedBy(contents: readonly EntryContent[]): Set<string> {
  const named = contents.flatMap(({ transactions }) =>
    transactions.flatMap(({ creditorAccount }) => (creditorAccount === null ? [] : keyOfAccount(creditorAccount)))
  )
  return new Set([...contents.map(({ account }) => account), ...named])
}

/** Participants whose account is one of these. */
async function payeesAt(tx: Transaction, keys: ReadonlySet<string>): Promise<number[]> {
  const { rows } = await serviceQuery<{ id: number; account: string }>(
    tx,
    'select participant_id as id, payment_account as account from app.participant where payment_account is not null'
  )
  return rows.filter(({ account }) => keysOfRecord(account).some((key) => keys.has(key))).map(({ id }) => id)
}
