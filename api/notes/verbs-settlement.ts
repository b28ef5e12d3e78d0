import { Type, type Static } from 'typebox'
import type { Command } from '../../domain/intent/commands.ts'
import { isNoteOpen } from '../../domain/note/note-states.ts'
import type { Order } from '../../domain/note/order.ts'
import { ApiError } from '../errors.ts'
import { commitmentTo } from '../intents/commitment.ts'
import { commitOrder } from '../orders/repository.ts'
import { rolesOf } from '../participants/repository.ts'
import { notesOf } from '../receivables/repository.ts'
import { Amount, Bytes32, ParticipantId, strict, Text, UnixSeconds } from '../schemas.ts'
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
const order = {
  order: { ...Text, description: 'Its reference, as the parties know it' },
  court: { ...Text, description: 'Who gave it' },
  document: { ...Bytes32, description: 'SHA-256 of its file, brought by `POST /v1/orders`' }
}
const FreezeBody = Type.Object({ amount: Amount, until: UnixSeconds, escrow: ParticipantId, ...order }, strict)
const UnfreezeBody = Type.Object(order, strict)

const open = ['live', 'offered', 'locked', 'pledged'] as const

/** How a note is paid, and frozen by order. */
export const settlementVerbs: readonly Verb[] = [
  {
    path: 'settlement',
    operationId: 'settleNote',
    summary: 'Record that the debtor paid a note or a part of it; the last one closes the receivable too',
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
    party: 'any',
    from: open,
    maturity: 'any',
    body: FreezeBody,
    command: async (subject, body: Static<typeof FreezeBody>, tx, caller) => {
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
        order: await commitOrder(tx, caller, note.receivableId, orderOf(body))
      }
    }
  },
  {
    path: 'unfreeze',
    operationId: 'unfreezeNote',
    summary: 'Lift a freeze of yours before its end',
    party: 'any',
    from: open,
    maturity: 'any',
    isForFrozen: true,
    body: UnfreezeBody,
    command: async ({ id, note, now }, body: Static<typeof UnfreezeBody>, tx, caller) => {
      if (!isFrozen(note.frozenUntil, now))
        throw new ApiError('NOTE_NOT_FROZEN', { presented: now, required: note.frozenUntil })
      requireParty(caller.participantId, note.freezeAuthority!)
      const lifting = await commitOrder(tx, caller, note.receivableId, orderOf(body))
      return { kind: 'unfreeze', noteId: id, order: lifting }
    }
  }
]

function orderOf({ order: reference, court, document }: Static<typeof UnfreezeBody>): Order {
  return { reference, court, document }
}
