import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, { type FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { CertifiedSigner } from '../domain/evidence/signed.ts'
import type { KeyRing } from '../domain/fingerprint/keys.ts'
import { alarmRoutes } from './alarms/routes.ts'
import { certificateRoutes } from './certificates/routes.ts'
import { claimRoutes } from './claims/routes.ts'
import type { ApiConfig } from './config.ts'
import type { Pool } from './database.ts'
import { documentRoutes } from './documents/routes.ts'
import { logRoutes } from './evidence/log-routes.ts'
import { evidenceRoutes } from './evidence/routes.ts'
import { intentRoutes } from './intents/routes.ts'
import { noteRoutes } from './notes/routes.ts'
import { noticeRoutes } from './notices/routes.ts'
import { participantRoutes } from './participants/routes.ts'
import { registerAuth } from './plugins/auth.ts'
import { answerProblem, problemOf, registerProblems } from './plugins/problem.ts'
import { receivableRoutes } from './receivables/routes.ts'
import { asOf } from './receivables/repository.ts'
import type { Vault } from './vault.ts'
import { AsOf, ProblemRef, ProblemSchema, strict } from './schemas.ts'

/** What the routes work with. */
export interface Services {
  pool: Pool
  config: ApiConfig
  fingerprintKeys: KeyRing
  certificateSigner: CertifiedSigner
  vault: Vault
}

/** The whole api, wired in sight. Listening is the caller's. */
export async function buildApp(services: Services, options: { logger?: boolean } = {}): Promise<FastifyInstance> {
  const app = fastify({
    logger: options.logger ?? false,
    bodyLimit: 1 << 20,
    frameworkErrors: answerProblem,
    // Fastify's defaults drop unknown fields and turn types into others in silence: unfit for what is going to be signed.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: false } }
  }).withTypeProvider<TypeBoxTypeProvider>()
  // Fastify reads it as a string by default; nothing here takes one.
  app.removeContentTypeParser('text/plain')
  registerProblems(app)
  app.addSchema(ProblemSchema)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tallystick',
        version: '0.1.0',
        description: 'Receivables registry. Commands answer 202 with an intent to sign; reads say as of which block.'
      },
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
      security: [{ apiKey: [] }]
    },
    refResolver: { buildLocalReference: (json) => String(json['$id']) }
  })
  await app.register(swaggerUi, { routePrefix: '/docs' })
  app.decorate('vault', services.vault)
  registerAuth(app, services.pool)
  registerHealth(app, services.pool)
  await app.register(
    async (v1) => {
      await v1.register(participantRoutes(services))
      await v1.register(documentRoutes(services))
      await v1.register(receivableRoutes(services))
      await v1.register(noteRoutes(services))
      await v1.register(noticeRoutes(services))
      await v1.register(claimRoutes(services))
      await v1.register(alarmRoutes(services))
      await v1.register(intentRoutes(services))
      await v1.register(evidenceRoutes(services))
      await v1.register(logRoutes(services))
      await v1.register(certificateRoutes(services))
    },
    { prefix: '/v1' }
  )
  return app
}

function registerHealth(app: FastifyInstance, pool: Pool): void {
  app.get('/openapi.json', { schema: { hide: true }, config: { isPublic: true } }, async () => app.swagger())
  app.get(
    '/healthz',
    {
      config: { isPublic: true },
      schema: {
        operationId: 'getHealth',
        tags: ['operation'],
        summary: 'The process is alive',
        security: [],
        response: { 200: Type.Object({ status: Type.Literal('ok') }, strict) }
      }
    },
    async () => ({ status: 'ok' as const })
  )
  app.get(
    '/readyz',
    {
      config: { isPublic: true },
      schema: {
        operationId: 'getReadiness',
        tags: ['operation'],
        summary: 'The database answers and the chain is projected',
        security: [],
        response: { 200: Type.Object({ status: Type.Literal('ready'), asOf: AsOf }, strict), 503: ProblemRef }
      }
    },
    async (_request, reply) => {
      const block = await asOf(pool)
      if (block) return { status: 'ready' as const, asOf: block }
      return reply.code(503).type('application/problem+json').send(problemOf('PROJECTION_BEHIND'))
    }
  )
}
