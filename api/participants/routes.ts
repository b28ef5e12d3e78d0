import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { permissions } from '../access/rules.ts'
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
    state: Type.Enum(['active', 'suspended']),
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

const MeSchema = Type.Object(
  {
    participantId: ParticipantId,
    account: Type.String(),
    name: Type.String(),
    roles: Type.Array(Type.String()),
    permissions: Type.Array(Type.Enum([...permissions]), { description: 'What this credential may do' })
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
          summary: 'Who you are, and what your credential may do',
          response: { ...refusals, 200: MeSchema }
        }
      },
      async ({ caller: { participantId, account, name, roles, permissions: held } }) => {
        return { participantId, account, name, roles, permissions: [...held] }
      }
    )
  }
}
