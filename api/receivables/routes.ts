import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { reassess, requireNoAlarm } from '../alarms/gate.ts'
import type { Services } from '../app.ts'
import type { Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { createIntent } from '../intents/create.ts'
import type { IntentView } from '../intents/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import { AsOf, CommandHeaders, IntentSchema, ReceivableId, refusals, strict } from '../schemas.ts'
import { register, RegisterBody } from './register.ts'
import { asOf, eventsOf, findReceivable, listReceivables, notesOf, type ReceivableView } from './repository.ts'
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

export function receivableRoutes(services: Services): FastifyPluginAsyncTypebox {
  const { pool, config, vault } = services
  return async (app) => {
    app.post(
      '/receivables',
      {
        config: { roles: ['supplier'] },
        schema: {
          ...command,
          operationId: 'registerReceivable',
          summary: 'Register a receivable from a document of yours',
          body: RegisterBody
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => ({
          status: 202,
          body: await register(tx, services, request.caller, request.body)
        }))) as IntentView
    )

    for (const verb of verbs) {
      app.post(
        `/receivables/:receivableId/${verb.path}`,
        {
          config: verb.roles ? { roles: verb.roles } : {},
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
        const block = await asOf(pool)
        if (!block) throw new ApiError('PROJECTION_BEHIND')
        const items = await listReceivables(pool, request.caller, { ...request.query, limit })
        return { asOf: block, items, next: items.length === limit ? items.at(-1)!.receivableId : null }
      }
    )

    app.get(
      '/receivables/:receivableId',
      {
        schema: {
          operationId: 'getReceivable',
          tags: ['receivable'],
          summary: 'A receivable with the notes that partition it',
          params: Params,
          response: {
            ...refusals,
            200: Type.Object({ asOf: AsOf, receivable: ReceivableSchema, notes: Type.Array(NoteSchema) }, strict)
          }
        }
      },
      async (request) => {
        const block = await asOf(pool)
        if (!block) throw new ApiError('PROJECTION_BEHIND')
        const receivable = visible(
          await findReceivable(pool, request.params.receivableId, request.caller),
          request.params.receivableId
        )
        return { asOf: block, receivable, notes: await notesOf(pool, receivable.receivableId) }
      }
    )

    app.get(
      '/receivables/:receivableId/history',
      {
        schema: {
          operationId: 'getReceivableHistory',
          tags: ['receivable'],
          summary: 'Every event of a receivable and its notes, in chain order',
          params: Params,
          response: { ...refusals, 200: Type.Object({ items: Type.Array(Type.Any()) }, strict) }
        }
      },
      async (request) => {
        const { receivableId } = visible(
          await findReceivable(pool, request.params.receivableId, request.caller),
          request.params.receivableId
        )
        return { items: await eventsOf(pool, receivableId) }
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
      commands: [await verb.command(subject, body as never, tx)],
      receivableId,
      currency: subject.receivable.currency,
      request: (body ?? {}) as object
    })
  }
}

function visible(receivable: ReceivableView | undefined, presented: string): ReceivableView {
  if (!receivable) throw new ApiError('RECEIVABLE_NOT_FOUND', { presented })
  return receivable
}
