import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, { type FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { CertifiedSigner } from '../domain/evidence/signed.ts'
import type { KeyRing } from '../domain/fingerprint/keys.ts'
import { alarmRoutes } from './alarms/routes.ts'
import { applicationRoutes } from './applications/routes.ts'
import { certificateRoutes } from './certificates/routes.ts'
import { claimRoutes } from './claims/routes.ts'
import { registerAudit } from './access/audit.ts'
import { auditRoutes } from './access/audit-routes.ts'
import { loginRoutes } from './access/login-routes.ts'
import { ssoRoutes } from './access/sso-routes.ts'
import type { Tokens } from './access/tokens.ts'
import { userRoutes } from './access/user-routes.ts'
import { limitsOf, type ApiConfig } from './config.ts'
import type { Pool } from './database.ts'
import { completed } from './description.ts'
import { grantRoutes } from './documents/grant-routes.ts'
import { documentRoutes } from './documents/routes.ts'
import { logRoutes } from './evidence/log-routes.ts'
import { evidenceRoutes } from './evidence/routes.ts'
import { factoringRoutes } from './factoring/routes.ts'
import { historyRoutes } from './history/routes.ts'
import { intentRoutes } from './intents/routes.ts'
import { managedKeyRoutes } from './managed-keys/routes.ts'
import { noteRoutes } from './notes/routes.ts'
import { noticeRoutes } from './notices/routes.ts'
import { orderRoutes } from './orders/routes.ts'
import { participantRoutes } from './participants/routes.ts'
import { registerLimits } from './operation/limits.ts'
import { loggerOptions, requestIdOf, RequestLog } from './operation/logging.ts'
import type { Metrics } from './operation/metrics.ts'
import { Pace } from './operation/pace.ts'
import type { Tracing } from './operation/tracing.ts'
import { Turns } from './operation/turns.ts'
import { registerAuth } from './plugins/auth.ts'
import { registerConsole } from './plugins/console.ts'
import { answerProblem, problemOf, registerProblems } from './plugins/problem.ts'
import { positionRoutes } from './positions/routes.ts'
import { receivableRoutes } from './receivables/routes.ts'
import { asOf } from './receivables/repository.ts'
import { registrarRoutes } from './registrar/routes.ts'
import { regulatorRoutes } from './regulator/routes.ts'
import { allSettlementRoutes } from './settlement/routes.ts'
import { streamRoutes } from './streams/routes.ts'
import { Tail } from './streams/tail.ts'
import type { Vault } from './vault.ts'
import { webhookRoutes } from './webhooks/routes.ts'
import { AsOf, ProblemRef, ProblemSchema, strict } from './schemas.ts'

/** What the routes work with. */
export interface Services {
  pool: Pool
  config: ApiConfig
  fingerprintKeys: KeyRing
  certificateSigner: CertifiedSigner
  vault: Vault
  tokens: Tokens
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The end of the feed, followed once for all who wait for it. */
    tail: Tail
  }
}

/** Of the connections that a process has for its callers (api/database.ts), those that commands may hold: fewer while it has more to do than it can. */
const COMMANDS_AT_ONCE = { least: 2, most: 8 }

/** The whole api, wired in sight. Listening is the caller's. */
export async function buildApp(
  services: Services,
  options: { logger?: boolean; metrics?: Metrics; tracing?: Tracing | undefined } = {}
): Promise<FastifyInstance> {
  const { headersTimeoutMs, requestTimeoutMs } = limitsOf(services.config)
  const app = fastify({
    logger: options.logger ? loggerOptions : false,
    logController: new RequestLog(),
    genReqId: requestIdOf,
    requestIdHeader: false,
    requestTimeout: requestTimeoutMs,
    // The server looks so often for requests that take too long.
    http: { headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs), connectionsCheckingInterval: 1_000 },
    bodyLimit: 1 << 20,
    frameworkErrors: answerProblem,
    // Fastify's defaults drop unknown fields and turn types into others in silence: unfit for what is going to be signed.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: false } }
  }).withTypeProvider<TypeBoxTypeProvider>()
  // Fastify reads it as a string by default; nothing here takes one.
  app.removeContentTypeParser('text/plain')
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  options.metrics?.observe(app)
  options.tracing?.observe(app)
  registerProblems(app)
  app.addSchema(ProblemSchema)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tallystick',
        version: '0.1.0',
        description: 'Receivables registry. Commands answer 202 with an intent to sign; reads say as of which block.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' }
      },
      servers: [{ url: '/', description: 'Whoever serves this description' }],
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, or the token of a session' }
        }
      },
      security: [{ apiKey: [] }]
    },
    transformObject: (document) =>
      'openapiObject' in document ? completed(document.openapiObject as never) : document.swaggerObject,
    refResolver: { buildLocalReference: (json) => String(json['$id']) }
  })
  await app.register(swaggerUi, { routePrefix: '/docs' })
  app.decorate('vault', services.vault)
  const pace = new Pace(COMMANDS_AT_ONCE.least, COMMANDS_AT_ONCE.most)
  app.decorate('commandTurns', new Turns(() => pace.now))
  const tail = new Tail(services.pool, services.config.databaseUrl)
  app.decorate('tail', tail)
  app.addHook('preClose', () => tail.stop())
  await registerLimits(app, services.config, services.pool)
  registerAuth(app, services)
  registerAudit(app, services.pool)
  registerHealth(app, services.pool)
  if (services.config.consoleFolder !== undefined) await registerConsole(app, services.config.consoleFolder)
  await app.register(
    async (v1) => {
      await v1.register(applicationRoutes(services))
      await v1.register(loginRoutes(services))
      await v1.register(ssoRoutes(services))
      await v1.register(userRoutes(services))
      await v1.register(managedKeyRoutes(services))
      await v1.register(auditRoutes(services))
      await v1.register(participantRoutes(services))
      await v1.register(registrarRoutes(services))
      await v1.register(documentRoutes(services))
      await v1.register(grantRoutes(services))
      await v1.register(receivableRoutes(services))
      await v1.register(noteRoutes(services))
      await v1.register(historyRoutes(services))
      await v1.register(positionRoutes(services))
      await v1.register(orderRoutes(services))
      await v1.register(regulatorRoutes(services))
      await v1.register(noticeRoutes(services))
      await v1.register(claimRoutes(services))
      await v1.register(alarmRoutes(services))
      await v1.register(factoringRoutes(services))
      await v1.register(intentRoutes(services))
      await v1.register(evidenceRoutes(services))
      await v1.register(logRoutes(services))
      await v1.register(certificateRoutes(services))
      await v1.register(allSettlementRoutes(services))
      await v1.register(streamRoutes(services, tail))
      await v1.register(webhookRoutes(services))
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
