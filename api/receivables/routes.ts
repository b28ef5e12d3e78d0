import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import { reassess, requireNoAlarm } from '../alarms/gate.ts'
import type { Services } from '../app.ts'
import type { Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { createIntent } from '../intents/create.ts'
import type { IntentView } from '../intents/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import { AsOf, CommandHeaders, IntentSchema, ReceivableId, refusals, strict } from '../schemas.ts'
import { confirmBatch, ConfirmBatchBody, IntentBatchSchema, registerBatch, RegisterBatchBody } from './batch.ts'
import { RegisterBody } from './fields.ts'
import { issue, IssueBody, register } from './register.ts'
import { asOfReads, findWithNotes, listReceivables, notesOf, notesSeen } from './repository.ts'
import { NoteSchema, ReceivableSchema, StoredReceivableState } from './schemas.ts'
import { subjectOf, verbs, type Verb } from './verbs.ts'

const ListQuery = Type.Object(
  {
    role: Type.Optional(Type.Enum(['creditor', 'debtor'])),
    state: Type.Optional(StoredReceivableState),
    after: Type.Optional(ReceivableId),
    limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' }))
  },
  strict
)
const Params = Type.Object({ receivableId: ReceivableId })
const command = { tags: ['receivable'], headers: CommandHeaders, response: { ...refusals, 202: IntentSchema } }
const batchCommand = { ...command, response: { ...refusals, 202: IntentBatchSchema } }

export function receivableRoutes(services: Services): FastifyPluginAsyncTypebox {
  const { pool, config, vault } = services
  return async (app) => {
    app.post(
      '/receivables',
      {
        schema: {
          ...command,
          operationId: 'registerReceivable',
          summary: 'Register a receivable from a document of yours, or from the fields of an invoice',
          body: RegisterBody
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => ({
          status: 202,
          body: await register(tx, services, request.caller, request.body)
        }))) as IntentView
    )

    app.post(
      '/receivable-batches',
      {
        schema: {
          ...batchCommand,
          operationId: 'registerReceivables',
          summary:
            'Register up to 1,000 receivables from documents of yours: each intent of the answer goes as a whole or not at all',
          body: RegisterBatchBody
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => ({
          status: 202,
          body: await registerBatch(tx, services, request.caller, request.body)
        }))) as Static<typeof IntentBatchSchema>
    )

    app.post(
      '/confirmations',
      {
        schema: {
          ...batchCommand,
          operationId: 'confirmReceivables',
          summary:
            'Promise to pay up to 1,000 receivables at maturity: each intent of the answer goes as a whole or not at all',
          body: ConfirmBatchBody
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => ({
          status: 202,
          body: await confirmBatch(tx, services, request.caller, request.body)
        }))) as Static<typeof IntentBatchSchema>
    )

    app.post(
      '/receivables/issuance',
      {
        schema: {
          ...command,
          operationId: 'issueReceivable',
          summary:
            'Issue a receivable against yourself to the seller of an invoice that you brought: confirmed at once',
          body: IssueBody
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => ({
          status: 202,
          body: await issue(tx, services, request.caller, request.body)
        }))) as IntentView
    )

    for (const verb of verbs) {
      app.post(
        `/receivables/:receivableId/${verb.path}`,
        {
          schema: {
            ...command,
            operationId: verb.operationId,
            summary: verb.summary,
            params: Params,
            ...(verb.body ? { body: verb.body } : {})
          }
        },
        async (request, reply) => {
          const { receivableId } = request.params
          if (verb.isWatched) await reassess(pool, vault, receivableId)
          return (await once(pool, request, reply, async (tx) => ({
            status: 202,
            body: await propose(tx, receivableId, request.caller, verb, request.body)
          }))) as IntentView
        }
      )
    }

    app.get(
      '/receivables',
      {
        schema: {
          operationId: 'listReceivables',
          tags: ['receivable'],
          summary: 'Receivables that you are or were a party of',
          querystring: ListQuery,
          response: {
            ...refusals,
            200: Type.Object(
              { asOf: AsOf, items: Type.Array(ReceivableSchema), next: Type.Union([ReceivableId, Type.Null()]) },
              strict
            )
          }
        }
      },
      async (request) => {
        const limit = Math.min(Number(request.query.limit ?? '50'), 200)
        const items = await listReceivables(pool, request.caller, { ...request.query, limit })
        return { asOf: await asOfReads(pool), items, next: items.length === limit ? items.at(-1)!.receivableId : null }
      }
    )

    app.get(
      '/receivables/:receivableId',
      {
        schema: {
          operationId: 'getReceivable',
          tags: ['receivable'],
          summary:
            'A receivable with its notes: all for its debtor, its creditor and a regulator, for others those of their branches',
          params: Params,
          response: {
            ...refusals,
            200: Type.Object({ asOf: AsOf, receivable: ReceivableSchema, notes: Type.Array(NoteSchema) }, strict)
          }
        }
      },
      async (request) => {
        const { receivableId } = request.params
        const found = await findWithNotes(pool, receivableId, request.caller)
        const block = await asOfReads(pool)
        if (!found) throw new ApiError('RECEIVABLE_NOT_FOUND', { presented: receivableId })
        const { receivable, notes } = found
        return { asOf: block, receivable, notes: await notesSeen(pool, receivable, notes, request.caller) }
      }
    )
  }

  async function propose(
    tx: Transaction,
    receivableId: string,
    caller: Caller,
    verb: Verb,
    body: unknown
  ): Promise<IntentView> {
    const subject = await subjectOf(tx, receivableId, caller, verb)
    if (verb.isWatched) {
      const holders = (await notesOf(tx, receivableId)).map(({ holder }) => holder)
      await requireNoAlarm(tx, vault, caller, receivableId, holders)
    }
    return createIntent(tx, config.deployment, caller, {
      commands: [await verb.command(subject, body as never, tx, caller)],
      receivableId,
      currency: subject.receivable.currency,
      request: (body ?? {}) as object
    })
  }
}
