import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Command } from '../../domain/intent/commands.ts'
import { cutNoteId, noteIdToHex } from '../../domain/note/span.ts'
import type { Role } from '../../domain/participant/roles.ts'
import type { Services } from '../app.ts'
import type { Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { commitmentTo } from '../intents/commitment.ts'
import { createIntent } from '../intents/create.ts'
import type { IntentView } from '../intents/repository.ts'
import { rolesOf } from '../participants/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import {
  asOf,
  findNote,
  findReceivable,
  listNotes,
  type NoteView,
  type ReceivableView
} from '../receivables/repository.ts'
import { NoteSchema } from '../receivables/schemas.ts'
import {
  Amount,
  AsOf,
  CommandHeaders,
  IntentSchema,
  NoteId,
  ParticipantId,
  refusals,
  strict,
  Text,
  UnixSeconds
} from '../schemas.ts'

/** Without a deadline in the request the counterparty gets this long, or until maturity. Seconds. */
const DEFAULT_WINDOW = 24 * 3600

const Params = Type.Object({ noteId: NoteId })
const holders: readonly Role[] = ['supplier', 'factor', 'debtor']

const TransferBody = Type.Object(
  { assignee: ParticipantId, amount: Amount, deadline: Type.Optional(UnixSeconds), tradeDocument: Text },
  strict
)
const LockBody = Type.Object(
  { factor: ParticipantId, amount: Amount, deadline: Type.Optional(UnixSeconds), quote: Text },
  strict
)
const ReasonBody = Type.Object({ reason: Text }, strict)
const FinancingBody = Type.Object({ disbursement: Text }, strict)
const SettlementBody = Type.Object({ payment: Text }, strict)

/** What a route knows of the note it is asked about. */
interface Subject {
  note: NoteView
  receivable: ReceivableView
  id: bigint
}

interface Verb {
  path: string
  operationId: string
  summary: string
  roles: readonly Role[]
  /** Who has to do it. */
  party: 'holder' | 'counterparty' | 'any'
  from: readonly NoteView['state'][]
  isAfterMaturity?: boolean
  body?: Parameters<typeof Type.Union>[0][number]
  command: (subject: Subject, body: never, tx: Transaction) => Command | Promise<Command>
}

/** Every command about a note: who may give it, from which state, and what it becomes on chain. */
const verbs: readonly Verb[] = [
  {
    path: 'transfers',
    operationId: 'transferNote',
    summary: 'Offer a part or the whole of a note to another participant',
    roles: holders,
    party: 'holder',
    from: ['live'],
    body: TransferBody,
    command: async (subject, body: Type.Static<typeof TransferBody>, tx) => {
      await requireCounterparty(tx, subject, 'body/assignee', body.assignee, holders)
      const { amount, deadline } = boundsOf(subject, body)
      const tradeDocument = commitmentTo(subject.note.receivableId, body.tradeDocument)
      return { kind: 'transfer', noteId: subject.id, amount, assignee: body.assignee, deadline, tradeDocument }
    }
  },
  {
    path: 'acceptance',
    operationId: 'acceptNote',
    summary: 'Take a note that was offered to you',
    roles: holders,
    party: 'counterparty',
    from: ['offered'],
    command: ({ id }) => ({ kind: 'accept', noteId: id })
  },
  {
    path: 'refusal',
    operationId: 'refuseNote',
    summary: 'Refuse a note that was offered to you',
    roles: holders,
    party: 'counterparty',
    from: ['offered'],
    isAfterMaturity: true,
    body: ReasonBody,
    command: ({ id, note }, body: Type.Static<typeof ReasonBody>) => ({
      kind: 'refuse',
      noteId: id,
      reason: commitmentTo(note.receivableId, body.reason)
    })
  },
  {
    path: 'recall',
    operationId: 'recallNote',
    summary: 'Take back an offer that was not accepted',
    roles: holders,
    party: 'holder',
    from: ['offered'],
    isAfterMaturity: true,
    command: ({ id }) => ({ kind: 'recall', noteId: id })
  },
  {
    path: 'locks',
    operationId: 'lockNote',
    summary: "Accept a factor's quote: the part is locked for that factor",
    roles: holders,
    party: 'holder',
    from: ['live'],
    body: LockBody,
    command: async (subject, body: Type.Static<typeof LockBody>, tx) => {
      await requireCounterparty(tx, subject, 'body/factor', body.factor, ['factor'])
      const { amount, deadline } = boundsOf(subject, body)
      const quote = commitmentTo(subject.note.receivableId, body.quote)
      return { kind: 'lock', noteId: subject.id, amount, factor: body.factor, deadline, quote }
    }
  },
  {
    path: 'unlock',
    operationId: 'unlockNote',
    summary: 'The factor declines, or the holder frees a lapsed lock',
    roles: holders,
    party: 'any',
    from: ['locked'],
    isAfterMaturity: true,
    command: ({ id }) => ({ kind: 'unlock', noteId: id })
  },
  {
    path: 'financing',
    operationId: 'financeNote',
    summary: 'Funds were paid: take the locked note by assignment',
    roles: ['factor'],
    party: 'counterparty',
    from: ['locked'],
    body: FinancingBody,
    command: ({ id, note }, body: Type.Static<typeof FinancingBody>) => ({
      kind: 'finance',
      noteId: id,
      disbursement: commitmentTo(note.receivableId, body.disbursement)
    })
  }
]

