/** Settlements: accepted matches become one intent for many notes, which the clearing bank signs. */
import { type Static, Type } from 'typebox'
import type { Command } from '../../domain/intent/commands.ts'
import { currencyOfNumber } from '../../domain/money/currency.ts'
import { cutNoteId, noteIdToHex, startOfNote } from '../../domain/note/span.ts'
import { isNoteOpen } from '../../domain/note/note-states.ts'
import { paymentTextOf } from '../../domain/settlement/entry.ts'
import { payeeOf } from '../../domain/settlement/payments.ts'
import { requireNoAlarm } from '../alarms/gate.ts'
import type { Services } from '../app.ts'
import { serviceQuery, type Pool, type Transaction } from '../database.ts'
import { ApiError, type ErrorCode } from '../errors.ts'
import { commitmentTo } from '../intents/commitment.ts'
import { createIntent } from '../intents/create.ts'
import type { IntentView } from '../intents/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import { chainTime, notesOf } from '../receivables/repository.ts'
import { Amount, Bytes32, IntentSchema, NoteId, strict } from '../schemas.ts'
import { findNotes, type DueNote } from './due.ts'
import { lockBank } from './entries.ts'
import { openException } from './exceptions.ts'
import { Currency, OrNull, RowId } from './schemas.ts'

/** Notes of one settlement at most: the call of a hundred costs a third of a block. */
export const PARTS_MAX = 100

export const SettlementBody = Type.Object(
  {
    matches: Type.Optional(
      Type.Array(RowId, {
        minItems: 1,
        maxItems: PARTS_MAX,
        uniqueItems: true,
        description:
          'Only these, and all of them or none. Without it: everything that waits, as far as it can be settled'
      })
    ),
    currency: Type.Optional(Currency)
  },
  strict
)

export const SettlementSchema = Type.Object(
  {
    intent: IntentSchema,
    currency: Currency,
    amount: Amount,
    parts: Type.Array(
      Type.Object(
        {
          matchId: RowId,
          entryId: RowId,
          entryDigest: Bytes32,
          noteId: NoteId,
          settledNoteId: { ...NoteId, description: 'The note that will be settled: a piece when only a part was paid' },
          amount: Amount,
          payment: { ...Bytes32, description: 'The commitment on chain: SHA-256 over receivable and entry digest' }
        },
        strict
      )
    ),
    held: Type.Array(
      Type.Object(
        { matchId: RowId, noteId: OrNull(NoteId), code: Type.String({ description: 'As in docs/ERRORS.md' }) },
        strict
      ),
      { description: 'What waits on, and why' }
    )
  },
  strict
)
export type Settlement = Static<typeof SettlementSchema>

interface Waiting {
  matchId: number
  part: number
  entryId: number
  digest: string
  noteId: string
  receivableId: string
  payee: number
  amount: bigint
  /** Of the note in another settlement that may still be mined. */
  isNoteBusy: boolean
}

/** Accepted and in no settlement, or in one that was refused. `m` is the match, `p` its part, `i` the intent. */
const WAITS = `m.participant_id = $1 and m.state = 'accepted' and p.is_active and (p.intent_id is null or i.state = 'refused')
  and ($2::bigint[] is null or m.match_id = any($2))`

const FROM = `from app.match_part p join app.match m using (match_id) left join app.intent i on i.intent_id = p.intent_id`

/** Receivables of what waits, for the look at their alarms. */
export async function receivablesWaiting(
  pool: Pool,
  caller: Caller,
  matches: readonly number[] | undefined
): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'settle.receivables',
    text: `select distinct p.receivable_id as id ${FROM} where ${WAITS} limit 1000`,
    values: [caller.participantId, matches ?? null]
  })
  return rows.map(({ id }) => id)
}

/**
 * Proposes the settlement of accepted matches.
 * @throws ApiError SETTLEMENT_EMPTY, MATCH_STATE_WRONG; for matches that are named also what would only hold others back
 */
