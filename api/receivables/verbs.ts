import { Type, type Static, type TSchema } from 'typebox'
import type { Command } from '../../domain/intent/commands.ts'
import { isNoteOpen } from '../../domain/note/note-states.ts'
import type { Order } from '../../domain/note/order.ts'
import type { Role } from '../../domain/participant/roles.ts'
import { canReceivableMove, type ReceivableState } from '../../domain/receivable/receivable-states.ts'
import type { Terms } from '../../domain/receivable/terms.ts'
import type { Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { commitmentTo } from '../intents/commitment.ts'
import { commitOrder } from '../orders/repository.ts'
import { everything, type Caller } from '../plugins/auth.ts'
import { Bytes32, strict, Text } from '../schemas.ts'
import { chainTime, findReceivable, notesOf, type ReceivableView } from './repository.ts'

/** What a verb knows of the receivable it is about. */
export interface Subject {
  receivable: ReceivableView
  id: bigint
  /** What was registered: who goes on with it signs it again. */
  registered: { terms: Terms; fingerprints: string[] }
}

/** A command about a receivable: who may give it, when, and what it becomes on chain. */
export interface Verb {
  path: string
  operationId: string
  summary: string
  /** Who has to do it; `any`: the role is enough. */
  party: 'debtor' | 'creditor' | 'any'
  /** Roles that see every receivable for it, though they are a party of none. */
  isSeenBy?: readonly Role[]
  /** The state it leads to, or that it needs when it leads to none. */
  state: { to: ReceivableState } | { in: ReceivableState }
  isMatured?: boolean
  /** Near-duplicate alarms stop it until the caller has accepted them. */
  isWatched?: boolean
  body?: TSchema
  command: (subject: Subject, body: never, tx: Transaction, caller: Caller) => Command | Promise<Command>
}

const ReasonBody = Type.Object({ reason: Text }, strict)
const LiftBody = Type.Object(
  {
    reason: { ...Text, description: 'Of a regulator: the reference of the order' },
    court: Type.Optional({ ...Text, description: 'Who gave the order; a regulator has to name it' }),
    document: Type.Optional({ ...Bytes32, description: 'SHA-256 of the order’s file; a regulator has to name it' })
  },
  strict
)
const PaymentBody = Type.Object({ payment: Text }, strict)

export const verbs: readonly Verb[] = [
  {
    path: 'confirmation',
    operationId: 'confirmReceivable',
    summary: 'Promise to pay at maturity',
    party: 'debtor',
    state: { to: 'confirmed' },
    command: ({ registered }) => ({ kind: 'confirm', ...registered })
  },
  {
    path: 'rejection',
    operationId: 'rejectReceivable',
    summary: 'Refuse to confirm, with a reason; frees the document',
    party: 'debtor',
    state: { to: 'rejected' },
    body: ReasonBody,
    command: ({ registered, receivable }, body: Static<typeof ReasonBody>) => ({
      kind: 'reject',
      ...registered,
      reason: commitmentTo(receivable.receivableId, body.reason)
    })
  },
  {
    path: 'withdrawal',
    operationId: 'withdrawReceivable',
    summary: 'Take an unconfirmed receivable back',
    party: 'creditor',
    state: { to: 'withdrawn' },
    command: ({ registered }) => ({ kind: 'withdraw', ...registered })
  },
  {
    path: 'dispute',
    operationId: 'disputeReceivable',
    summary: 'Dispute what you confirmed: no new transfer and no new lock until that is lifted',
    party: 'debtor',
    state: { in: 'confirmed' },
    body: ReasonBody,
    command: ({ receivable, id }, body: Static<typeof ReasonBody>) => {
      if (receivable.isDisputed) throw new ApiError('RECEIVABLE_DISPUTED', { presented: receivable.receivableId })
      return { kind: 'dispute', receivableId: id, reason: commitmentTo(receivable.receivableId, body.reason) }
    }
  },
  {
    path: 'dispute-lifting',
    operationId: 'liftDispute',
    summary: 'Lift the dispute: as the debtor, or as a regulator by order',
    party: 'any',
    state: { in: 'confirmed' },
    body: LiftBody,
    command: async ({ receivable, id }, body: Static<typeof LiftBody>, tx, caller) => {
      if (!receivable.isDisputed) throw new ApiError('RECEIVABLE_NOT_DISPUTED', { presented: receivable.receivableId })
      const isByOrder = caller.participantId !== receivable.debtor
      const { receivableId } = receivable
      const reason = isByOrder
        ? await commitOrder(tx, caller, receivableId, requireOrder(body))
        : commitmentTo(receivableId, body.reason)
      return { kind: 'liftDispute', receivableId: id, reason }
    }
  },
  {
    path: 'settlement',
    operationId: 'settleReceivable',
    summary: 'Record that the debtor paid every note that is still open, each to its payee',
    party: 'any',
    isSeenBy: ['clearing'],
    state: { to: 'settled' },
    isMatured: true,
    isWatched: true,
    body: PaymentBody,
    command: ({ receivable, id }, body: Static<typeof PaymentBody>) => ({
      kind: 'settleReceivable',
      receivableId: id,
      payment: commitmentTo(receivable.receivableId, body.payment)
    })
  },
  {
    path: 'closing',
    operationId: 'closeReceivable',
    summary: 'Close the books once every note is settled or cancelled',
    party: 'any',
    isSeenBy: ['clearing'],
    state: { to: 'settled' },
    command: async ({ receivable, id }, _body, tx) => {
      const open = (await notesOf(tx, receivable.receivableId)).find(({ state }) => isNoteOpen(state))
      if (open) throw new ApiError('RECEIVABLE_NOTE_OPEN', { presented: { noteId: open.noteId, state: open.state } })
      return { kind: 'close', receivableId: id }
    }
  }
]

/** Who is no party of it says by whose order it acts. */
function requireOrder({ reason: reference, court, document }: Static<typeof LiftBody>): Order {
  if (court !== undefined && document !== undefined) return { reference, court, document }
  throw new ApiError('ORDER_MISSING', { field: court === undefined ? 'body/court' : 'body/document' })
}

/** The receivable if the caller may do this with it now. The contract decides; this tells at once. */
export async function subjectOf(tx: Transaction, receivableId: string, caller: Caller, verb: Verb): Promise<Subject> {
  const viewer = verb.isSeenBy?.some((role) => caller.roles.includes(role)) ? everything : caller
  const receivable = await findReceivable(tx, receivableId, viewer)
  if (!receivable) throw new ApiError('RECEIVABLE_NOT_FOUND', { presented: receivableId })
  const required = verb.party === 'any' ? caller.participantId : receivable[verb.party]
  if (required !== caller.participantId)
    throw new ApiError('RECEIVABLE_PARTY_WRONG', { presented: caller.participantId, required })
  requireState(receivable, verb)
  const now = await chainTime(tx)
  if (verb.isMatured && receivable.maturity > now)
    throw new ApiError('RECEIVABLE_NOT_MATURED', { presented: now, required: receivable.maturity })
  return { receivable, id: BigInt(receivableId), registered: registeredOf(receivable) }
}

function requireState({ state }: ReceivableView, verb: Verb): void {
  const isRight = 'to' in verb.state ? canReceivableMove(state, verb.state.to) : state === verb.state.in
  if (isRight) return
  throw new ApiError('RECEIVABLE_STATE_WRONG', {
    presented: state,
    required: 'to' in verb.state ? `a state that can become ${verb.state.to}` : verb.state.in
  })
}

function registeredOf(receivable: ReceivableView): Subject['registered'] {
  const { creditor, debtor, currency, maturity, contentCommitment, fingerprints } = receivable
  const amount = BigInt(receivable.amount)
  return { terms: { creditor, debtor, amount, currency, maturity, contentCommitment }, fingerprints }
}
