/** Single sign-on by OpenID Connect: authorization code with PKCE. Issuers come from the configuration, never from a request. */
import { createHash, randomBytes } from 'node:crypto'
import { createRemoteJWKSet, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { readKey, type SsoIssuer } from '../config.ts'

/** What begins at the api and comes back through the browser; sealed, since nothing is kept meanwhile. */
export interface SsoState {
  participantId: number
  nonce: string
  verifier: string
  /** Challenge nonce (api/access/challenge.ts): once, and for a few minutes. */
  once: string
}

const Discovery = Type.Object({
  issuer: Type.String(),
  authorization_endpoint: Type.String(),
  token_endpoint: Type.String(),
  jwks_uri: Type.String()
})
const TokenAnswer = Type.Object({ id_token: Type.String() })

interface Provider {
  discovery: Static<typeof Discovery>
  keys: JWTVerifyGetKey
}

const TIMEOUT_MS = 5_000
/** Signatures of a key pair only: an HMAC under a secret that both know would let either speak for the other. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']

/** The provider does not answer, or not as it should. */
export class SsoUnavailable extends Error {}
/** What the browser brought is no login. */
export class SsoRefused extends Error {}

export class SsoClient {
  private readonly config: SsoIssuer
  private provider: Promise<Provider> | undefined

  constructor(config: SsoIssuer) {
    this.config = config
  }

  /** Where the browser goes, with what comes back in `state`. */
  async authorizationUrl(
    sealedState: string,
    { nonce, verifier }: Pick<SsoState, 'nonce' | 'verifier'>
  ): Promise<string> {
    const { discovery } = await this.discovered()
    const url = new URL(discovery.authorization_endpoint)
    const query = {
      response_type: 'code',
      client_id: this.config.clientId,
      redirect_uri: this.config.redirectUri,
      scope: 'openid',
      state: sealedState,
      nonce,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256'
    }
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    return url.toString()
  }

  /**
   * Exchanges the code and verifies the ID token.
   * @returns the subject
   * @throws SsoRefused, SsoUnavailable
   */
  async subjectOf(code: string, { nonce, verifier }: Pick<SsoState, 'nonce' | 'verifier'>): Promise<string> {
    const { discovery, keys } = await this.discovered()
    const { clientId, clientSecretFile, redirectUri, issuer, subjectClaim = 'sub' } = this.config
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier
    })
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' }
    if (clientSecretFile) {
      const pair = [clientId, await readKey(clientSecretFile)].map(encodeURIComponent).join(':')
      headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`
    } else form.set('client_id', clientId)
    const { status, body } = await ask(discovery.token_endpoint, { method: 'POST', headers, body: form.toString() })
    if (status >= 400 && status < 500) throw new SsoRefused('the provider does not take the code')
    if (!Value.Check(TokenAnswer, body)) throw new SsoUnavailable('the token endpoint gave no ID token')
    try {
      const { payload } = await jwtVerify(body.id_token, keys, {
        issuer,
        audience: clientId,
        algorithms: ALGORITHMS,
        clockTolerance: 30,
        requiredClaims: ['exp', 'iat', 'nonce', subjectClaim]
      })
      const subject = payload[subjectClaim]
      if (payload['nonce'] !== nonce || typeof subject !== 'string' || subject === '')
        throw new SsoRefused('another login')
      // Of several audiences one must be named as the one it was issued to.
      if (Array.isArray(payload.aud) && payload.aud.length > 1 && payload['azp'] !== clientId)
        throw new SsoRefused('another client')
      return subject
    } catch (error) {
      if ((error as { code?: string }).code === 'ERR_JWKS_TIMEOUT')
        throw new SsoUnavailable('the keys of the provider', { cause: error })
      throw new SsoRefused('the ID token does not verify', { cause: error })
    }
  }

  /** Asked once; after a failure again. */
  private discovered(): Promise<Provider> {
    this.provider ??= this.discover().catch((error: unknown) => {
      this.provider = undefined
      throw error
    })
    return this.provider
  }

  private async discover(): Promise<Provider> {
    const { issuer } = this.config
    const { status, body } = await ask(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
    if (status !== 200 || !Value.Check(Discovery, body)) throw new SsoUnavailable('no discovery document')
    if (body.issuer !== issuer) throw new SsoUnavailable('the discovery document is of another issuer')
    const keys = createRemoteJWKSet(new URL(body.jwks_uri), { timeoutDuration: TIMEOUT_MS })
    return { discovery: body, keys }
  }
}

export function newVerifier(): string {
  return randomBytes(32).toString('base64url')
}

async function ask(url: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  try {
    const answer = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
    return { status: answer.status, body: await answer.json() }
  } catch (error) {
    throw new SsoUnavailable(`${new URL(url).host} does not answer`, { cause: error })
  }
}