export async function settle(
  tx: Transaction,
  services: Services,
  caller: Caller,
  { matches, currency }: Static<typeof SettlementBody>
): Promise<Settlement> {
  await lockBank(tx, caller.participantId)
  const waiting = await lockWaiting(tx, caller, matches)
  requireAll(matches, waiting)
  const held: Settlement['held'] = []
  const hold = (one: Waiting, code: ErrorCode, details: ConstructorParameters<typeof ApiError>[1] = {}): void => {
    if (matches)
      throw new ApiError(code, {
        ...details,
        presented: details.presented ?? { matchId: one.matchId, noteId: one.noteId }
      })
    held.push({ matchId: one.matchId, noteId: one.noteId, code })
  }
  const notes = new Map((await findNotes(tx, waiting.map(({ noteId }) => noteId))).map((note) => [note.noteId, note])) // prettier-ignore
  const now = await chainTime(tx)
  const alarmed = await alarmsOf(tx, services, caller, waiting, notes)
  const chosen: Waiting[] = []
  let wanted = currency
  for (const one of waiting) {
    const note = notes.get(one.noteId)
    const letters = note && currencyOfNumber(note.currency)
    wanted ??= letters
    if (!note || !isNoteOpen(note.state)) hold(one, 'NOTE_STATE_WRONG')
    else if (note.maturity > now) hold(one, 'NOTE_NOT_MATURED', { presented: now, required: note.maturity })
    else if (letters !== wanted) hold(one, 'CURRENCY_MISMATCH', { presented: letters, required: wanted })
    else if (payeeOf(note, now) !== one.payee) {
      hold(one, 'SETTLEMENT_PAYEE_CHANGED', { presented: payeeOf(note, now), required: one.payee })
      await openException(tx, { entryId: one.entryId, participantId: caller.participantId }, 'payee-changed', [
        one.noteId
      ])
    } else if (one.isNoteBusy)
      hold(one, 'NOTE_STATE_WRONG', { required: 'the other settlement of the note to be done' })
    else if (alarmed.has(one.receivableId)) hold(one, 'ALARM_OPEN', alarmed.get(one.receivableId)!.details)
    else if (chosen.length < PARTS_MAX) chosen.push(one)
  }
  if (chosen.length === 0) throw new ApiError('SETTLEMENT_EMPTY', { presented: held.slice(0, 20) })
  const ordered = await order(tx, services, caller, chosen, notes)
  return { ...ordered, currency: wanted!, amount: String(chosen.reduce((sum, { amount }) => sum + amount, 0n)), held }
}

/**
 * Locks the entries of what waits, then reads it: whoever pressed at the same time sees that it waits no more. The locks are taken
 * in the order of entries, as everywhere.
 */
async function lockWaiting(
  tx: Transaction,
  caller: Caller,
  matches: readonly number[] | undefined
): Promise<Waiting[]> {
  const values = [caller.participantId, matches ?? null]
  await tx.query(
    `select from app.statement_entry e
      where e.entry_id in (select p.entry_id ${FROM} where ${WAITS} order by p.entry_id limit 1000)
      order by e.entry_id for update`,
    values
  )
  const { rows } = await serviceQuery<Omit<Waiting, 'amount'> & { amount: string }>(
    tx,
    `select m.match_id::float8 as "matchId", p.part, p.entry_id::float8 as "entryId", e.digest, p.note_id as "noteId",
            p.receivable_id as "receivableId", p.payee, p.amount::text,
            exists (select from app.match_part o join app.intent oi on oi.intent_id = o.intent_id
                      left join projection.block b on b.number = oi.block_number and b.hash = oi.block_hash
                     where o.note_id = p.note_id and o.is_active and oi.state <> 'refused'
                       and not (oi.state = 'mined' and b.number is not null)) as "isNoteBusy"
       ${FROM} join app.statement_entry e on e.entry_id = p.entry_id
      where ${WAITS} order by p.entry_id, m.match_id, p.part limit 1000`,
    values
  )
  return rows.map((row) => ({ ...row, amount: BigInt(row.amount) }))
}

