/** Logs without personal data: no bodies, no query strings, no addresses, and of errors no values. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { LogController, type FastifyReply, type FastifyRequest, type FastifyServerOptions } from 'fastify'
import { destination } from 'pino'

/** What looks like a secret or an account, in whatever text it stands. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\bts_[\w-]{16,}/g, '[api key]'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[token]'],
  [/\b(Bearer|Basic)\s+\S+/gi, '$1 [credential]'],
  [/\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b/g, '[account]'],
  [/\b\d{16,19}\b/g, '[number]'],
  [/[\w.+-]+@[\w-]+\.[\w.-]+/g, '[mail]'],
  [/(postgres(?:ql)?:\/\/)[^@\s]*@/g, '$1[login]@'],
  // Postgres quotes the value that it can not take.
  [/"[^"]{0,2000}"$/g, '"[value]"']
]

export function redacted(text: string): string {
  return SECRETS.reduce((told, [pattern, instead]) => told.replace(pattern, instead), text)
}

interface LoggedError {
  [name: string]: unknown
  type: string
  message: string
  stack: string
}

/** Postgres puts rows into `detail` and `where`: nothing of an error is told but what is named here. */
export function errorForLog(error: Error & { code?: unknown }): LoggedError {
  const { name, message, stack = '' } = error
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  return {
    type: name,
    message: redacted(message),
    code: error.code === undefined ? undefined : String(error.code),
    stack: frames.join('\n')
  }
}

export const loggerOptions = {
  level: 'info',
  // Many lines are one write, and no request waits for it. What is not written yet is written when the process ends, but for a kill.
  stream: destination({ dest: 1, sync: false, minLength: 8_192, periodicFlush: 25 }),
  serializers: {
    req: (request: FastifyRequest) => ({
      method: request.method,
      path: redacted(request.url.split('?')[0]!.slice(0, 300))
    }),
    err: errorForLog
  }
} satisfies FastifyServerOptions['logger']

/** One line for a request, at its end, instead of two. */
export class RequestLog extends LogController {
  override incomingRequest(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const line = { req: request, res: reply, responseTime: reply.elapsedTime }
    if (error) reply.log.error({ ...line, err: error }, 'request errored')
    else reply.log.info(line, 'request completed')
  }
}

/** The caller's own id of the request where it is a plain one, so that its logs and ours can be laid side by side. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[A-Za-z0-9._-]{8,64}$/.test(given) ? given : randomUUID()
}
