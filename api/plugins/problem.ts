import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isConnectionLost } from '../database.ts'
import { ApiError, errors, type ErrorCode, type ErrorDetails } from '../errors.ts'

/** Problem details by RFC 9457, with our stable `code` and whether a retry can help. */
export interface Problem extends ErrorDetails {
  type: string
  title: string
  status: number
  code: ErrorCode
  retry: 'never' | 'later'
}

export function problemOf(code: ErrorCode, details: ErrorDetails = {}): Problem {
  const { status, title, retry } = errors[code]
  return { type: `urn:tallystick:error:${code}`, title, status, code, retry, ...details }
}

/** Makes every refusal, ours or the framework's, one problem document. */
export function registerProblems(app: FastifyInstance): void {
  const methodsOf = watchRoutes(app)
  app.setErrorHandler(answerProblem)
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!
    const methods = methodsOf(path)
    if (methods.length === 0) throw new ApiError('ROUTE_UNKNOWN', { presented: `${request.method} ${path}` })
    reply.header('allow', methods.join(', '))
    throw new ApiError('METHOD_NOT_ALLOWED', { presented: request.method, required: methods })
  })
}

/** The one way a refusal leaves. */
export function answerProblem(error: FastifyError | ApiError, request: FastifyRequest, reply: FastifyReply): void {
  const problem = translate(error)
  request.refusal = problem.code
  // That it is busy, a process tells by its metrics: a line for each that is turned away would keep it busy.
  if (problem.status >= 500 && problem.code !== 'SERVER_BUSY') request.log.error({ err: error }, problem.code)
  if (problem.retry === 'later' && !reply.hasHeader('retry-after')) reply.header('retry-after', '1')
  reply.code(problem.status).type('application/problem+json').send(problem)
}

/** Which methods the routes of a path take; to be called before the routes are added. */
function watchRoutes(app: FastifyInstance): (path: string) => string[] {
  const routes: { pattern: RegExp; methods: string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    const pattern = new RegExp(`^${url.replace(/[.+]/g, '\\$&').replace(/:\w+/g, '[^/]+').replace('*', '.*')}$`)
    routes.push({ pattern, methods: [method].flat() })
  })
  return (path) =>
    [...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))].sort()
}

function translate(error: FastifyError | ApiError): Problem {
  if (error instanceof ApiError) return problemOf(error.code, error.details)
  if (error.validation) {
    const first = error.validation[0]
    const field = [error.validationContext, first?.instancePath].filter(Boolean).join('')
    return problemOf('REQUEST_INVALID', { field, presented: first?.params, reason: first?.message ?? error.message })
  }
  // A client that went away is ECONNRESET too, but with the status that Fastify gives it.
  if (error.statusCode === undefined && isConnectionLost(error)) return problemOf('DATABASE_UNAVAILABLE')
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return problemOf('MEDIA_TYPE_UNSUPPORTED', { reason: error.message })
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
    case 'FST_STATIC_FORBIDDEN_PATH':
      return problemOf('ROUTE_UNKNOWN', { reason: error.message })
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return problemOf('BODY_TOO_LARGE', { reason: error.message })
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return problemOf('JSON_MALFORMED', { reason: error.message })
  }
  if (error instanceof SyntaxError || error.statusCode === 400)
    return problemOf('JSON_MALFORMED', { reason: error.message })
  return problemOf('INTERNAL')
}
