import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Services } from '../app.ts'
import { ParticipantId, refusals, strict } from '../schemas.ts'
import { listParticipants } from './repository.ts'

const ParticipantSchema = Type.Object(
  {
    participantId: ParticipantId,
    account: Type.String(),
    name: Type.String(),
    country: Type.String(),
    roles: Type.Array(Type.String()),
    encryptionKey: Type.Union([Type.String(), Type.Null()]),
    certificates: Type.Array(
      Type.Object(
        { use: Type.Enum(['signature', 'encryption']), pem: Type.String({ description: 'X.509 in PEM' }) },
        strict
      )
    )
  },
  strict
)

export function participantRoutes({ pool }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/participants',
      {
        schema: {
          operationId: 'listParticipants',
          tags: ['participant'],
          summary: 'The directory',
          response: { ...refusals, 200: Type.Object({ items: Type.Array(ParticipantSchema) }, strict) }
        }
      },
      async () => ({ items: await listParticipants(pool) })
    )

    app.get(
      '/me',
      {
        schema: {
          operationId: 'getMe',
          tags: ['participant'],
          summary: 'Who this API key belongs to',
          response: { ...refusals, 200: Type.Omit(ParticipantSchema, ['country', 'encryptionKey', 'certificates']) }
        }
      },
      async ({ caller }) => caller
    )
  }
}
