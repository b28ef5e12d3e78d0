import type { FastifyError, FastifyInstance } from 'fastify'
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
  app.setErrorHandler((error: FastifyError | ApiError, request, reply) => {
    const problem = translate(error)
    if (problem.status >= 500) request.log.error({ err: error }, problem.code)
    if (problem.retry === 'later') reply.header('retry-after', '1')
    return reply.code(problem.status).type('application/problem+json').send(problem)
  })
  app.setNotFoundHandler((request, reply) => {
    const problem = problemOf('ROUTE_UNKNOWN', { presented: `${request.method} ${request.url.split('?')[0]}` })
    return reply.code(problem.status).type('application/problem+json').send(problem)
  })
}

function translate(error: FastifyError | ApiError): Problem {
  if (error instanceof ApiError) return problemOf(error.code, error.details)
  if (error.validation) {
    const first = error.validation[0]
    const field = [error.validationContext, first?.instancePath].filter(Boolean).join('')
    return problemOf('REQUEST_INVALID', { field, presented: first?.params, reason: first?.message ?? error.message })
  }
  if (isConnectionLost(error)) return problemOf('DATABASE_UNAVAILABLE')
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return problemOf('MEDIA_TYPE_UNSUPPORTED', { reason: error.message })
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
