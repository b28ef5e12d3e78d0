import { access } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { ApiError } from '../errors.ts'

/** Nothing inline, nothing from elsewhere, nothing framed; no text becomes code or markup. */
const policy = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self'",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': "'none'"
}
/** The verifier asks the reader's own node, wherever that is: over https, or on the reader's machine. */
const verifierPolicy = { ...policy, 'connect-src': "'self' https: http://127.0.0.1:* http://localhost:*" }

const headers = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()'
}

/** As the build gives them: one folder, no dots but the one before the ending. */
const ASSET_NAME = /^[\w-]+\.[a-z0-9]+$/
const yes = (): boolean => true
const no = (): boolean => false

/** The built web console: its two pages, whose addresses below /app are its own, and the files that they load. */
export async function registerConsole(app: FastifyInstance, folder: string): Promise<void> {
  const hidden = { schema: { hide: true }, config: { isPublic: true } } as const
  await app.register(fastifyStatic, { root: folder, serve: false, preCompressed: true })
  const page = (file: string, csp: typeof policy) => async (_request: unknown, reply: FastifyReply) =>
    reply
      .headers({ ...headers, 'content-security-policy': directives(csp), 'cache-control': 'no-cache' })
      .sendFile(file, { cacheControl: false })
  app.get('/', hidden, page('index.html', policy))
  app.get('/app/*', hidden, page('index.html', policy))
  app.get('/verify', hidden, page('verify.html', verifierPolicy))
  app.get('/mark.svg', hidden, async (_request, reply) => reply.headers(headers).sendFile('mark.svg', { maxAge: '1d' }))
  app.get<{ Params: { name: string } }>('/assets/:name', hidden, async ({ params: { name } }, reply) => {
    const isThere = ASSET_NAME.test(name) && (await access(join(folder, 'assets', name)).then(yes, no))
    if (!isThere) throw new ApiError('ROUTE_UNKNOWN', { presented: `GET /assets/${name}` })
    // Their names change with their content.
    return reply.headers(headers).sendFile(join('assets', name), { maxAge: '1y', immutable: true })
  })
}

function directives(csp: typeof policy): string {
  return Object.entries(csp)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ')
}
