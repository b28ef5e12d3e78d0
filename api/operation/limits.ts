/** What keeps one caller, or too many at once, from stopping the others. */
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { limitsOf, type ApiConfig } from '../config.ts'
import { waitingFor, type Pool } from '../database.ts'
import { ApiError } from '../errors.ts'
import { LoopDelay } from './delay.ts'
import { ReturnTime } from './return-time.ts'

const MINUTE_MS = 60_000

/** To be called before the routes are added, and before credentials are looked at: who is turned away costs the database nothing. */
export async function registerLimits(
  app: FastifyInstance,
  config: ApiConfig,
  pool: Pool,
  now?: () => number
): Promise<void> {
  const { requestsPerMinute, loginsPerMinute, requestsWaiting, eventLoopDelayMs } = limitsOf(config)
  const loop = new LoopDelay(eventLoopDelayMs)
  // Each by its own crowd: commands can be too many where reads are not, and the other way round.
  const returns = { command: new ReturnTime(now), other: new ReturnTime(now) }
  app.addHook('onReady', async () => loop.start())
  app.addHook('onClose', async () => loop.stop())
  app.addHook('onRequest', async (request, reply) => {
    if (isOfOperation(request)) return
    const kind = isCommand(request) ? 'command' : 'other'
    const waiting = waitingFor(pool) + (kind === 'command' ? app.commandTurns.waiting : 0)
    if (waiting >= requestsWaiting || loop.isLate) {
      reply.header('retry-after', returns[kind].turnAway())
      throw new ApiError('SERVER_BUSY')
    }
    returns[kind].letIn()
  })
  await app.register(rateLimit, {
    // After the credential: the limit is of a participant, whatever its addresses.
    hook: 'preHandler',
    max: (request) => (isLogin(request) ? loginsPerMinute : requestsPerMinute),
    timeWindow: MINUTE_MS,
    keyGenerator: (request) => {
      if (isLogin(request)) return `login ${request.routeOptions.url ?? ''} ${request.ip}`
      return request.caller ? `participant ${request.caller.participantId}` : `address ${request.ip}`
    },
    allowList: (request) => request.routeOptions.url === '/healthz' || request.routeOptions.url === '/readyz',
    errorResponseBuilder: (_request, { max }) => new ApiError('RATE_LIMITED', { required: `at most ${max} a minute` })
  })
}

/** Whether the process is alive is asked most when it is busy. */
function isOfOperation({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.isPublic === true && !routeOptions.url?.startsWith('/v1')
}

function isCommand({ routeOptions, method }: FastifyRequest): boolean {
  const { rule } = routeOptions.config
  return method !== 'GET' && rule !== undefined && rule.needs !== 'read' && rule.needs !== 'nothing'
}

function isLogin({ routeOptions, method }: FastifyRequest): boolean {
  return method === 'POST' && routeOptions.config.rule?.needs === 'nothing'
}
