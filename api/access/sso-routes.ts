import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Services } from '../app.ts'
import { asService, inTransaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { ParticipantId, refusals, strict } from '../schemas.ts'
import { expiryOf, newNonce, useNonce } from './challenge.ts'
import { SessionSchema } from './login-routes.ts'
import { permissionsOf, type Duty } from './rules.ts'
import { newVerifier, SsoClient, SsoRefused, SsoUnavailable, type SsoState } from './sso.ts'
import { SESSION_MAX } from './tokens.ts'

const PLACE = 'single sign-on state'
const Sealed = Type.String({ pattern: '^[A-Za-z0-9_-]{1,2000}$' })
const common = { tags: ['session'], security: [] }

/** Single sign-on of participants' staff. A user has to be entered first: who signs in and is nobody here gets nothing. */
export function ssoRoutes({ pool, config, vault, tokens }: Services): FastifyPluginAsyncTypebox {
  const issuers = new Map(
    (config.sso ?? []).map((one) => [one.participantId, { config: one, client: new SsoClient(one) }])
  )

  return async (app) => {
    app.post(
      '/sso/authorizations',
      {
        schema: {
          ...common,
          operationId: 'beginSso',
          summary: 'Where the browser goes to sign in at the participant’s identity provider',
          description: 'Keep `state` in the browser: what comes back has to be the same.',
          body: Type.Object({ participantId: ParticipantId }, strict),
          response: { ...refusals, 200: Type.Object({ url: Type.String(), state: Sealed }, strict) }
        }
      },
      async ({ body: { participantId } }) => {
        const issuer = issuers.get(participantId)
        if (!issuer) throw new ApiError('SSO_NOT_CONFIGURED', { presented: participantId })
        const state: SsoState = {
          participantId,
          nonce: newVerifier(),
          verifier: newVerifier(),
          once: newNonce(vault, 'sso').nonce
        }
        const sealed = vault.seal(state, PLACE).toString('base64url')
        return { url: await answered(issuer.client.authorizationUrl(sealed, state)), state: sealed }
      }
    )

    app.post(
      '/sso/sessions',
      {
        schema: {
          ...common,
          operationId: 'createSsoSession',
          summary: 'Log in by what the identity provider sent back through the browser',
          body: Type.Object({ code: Type.String({ minLength: 1, maxLength: 2000 }), state: Sealed }, strict),
          response: { ...refusals, 201: SessionSchema }
        }
      },
      async ({ body }, reply) => {
        const state = opened(body.state)
        const issuer = state && issuers.get(state.participantId)
        const expiresAt = state && expiryOf(vault, 'sso', state.once)
        if (!state || !issuer || expiresAt === undefined) throw new ApiError('LOGIN_REFUSED')
        const isFirst = await asService(pool, (service) =>
          inTransaction(service, (tx) => useNonce(tx, state.once, expiresAt))
        )
        if (!isFirst) throw new ApiError('LOGIN_REFUSED')
        const subject = await answered(issuer.client.subjectOf(body.code, state))
        const { participantId } = state
        const { rows } = await asService(pool, (service) =>
          service.query<{ userId: string; duties: Duty[]; recoveries: number }>(
            `select user_id as "userId", duties, recoveries from app.participant_user join app.participant using (participant_id)
              where participant_id = $1 and issuer = $2 and subject = $3 and is_active`,
            [participantId, issuer.config.issuer, subject]
          )
        )
        if (!rows[0]) throw new ApiError('LOGIN_REFUSED')
        const begunAt = Math.floor(Date.now() / 1000)
        const { userId, recoveries } = rows[0]
        const { token, session } = await tokens.issue({ participantId, by: { userId }, begunAt, recoveries })
        return reply.code(201).send({
          token,
          expiresAt: session.expiresAt,
          renewableUntil: begunAt + SESSION_MAX,
          participantId,
          permissions: permissionsOf(rows[0].duties)
        })
      }
    )
  }

  function opened(sealed: string): SsoState | undefined {
    try {
      return vault.open(Buffer.from(sealed, 'base64url'), PLACE) as SsoState
    } catch {
      return undefined
    }
  }
}

async function answered<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof SsoRefused) throw new ApiError('LOGIN_REFUSED')
    if (error instanceof SsoUnavailable) throw new ApiError('SSO_UNAVAILABLE', { reason: error.message })
    throw error
  }
}
