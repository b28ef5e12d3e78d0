import { createHmac, createPublicKey } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { importPKCS8, SignJWT } from 'jose'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Callers } from '../../api/access/callers.ts'
import { keyScopes, rules, type Permission } from '../../api/access/rules.ts'
import { audienceOf } from '../../api/access/tokens.ts'
import type { ErrorCode } from '../../api/errors.ts'
import { loginDigest, type LoginTypedData } from '../../domain/participant/login.ts'
import { cast, participantIdOf } from '../../scripts/world/cast.ts'
import { newPrivateKey, signDigest, type SignerKey } from '../../scripts/world/signing.ts'
import { startInstance, until, type Instance, type Request } from './instance.ts'
import { startProvider, type IdentityProvider } from './provider.ts'

/** Logins, sessions, users, API keys and single sign-on; and the matrix of every route by role and permission. */
let tally: Instance
let provider: IdentityProvider
const alder = participantIdOf('alder')

beforeAll(async () => {
  ;[tally, provider] = await Promise.all([startInstance(), startProvider()])
  const clientSecretFile = join(tally.dir, 'keys', 'sso.secret')
  writeFileSync(clientSecretFile, `${provider.clientSecret}\n`, { mode: 0o600 })
  const { issuer, clientId, redirectUri } = provider
  const sso = [{ participantId: alder, issuer, clientId, clientSecretFile, redirectUri }]
  await tally.restartApi({ ...tally.config, sso, limits: { ...tally.config.limits, loginsPerMinute: 1_000 } })
})
afterAll(async () => {
  const troubles = tally?.troubles()
  await Promise.all([tally?.stop(), provider?.stop()])
  expect(troubles).toEqual([])
})

const bearer = (token: string): Request => ({ as: null, headers: { authorization: `Bearer ${token}` } })
const keysOf = (slug: string): SignerKey[] => tally.keys.participants[slug]!.signers

interface Challenge {
  participantId: number
  nonce: string
  typedData: LoginTypedData
  digest: string
}

async function challenge(participantId: number): Promise<Challenge> {
  const { status, body } = await tally.call('/v1/login-challenges', { as: null, key: null, body: { participantId } })
  expect(status).toBe(200)
  return body as unknown as Challenge
}

function answerTo({ participantId, nonce, typedData }: Challenge, key: SignerKey): object {
  const { signer, signature } = signDigest(key, loginDigest(typedData), tally.config.deployment)
  return { participantId, nonce, signature, ...(key.kind === 'secp256k1' ? {} : { signer }) }
}

async function login(slug: string, duty: 'maker' | 'checker' = 'maker'): Promise<string> {
  const key = keysOf(slug).find((one) => one.duty === duty)!
  const answer = await tally.call('/v1/sessions', {
    as: null,
    key: null,
    body: answerTo(await challenge(participantIdOf(slug)), key)
  })
  expect(answer.status, answer.text).toBe(201)
  return answer.body['token'] as string
}