export function noteRoutes(services: Services): FastifyPluginAsyncTypebox {
  const { pool, config } = services
  return async (app) => {
    for (const verb of verbs) {
      app.post(
        `/notes/:noteId/${verb.path}`,
        {
          config: { roles: verb.roles },
          schema: {
            operationId: verb.operationId,
            tags: ['note'],
            summary: verb.summary,
            params: Params,
            headers: CommandHeaders,
            ...(verb.body ? { body: verb.body } : {}),
            response: { ...refusals, 202: IntentSchema }
          }
        },
        async (request, reply) =>
          (await once(pool, request, reply, async (tx) => {
            const subject = await subjectOf(tx, request.params.noteId, request.caller, verb)
            const command = await verb.command(subject, request.body as never, tx)
            return { status: 202, body: await propose(tx, request.caller, subject, command, request.body) }
          })) as IntentView
      )
    }

    app.post(
      '/notes/:noteId/settlement',
      {
        config: { roles: ['clearing'] },
        schema: {
          operationId: 'settleNote',
          tags: ['note'],
          summary: "Record that the debtor paid the note's holder",
          params: Params,
          headers: CommandHeaders,
          body: SettlementBody,
          response: { ...refusals, 202: IntentSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const subject = await settleable(tx, request.params.noteId)
          const payment = commitmentTo(subject.note.receivableId, request.body.payment)
          const command: Command = { kind: 'settle', noteId: subject.id, payment }
          return { status: 202, body: await propose(tx, request.caller, subject, command, request.body) }
        })) as IntentView
    )

    app.get(
      '/notes',
      {
        schema: {
          operationId: 'listNotes',
          tags: ['note'],
          summary: 'Notes by your part in them',
          querystring: Type.Object(
            {
              role: Type.Optional(Type.Enum(['holder', 'counterparty', 'assignor'])),
              state: Type.Optional(Type.Enum(['live', 'offered', 'locked', 'settled'])),
              after: Type.Optional(NoteId),
              limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' }))
            },
            strict
          ),
          response: {
            ...refusals,
            200: Type.Object(
              { asOf: AsOf, items: Type.Array(NoteSchema), next: Type.Union([NoteId, Type.Null()]) },
              strict
            )
          }
        }
      },
      async (request) => {
        const { role = 'holder', limit: wanted = '50', ...rest } = request.query
        const limit = Math.min(Number(wanted), 200)
        const block = await asOf(pool)
        if (!block) throw new ApiError('PROJECTION_BEHIND')
        const items = await listNotes(pool, request.caller, { ...rest, role, limit })
        return { asOf: block, items, next: items.length === limit ? items.at(-1)!.noteId : null }
      }
    )

    app.get(
      '/notes/:noteId',
      {
        schema: {
          operationId: 'getNote',
          tags: ['note'],
          summary: 'A note',
          params: Params,
          response: { ...refusals, 200: Type.Object({ asOf: AsOf, note: NoteSchema }, strict) }
        }
      },
      async (request) => {
        const block = await asOf(pool)
        if (!block) throw new ApiError('PROJECTION_BEHIND')
        const note = await findNote(pool, request.params.noteId, request.caller)
        if (!note) throw new ApiError('NOTE_NOT_FOUND', { presented: request.params.noteId })
        return { asOf: block, note }
      }
    )
  }

  async function propose(
    tx: Transaction,
    caller: Caller,
    { note, receivable }: Subject,
    command: Command,
    body: unknown
  ): Promise<IntentView> {
    return createIntent(tx, config.deployment, caller, {
      command,
      receivableId: BigInt(note.receivableId),
      currency: receivable.currency,
      noteId: concerned(command, note),
      request: (body ?? {}) as object
    })
  }
}

