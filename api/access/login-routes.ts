import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { recoverAddress } from 'ethers'
import { Type } from 'typebox'
import { parseCertificate } from '../../domain/crypto/certificate.ts'
import { isValidPart } from '../../domain/intent/typed-data.ts'
import { loginDigest, loginTypedData, type LoginTypedData } from '../../domain/participant/login.ts'
import type { AccountSigner } from '../../domain/participant/signers.ts'
import type { Services } from '../app.ts'
import { asService, inTransaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import type { Caller } from '../plugins/auth.ts'
import { Bytes32, ParticipantId, refusals, strict, UnixSeconds } from '../schemas.ts'
import { CHALLENGE_LIFE, expiryOf, newNonce, useNonce } from './challenge.ts'
import { permissionsOfSigner } from './credentials.ts'
import { permissions } from './rules.ts'
import { SESSION_LIFE, SESSION_MAX, type SessionClaims } from './tokens.ts'

export const SessionSchema = Type.Object(
  {
    token: Type.String({ description: 'Authorization: Bearer <token>' }),
    expiresAt: UnixSeconds,
    renewableUntil: UnixSeconds,
    participantId: ParticipantId,
    permissions: Type.Array(Type.Enum([...permissions]))
  },
  strict
)

const ChallengeSchema = Type.Object(
  {
    participantId: ParticipantId,
    nonce: Bytes32,
    typedData: Type.Any({ description: 'EIP-712 typed data to sign; P-256 and SM2 keys sign its digest' }),
    digest: Bytes32,
    expiresAt: UnixSeconds
  },
  strict
)

const SessionBody = Type.Object(
  {
    participantId: ParticipantId,
    nonce: Bytes32,
    signer: Type.Optional(
      Type.String({
        pattern: '^0x[0-9a-fA-F]{168}$',
        description: 'verifier ‖ x ‖ y of a P-256 or SM2 key; a secp256k1 signature tells its signer'
      })
    ),
    signature: Type.String({ pattern: '^0x([0-9a-fA-F]{128}|[0-9a-fA-F]{130})$', description: 'r ‖ s, or r ‖ s ‖ v' })
  },
  strict
)

const session = { tags: ['session'] }
/** Login by key: a challenge is signed by a key of the participant's account or of its registered certificate. */
export function loginRoutes(services: Services): FastifyPluginAsyncTypebox {
  const { pool, config, vault, tokens } = services
  return async (app) => {
    app.post(
      '/login-challenges',
      {
        schema: {
          ...session,
          security: [],
          operationId: 'createLoginChallenge',
          summary:
            'What a key of the participant has to sign to log in. Asked for anybody, it says nothing about whom there is',
          description: `Good for ${CHALLENGE_LIFE} seconds and for one login.`,
          body: Type.Object({ participantId: ParticipantId }, strict),
          response: { ...refusals, 200: ChallengeSchema }
        }
      },
      async ({ body: { participantId } }) => {
        const { nonce, expiresAt } = newNonce(vault, 'login')
        const typedData = dataOf(participantId, nonce, expiresAt)
        return { participantId, nonce, typedData, digest: loginDigest(typedData), expiresAt }
      }
    )

    app.post(
      '/sessions',
      {
        schema: {
          ...session,
          security: [],
          operationId: 'createSession',
          summary: 'Log in by a signed challenge',
          description: `The token is good for ${SESSION_LIFE} seconds and can be renewed for ${SESSION_MAX / 3600} hours. Every failure looks alike.`,
          body: SessionBody,
          response: { ...refusals, 201: SessionSchema }
        }
      },
      async ({ body }, reply) => {
        const signer = await signerOf(body)
        if (!signer) throw new ApiError('LOGIN_REFUSED')
        const { participantId } = body
        const { recoveries } = signer
        const claims = { participantId, by: { signer: signer.signer }, begunAt: nowInSeconds(), recoveries }
        return reply.code(201).send(await issued(claims, signer.permissions))
      }
    )

    app.post(
      '/sessions/renewal',
      {
        schema: {
          ...session,
          operationId: 'renewSession',
          summary: 'A new token for the one in hand, which ends with it',
          response: { ...refusals, 201: SessionSchema }
        }
      },
      async ({ caller }, reply) => {
        const { session: old } = requireSession(caller)
        if (old.begunAt + SESSION_MAX <= nowInSeconds()) throw new ApiError('LOGIN_REFUSED')
        await revoke(caller)
        const { participantId, by, begunAt, recoveries } = old
        return reply.code(201).send(await issued({ participantId, by, begunAt, recoveries }, caller.permissions))
      }
    )

    app.delete(
      '/sessions/current',
      {
        schema: {
          ...session,
          operationId: 'endSession',
          summary: 'Log out: the token in hand is good for nothing from now on',
          response: { ...refusals, 204: Type.Null() }
        }
      },
      async ({ caller }, reply) => {
        await revoke(caller)
        return reply.code(204).send(null)
      }
    )
  }

  function dataOf(participantId: number, nonce: string, expiresAt: number): LoginTypedData {
    const { chainId, participants } = config.deployment
    return loginTypedData(chainId, participants, participantId, nonce, expiresAt)
  }

  /** Undefined for every failure. Whether the signature is right is found before anybody is looked up, so that all take alike. */
  async function signerOf(body: { participantId: number; nonce: string; signer?: string; signature: string }) {
    const expiresAt = expiryOf(vault, 'login', body.nonce)
    if (expiresAt === undefined) return undefined
    const digest = loginDigest(dataOf(body.participantId, body.nonce, expiresAt))
    const signature = body.signature.toLowerCase()
    const signer = (body.signer ?? recovered(digest, signature))?.toLowerCase()
    if (!signer || isValidPart(digest, { signer, signature }, config.deployment) !== true) return undefined
    return asService(pool, (service) =>
      inTransaction(service, async (tx) => {
        const { rows } = await tx.query<{
          signers: AccountSigner[]
          recoveries: number
          certificates: { key: string; der: string }[]
        }>(
          `select signers, recoveries, (select coalesce(json_agg(json_build_object('key', public_key, 'der', encode(der, 'base64'))), '[]')
                              from app.participant_certificate c
                             where c.participant_id = p.participant_id and c.use = 'signature' and c.revoked_at is null) as certificates
             from app.participant p where participant_id = $1::bigint`,
          [body.participantId]
        )
        if (!rows[0]) return undefined
        const { signers, recoveries, certificates } = rows[0]
        const keys = certificates.filter(({ der }) => isInForce(Buffer.from(der, 'base64'))).map(({ key }) => key)
        const granted = permissionsOfSigner(signer, signers, keys)
        if (!granted || !(await useNonce(tx, body.nonce, expiresAt))) return undefined
        return { signer, recoveries, permissions: granted }
      })
    )
  }

  async function issued(claims: SessionClaims, granted: Caller['permissions']) {
    const { token, session: made } = await tokens.issue(claims)
    const renewableUntil = claims.begunAt + SESSION_MAX
    return {
      token,
      expiresAt: made.expiresAt,
      renewableUntil,
      participantId: claims.participantId,
      permissions: [...granted]
    }
  }

  async function revoke(caller: Caller): Promise<void> {
    const { session: own } = requireSession(caller)
    const { rowCount } = await asService(pool, async (service) => {
      await service.query('delete from app.revoked_session where expires_at < now()')
      return service.query(
        'insert into app.revoked_session (session_id, expires_at) values ($1, to_timestamp($2)) on conflict do nothing',
        // A little longer than the token, for clocks that differ.
        [own.sessionId, own.expiresAt + 60]
      )
    })
    // Two renewals at once: the second has a token that is none any more.
    if (rowCount !== 1) throw new ApiError('CREDENTIAL_INVALID')
  }
}

function requireSession({ credential }: Caller) {
  if (credential.kind === 'session') return credential
  throw new ApiError('SESSION_MISSING', { presented: credential.kind, required: 'a session token' })
}

function recovered(digest: string, signature: string): string | undefined {
  try {
    return recoverAddress(digest, signature)
  } catch {
    return undefined
  }
}

function isInForce(der: Uint8Array): boolean {
  const { notBefore, notAfter } = parseCertificate(der)
  return notBefore.getTime() <= Date.now() && Date.now() <= notAfter.getTime()
}

function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000)
}