describe('a login by key', () => {
  it.each([
    ['secp256k1', 'lindqvist', 'maker'],
    ['p256', 'meridian', 'checker'],
    ['sm2', 'beichen', 'maker']
  ] as const)('by a %s key gives a session that does what that key may do', async (kind, slug, duty) => {
    expect(keysOf(slug).find((one) => one.duty === duty)?.kind).toBe(kind)
    const me = await tally.call('/v1/me', bearer(await login(slug, duty)))
    expect(me.body).toMatchObject({ participantId: participantIdOf(slug) })
    const permissions = duty === 'maker' ? ['read', 'propose', 'sign', 'administer'] : ['read', 'sign', 'administer']
    expect(me.body['permissions']).toEqual(permissions)
  })

  it('is refused in one and the same way, whatever is wrong', async () => {
    const [maker] = keysOf('lindqvist') as [SignerKey]
    const id = participantIdOf('lindqvist')
    const stranger: SignerKey = { ...maker, privateKey: newPrivateKey('secp256k1') }
    const used = answerTo(await challenge(id), maker)
    await tally.call('/v1/sessions', { as: null, key: null, body: used })
    const fresh = await challenge(id)
    const other = await challenge(participantIdOf('huichuan'))
    const bad: [string, object][] = [
      ['used before', used],
      ['of a stranger', answerTo(fresh, stranger)],
      ['for nobody', answerTo(await challenge(4_000_000_000), maker)],
      ['for another participant', answerTo(other, maker)],
      ['moved to another participant', { ...answerTo(fresh, maker), participantId: other.participantId }],
      ['over a nonce of its own making', answerTo({ ...fresh, nonce: `0x${'17'.repeat(32)}` }, maker)],
      [
        'over a nonce with a later end',
        answerTo({ ...fresh, nonce: `${fresh.nonce.slice(0, 26)}ffffffff${fresh.nonce.slice(34)}` }, maker)
      ],
      ['with no signature at all', { ...answerTo(fresh, maker), signature: `0x${'00'.repeat(65)}` }],
      ['by a P-256 key of nobody', answerTo(fresh, { kind: 'p256', duty: 'maker', privateKey: newPrivateKey('p256') })],
      ['by an SM2 key of nobody', answerTo(fresh, { kind: 'sm2', duty: 'maker', privateKey: newPrivateKey('sm2') })]
    ]
    const answers = new Set<string>()
    for (const [what, body] of bad) {
      const answer = await tally.call('/v1/sessions', { as: null, key: null, body })
      expect(answer.status, `a login ${what}`).toBe(401)
      answers.add(answer.text)
    }
    expect([...answers]).toEqual([expect.stringContaining('"LOGIN_REFUSED"')])
    // The challenge is untouched by what failed.
    expect((await tally.call('/v1/sessions', { as: null, key: null, body: answerTo(fresh, maker) })).status).toBe(201)
  })

  it('asks nobody about whom there is', async () => {
    const [known, unknown] = [await challenge(alder), await challenge(4_000_000_001)]
    expect(Object.keys(unknown)).toEqual(Object.keys(known))
    expect({ ...unknown.typedData.message, participant: 0, nonce: '' }).toMatchObject({
      statement: known.typedData.message.statement
    })
  })

  it('can not be made of a signature for an order', async () => {
    const { rootNote } = await tally.confirmed()
    const intent = await tally.propose('alder', `/v1/notes/${rootNote}/transfers`, {
      assignee: participantIdOf('corvale'),
      amount: '1',
      tradeDocument: 'T'
    })
    const asked = await challenge(alder)
    expect(asked.typedData.domain.name).not.toBe(intent.typedData.domain.name)
    const [maker] = keysOf('alder') as [SignerKey]
    const { signature } = signDigest(maker, asked.digest, tally.config.deployment)
    const answer = await tally.call(`/v1/intents/${intent.intentId}/signatures`, { body: { signature } })
    expect(answer.body['code']).toBe('SIGNER_UNKNOWN')
  })
})

