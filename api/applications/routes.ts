import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { admissibleRoles } from '../../domain/participant/roles.ts'
import type { Services } from '../app.ts'
import { asService } from '../database.ts'
import { ApiError } from '../errors.ts'
import { ParticipantId, refusals, strict, Text, Uuid } from '../schemas.ts'
import { KeysFields } from './keys.ts'
import { requireSound, type Application } from './check.ts'
import { applicationStates, findApplication, keepApplication, type StoredApplication } from './repository.ts'
import { screen } from './screening.ts'

const ApplicationBody = Type.Object(
  {
    name: { ...Text, maxLength: 200 },
    country: Type.String({ pattern: '^[A-Z]{2}$' }),
    roles: Type.Array(Type.Enum(admissibleRoles), {
      minItems: 1,
      maxItems: admissibleRoles.length,
      uniqueItems: true
    }),
    identifiers: Type.Array(Type.String({ maxLength: 100 }), {
      minItems: 1,
      maxItems: 16,
      uniqueItems: true,
      description: 'SCHEME:value (domain/participant/identifiers.ts); the first is the legal identity'
    }),
    ...KeysFields,
    encryptionKey: Type.String({
      pattern: '^0x[0-9a-f]{128}$',
      description: 'SM2 key that documents are sealed to, x ‖ y'
    }),
    certificates: Type.Optional(
      Type.String({ maxLength: 50_000, description: 'PEM: of the SM2 keys, and those above them' })
    )
  },
  strict
)
const fate = {
  applicationId: Uuid,
  state: Type.Enum([...applicationStates], {
    description: 'Accepted: the registrar’s people sign the admission; admitted: you have a number and can log in'
  }),
  participantId: Type.Union([ParticipantId, Type.Null()], { description: 'Once admitted' }),
  submittedAt: Type.String({ format: 'date-time' }),
  decidedAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  isScreened: Type.Boolean({ description: 'Every service that is to be asked has answered' })
}
const Secret = Type.String({ pattern: '^[A-Za-z0-9_-]{32}$' })
const common = { tags: ['application'], security: [] }

/** Whoever wants to be a participant. The registrar reads and decides: api/registrar. */
export function applicationRoutes({ pool, config, vault }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/applications',
      {
        schema: {
          ...common,
          operationId: 'apply',
          summary: 'Apply for admission with identifiers, signing keys and certificates',
          body: ApplicationBody,
          response: {
            ...refusals,
            201: Type.Object(
              { ...fate, secret: { ...Secret, description: 'Shown this once: ask for the fate with it' } },
              strict
            )
          }
        }
      },
      async ({ body }, reply) => {
        const application: Application = body
        requireSound(application, config.deployment, config.authorities)
        const { name, country, identifiers } = application
        const screenings = await screen(config.screening ?? [], { name, country, identifiers })
        const { applicationId, secret } = await asService(pool, (service) =>
          keepApplication(service, vault, application, screenings)
        )
        const stored = await asService(pool, (service) => findApplication(service, vault, applicationId, secret))
        return reply.code(201).send({ ...shown(stored!), secret })
      }
    )

    app.get(
      '/applications/:applicationId',
      {
        schema: {
          ...common,
          operationId: 'getApplication',
          summary: 'What became of your application. Why is told by the registrar, not here',
          params: Type.Object({ applicationId: Uuid }),
          headers: Type.Object({ 'application-secret': Secret }),
          response: { ...refusals, 200: Type.Object(fate, strict) }
        }
      },
      async ({ params: { applicationId }, headers }) => {
        const secret = headers['application-secret']
        const stored = await asService(pool, (service) => findApplication(service, vault, applicationId, secret))
        if (!stored) throw new ApiError('APPLICATION_NOT_FOUND', { presented: applicationId })
        return shown(stored)
      }
    )
  }
}

function shown({ applicationId, state, participantId, submittedAt, decidedAt, screenings }: StoredApplication) {
  return {
    applicationId,
    state,
    participantId,
    submittedAt: submittedAt.toISOString(),
    decidedAt: decidedAt?.toISOString() ?? null,
    isScreened: screenings.every(({ outcome }) => outcome !== 'not-screened')
  }
}
