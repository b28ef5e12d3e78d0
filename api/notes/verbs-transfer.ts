import { ZeroHash } from 'ethers'
import { Type, type Static } from 'typebox'
import type { Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { commitmentTo } from '../intents/commitment.ts'
import { findNote } from '../receivables/repository.ts'
import { everything } from '../plugins/auth.ts'
import { Amount, Fingerprint, NoteId, ParticipantId, strict, Text, UnixSeconds } from '../schemas.ts'
import {
  amountOf,
  deadlineOf,
  freezeReason,
  holders,
  isFrozen,
  lastSecondOf,
  requireCounterparty,
  type Subject,
  type Verb
} from './verb.ts'

const offer = { assignee: ParticipantId, amount: Amount, deadline: Type.Optional(UnixSeconds) }
const TransferBody = Type.Union([
  Type.Object({ ...offer, tradeDocument: Text }, { ...strict, description: 'A reference to the trade document' }),
  Type.Object(
    { ...offer, tradeFingerprint: Fingerprint },
    { ...strict, description: 'Claims the trade document, so that it backs no other transfer' }
  )
])
const ReasonBody = Type.Object({ reason: Text }, strict)
const MergeBody = Type.Object({ nextId: NoteId }, strict)
const DilutionBody = Type.Object({ amount: Amount, deadline: Type.Optional(UnixSeconds), creditNote: Text }, strict)

/** How notes go down the supply chain. */
export const transferVerbs: readonly Verb[] = [
  {
    path: 'transfers',
    operationId: 'transferNote',
    summary: 'Offer a part or the whole of a note to another participant',
    party: 'holder',
    from: ['live'],
    maturity: 'before',
    isUndisputed: true,
    body: TransferBody,
    command: async (subject, body: Static<typeof TransferBody>, tx) => {
      await requireCounterparty(tx, subject, 'body/assignee', body.assignee, holders)
      const common = {
        kind: 'transfer',
        noteId: subject.id,
        amount: amountOf(subject, body.amount),
        assignee: body.assignee,
        deadline: deadlineOf(subject, body.deadline, lastSecondOf(subject))
      } as const
      return 'tradeFingerprint' in body
        ? { ...common, purpose: 'trade-transfer', tradeDocument: body.tradeFingerprint }
        : {
            ...common,
            purpose: 'transfer',
            tradeDocument: commitmentTo(subject.note.receivableId, body.tradeDocument)
          }
    }
  },
  {
    path: 'acceptance',
    operationId: 'acceptNote',
    summary: 'Take a note that was offered to you',
    party: 'counterparty',
    from: ['offered'],
    purposes: ['transfer', 'trade-transfer'],
    maturity: 'before',
    isTimed: true,
    command: ({ id }) => ({ kind: 'accept', noteId: id })
  },
  {
    path: 'refusal',
    operationId: 'refuseNote',
    summary: 'Refuse what was offered to you: a note, a dilution or a return. Frees the trade document',
    party: 'counterparty',
    from: ['offered'],
    maturity: 'any',
    body: ReasonBody,
    command: ({ id, note }, body: Static<typeof ReasonBody>) => ({
      kind: 'refuse',
      noteId: id,
      tradeFingerprint: note.tradeFingerprint ?? ZeroHash,
      reason: commitmentTo(note.receivableId, body.reason)
    })
  },
  {
    path: 'recall',
    operationId: 'recallNote',
    summary: 'Take back an offer that was not accepted. Frees the trade document',
    party: 'holder',
    from: ['offered'],
    maturity: 'any',
    command: ({ id, note }) => ({ kind: 'recall', noteId: id, tradeFingerprint: note.tradeFingerprint ?? ZeroHash })
  },
  {
    path: 'merge',
    operationId: 'mergeNotes',
    summary: 'Join a note with your next one that differs in nothing but its span',
    party: 'holder',
    from: ['live'],
    maturity: 'before',
    body: MergeBody,
    command: async (subject, body: Static<typeof MergeBody>, tx) => {
      await requireAlike(tx, subject, body.nextId)
      return { kind: 'merge', noteId: subject.id, nextId: BigInt(body.nextId) }
    }
  },
  {
    path: 'dilutions',
    operationId: 'offerDilution',
    summary: 'Offer the debtor to cancel a part that you never sold, by a credit note',
    party: 'holder',
    from: ['live'],
    maturity: 'before',
    body: DilutionBody,
    command: (subject, body: Static<typeof DilutionBody>) => {
      requireUnsold(subject)
      return {
        kind: 'offerDilution',
        noteId: subject.id,
        amount: amountOf(subject, body.amount),
        deadline: deadlineOf(subject, body.deadline, lastSecondOf(subject)),
        creditNote: commitmentTo(subject.note.receivableId, body.creditNote)
      }
    }
  },
  {
    path: 'dilution-acceptance',
    operationId: 'acceptDilution',
    summary: 'Consent to a dilution: the part is cancelled for ever and owed no more',
    party: 'counterparty',
    from: ['offered'],
    purposes: ['dilution'],
    maturity: 'before',
    isTimed: true,
    command: ({ id }) => ({ kind: 'acceptDilution', noteId: id })
  }
]

/** Equal in all but their spans, and one begins where the other ends. */
async function requireAlike(tx: Transaction, { note, now }: Subject, nextId: string): Promise<void> {
  const next = await findNote(tx, nextId, everything)
  const isNext = next && next.receivableId === note.receivableId && next.start === note.end
  const isAlike =
    next &&
    (['state', 'holder', 'assignor', 'tier', 'hasRecourse'] as const).every((field) => next[field] === note[field])
  if (isNext && isAlike && !isFrozen(next.frozenUntil, now)) return
  throw new ApiError('NOTES_UNLIKE', {
    field: 'body/nextId',
    presented: nextId,
    required: 'a live note of yours that begins where this one ends and has the same origin',
    ...(isNext && isFrozen(next.frozenUntil, now) ? freezeReason(next) : {})
  })
}

function requireUnsold({ note, receivable }: Subject): void {
  if (note.holder === receivable.creditor && note.tier === 0 && note.assignor === null) return
  throw new ApiError('NOTE_SOLD', {
    presented: { holder: note.holder, tier: note.tier, assignor: note.assignor },
    required: { holder: receivable.creditor, tier: 0, assignor: null }
  })
}
