import type { TSchema } from 'typebox'
import type { Command } from '../../domain/intent/commands.ts'
import type { NotePurpose } from '../../domain/note/note-word.ts'
import type { Role } from '../../domain/participant/roles.ts'
import type { Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { rolesOf } from '../participants/repository.ts'
import { everything, type Caller } from '../plugins/auth.ts'
import { chainTime, findNote, findReceivable, type NoteView, type ReceivableView } from '../receivables/repository.ts'

/** Without a deadline in the request the counterparty gets this long, or until just before maturity. Seconds. */
const DEFAULT_WINDOW = 24 * 3600

/** Who may come to hold a note. */
export const holders: readonly Role[] = ['supplier', 'factor', 'debtor']

/** What a verb knows of the note it is about. */
export interface Subject {
  note: NoteView
  receivable: ReceivableView
  id: bigint
  /** Unix seconds by the chain's clock. */
  now: number
}

/** One command, or several that are carried out together. */
type Ordered = Command | [Command, ...Command[]]

/** A command about a note: who may give it, when, and what it becomes on chain. */
export interface Verb {
  path: string
  operationId: string
  summary: string
  /** Who has to do it; `any`: the role is enough, or the command looks itself. */
  party: 'holder' | 'counterparty' | 'any'
  /** Its role sees every note, though it is a party of none. */
  isSeenByRole?: boolean
  from: readonly NoteView['state'][]
  /** What the offer or the lock has to be for. */
  purposes?: readonly NotePurpose[]
  maturity: 'before' | 'after' | 'any'
  /** Only until the note's deadline. */
  isTimed?: boolean
  /** A freeze does not stop it. */
  isForFrozen?: boolean
  /** A dispute stops it. */
  isUndisputed?: boolean
  /** Near-duplicate alarms stop it until the caller has accepted them. */
  isWatched?: boolean
  body?: TSchema
  command: (subject: Subject, body: never, tx: Transaction, caller: Caller) => Ordered | Promise<Ordered>
}

/** The note a verb is about. The contract decides; this tells at once. */
export async function subjectOf(tx: Transaction, noteId: string, caller: Caller, verb: Verb): Promise<Subject> {
  const viewer = verb.isSeenByRole ? everything : caller
  const note = await findNote(tx, noteId, viewer)
  if (!note) throw new ApiError('NOTE_NOT_FOUND', { presented: noteId })
  const receivable = (await findReceivable(tx, note.receivableId, viewer))!
  const now = await chainTime(tx)
  requireState(note, verb)
  if (verb.party !== 'any') requireParty(caller.participantId, note[verb.party]!)
  if (!verb.isForFrozen) requireUnfrozen(note, now)
  requireTime(note, receivable, verb, now)
  if (verb.isUndisputed && receivable.isDisputed)
    throw new ApiError('RECEIVABLE_DISPUTED', { presented: receivable.receivableId })
  return { note, receivable, id: BigInt(note.noteId), now }
}

function requireState({ state, purpose }: NoteView, { from, purposes }: Verb): void {
  if (!from.includes(state)) throw new ApiError('NOTE_STATE_WRONG', { presented: state, required: from })
  if (purposes && !purposes.includes(purpose))
    throw new ApiError('NOTE_PURPOSE_WRONG', { presented: purpose, required: purposes })
}

export function requireParty(presented: number, required: number): void {
  if (presented !== required) throw new ApiError('NOTE_PARTY_WRONG', { presented, required })
}

function requireUnfrozen(note: NoteView, now: number): void {
  if (isFrozen(note.frozenUntil, now))
    throw new ApiError('NOTE_FROZEN', { presented: now, required: note.frozenUntil, ...freezeReason(note) })
}

/** Whom to turn to: by which order a note is frozen. Unknown when the freeze came past the api. */
export function freezeReason({ freezeOrder }: NoteView): { reason?: string } {
  return freezeOrder ? { reason: `by order ${freezeOrder.reference} of ${freezeOrder.court}` } : {}
}

/** A freeze ends by itself: what the projection shows may have passed. */
export function isFrozen(frozenUntil: number | null, now: number): boolean {
  return frozenUntil !== null && frozenUntil > now
}

function requireTime(note: NoteView, { maturity }: ReceivableView, verb: Verb, now: number): void {
  if (verb.maturity === 'before' && maturity <= now)
    throw new ApiError('NOTE_MATURED', { presented: now, required: maturity })
  if (verb.maturity === 'after' && maturity > now)
    throw new ApiError('NOTE_NOT_MATURED', { presented: now, required: maturity })
  if (verb.isTimed && note.deadline !== null && note.deadline < now)
    throw new ApiError('NOTE_DEADLINE_PASSED', { presented: now, required: note.deadline })
}

/** An amount within the note's span. */
export function amountOf({ note }: Subject, presented: string): bigint {
  const amount = BigInt(presented)
  if (amount > 0n && amount <= BigInt(note.amount)) return amount
  throw new ApiError('AMOUNT_INVALID', { field: 'body/amount', presented, required: `1 to ${note.amount}` })
}

/** The deadline given, or the default, which is within the bounds. `latest` is the last second allowed. */
export function deadlineOf({ now }: Subject, presented: number | undefined, latest: number): number {
  const deadline = presented ?? Math.min(now + DEFAULT_WINDOW, latest)
  if (deadline > now && deadline <= latest) return deadline
  throw new ApiError('DEADLINE_INVALID', {
    field: 'body/deadline',
    presented: deadline,
    required: [now + 1, latest]
  })
}

/** An offer or a lock ends before maturity. */
export function lastSecondOf({ receivable }: Subject): number {
  return receivable.maturity - 1
}

export async function requireCounterparty(
  tx: Transaction,
  { note, receivable }: Subject,
  field: string,
  participantId: number,
  wanted: readonly Role[]
): Promise<void> {
  const roles = await rolesOf(tx, participantId)
  if (!roles) throw new ApiError('PARTICIPANT_UNKNOWN', { field, presented: participantId })
  if (!roles.some((role) => wanted.includes(role)))
    throw new ApiError('ROLE_MISSING', { field, presented: roles, required: wanted })
  if (participantId === note.holder || participantId === receivable.debtor) {
    throw new ApiError('NOTE_PARTY_WRONG', {
      field,
      presented: participantId,
      required: 'neither the holder nor the debtor'
    })
  }
}
