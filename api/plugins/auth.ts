import type { FastifyInstance, RouteOptions } from 'fastify'
import type { Role } from '../../domain/participant/roles.ts'
import { Callers } from '../access/callers.ts'
import { rules, type Permission, type Rule } from '../access/rules.ts'
import { runScoped } from '../access/scope.ts'
import type { Session } from '../access/tokens.ts'
import type { Services } from '../app.ts'
import { ApiError } from '../errors.ts'

/** Who calls. */
export interface Caller {
  participantId: number
  account: string
  name: string
  roles: Role[]
  /** By the registrar: reads and signs, proposes nothing. The contracts refuse it as well. */
  isSuspended: boolean
  /** How often its account's keys were recovered: whatever it makes is of this count. */
  recoveries: number
  /** What the credential in hand may do for the participant. */
  permissions: readonly Permission[]
  /** The credential in words, for the audit log. */
  actor: string
  credential: { kind: 'api-key'; keyId: string } | { kind: 'session'; session: Session } | { kind: 'none' }
}

/** The user whose session it is; undefined for a session by key and an API key, which are no person's. */
export function userOf({ credential }: Caller): string | undefined {
  if (credential.kind !== 'session') return undefined
  const { by } = credential.session
  return 'userId' in by ? by.userId : undefined
}

/** Sees every receivable: for a role that works on those it is no party of. */
export const everything: Caller = {
  participantId: 0,
  account: '',
  name: '',
  roles: ['regulator'],
  isSuspended: false,
  recoveries: 0,
  permissions: [],
  actor: '',
  credential: { kind: 'none' }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route below /v1 that is not public. */
    caller: Caller
  }
  interface FastifyContextConfig {
    /** Needs no credential. */
    isPublic?: boolean
    /** The route's row. Set here. */
    rule?: Rule
  }
}

/**
 * Tells the caller by its credential, and lets in whom api/access/rules.ts lets in. The credential only decides what may be read and
 * proposed: whatever moves a note is signed by the participant's own keys and checked by the contracts.
 */
export function registerAuth(app: FastifyInstance, { pool, tokens, config }: Services): void {
  const callers = new Callers(pool, tokens, config.databaseUrl)
  app.addHook('preClose', () => callers.stop())
  app.decorateRequest('caller', null as unknown as Caller)
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith('/v1')) route.config = { ...route.config, rule: ruleOf(route) }
  })
  app.addHook('onRequest', async (request) => {
    const { rule } = request.routeOptions.config
    if (!rule || rule.needs === 'nothing' || request.is404) return
    const [scheme, credential, ...rest] = (request.headers.authorization ?? '').split(' ')
    if (scheme?.toLowerCase() !== 'bearer' || !credential || rest.length > 0) throw new ApiError('CREDENTIAL_MISSING')
    const caller = await callers.of(credential)
    if (!caller) throw new ApiError('CREDENTIAL_INVALID')
    request.caller = caller
    if (rule.roles && !rule.roles.some((role) => caller.roles.includes(role))) {
      throw new ApiError('ROLE_MISSING', { presented: caller.roles, required: rule.roles })
    }
    if (!caller.permissions.includes(rule.needs)) {
      throw new ApiError('PERMISSION_MISSING', { presented: caller.permissions, required: rule.needs })
    }
    if (caller.isSuspended && rule.needs === 'propose' && !rule.whileSuspended) {
      throw new ApiError('PARTICIPANT_SUSPENDED', { presented: caller.participantId, required: 'active' })
    }
  })
  // Other processes hear of it a moment later; who did it here finds it done.
  app.addHook('onSend', async ({ method, routeOptions: { config } }) => {
    const mayChange = method !== 'GET' && (config.rule?.needs === 'administer' || config.rule?.endsSession)
    if (mayChange) callers.forget()
  })
  // From here on the database shows the caller's rows. Last before the handler: reading the body begins a chain of its own.
  app.addHook('preHandler', (request, _reply, done) => {
    if (request.caller) runScoped(request.caller, done)
    else done()
  })
}

function ruleOf({ schema, url }: RouteOptions): Rule {
  const { operationId } = (schema ?? {}) as { operationId?: string }
  const rule = operationId === undefined ? undefined : rules[operationId]
  if (!rule) throw new Error(`the route ${url} has no row in api/access/rules.ts`)
  return rule
}