describe('a session', () => {
  it('ends by logging out, and a renewal ends the token before', async () => {
    const first = await login('alder')
    const renewed = await tally.call('/v1/sessions/renewal', { ...bearer(first), method: 'POST', key: null })
    expect(renewed.status, renewed.text).toBe(201)
    const second = renewed.body['token'] as string
    await tally.refused('CREDENTIAL_INVALID', '/v1/me', bearer(first))
    expect((await tally.call('/v1/me', bearer(second))).status).toBe(200)
    expect((await tally.call('/v1/sessions/current', { ...bearer(second), method: 'DELETE' })).status).toBe(204)
    await tally.refused('CREDENTIAL_INVALID', '/v1/me', bearer(second))
    await tally.refused('CREDENTIAL_INVALID', '/v1/sessions/renewal', { ...bearer(second), method: 'POST' })
    await tally.refused('SESSION_MISSING', '/v1/sessions/renewal', { method: 'POST' })
  })

  it('is no other token than ours', async () => {
    const pem = readFileSync(tally.config.sessionKeyFile, 'utf8')
    const key = await importPKCS8(pem, 'EdDSA')
    const good = { alg: 'EdDSA', typ: 'at+jwt' }
    const claims = { by: { signer: `0x${'11'.repeat(20)}` }, auth_time: Math.floor(Date.now() / 1000) }
    const make = (header: { alg: string; typ?: string }, audience: string, until = '5m', issuer = 'tallystick') =>
      new SignJWT(claims)
        .setProtectedHeader(header)
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(String(alder))
        .setJti('01900000-0000-4000-8000-000000000000')
        .setIssuedAt()
        .setExpirationTime(until)
        .sign(key)
    const ours = audienceOf(tally.config.deployment)
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const token = await login('alder')
    const [head, body, signature] = token.split('.') as [string, string, string]
    const payload = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
    const changed = part({ ...payload, sub: String(participantIdOf('regulator')) })
    const hmacHead = part({ alg: 'HS256', typ: 'at+jwt' })
    const secret = createPublicKey(pem).export({ type: 'spki', format: 'pem' })
    const forgeries = {
      'without a signature': `${part({ alg: 'none', typ: 'at+jwt' })}.${body}.`,
      'with the public key as a shared secret': `${hmacHead}.${body}.${createHmac('sha256', secret).update(`${hmacHead}.${body}`).digest('base64url')}`,
      'for another participant': `${head}.${changed}.${signature}`,
      'with half a signature': `${head}.${body}.${signature.slice(0, 40)}`,
      'for another registry': await make(good, 'tallystick:1:0x0'),
      'of another issuer': await make(good, ours, '5m', 'somebody'),
      'of another type': await make({ alg: 'EdDSA', typ: 'JWT' }, ours),
      'that has ended': await make(good, ours, '-1m'),
      'of a key that the account does not have': await make(good, ours)
    }
    for (const [what, forged] of Object.entries(forgeries)) {
      const answer = await tally.call('/v1/me', bearer(forged))
      expect(answer.body['code'], `a token ${what}`).toBe('CREDENTIAL_INVALID')
    }
    expect((await tally.call('/v1/me', bearer(token))).status).toBe(200)
  })
})

async function newKey(
  token: string,
  scopes: string[],
  more: object = {}
): Promise<{ keyId: string; key: string; prefix: string }> {
  const answer = await tally.call('/v1/api-keys', { ...bearer(token), body: { name: 'ERP', scopes, ...more } })
  expect(answer.status, answer.text).toBe(201)
  return answer.body as { keyId: string; key: string; prefix: string }
}

