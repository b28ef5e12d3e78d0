/** Entries of bank statements as they are kept: each once, whatever delivers it. */
import type { EntryContent } from '../../domain/settlement/entry.ts'
import type { Finding } from '../../domain/settlement/match.ts'
import type { Pool, Transaction } from '../database.ts'
import type { Vault } from '../vault.ts'
import type { EntryView } from './schemas.ts'

export interface StoredEntry {
  entryId: number
  participantId: number
  accountId: number
  statementId: string
  digest: string
  amount: bigint
  allocated: bigint
  isTrusted: boolean
  finding: Finding
  references: string[]
  reversalOf: number | null
  content: EntryContent
}

export interface NewEntry {
  accountId: number
  key: string
  ordinal: number
  digest: string
  content: EntryContent
  references: string[]
  isTrusted: boolean
}

interface Row extends Omit<StoredEntry, 'amount' | 'allocated' | 'content'> {
  amount: string
  allocated: string
  key: string
  ordinal: number
  fields: Buffer
}

const placeOf = ({ accountId, key, ordinal }: Pick<NewEntry, 'accountId' | 'key' | 'ordinal'>) =>
  `statement entry ${accountId} ${key} ${ordinal}`

const columns = `e.entry_id::float8 as "entryId", e.participant_id as "participantId", e.account_id::float8 as "accountId",
  e.statement_id as "statementId", e.digest, e.amount::text, e.allocated::text, e.is_trusted as "isTrusted", e.finding,
  e.references_ours as references, e.reversal_of::float8 as "reversalOf", e.key, e.ordinal, e.fields`

function storedOf(vault: Vault, row: Row): StoredEntry {
  const { key, ordinal, fields, amount, allocated, ...rest } = row
  const content = vault.open(fields, placeOf({ accountId: row.accountId, key, ordinal })) as EntryContent
  return { ...rest, amount: BigInt(amount), allocated: BigInt(allocated), content }
}

/**
 * Keeps what is new: entries that no delivery had, and those that were announced and are booked now. The account's row is locked by
 * the caller. Returns their ids.
 */
export async function insertEntries(
  tx: Transaction,
  vault: Vault,
  place: { participantId: number; statementId: string },
  entries: readonly NewEntry[]
): Promise<Set<number>> {
  const rows = entries.map((entry) => ({
    account_id: entry.accountId,
    key: entry.key,
    ordinal: entry.ordinal,
    digest: entry.digest,
    amount: entry.content.amount,
    effect: entry.content.effect,
    is_reversal: entry.content.isReversal,
    status: entry.content.status,
    day: entry.content.day,
    references_ours: entry.references,
    is_trusted: entry.isTrusted,
    fields: vault.seal(entry.content, placeOf(entry)).toString('base64')
  }))
  const { rows: kept } = await tx.query<{ id: number }>(
    `insert into app.statement_entry as e (participant_id, account_id, statement_id, key, ordinal, digest, amount, effect, is_reversal,
                                           status, day, references_ours, is_trusted, finding, fields)
     select $1, n.account_id, $2, n.key, n.ordinal, n.digest, n.amount, n.effect, n.is_reversal, n.status, n.day, n.references_ours,
            n.is_trusted, 'not-booked', decode(n.fields, 'base64')
       from jsonb_to_recordset($3::jsonb) n (account_id bigint, key text, ordinal integer, digest text, amount bigint, effect text,
                                             is_reversal boolean, status text, day text, references_ours text[], is_trusted boolean,
                                             fields text)
     on conflict (account_id, key, ordinal) do update
        set status = excluded.status, statement_id = excluded.statement_id, digest = excluded.digest, fields = excluded.fields,
            references_ours = excluded.references_ours, is_trusted = excluded.is_trusted
      where e.status <> 'booked' and excluded.status = 'booked'
     returning e.entry_id::float8 as id`,
    [place.participantId, place.statementId, JSON.stringify(rows)]
  )
  return new Set(kept.map(({ id }) => id))
}

/**
 * Whatever changes what a clearing bank's entries pay happens one after another: its deliveries, its people and its settlements. So
 * no two of them wait for each other's rows; the constraints of the tables are the second net.
 */
export async function lockBank(tx: Transaction, participantId: number): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 6))', [`settlement of ${participantId}`])
}

/** Locks the rows for the rest of the transaction, in the order of ids, and reads them after that. */
export async function lockEntries(tx: Transaction, vault: Vault, ids: readonly number[]): Promise<StoredEntry[]> {
  if (ids.length === 0) return []
  const { rows } = await tx.query<Row>(
    `select ${columns} from app.statement_entry e where e.entry_id = any($1::bigint[]) order by e.entry_id for update`,
    [ids]
  )
  return rows.map((row) => storedOf(vault, row))
}

export async function findEntries(
  client: Pool | Transaction,
  vault: Vault,
  participantId: number,
  ids: readonly number[]
): Promise<Map<number, StoredEntry>> {
  const { rows } = await client.query<Row>({
    name: 'statement-entry.find',
    text: `select ${columns} from app.statement_entry e where e.entry_id = any($1::bigint[]) and e.participant_id = $2`,
    values: [ids, participantId]
  })
  return new Map(rows.map((row) => [row.entryId, storedOf(vault, row)]))
}

export interface EntryFilter {
  day?: string | undefined
  finding?: string | undefined
  /** Whose delivery brought it. */
  statementId?: string | undefined
  after: number
  limit: number
}

/** In the order in which they came. */
export async function listEntries(
  pool: Pool,
  vault: Vault,
  participantId: number,
  { day, finding, statementId, after, limit }: EntryFilter
): Promise<StoredEntry[]> {
  const { rows } = await pool.query<Row>({
    name: 'statement-entry.list',
    text: `select ${columns} from app.statement_entry e
            where e.participant_id = $1 and e.entry_id > $2 and ($3::text is null or e.day = $3)
              and ($4::text is null or e.finding = $4) and ($5::uuid is null or e.statement_id = $5)
            order by e.entry_id limit $6`,
    values: [participantId, after, day ?? null, finding ?? null, statementId ?? null, limit]
  })
  return rows.map((row) => storedOf(vault, row))
}

export async function setFinding(tx: Transaction, entryId: number, finding: Finding): Promise<void> {
  await tx.query('update app.statement_entry set finding = $2 where entry_id = $1', [entryId, finding])
}

export function shownEntry(entry: StoredEntry): EntryView {
  const { entryId, digest, statementId, finding, reversalOf, content } = entry
  const { account, currency, amount, effect, isReversal, status, day, ...details } = content
  return {
    entryId,
    digest,
    account,
    currency,
    amount,
    effect,
    isReversal,
    status,
    day,
    finding,
    allocated: String(entry.allocated),
    statementId,
    reversalOf,
    details
  }
}
