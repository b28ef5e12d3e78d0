import type { ReceivableState } from '../../domain/receivable/receivable-states.ts'
import type { NoteState } from '../../domain/note/note-states.ts'
import type { NotePurpose } from '../../domain/note/note-word.ts'
import type { Order } from '../../domain/note/order.ts'
import { firstSeenBlock, type SeenBlock } from '../access/scope.ts'
import { blockOfSnapshot, type Pool, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import type { Caller } from '../plugins/auth.ts'
import { isOn, seesWhole, spansOf } from './branches.ts'

export type AsOf = SeenBlock

export interface ReceivableView {
  receivableId: string
  /** Number of the registry version that it lives on. */
  registry: number
  creditor: number
  debtor: number
  amount: string
  settled: string
  /** Owed no more, by dilution. */
  cancelled: string
  currency: number
  maturity: number
  contentCommitment: string
  fingerprints: string[]
  state: Exclude<ReceivableState, 'none'>
  isDisputed: boolean
  registeredAt: number
  confirmedAt: number | null
  changedAt: number
  changedTx: string
}

export interface NoteView {
  noteId: string
  receivableId: string
  registry: number
  start: string
  end: string
  amount: string
  holder: number
  counterparty: number | null
  assignor: number | null
  deadline: number | null
  /** What the newest freeze says; it may have passed. */
  frozenUntil: number | null
  /** Of that freeze: who is paid while it is in force, and the regulator who may lift it. */
  freezeEscrow: number | null
  freezeAuthority: number | null
  /** The order behind that freeze; null also when it came past the api. */
  freezeOrder: Order | null
  tier: number
  state: Exclude<NoteState, 'none'>
  purpose: NotePurpose
  hasRecourse: boolean
  /** What an open `trade-transfer` offer claimed. */
  tradeFingerprint: string | null
  isFinanced: boolean
  /** Who was paid; null while it is not settled. */
  payee: number | null
  changedAt: number
  changedTx: string
}

const receivableColumns = `r.receivable_id as "receivableId", r.registry, r.creditor, r.debtor, r.amount::text, r.settled::text, r.cancelled::text, r.currency,
  r.maturity::float8 as maturity, r.content_commitment as "contentCommitment", r.fingerprints, r.state,
  r.disputed as "isDisputed",
  r.registered_at::float8 as "registeredAt", r.confirmed_at::float8 as "confirmedAt", r.changed_at::float8 as "changedAt",
  r.changed_tx as "changedTx"`

export const noteColumns = `n.note_id as "noteId", n.receivable_id as "receivableId", n.registry, lower(n.span)::text as start,
  upper(n.span)::text as "end", (upper(n.span) - lower(n.span))::text as amount, n.holder, n.counterparty, n.assignor,
  n.deadline::float8 as deadline, n.frozen_until::float8 as "frozenUntil", n.freeze_escrow as "freezeEscrow",
  n.freeze_authority as "freezeAuthority",
  case when n.freeze_order is not null then (select json_build_object('reference', o.reference, 'court', o.court,
    'document', o.document) from app.order_reference o where o.commitment = n.freeze_order) end as "freezeOrder", n.tier, n.state, n.purpose, n.has_recourse as "hasRecourse",
  case when n.state = 'offered' and n.purpose = 'trade-transfer' then n.trade_document end as "tradeFingerprint",
  n.disbursement is not null as "isFinanced", n.payee, n.changed_at::float8 as "changedAt", n.changed_tx as "changedTx"`

/** Parties see what they are or were a party of; a regulator sees everything. */
const isVisible = `($1::boolean or exists (select from projection.receivable_party v
  where v.receivable_id = r.receivable_id and v.participant_id = $2))`

/**
 * Found by its id: also by a clearing agent once the debtor has promised to pay, which it has to know to read what it signs. Of those
 * it sees the notes, parties and days in `/v1/maturities` anyway.
 */
const isFindable = `(${isVisible} or ($4::boolean and r.state in ('confirmed', 'settled')))`

function viewer(caller: Caller): [boolean, number] {
  return [caller.roles.includes('regulator'), caller.participantId]
}

/** The block as of which the projection holds. Undefined: nothing is projected yet. */
export async function asOf(client: Pool | Transaction): Promise<AsOf | undefined> {
  const known = blockOfSnapshot(client)
  if (known) return known
  const { rows } = await client.query<AsOf>({
    name: 'cursor.as-of',
    text: `select block_number::float8 as block, block_hash as hash, block_time::float8 as time from projection.cursor`
  })
  return rows[0]
}

/**
 * The block as of which what this request has read is, or an older one, never a newer: its first query brought it along.
 * @throws ApiError PROJECTION_BEHIND while nothing is projected
 */
export async function asOfReads(pool: Pool): Promise<AsOf> {
  const block = firstSeenBlock() ?? (await asOf(pool))
  if (!block) throw new ApiError('PROJECTION_BEHIND')
  return block
}

/**
 * The time of the next block at the earliest, unix seconds: that of the newest block, and the clock on the wall while no
 * block comes. Whatever is compared with maturities and deadlines is compared with it.
 */
export async function chainTime(client: Pool | Transaction): Promise<number> {
  return timeAfter(await asOf(client))
}

/** {@link chainTime} where the newest block is at hand. */
export function timeAfter(block: AsOf | undefined): number {
  return Math.max(Math.floor(Date.now() / 1000), block?.time ?? 0)
}

export async function findReceivable(
  client: Pool | Transaction,
  receivableId: string,
  caller: Caller
): Promise<ReceivableView | undefined> {
  const { rows } = await client.query<ReceivableView>({
    name: 'receivable.find',
    text: `select ${receivableColumns} from projection.receivable r where r.receivable_id = $3 and ${isFindable}`,
    values: [...viewer(caller), receivableId, caller.roles.includes('clearing')]
  })
  return rows[0]
}

/**
 * A receivable with all its notes, by span, in one statement: it is among what is read most. Of the notes the caller may see only
 * {@link notesSeen}.
 */
export async function findWithNotes(
  client: Pool | Transaction,
  receivableId: string,
  caller: Caller
): Promise<{ receivable: ReceivableView; notes: NoteView[] } | undefined> {
  const { rows } = await client.query<ReceivableView & { notes: NoteView[] }>({
    name: 'receivable.find-with-notes',
    text: `select ${receivableColumns}, coalesce((select json_agg(note) from (select ${noteColumns} from projection.note n
              where n.receivable_id = r.receivable_id order by lower(n.span)) note), '[]') as notes
            from projection.receivable r where r.receivable_id = $3 and ${isFindable}`,
    values: [...viewer(caller), receivableId, caller.roles.includes('clearing')]
  })
  if (!rows[0]) return undefined
  const { notes, ...receivable } = rows[0]
  return { receivable, notes }
}

export interface ReceivableFilter {
  role?: 'creditor' | 'debtor'
  state?: string
  after?: string
  limit: number
}

/** In the order of ids, which is stable while receivables come and change. */
export async function listReceivables(pool: Pool, caller: Caller, filter: ReceivableFilter): Promise<ReceivableView[]> {
  const { rows } = await pool.query<ReceivableView>({
    name: 'receivable.list',
    text: `select ${receivableColumns} from projection.receivable r
            where ${isVisible}
              and ($3::text is null or case $3 when 'creditor' then r.creditor else r.debtor end = $2)
              and ($4::text is null or r.state = $4)
              and ($5::text is null or r.receivable_id > $5)
            order by r.receivable_id limit $6`,
    values: [...viewer(caller), filter.role ?? null, filter.state ?? null, filter.after ?? null, filter.limit]
  })
  return rows
}

/** The notes of a receivable, by span. The caller has checked that the receivable is visible. */
export async function notesOf(client: Pool | Transaction, receivableId: string): Promise<NoteView[]> {
  const { rows } = await client.query<NoteView>({
    name: 'note.of-receivable',
    text: `select ${noteColumns} from projection.note n where n.receivable_id = $1 order by lower(n.span)`,
    values: [receivableId]
  })
  return rows
}

/** Of a receivable's notes those that the caller sees: all, or those of its branches. */
export async function notesSeen(
  client: Pool | Transaction,
  receivable: ReceivableView,
  notes: NoteView[],
  caller: Caller
): Promise<NoteView[]> {
  const { receivableId } = receivable
  if (seesWhole(caller, receivable)) return notes
  const spans = await spansOf(client, receivableId, caller.participantId)
  return notes.filter((note) => isOn(spans, note))
}

/** Undefined also for a note of a branch that the caller has no part in. */
export async function findNote(
  client: Pool | Transaction,
  noteId: string,
  caller: Caller
): Promise<NoteView | undefined> {
  const { rows } = await client.query<NoteView & { parties: [creditor: number, debtor: number] }>({
    name: 'note.find',
    text: `select ${noteColumns}, array[r.creditor, r.debtor] as parties
             from projection.note n join projection.receivable r using (receivable_id)
            where n.note_id = $3 and ${isFindable}`,
    values: [...viewer(caller), noteId, caller.roles.includes('clearing')]
  })
  if (!rows[0]) return undefined
  const { parties, ...note } = rows[0]
  const [creditor, debtor] = parties
  const { participantId } = caller
  if (seesWhole(caller, { creditor, debtor })) return note
  if ([note.holder, note.counterparty, note.assignor, note.payee].includes(participantId)) return note
  return isOn(await spansOf(client, note.receivableId, participantId), note) ? note : undefined
}

export interface NoteFilter {
  role: 'holder' | 'counterparty' | 'assignor'
  state?: string
  after?: string
  limit: number
}

/** The caller's notes by its part in them, in the order of ids. */
export async function listNotes(pool: Pool, caller: Caller, filter: NoteFilter): Promise<NoteView[]> {
  const { rows } = await pool.query<NoteView>({
    name: `note.list-by-${filter.role}`,
    text: `select ${noteColumns} from projection.note n
            where n.${filter.role} = $1 and ($2::text is null or n.state = $2) and ($3::text is null or n.note_id > $3)
            order by n.note_id limit $4`,
    values: [caller.participantId, filter.state ?? null, filter.after ?? null, filter.limit]
  })
  return rows
}
