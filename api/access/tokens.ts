/** Session tokens: short JWTs under a key of the api's own. They say who came in and how; what that may do is asked anew each time. */
import { createPublicKey, randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { Deployment } from '../../domain/chain/contracts.ts'
import { exportPKCS8, generateKeyPair, importPKCS8, jwtVerify, SignJWT, type CryptoKey } from 'jose'

/** Seconds. A token that nobody gives back ends by itself. */
export const SESSION_LIFE = 600
/** How long a session can be renewed after the login, seconds. */
export const SESSION_MAX = 8 * 3600

const ALGORITHM = 'EdDSA'
const ISSUER = 'tallystick'

/** Whose session it is. */
export interface SessionClaims {
  participantId: number
  /** The key that signed in, or the user. */
  by: { signer: string } | { userId: string }
  /** Unix seconds of the login. */
  begunAt: number
  /** How often the participant's keys had been recovered then. */
  recoveries: number
}

export interface Session extends SessionClaims {
  sessionId: string
  /** Unix seconds. */
  expiresAt: number
}

/** A token of one registry is none of another, whatever keys they share. */
export function audienceOf({ chainId, participants }: Pick<Deployment, 'chainId' | 'participants'>): string {
  return `tallystick:${chainId}:${participants}`
}

export interface Tokens {
  issue(claims: SessionClaims): Promise<{ token: string; session: Session }>
  /** Undefined for anything but a token of ours that has not ended. */
  read(token: string): Promise<Session | undefined>
}

/** Reads the signing key, PKCS#8 in PEM, or makes it on the first start. Several processes that start at once end up with one. */
export async function openTokens(file: string, audience: string): Promise<Tokens> {
  const pem = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  return tokensOf(pem ?? (await makeKey(file)), audience)
}

async function makeKey(file: string): Promise<string> {
  const pem = await newTokenKey()
  try {
    await writeFile(file, `${pem}\n`, { mode: 0o600, flag: 'wx' })
    return pem
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return readFile(file, 'utf8')
  }
}

export async function newTokenKey(): Promise<string> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  return exportPKCS8(privateKey)
}

export async function tokensOf(pem: string, audience: string): Promise<Tokens> {
  const key: CryptoKey = await importPKCS8(pem, ALGORITHM)
  const publicKey = createPublicKey(pem)
  return {
    async issue(claims) {
      const now = Math.floor(Date.now() / 1000)
      const sessionId = randomUUID()
      const expiresAt = Math.min(now + SESSION_LIFE, claims.begunAt + SESSION_MAX)
      const token = await new SignJWT({ by: claims.by, auth_time: claims.begunAt, rec: claims.recoveries })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt' })
        .setIssuer(ISSUER)
        .setAudience(audience)
        .setSubject(String(claims.participantId))
        .setJti(sessionId)
        .setIssuedAt(now)
        .setExpirationTime(expiresAt)
        .sign(key)
      return { token, session: { ...claims, sessionId, expiresAt } }
    },
    async read(token) {
      try {
        const { payload } = await jwtVerify(token, publicKey, {
          // Nothing of the token chooses how it is checked.
          algorithms: [ALGORITHM],
          typ: 'at+jwt',
          issuer: ISSUER,
          audience,
          requiredClaims: ['sub', 'jti', 'exp', 'iat', 'auth_time', 'by', 'rec']
        })
        return {
          participantId: Number(payload.sub),
          by: payload['by'] as Session['by'],
          begunAt: payload['auth_time'] as number,
          recoveries: payload['rec'] as number,
          sessionId: payload.jti!,
          expiresAt: payload.exp!
        }
      } catch {
        return undefined
      }
    }
  }
}
