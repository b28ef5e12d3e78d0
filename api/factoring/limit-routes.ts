import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import { freeUnder, limitScopes } from '../../domain/factoring/limits.ts'
import type { Services } from '../app.ts'
import type { Pool, Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { rolesOf } from '../participants/repository.ts'
import { once } from '../plugins/idempotency.ts'
import { chainTime } from '../receivables/repository.ts'
import { Amount, CommandHeaders, ParticipantId, refusals, strict, UnixSeconds } from '../schemas.ts'
import { keepLimit, listLimits } from './limits.ts'

const Scope = Type.Enum([...limitScopes], {
  description: 'total: all of it together. debtor, seller: with one participant'
})
const Currency = Type.Integer({ minimum: 1, maximum: 999, description: 'ISO 4217 number' })

const LimitBody = Type.Object(
  {
    scope: Scope,
    participantId: Type.Optional({ ...ParticipantId, description: 'The debtor or the seller; not for total' }),
    currency: Currency,
    amount: Type.Union([Amount, Type.Null()], {
      description: 'Minor units. "0": nothing more. null: no limit any more'
    }),
    expiresAt: { ...UnixSeconds, description: 'After that nothing fits until you set it anew' }
  },
  strict
)

const LimitsSchema = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          scope: Scope,
          participantId: Type.Union([ParticipantId, Type.Null()]),
          currency: Currency,
          amount: Type.Union([Amount, Type.Null()]),
          expiresAt: UnixSeconds,
          used: { ...Amount, description: 'Financed and not yet paid, repaid or passed on' },
          reserved: { ...Amount, description: 'Accepted or locked, and not yet financed' },
          free: Type.Union([Amount, Type.Null()], { description: 'null: no limit' })
        },
        strict
      )
    )
  },
  strict
)

/** A factor's own limits: nobody else reads them. */
export function limitRoutes({ pool }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/limits',
      {
        schema: {
          operationId: 'listLimits',
          tags: ['factoring'],
          summary: 'Your limits, and what is used, reserved and free under each',
          response: { ...refusals, 200: LimitsSchema }
        }
      },
      async ({ caller }) => shown(pool, caller.participantId)
    )

    app.post(
      '/limits',
      {
        schema: {
          operationId: 'setLimit',
          tags: ['factoring'],
          summary: 'Set how much may stand with a debtor, with a seller or in all, in a currency',
          description:
            'Held against every acceptance of a quote of yours: what does not fit under each limit that applies is refused, also of many at once. Where you set none, none holds.',
          headers: CommandHeaders,
          body: LimitBody,
          response: { ...refusals, 200: LimitsSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { scope, participantId, currency, amount, expiresAt } = request.body
          await requireCounterpart(tx, request.body)
          const counterpart = participantId ?? null
          await keepLimit(tx, request.caller.participantId, { scope, counterpart, currency, amount, expiresAt })
          return { status: 200, body: await shown(tx, request.caller.participantId) }
        })) as Static<typeof LimitsSchema>
    )
  }
}

async function requireCounterpart(tx: Transaction, { scope, participantId }: Static<typeof LimitBody>): Promise<void> {
  const field = 'body/participantId'
  if ((scope === 'total') !== (participantId === undefined)) {
    const required = scope === 'total' ? 'none for the total' : `the ${scope}`
    throw new ApiError('FUNDING_TERMS_INVALID', { field, presented: participantId ?? null, required })
  }
  if (participantId !== undefined && !(await rolesOf(tx, participantId)))
    throw new ApiError('PARTICIPANT_UNKNOWN', { field, presented: participantId })
}

async function shown(client: Pool | Transaction, factor: number): Promise<Static<typeof LimitsSchema>> {
  const now = await chainTime(client)
  const limits = await listLimits(client, factor, now)
  return {
    items: limits.map(({ counterpart, ...limit }) => {
      const { amount, expiresAt, used, reserved } = limit
      const set = { amount: amount === null ? null : BigInt(amount), expiresAt }
      const free = freeUnder(set, { used: BigInt(used), reserved: BigInt(reserved) }, now)
      return { ...limit, participantId: counterpart, free: free === null ? null : String(free) }
    })
  }
}