describe('an API key', () => {
  it('is shown once, does what it was made for, and is taken back at once', async () => {
    const token = await login('alder')
    const body = { name: 'Reporting', scopes: ['read'], days: 30 }
    const made = await tally.call('/v1/api-keys', { ...bearer(token), key: 'make-reporting-key', body })
    const { key, keyId, prefix } = made.body as { key: string; keyId: string; prefix: string }
    expect(key).toMatch(/^ts_[\w-]{32}$/)
    const again = await tally.call('/v1/api-keys', { ...bearer(token), key: 'make-reporting-key', body })
    expect(again.body).toMatchObject({ keyId, key: null })
    expect((await tally.call('/v1/receivables', bearer(key))).status).toBe(200)
    expect(
      await tally.refused('PERMISSION_MISSING', '/v1/documents', { ...bearer(key), body: new Uint8Array([60]) })
    ).toMatchObject({
      status: 403,
      presented: ['read'],
      required: 'propose'
    })
    const list = await tally.call('/v1/api-keys', bearer(token))
    const shown = (list.body['items'] as Record<string, unknown>[]).find((one) => one['keyId'] === keyId)
    expect(shown).toMatchObject({ prefix, scopes: ['read'], revokedAt: null, lastUsedAt: expect.stringMatching(/^20/) })
    expect(list.text).not.toContain(key)
    const others = await login('lindqvist')
    await tally.refused('API_KEY_NOT_FOUND', `/v1/api-keys/${keyId}/revocation`, { ...bearer(others), method: 'POST' })
    await tally.call(`/v1/api-keys/${keyId}/revocation`, { ...bearer(token), method: 'POST' })
    await tally.refused('CREDENTIAL_INVALID', '/v1/me', bearer(key))
  })

  it('is remembered only until the database tells of a change, by whichever process', async () => {
    const token = await login('alder')
    const { key, keyId } = await newKey(token, ['read'], { days: 1 })
    let asked = 0
    const pool = {
      query: (...query: Parameters<pg.Pool['query']>) => {
        asked++
        return tally.sql.query(...query)
      }
    } as unknown as pg.Pool
    // So long that only being told can make it forget within this test.
    const callers = new Callers(pool, undefined as never, tally.database.url, 600_000)
    try {
      const isRemembered = async () => {
        const before = asked
        return (await callers.of(key))?.participantId === alder && asked === before
      }
      await until(isRemembered)
      expect(await isRemembered()).toBe(true)
      expect(await callers.of('ts_nobody_has_this_key_at_all_and_never')).toBe(undefined)
      await tally.sql.query(`update app.participant set name = name where participant_id = $1`, [alder])
      await until(async () => !(await isRemembered()))
      await until(isRemembered)
      await tally.call(`/v1/api-keys/${keyId}/revocation`, { ...bearer(token), method: 'POST' })
      await until(async () => (await callers.of(key)) === undefined)
    } finally {
      await callers.stop()
    }
  })

  it('ends when it was to end, and never makes another', async () => {
    const token = await login('alder')
    const { key, keyId } = await newKey(token, ['read', 'propose', 'sign'], { days: 1 })
    await tally.refused('PERMISSION_MISSING', '/v1/api-keys', { ...bearer(key), body: { name: 'x', scopes: ['read'] } })
    await tally.sql.query("update app.api_key set expires_at = now() - interval '1 second' where key_id = $1", [keyId])
    // Not by the api itself, which would know at once: Postgres tells it.
    await until(async () => (await tally.call('/v1/me', bearer(key))).status === 401)
    await tally.refused('CREDENTIAL_INVALID', '/v1/me', bearer(key))
    await tally.refused('REQUEST_INVALID', '/v1/api-keys', {
      ...bearer(token),
      body: { name: 'x', scopes: ['administer'] }
    })
  })
})

describe('single sign-on', () => {
  const begin = async () => {
    const { body } = await tally.call('/v1/sso/authorizations', { as: null, key: null, body: { participantId: alder } })
    return body as { url: string; state: string }
  }
  const finish = (body: object) => tally.call('/v1/sso/sessions', { as: null, key: null, body })
  const enter = async (subject: string, duties: string[]) => {
    const identity = { issuer: provider.issuer, subject }
    const answer = await tally.call('/v1/users', {
      ...bearer(await login('alder')),
      body: { name: `User ${subject}`, duties, identity }
    })
    expect(answer.status, answer.text).toBe(201)
    return (answer.body as { userId: string }).userId
  }

  it('lets in a person with its duties, until it is let in no more', async () => {
    const userId = await enter('anna', ['viewer'])
    const { url, state } = await begin()
    const back = await provider.signIn(url, 'anna')
    expect(back.state).toBe(state)
    const answer = await finish(back)
    expect(answer.status, answer.text).toBe(201)
    const token = answer.body['token'] as string
    expect((await tally.call('/v1/me', bearer(token))).body).toMatchObject({
      participantId: alder,
      permissions: ['read']
    })
    await tally.refused('PERMISSION_MISSING', '/v1/users', bearer(token))
    expect((await finish(back)).body['code'], 'the same answer twice').toBe('LOGIN_REFUSED')

    const change = (body: object) => async () =>
      tally.call(`/v1/users/${userId}`, { ...bearer(await login('alder')), body })
    await change({ duties: ['maker', 'admin'] })()
    expect((await tally.call('/v1/me', bearer(token))).body['permissions']).toEqual([
      'read',
      'propose',
      'sign',
      'administer'
    ])
    await change({ isActive: false })()
    await tally.refused('CREDENTIAL_INVALID', '/v1/me', bearer(token))
    const once = await begin()
    expect((await finish(await provider.signIn(once.url, 'anna'))).body['code']).toBe('LOGIN_REFUSED')
  })

  it('lets in nobody else, and no login that was begun elsewhere', async () => {
    await enter('bert', ['checker'])
    const one = await begin()
    const stranger = await provider.signIn(one.url, 'mallory')
    expect((await finish(stranger)).body['code'], 'a person who is no user').toBe('LOGIN_REFUSED')
    const [mine, yours] = [await begin(), await begin()]
    const { code } = await provider.signIn(mine.url, 'bert')
    expect((await finish({ code, state: yours.state })).body['code'], 'a code of another login').toBe('LOGIN_REFUSED')
    expect((await finish({ code: 'made-up', state: (await begin()).state })).body['code']).toBe('LOGIN_REFUSED')
    expect((await finish({ code, state: 'AAAA' })).body['code'], 'a state of nobody').toBe('LOGIN_REFUSED')
    const body = { participantId: participantIdOf('corvale') }
    await tally.refused('SSO_NOT_CONFIGURED', '/v1/sso/authorizations', { as: null, key: null, body })
  })
})

