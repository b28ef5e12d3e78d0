import { Type, type Static } from 'typebox'
import { ApiError } from '../errors.ts'
import { commitmentTo } from '../intents/commitment.ts'
import type { Caller } from '../plugins/auth.ts'
import { MAX_TENOR } from '../receivables/register.ts'
import { Amount, ParticipantId, strict, Text, UnixSeconds } from '../schemas.ts'
import { amountOf, deadlineOf, lastSecondOf, requireCounterparty, type Subject, type Verb } from './verb.ts'

const LockBody = Type.Object(
  {
    factor: ParticipantId,
    amount: Amount,
    deadline: Type.Optional(UnixSeconds),
    purpose: Type.Enum(['assignment', 'recourse-assignment', 'pledge'], {
      description: 'In which way the factor may finance it, and in no other'
    }),
    quote: Text
  },
  strict
)
const FinancingBody = Type.Object({ disbursement: Text }, strict)
const ReleaseBody = Type.Object({ repayment: Text }, strict)
const ReturnBody = Type.Object({ deadline: Type.Optional(UnixSeconds), demand: Text }, strict)

/** Binds a part of a note to one factor: by hand, or by accepting a quote (api/factoring/). */
export const lockVerb: Verb = {
  path: 'locks',
  operationId: 'lockNote',
  summary: 'Lock a part for a factor, for a quote that it gave you outside of the registry',
  party: 'holder',
  from: ['live'],
  maturity: 'before',
  isUndisputed: true,
  body: LockBody,
  command: async (subject, body: Static<typeof LockBody>, tx) => {
    await requireCounterparty(tx, subject, 'body/factor', body.factor, ['factor'])
    return {
      kind: 'lock',
      noteId: subject.id,
      amount: amountOf(subject, body.amount),
      factor: body.factor,
      deadline: deadlineOf(subject, body.deadline, lastSecondOf(subject)),
      purpose: body.purpose,
      quote: commitmentTo(subject.note.receivableId, body.quote)
    }
  }
}

/** How a note is financed once. */
export const financingVerbs: readonly Verb[] = [
  lockVerb,
  {
    path: 'unlock',
    operationId: 'unlockNote',
    summary: 'The factor declines, or the holder frees a lapsed lock',
    party: 'any',
    from: ['locked'],
    maturity: 'any',
    command: (subject, _body, _tx, caller) => {
      requireUnlocker(subject, caller)
      return { kind: 'unlock', noteId: subject.id }
    }
  },
  {
    path: 'financing',
    operationId: 'financeNote',
    summary: 'Funds were paid: take the locked note by assignment, or as a pledge',
    party: 'counterparty',
    from: ['locked'],
    maturity: 'before',
    isTimed: true,
    isWatched: true,
    body: FinancingBody,
    command: ({ id, note }, body: Static<typeof FinancingBody>) => ({
      kind: 'finance',
      noteId: id,
      disbursement: commitmentTo(note.receivableId, body.disbursement)
    })
  },
  {
    path: 'release',
    operationId: 'releaseNote',
    summary: 'You were repaid: the pledge ends and the note is its holder’s again',
    party: 'counterparty',
    from: ['pledged'],
    maturity: 'any',
    body: ReleaseBody,
    command: ({ id, note }, body: Static<typeof ReleaseBody>) => ({
      kind: 'release',
      noteId: id,
      repayment: commitmentTo(note.receivableId, body.repayment)
    })
  },
  {
    path: 'foreclosure',
    operationId: 'forecloseNote',
    summary: 'You were not repaid: from maturity on take the pledged note',
    party: 'counterparty',
    from: ['pledged'],
    maturity: 'after',
    command: ({ id }) => ({ kind: 'foreclose', noteId: id })
  },
  {
    path: 'returns',
    operationId: 'returnNote',
    summary: 'The debtor did not pay: offer a note taken with recourse back to its assignor',
    party: 'holder',
    from: ['live'],
    maturity: 'after',
    body: ReturnBody,
    command: (subject, body: Static<typeof ReturnBody>) => {
      const { id, note, now } = subject
      if (!note.hasRecourse) throw new ApiError('NOTE_RECOURSE_MISSING', { presented: note.noteId })
      return {
        kind: 'returnNote',
        noteId: id,
        deadline: deadlineOf(subject, body.deadline, now + MAX_TENOR),
        demand: commitmentTo(note.receivableId, body.demand)
      }
    }
  },
  {
    path: 'return-acceptance',
    operationId: 'acceptReturn',
    summary: 'You repaid the factor: take your note back',
    party: 'counterparty',
    from: ['offered'],
    purposes: ['return'],
    maturity: 'after',
    isTimed: true,
    command: ({ id }) => ({ kind: 'acceptReturn', noteId: id })
  }
]

/** The factor may decline at any time; the holder has its note back once the lock has lapsed. */
function requireUnlocker({ note, now }: Subject, { participantId }: Caller): void {
  if (participantId === note.counterparty) return
  if (participantId !== note.holder)
    throw new ApiError('NOTE_PARTY_WRONG', { presented: participantId, required: [note.counterparty, note.holder] })
  if (note.deadline! >= now) throw new ApiError('NOTE_DEADLINE_PENDING', { presented: now, required: note.deadline })
}
