import { randomUUID } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Services } from '../app.ts'
import type { Pool, Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { holdKeys } from '../participants/keys.ts'
import { once } from '../plugins/idempotency.ts'
import { CommandHeaders, refusals, strict, Text, Uuid } from '../schemas.ts'
import { endOfFeed, placeOf } from '../streams/feed.ts'
import { EventToken, PositionToken } from '../streams/schemas.ts'
import { urlProblem } from './guard.ts'
import {
  addReplay,
  countEndpoints,
  findEndpoint,
  insertEndpoint,
  listDeliveries,
  listEndpoints,
  setPlace,
  setState,
  type EndpointView
} from './repository.ts'
import { newSecret } from './send.ts'
import { webhookDefaults } from './settings.ts'

const Time = Type.String({ format: 'date-time' })
const DeliveryId = Type.String({ pattern: '^[1-9][0-9]{0,17}$' })
const endpointFields = {
  endpointId: Uuid,
  url: Type.String(),
  description: Type.Union([Text, Type.Null()]),
  state: Type.Enum(['active', 'disabled']),
  reason: Type.Union([Type.String(), Type.Null()], { description: 'Why nothing is delivered' }),
  place: Type.String({ description: 'All events up to it were taken, or are not for you' }),
  failures: Type.Integer({ description: 'Attempts in a row that failed' }),
  failingSince: Type.Union([Time, Type.Null()]),
  nextAttemptAt: Time,
  createdAt: Time
}
const EndpointSchema = Type.Object(endpointFields, strict)
const CreatedSchema = Type.Object(
  { ...endpointFields, secret: Type.String({ description: 'Shown once: keep it. It verifies `webhook-signature`' }) },
  strict
)
const DeliverySchema = Type.Object(
  {
    deliveryId: DeliveryId,
    eventId: PositionToken,
    eventName: Type.String(),
    isReplay: Type.Boolean(),
    status: Type.Union([Type.Integer(), Type.Null()]),
    problem: Type.Union([Type.String(), Type.Null()], { description: 'Null: it was taken' }),
    durationMs: Type.Integer(),
    attemptedAt: Time
  },
  strict
)
const From = Type.Union([PositionToken, Type.Literal('now')], {
  description: 'After which place of the feed; 0: from the start; now: from what comes next'
})
const Params = Type.Object({ endpointId: Uuid })
const command = { tags: ['webhook'], headers: CommandHeaders }

/** Where a participant wants its events posted, signed by Standard Webhooks. */
export function webhookRoutes({ pool, config, vault }: Services): FastifyPluginAsyncTypebox {
  const settings = { ...webhookDefaults, ...config.webhooks }

  async function place(client: Pool | Transaction, from: string): Promise<string> {
    return (from === 'now' ? await endOfFeed(client) : await placeOf(client, from)).token
  }

  async function own(client: Pool | Transaction, participantId: number, endpointId: string): Promise<EndpointView> {
    const endpoint = await findEndpoint(client, participantId, endpointId)
    if (!endpoint) throw new ApiError('WEBHOOK_NOT_FOUND', { presented: endpointId })
    return endpoint
  }

  return async (app) => {
    app.post(
      '/webhooks',
      {
        schema: {
          ...command,
          operationId: 'createWebhook',
          summary: 'Have your events posted to a URL of yours',
          body: Type.Object(
            {
              url: Type.String({ minLength: 1, maxLength: 2_000 }),
              description: Type.Optional(Text),
              from: Type.Optional(From)
            },
            strict
          ),
          response: { ...refusals, 201: CreatedSchema, 410: refusals[404] }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          await holdKeys(tx, request.caller)
          const { url, description = null, from = 'now' } = request.body
          const { participantId } = request.caller
          const problem = urlProblem(url, settings)
          if (problem) throw new ApiError('WEBHOOK_URL_REFUSED', { field: 'body/url', presented: url, reason: problem })
          const count = await countEndpoints(tx, participantId)
          if (count >= settings.perParticipant) {
            throw new ApiError('WEBHOOKS_TOO_MANY', { presented: count + 1, required: settings.perParticipant })
          }
          const secret = newSecret()
          const what = {
            endpointId: randomUUID(),
            participantId,
            url,
            description,
            secret,
            place: await place(tx, from)
          }
          return { status: 201, body: { ...(await insertEndpoint(tx, vault, what)), secret } }
        })) as EndpointView & { secret: string }
    )

    app.get(
      '/webhooks',
      {
        schema: {
          operationId: 'listWebhooks',
          tags: ['webhook'],
          summary: 'Your endpoints, how far each is, and what keeps it',
          response: { ...refusals, 200: Type.Object({ items: Type.Array(EndpointSchema) }, strict) }
        }
      },
      async (request) => ({ items: await listEndpoints(pool, request.caller.participantId) })
    )

    app.get(
      '/webhooks/:endpointId',
      {
        schema: {
          operationId: 'getWebhook',
          tags: ['webhook'],
          summary: 'An endpoint of yours',
          params: Params,
          response: { ...refusals, 200: EndpointSchema }
        }
      },
      async (request) => own(pool, request.caller.participantId, request.params.endpointId)
    )

    app.get(
      '/webhooks/:endpointId/deliveries',
      {
        schema: {
          operationId: 'listWebhookDeliveries',
          tags: ['webhook'],
          summary: 'Every attempt to deliver, the newest first',
          params: Params,
          querystring: Type.Object(
            {
              before: Type.Optional(DeliveryId),
              limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' }))
            },
            strict
          ),
          response: {
            ...refusals,
            200: Type.Object({ items: Type.Array(DeliverySchema), next: Type.Union([DeliveryId, Type.Null()]) }, strict)
          }
        }
      },
      async (request) => {
        const { endpointId } = await own(pool, request.caller.participantId, request.params.endpointId)
        const limit = Math.min(Number(request.query.limit ?? '50'), 200)
        const items = await listDeliveries(pool, endpointId, request.query.before, limit)
        return { items, next: items.length === limit ? items.at(-1)!.deliveryId : null }
      }
    )

    app.post(
      '/webhooks/:endpointId/disable',
      {
        schema: {
          ...command,
          operationId: 'disableWebhook',
          summary: 'Stop delivering; what happens meanwhile waits',
          params: Params,
          response: { ...refusals, 200: EndpointSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { participantId } = request.caller
          const { endpointId } = await own(tx, participantId, request.params.endpointId)
          await setState(tx, endpointId, 'its owner disabled it')
          return { status: 200, body: await own(tx, participantId, endpointId) }
        })) as EndpointView
    )

    app.post(
      '/webhooks/:endpointId/enable',
      {
        schema: {
          ...command,
          operationId: 'enableWebhook',
          summary: 'Deliver again, at once: from where it stopped, or from another place',
          params: Params,
          body: Type.Object({ from: Type.Optional(From) }, strict),
          response: { ...refusals, 200: EndpointSchema, 410: refusals[404] }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { participantId } = request.caller
          await holdKeys(tx, request.caller)
          const endpoint = await own(tx, participantId, request.params.endpointId)
          await setPlace(tx, endpoint.endpointId, await place(tx, request.body.from ?? endpoint.place))
          await setState(tx, endpoint.endpointId, null)
          return { status: 200, body: await own(tx, participantId, endpoint.endpointId) }
        })) as EndpointView
    )

    app.post(
      '/webhooks/:endpointId/replay',
      {
        schema: {
          ...command,
          operationId: 'replayWebhook',
          summary: 'Have an event delivered once more, or all after a place, under the ids that they had',
          params: Params,
          body: Type.Union([Type.Object({ event: EventToken }, strict), Type.Object({ after: PositionToken }, strict)]),
          response: { ...refusals, 200: EndpointSchema, 410: refusals[404] }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { participantId } = request.caller
          const { endpointId } = await own(tx, participantId, request.params.endpointId)
          if ('event' in request.body) await addReplay(tx, endpointId, (await placeOf(tx, request.body.event)).token)
          else await setPlace(tx, endpointId, await place(tx, request.body.after))
          return { status: 200, body: await own(tx, participantId, endpointId) }
        })) as EndpointView
    )
  }
}