describe('the table of rules', () => {
  const ghost: Record<string, string> = {
    receivableId: `0x${'ab'.repeat(24)}`,
    noteId: `0x${'ab'.repeat(32)}`,
    fingerprint: `0x0001${'0'.repeat(60)}`,
    txHash: `0x${'ab'.repeat(32)}`,
    alarmId: '1'
  }
  const pathOf = (path: string) =>
    path.replace(/\{(\w+)\}/g, (_, name: string) => ghost[name] ?? '01900000-0000-7000-8000-000000000000')
  const routes = () => tally.contract.operations().filter(({ path }) => path.startsWith('/v1'))

  it('has a row for every route, and no other', () => {
    expect(
      routes()
        .map(({ operation }) => operation.operationId!)
        .sort()
    ).toEqual(Object.keys(rules).sort())
  })

  it('decides for every route, role and permission', async () => {
    const credentials: { slug: string; token: string; permissions: readonly Permission[] }[] = []
    // One of each role with all that a session may do, and of each permission alone a key of somebody who has the role.
    for (const slug of ['meridian', 'alder', 'lindqvist', 'jiangan', 'regulator', 'registrar']) {
      credentials.push({ slug, token: await login(slug), permissions: ['read', 'propose', 'sign', 'administer'] })
    }
    for (const one of keyScopes) {
      credentials.push({ slug: 'alder', token: (await newKey(await login('alder'), [one])).key, permissions: [one] })
    }
    let cells = 0
    for (const { method, path, operation } of routes()) {
      const { roles, needs } = rules[operation.operationId!]!
      // These would end the session that the next row needs.
      if (['endSession', 'renewSession'].includes(operation.operationId!)) continue
      for (const { slug, token, permissions } of credentials) {
        const held = cast.find((member) => member.slug === slug)!.roles
        const hasRole = !roles || roles.some((role) => held.includes(role))
        const isLetIn = needs === 'nothing' || permissions.includes(needs)
        // No idempotency key, so that nothing is done: whoever is let in is told so, or what else is missing.
        const body = method === 'POST' ? { body: {} } : {}
        const answer = await tally.call(pathOf(path), { ...bearer(token), method, key: null, ...body })
        const expected: ErrorCode | undefined =
          needs === 'nothing' || hasRole ? (isLetIn ? undefined : 'PERMISSION_MISSING') : 'ROLE_MISSING'
        const where = `${method} ${path} by ${slug} with ${permissions.join()}`
        if (expected) expect(answer.body, where).toMatchObject({ code: expected, status: 403 })
        else
          expect([answer.status, answer.body['code']], where).not.toContainEqual(
            expect.stringMatching(/ROLE_MISSING|PERMISSION_MISSING|CREDENTIAL/)
          )
        cells++
      }
    }
    console.log(`${cells} cells of routes × credentials`)
    // More than a thousand requests.
  }, 240_000)
})
