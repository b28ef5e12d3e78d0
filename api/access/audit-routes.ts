import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Services } from '../app.ts'
import { Bytes32, Count, ParticipantId, refusals, strict } from '../schemas.ts'
import { readAudit } from './audit.ts'

const EntrySchema = Type.Object(
  {
    seq: Type.Integer({ minimum: 1 }),
    at: Type.String({ format: 'date-time' }),
    participantId: ParticipantId,
    actor: Type.String({ description: 'By which credential' }),
    requestId: Type.String(),
    operation: Type.String(),
    path: Type.String(),
    status: Type.Integer(),
    code: Type.Union([Type.String(), Type.Null()], { description: 'Of the refusal' }),
    previous: Bytes32,
    hash: Bytes32
  },
  strict
)

/** What was done in a participant's name. Regulators read everybody's. */
export function auditRoutes({ pool }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/audit',
      {
        schema: {
          operationId: 'listAudit',
          tags: ['access'],
          summary: 'The audit log: your own entries, a regulator all',
          querystring: Type.Object(
            {
              after: Type.Optional({ ...Count, description: 'The last entry that you have, in the order asked for' }),
              order: Type.Optional(
                Type.Enum(['oldest', 'newest'], { description: 'Which comes first. Default: oldest' })
              ),
              limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' })),
              participant: Type.Optional(
                Type.String({ pattern: '^[1-9][0-9]{0,8}$', description: 'Of a regulator: whose entries' })
              )
            },
            strict
          ),
          response: {
            ...refusals,
            200: Type.Object(
              { items: Type.Array(EntrySchema), next: Type.Union([Type.Integer(), Type.Null()]) },
              strict
            )
          }
        }
      },
      async ({ caller, query }) => {
        const limit = Math.min(Number(query.limit ?? '100'), 500)
        const wanted = query.participant === undefined ? undefined : Number(query.participant)
        const participantId = caller.roles.includes('regulator') ? wanted : caller.participantId
        const page = { after: Number(query.after ?? '0'), limit, isNewestFirst: query.order === 'newest' }
        const items = await readAudit(pool, { participantId, ...page })
        return { items, next: items.length === limit ? items.at(-1)!.seq : null }
      }
    )
  }
}
