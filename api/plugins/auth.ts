import type { FastifyInstance } from 'fastify'
import { sha256 } from '../../domain/crypto/hash.ts'
import type { Role } from '../../domain/participant/roles.ts'
import type { Pool } from '../database.ts'
import { ApiError } from '../errors.ts'

/** Who calls. */
export interface Caller {
  participantId: number
  account: string
  name: string
  roles: Role[]
}

/** Sees every receivable: for a role that works on those it is no party of. */
export const everything: Caller = { participantId: 0, account: '', name: '', roles: ['regulator'] }

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route below /v1 that is not public. */
    caller: Caller
  }
  interface FastifyContextConfig {
    /** Needs no credential. */
    isPublic?: boolean
    /** The caller needs one of these roles; none: any participant. */
    roles?: readonly Role[]
  }
}

/**
 * Tells the participant by its API key. The key only decides what may be read and proposed: whatever moves a note is
 * signed by the participant's own keys and checked by the contracts.
 */
export function registerAuth(app: FastifyInstance, pool: Pool): void {
  app.decorateRequest('caller', null as unknown as Caller)
  app.addHook('onRequest', async (request) => {
    const { isPublic, roles } = request.routeOptions.config
    if (isPublic || request.is404 || !request.routeOptions.url?.startsWith('/v1')) return
    const [scheme, key, ...rest] = (request.headers.authorization ?? '').split(' ')
    if (scheme?.toLowerCase() !== 'bearer' || !key || rest.length > 0) throw new ApiError('CREDENTIAL_MISSING')
    const { rows } = await pool.query<Caller>({
      name: 'participant.by-api-key',
      text: `select participant_id as "participantId", account, name, roles from app.participant where api_key_sha256 = $1`,
      values: [sha256(new TextEncoder().encode(key))]
    })
    if (!rows[0]) throw new ApiError('CREDENTIAL_INVALID')
    request.caller = rows[0]
    if (roles && !roles.some((role) => rows[0]!.roles.includes(role))) {
      throw new ApiError('ROLE_MISSING', { presented: rows[0].roles, required: roles })
    }
  })
}
