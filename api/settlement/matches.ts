/** Matches: that an entry pays notes. Accepted ones count against the entry and against the note, under the locks of both. */
import { isNoteOpen } from '../../domain/note/note-states.ts'
import type { MatchPart, MatchReason, MatchRule, Proposal } from '../../domain/settlement/match.ts'
import { serviceQuery, type Pool, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import type { Caller } from '../plugins/auth.ts'
import type { Vault } from '../vault.ts'
import { findNotes } from './due.ts'
import { findEntries, shownEntry, type StoredEntry } from './entries.ts'
import type { MatchView } from './schemas.ts'

export type MatchState = MatchView['state']

export interface StoredMatch {
  matchId: number
  entryId: number
  state: MatchState
  rule: MatchRule
  score: number
  reasons: MatchReason[]
  isByRule: boolean
  decision: Buffer | null
  decidedAt: Date | null
  createdAt: Date
  parts: StoredPart[]
}

export interface StoredPart {
  noteId: string
  receivableId: string
  payee: number
  amount: string
  intentId: string | null
  settledNoteId: string | null
  progress: 'waiting' | 'ordered' | 'settled'
}

const columns = `m.match_id::float8 as "matchId", m.entry_id::float8 as "entryId", m.state, m.rule, m.score, m.reasons,
  m.state = 'accepted' and m.decided_by is null as "isByRule", m.decision, m.decided_at as "decidedAt", m.created_at as "createdAt",
  (select json_agg(json_build_object('noteId', p.note_id, 'receivableId', p.receivable_id, 'payee', p.payee, 'amount', p.amount::text,
            'intentId', p.intent_id, 'settledNoteId', p.settled_note_id, 'progress', case when b.number is not null then 'settled'
            when i.state <> 'refused' then 'ordered' else 'waiting' end) order by p.part)
     from app.match_part p left join app.intent i using (intent_id)
     left join projection.block b on i.state = 'mined' and b.number = i.block_number and b.hash = i.block_hash
    where p.match_id = m.match_id) as parts`

const placeOf = (matchId: number) => `match ${matchId}`

/** Serialises whoever takes money for a note. Sorted, so that two never wait for each other. */
export async function lockNotes(tx: Transaction, noteIds: readonly string[]): Promise<void> {
  for (const noteId of [...new Set(noteIds)].sort()) {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 4))', [noteId])
  }
}

/**
 * What accepted matches have taken of notes and the projection does not show as settled yet. A settlement that was refused still
 * counts: its match stands.
 */
export async function takenOf(client: Pool | Transaction, noteIds: readonly string[]): Promise<Map<string, bigint>> {
  if (noteIds.length === 0) return new Map()
  const { rows } = await serviceQuery<{ noteId: string; taken: string }>(client, {
    name: 'match.taken-of',
    text: `select p.note_id as "noteId", sum(p.amount)::text as taken
             from app.match_part p
             left join app.intent i using (intent_id)
             left join projection.block b on b.number = i.block_number and b.hash = i.block_hash
            where p.is_active and p.note_id = any($1) and not coalesce(i.state = 'mined' and b.number is not null, false)
            group by p.note_id`,
    values: [noteIds]
  })
  return new Map(rows.map(({ noteId, taken }) => [noteId, BigInt(taken)]))
}

/** Of notes in any state: what is open and not taken yet. */
export async function openOf(client: Pool | Transaction, noteIds: readonly string[]): Promise<Map<string, bigint>> {
  const taken = await takenOf(client, noteIds)
  const notes = await findNotes(client, noteIds)
  return new Map(
    notes.map(({ noteId, state, amount }) => {
      const open = isNoteOpen(state) ? amount - (taken.get(noteId) ?? 0n) : 0n
      return [noteId, open > 0n ? open : 0n]
    })
  )
}

