import { Type, type Static } from 'typebox'
import type { Command } from '../../domain/intent/commands.ts'
import { isNoteOpen } from '../../domain/note/note-states.ts'
import { ApiError } from '../errors.ts'
import { commitmentTo } from '../intents/commitment.ts'
import { rolesOf } from '../participants/repository.ts'
import { notesOf } from '../receivables/repository.ts'
import { Amount, ParticipantId, strict, Text, UnixSeconds } from '../schemas.ts'
import { amountOf, isFrozen, requireParty, type Verb } from './verb.ts'

/** Longest freeze by one order, as contracts/receivables/Settlement.sol has it. Seconds. */
const MAX_FREEZE = 3 * 365 * 24 * 3600

const SettlementBody = Type.Object(
  {
    amount: Type.Optional({ ...Amount, description: 'Minor units that were paid; without it the whole note' }),
    payment: Text
  },
  strict
)
const FreezeBody = Type.Object({ amount: Amount, until: UnixSeconds, escrow: ParticipantId, order: Text }, strict)
const UnfreezeBody = Type.Object({ order: Text }, strict)

const open = ['live', 'offered', 'locked', 'pledged'] as const

/** How a note is paid, and frozen by order. */
export const settlementVerbs: readonly Verb[] = [
  {
    path: 'settlement',
    operationId: 'settleNote',
    summary: 'Record that the debtor paid a note or a part of it; the last one closes the receivable too',
    roles: ['clearing'],
    party: 'any',
    isSeenByRole: true,
    from: open,
    maturity: 'after',
    isForFrozen: true,
    isWatched: true,
    body: SettlementBody,
    command: async (subject, body: Static<typeof SettlementBody>, tx) => {
      const { id, note } = subject
      const amount = amountOf(subject, body.amount ?? note.amount)
      const payment = commitmentTo(note.receivableId, body.payment)
      const settle: Command = { kind: 'settle', noteId: id, amount, payment }
      const others = (await notesOf(tx, note.receivableId)).filter(({ noteId }) => noteId !== note.noteId)
      const isLast = amount === BigInt(note.amount) && !others.some(({ state }) => isNoteOpen(state))
      return isLast ? [settle, { kind: 'close', receivableId: BigInt(note.receivableId) }] : settle
    }
  },
  {
    path: 'freezes',
    operationId: 'freezeNote',
    summary: "Freeze a part or the whole of a note by a court's order; settlement then goes to the escrow",
    roles: ['regulator'],
    party: 'any',
    from: open,
    maturity: 'any',
    body: FreezeBody,
    command: async (subject, body: Static<typeof FreezeBody>, tx) => {
      const { id, note, now } = subject
      if (body.until <= now || body.until > now + MAX_FREEZE) {
        const required = [now + 1, now + MAX_FREEZE]
        throw new ApiError('FREEZE_INVALID', { field: 'body/until', presented: body.until, required })
      }
      if (!(await rolesOf(tx, body.escrow)))
        throw new ApiError('PARTICIPANT_UNKNOWN', { field: 'body/escrow', presented: body.escrow })
      return {
        kind: 'freeze',
        noteId: id,
        amount: amountOf(subject, body.amount),
        until: body.until,
        escrow: body.escrow,
        order: commitmentTo(note.receivableId, body.order)
      }
    }
  },
  {
    path: 'unfreeze',
    operationId: 'unfreezeNote',
    summary: 'Lift a freeze of yours before its end',
    roles: ['regulator'],
    party: 'any',
    from: open,
    maturity: 'any',
    isForFrozen: true,
    body: UnfreezeBody,
    command: ({ id, note, now }, body: Static<typeof UnfreezeBody>, _tx, { participantId }) => {
      if (!isFrozen(note.frozenUntil, now))
        throw new ApiError('NOTE_NOT_FROZEN', { presented: now, required: note.frozenUntil })
      requireParty(participantId, note.freezeAuthority!)
      return { kind: 'unfreeze', noteId: id, order: commitmentTo(note.receivableId, body.order) }
    }
  }
]
