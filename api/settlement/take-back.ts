/**
 * Reversals and returns. Before its settlement is on its way to the chain, what they take back is cancelled; after that it stands
 * (settled is final, N2), and people have to find the money again.
 */
import type { Transaction } from '../database.ts'
import type { Vault } from '../vault.ts'
import { lockEntries, type StoredEntry } from './entries.ts'
import { endException, openException } from './exceptions.ts'
import { decide, releaseMatch } from './matches.ts'

/** Reversals without an original that share a reference of ours with one of these entries. */
export async function unmatchedReversals(tx: Transaction, entries: readonly StoredEntry[]): Promise<number[]> {
  const references = [...new Set(entries.flatMap((entry) => entry.references))]
  if (references.length === 0) return []
  const { rows } = await tx.query<{ id: number }>(
    `select entry_id::float8 as id from app.statement_entry
      where participant_id = $1 and finding = 'reversal' and reversal_of is null and references_ours && $2
        and not entry_id = any($3::bigint[])
      order by entry_id`,
    [entries[0]!.participantId, references, entries.map(({ entryId }) => entryId)]
  )
  return rows.map(({ id }) => id)
}

/** Finds the entry that this one takes back, and undoes what it did. */
export async function takeBack(tx: Transaction, vault: Vault, entryId: number): Promise<void> {
  const [reversal] = await lockEntries(tx, vault, [entryId])
  const original = await originalOf(tx, vault, reversal!)
  if (!original) return openException(tx, reversal!, 'reversal-unmatched')
  await tx.query('update app.statement_entry set reversal_of = $2 where entry_id = $1', [entryId, original.entryId])
  await endException(tx, vault, entryId, 'reversal-unmatched', `takes back entry ${original.entryId}`)
  const stands = await undo(tx, vault, original)
  if (stands.length > 0) await openException(tx, reversal!, 'returned-after-settlement', stands)
}

/**
 * Same amount and currency, and our reference; or, without one, on the same account by the bank's reference or the same text. The
 * newest first, and none that is taken back already.
 */
async function originalOf(tx: Transaction, vault: Vault, reversal: StoredEntry): Promise<StoredEntry | undefined> {
  const { participantId, accountId, amount, references } = reversal
  const { rows } = await tx.query<{ id: number }>(
    `select e.entry_id::float8 as id
       from app.statement_entry e join app.bank_account a using (account_id)
      where e.participant_id = $1 and e.amount = $2 and e.effect = 'credit' and e.status = 'booked' and e.finding <> 'reversal'
        and a.currency = (select currency from app.bank_account where account_id = $3)
        and case when cardinality($4::text[]) > 0 then e.references_ours && $4 else e.account_id = $3 end
        and not exists (select from app.statement_entry r where r.reversal_of = e.entry_id)
      order by e.day desc nulls last, e.entry_id desc limit 50`,
    [participantId, amount, accountId, references]
  )
  const found = await lockEntries(tx, vault, rows.map(({ id }) => id)) // prettier-ignore
  const order = new Map(rows.map(({ id }, index) => [id, index]))
  return found
    .sort((left, right) => order.get(left.entryId)! - order.get(right.entryId)!)
    .find((one) => references.length > 0 || areAlike(one, reversal))
}

function areAlike({ content: one }: StoredEntry, { content: other }: StoredEntry): boolean {
  if (one.reference !== null && one.reference === other.reference) return true
  const textOf = ({ transactions }: typeof one) =>
    transactions.flatMap(({ endToEndId, remittance }) => [endToEndId ?? '', ...remittance]).join(' ').trim() // prettier-ignore
  return textOf(one) !== '' && textOf(one) === textOf(other)
}

interface ActivePart {
  matchId: number
  noteId: string
  intentId: string | null
  state: string | null
}

/** Cancels what an entry did. Returns the notes whose settlement is on its way or done. */
async function undo(tx: Transaction, vault: Vault, original: StoredEntry): Promise<string[]> {
  // A settlement that still waits for signatures is withdrawn: whoever signs it would settle what was not paid.
  await tx.query(
    `update app.intent i set state = 'refused', refusal = $2, changed_at = now()
       from app.match_part p
      where p.intent_id = i.intent_id and p.entry_id = $1 and p.is_active and i.state = 'awaiting-signatures'`,
    [original.entryId, JSON.stringify({ code: 'PaymentTakenBack', args: { entry: original.digest } })]
  )
  const { rows } = await tx.query<ActivePart>(
    `select p.match_id::float8 as "matchId", p.note_id as "noteId", p.intent_id as "intentId", i.state
       from app.match_part p left join app.intent i using (intent_id)
      where p.entry_id = $1 and p.is_active order by p.match_id, p.part`,
    [original.entryId]
  )
  const stands = rows.filter(({ intentId, state }) => intentId !== null && state !== 'refused')
  const kept = new Set(stands.map(({ matchId }) => matchId))
  for (const matchId of new Set(rows.map((part) => part.matchId))) {
    if (kept.has(matchId)) continue
    await releaseMatch(tx, original, matchId)
    await decide(tx, vault, matchId, 'cancelled', null)
  }
  await tx.query(
    `update app.match set state = 'cancelled', decided_at = now() where entry_id = $1 and state = 'proposed'`,
    [original.entryId]
  )
  return stands.map(({ noteId }) => noteId)
}