/** Keeps a proposal for people. */
export async function insertMatch(
  tx: Transaction,
  entry: Pick<StoredEntry, 'entryId' | 'participantId'>,
  { rule, score, reasons, parts }: Proposal
): Promise<number> {
  const { rows } = await tx.query<{ id: number }>(
    `insert into app.match (entry_id, participant_id, state, rule, score, reasons) values ($1, $2, 'proposed', $3, $4, $5)
     returning match_id::float8 as id`,
    [entry.entryId, entry.participantId, rule, score, reasons]
  )
  const matchId = rows[0]!.id
  for (const [index, part] of parts.entries()) {
    await tx.query(
      `insert into app.match_part (match_id, part, entry_id, note_id, receivable_id, payee, amount)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [matchId, index, entry.entryId, part.noteId, part.receivableId, part.payee, part.amount]
    )
  }
  return matchId
}

/**
 * Accepts a proposed match. The caller holds the entry's lock; this takes those of the notes.
 * @param by Null for the rule itself
 * @throws ApiError MATCH_EXCEEDS_ENTRY, MATCH_EXCEEDS_NOTE
 */
export async function acceptMatch(
  tx: Transaction,
  vault: Vault,
  entry: StoredEntry,
  match: { matchId: number; parts: readonly MatchPart[] },
  by: { participantId: number; reason: string | undefined } | null
): Promise<void> {
  const { matchId, parts } = match
  const noteIds = parts.map(({ noteId }) => noteId)
  await lockNotes(tx, noteIds)
  const open = await openOf(tx, noteIds)
  for (const { noteId, amount } of parts) {
    const left = open.get(noteId) ?? 0n
    if (amount > left) {
      throw new ApiError('MATCH_EXCEEDS_NOTE', {
        presented: { noteId, amount: String(amount) },
        required: `at most ${left}`
      })
    }
  }
  const sum = parts.reduce((total, { amount }) => total + amount, 0n)
  const left = entry.amount - entry.allocated
  if (sum > left) throw new ApiError('MATCH_EXCEEDS_ENTRY', { presented: String(sum), required: `at most ${left}` })
  await tx.query('update app.statement_entry set allocated = allocated + $2, finding = $3 where entry_id = $1', [
    entry.entryId,
    sum,
    'matched'
  ])
  entry.allocated += sum
  await tx.query('update app.match_part set is_active = true where match_id = $1', [matchId])
  await decide(tx, vault, matchId, 'accepted', by)
  if (entry.allocated < entry.amount) return
  await tx.query(
    `update app.match set state = 'superseded', decided_at = now() where entry_id = $1 and state = 'proposed'`,
    [entry.entryId]
  )
}

export async function decide(
  tx: Transaction,
  vault: Vault,
  matchId: number,
  state: MatchState,
  by: { participantId: number; reason: string | undefined } | null
): Promise<void> {
  const decision = by?.reason === undefined ? null : vault.seal(by.reason, placeOf(matchId))
  await tx.query(
    `update app.match set state = $2, decided_by = $3, decided_at = now(), decision = $4 where match_id = $1`,
    [matchId, state, by?.participantId ?? null, decision]
  )
}

/** Takes an accepted match back: entry and note have its amounts again. The caller holds the entry's lock and knows it is not ordered. */
export async function releaseMatch(
  tx: Transaction,
  entry: Pick<StoredEntry, 'entryId' | 'allocated'>,
  matchId: number
): Promise<void> {
  const { rows } = await tx.query<{ amount: string }>(
    'update app.match_part set is_active = false where match_id = $1 and is_active returning amount::text',
    [matchId]
  )
  const sum = rows.reduce((total, { amount }) => total + BigInt(amount), 0n)
  await tx.query('update app.statement_entry set allocated = allocated - $2 where entry_id = $1', [entry.entryId, sum])
  entry.allocated -= sum
}

export async function findMatch(
  client: Pool | Transaction,
  participantId: number,
  matchId: number
): Promise<StoredMatch | undefined> {
  const { rows } = await client.query<StoredMatch>({
    name: 'match.find',
    text: `select ${columns} from app.match m where m.match_id = $1 and m.participant_id = $2`,
    values: [matchId, participantId]
  })
  return rows[0]
}

export interface MatchFilter {
  state?: string | undefined
  entryId?: number | undefined
  statementId?: string | undefined
  after: number
  limit: number
}

/** In the order in which they came. */
export async function listMatches(pool: Pool, caller: Caller, filter: MatchFilter): Promise<StoredMatch[]> {
  const { rows } = await pool.query<StoredMatch>({
    name: 'match.list',
    text: `select ${columns} from app.match m
            where m.participant_id = $1 and m.match_id > $2 and ($3::text is null or m.state = $3)
              and ($4::bigint is null or m.entry_id = $4)
              and ($5::uuid is null or m.entry_id in (select e.entry_id from app.statement_entry e where e.statement_id = $5))
            order by m.match_id limit $6`,
    values: [
      caller.participantId,
      filter.after,
      filter.state ?? null,
      filter.entryId ?? null,
      filter.statementId ?? null,
      filter.limit
    ]
  })
  return rows
}

export async function shownMatches(
  client: Pool | Transaction,
  vault: Vault,
  participantId: number,
  matches: readonly StoredMatch[]
): Promise<MatchView[]> {
  const ids = [...new Set(matches.map(({ entryId }) => entryId))]
  const entries = await findEntries(client, vault, participantId, ids)
  return matches.map(({ entryId, decision, decidedAt, createdAt, ...match }) => ({
    ...match,
    entry: shownEntry(entries.get(entryId)!),
    decision: decision === null ? null : (vault.open(decision, placeOf(match.matchId)) as string),
    decidedAt: decidedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString()
  }))
}