function requireAll(matches: readonly number[] | undefined, waiting: readonly Waiting[]): void {
  if (!matches) return
  const missing = matches.filter((id) => !waiting.some(({ matchId }) => matchId === id))
  if (missing.length > 0) {
    throw new ApiError('MATCH_STATE_WRONG', { presented: missing, required: 'accepted, and in no settlement' })
  }
  if (waiting.length > PARTS_MAX) {
    throw new ApiError('REQUEST_INVALID', { field: 'body/matches', required: `at most ${PARTS_MAX} notes` })
  }
}

/** Receivables on which an alarm stops the caller. */
async function alarmsOf(
  tx: Transaction,
  { vault }: Services,
  caller: Caller,
  waiting: readonly Waiting[],
  notes: ReadonlyMap<string, DueNote>
): Promise<Map<string, ApiError>> {
  const alarmed = new Map<string, ApiError>()
  for (const receivableId of new Set(waiting.map((one) => one.receivableId))) {
    const own = [...notes.values()].filter((note) => note.receivableId === receivableId)
    const hands = own.flatMap(({ holder, counterparty }) => [holder, ...(counterparty ? [counterparty] : [])])
    try {
      await requireNoAlarm(tx, vault, caller, receivableId, hands)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      alarmed.set(receivableId, error)
    }
  }
  return alarmed
}

/** Writes the intent and ties each part to it and to the note that it will leave settled. */
async function order(
  tx: Transaction,
  { config }: Services,
  caller: Caller,
  chosen: readonly Waiting[],
  notes: ReadonlyMap<string, DueNote>
): Promise<{ intent: IntentView; parts: Settlement['parts'] }> {
  /** Where each note ends once what was ordered before is cut off. */
  const ends = new Map<string, bigint>()
  const parts = chosen.map((one) => {
    const { matchId, entryId, digest, noteId, receivableId, amount } = one
    const end = ends.get(noteId) ?? notes.get(noteId)!.end
    ends.set(noteId, end - amount)
    const settledNoteId = noteIdToHex(cutNoteId(BigInt(noteId), end, amount))
    const payment = commitmentTo(receivableId, paymentTextOf(digest))
    return { matchId, entryId, entryDigest: digest, noteId, settledNoteId, amount: String(amount), payment }
  })
  const commands = parts.map(({ noteId, amount, payment }): Command => {
    return { kind: 'settle', noteId: BigInt(noteId), amount: BigInt(amount), payment }
  })
  const receivableIds = [...new Set(chosen.map(({ receivableId }) => receivableId))]
  for (const receivableId of receivableIds) {
    if (await isClosedBy(tx, receivableId, ends)) commands.push({ kind: 'close', receivableId: BigInt(receivableId) })
  }
  const intent = await createIntent(tx, config.deployment, caller, {
    commands: commands as [Command, ...Command[]],
    receivableId: receivableIds.length === 1 ? receivableIds[0]! : null,
    currency: notes.get(chosen[0]!.noteId)!.currency,
    ...(parts.length === 1 ? { noteId: parts[0]!.settledNoteId } : {}),
    request: { matches: parts.map(({ matchId, entryId, noteId, amount }) => ({ matchId, entryId, noteId, amount })) }
  })
  for (const [index, { settledNoteId, payment }] of parts.entries()) {
    const { matchId, part } = chosen[index]!
    await tx.query(
      `update app.match_part set intent_id = $3, settled_note_id = $4, payment = $5 where match_id = $1 and part = $2`,
      [matchId, part, intent.intentId, settledNoteId, payment]
    )
  }
  return { intent, parts }
}

/** Whether nothing of the receivable is open once every note ends there. */
async function isClosedBy(tx: Transaction, receivableId: string, ends: ReadonlyMap<string, bigint>): Promise<boolean> {
  const open = (await notesOf(tx, receivableId)).filter(({ state }) => isNoteOpen(state))
  return open.every(({ noteId }) => ends.get(noteId) === startOfNote(BigInt(noteId)))
}