/** The note an intent is about: the piece, when the command cuts one off. */
function concerned(command: Command, note: NoteView): string {
  if (command.kind !== 'transfer' && command.kind !== 'lock') return note.noteId
  return noteIdToHex(cutNoteId(BigInt(note.noteId), BigInt(note.end), command.amount))
}

async function subjectOf(tx: Transaction, noteId: string, caller: Caller, verb: Verb): Promise<Subject> {
  const note = await findNote(tx, noteId, caller)
  if (!note) throw new ApiError('NOTE_NOT_FOUND', { presented: noteId })
  const receivable = (await findReceivable(tx, note.receivableId, caller))!
  if (!verb.from.includes(note.state)) {
    throw new ApiError('NOTE_STATE_WRONG', { presented: note.state, required: verb.from })
  }
  if (verb.party !== 'any' && note[verb.party] !== caller.participantId) {
    throw new ApiError('NOTE_PARTY_WRONG', { presented: caller.participantId, required: note[verb.party] })
  }
  if (!verb.isAfterMaturity && receivable.maturity <= nowSeconds()) {
    throw new ApiError('NOTE_MATURED', { presented: nowSeconds(), required: receivable.maturity })
  }
  return { note, receivable, id: BigInt(note.noteId) }
}

/** A clearing agent is no party: it sees any note that it can settle. */
async function settleable(tx: Transaction, noteId: string): Promise<Subject> {
  const everything: Caller = { participantId: 0, account: '', name: '', roles: ['regulator'] }
  const note = await findNote(tx, noteId, everything)
  if (!note) throw new ApiError('NOTE_NOT_FOUND', { presented: noteId })
  const receivable = (await findReceivable(tx, note.receivableId, everything))!
  if (note.state === 'settled')
    throw new ApiError('NOTE_STATE_WRONG', { presented: 'settled', required: ['live', 'offered', 'locked'] })
  if (receivable.maturity > nowSeconds()) {
    throw new ApiError('NOTE_NOT_MATURED', { presented: nowSeconds(), required: receivable.maturity })
  }
  return { note, receivable, id: BigInt(note.noteId) }
}

function boundsOf({ note, receivable }: Subject, body: { amount: string; deadline?: number }) {
  const amount = BigInt(body.amount)
  if (amount <= 0n || amount > BigInt(note.amount)) {
    throw new ApiError('AMOUNT_INVALID', {
      field: 'body/amount',
      presented: body.amount,
      required: `1 to ${note.amount}`
    })
  }
  const deadline = body.deadline ?? Math.min(nowSeconds() + DEFAULT_WINDOW, receivable.maturity)
  if (deadline <= nowSeconds() || deadline > receivable.maturity) {
    throw new ApiError('DEADLINE_INVALID', {
      field: 'body/deadline',
      presented: deadline,
      required: [nowSeconds() + 1, receivable.maturity]
    })
  }
  return { amount, deadline }
}

async function requireCounterparty(
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

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000)
}
