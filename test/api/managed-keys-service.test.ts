import { randomBytes } from 'node:crypto'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { getBytes } from 'ethers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiConfig } from '../../api/config.ts'
import { vaultOf } from '../../api/vault.ts'
import { chainReader } from '../../client/chain-reader.ts'
import { issueCertificate, parseRequest } from '../../domain/crypto/certificate.ts'
import { fromPem, toPem } from '../../domain/crypto/pem.ts'
import { SigningKey } from '../../domain/crypto/sm2.ts'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import { verifyPackage } from '../../domain/evidence/verify.ts'
import { derOf, type WorldCertificates } from '../../scripts/world/authority.ts'
import { look, proposedConfirmation, startCustody, bearer, type Firm, type Key, type Person } from './custody.ts'
import { until, type Instance } from './instance.ts'
import type { IdentityProvider } from './provider.ts'

/** What the service does with keys in custody: their evidence, a kill, the rotation of its own key, and what nobody gets to see. */
let tally: Instance
let provider: IdentityProvider
let config: ApiConfig
let meridian: Firm
let olga: Person
let anna: Person
let bert: Person
let makerKey: Key
let checkerKey: Key
let answers: string[]

beforeAll(async () => {
  let alder: Firm
  ;({ tally, provider, config, meridian, alder, olga, anna, bert, answers } = await startCustody())
  makerKey = await meridian.choose(olga.token, anna, 'maker', 'p256')
  checkerKey = await meridian.choose(olga.token, bert, 'checker', 'sm2')
  const carl = await alder.hire('carl', ['maker', 'admin'])
  await alder.choose(carl.token, carl, 'maker', 'secp256k1')
})
afterAll(async () => {
  const troubles = tally?.troubles()
  await Promise.all([tally?.stop(), provider?.stop()])
  // That a key does not open is for who runs the service to look at.
  expect(troubles).toEqual([expect.stringContaining('"MANAGED_KEY_LOCKED"')])
})

const confirmation = (token: string) => proposedConfirmation(tally, token)

describe('the certificate of an SM2 key in custody', () => {
  const bring = (key: Key, certificates: string) => meridian.act(olga.token, key, 'certificates', { certificates })
  /** As the world's authority answers a request. */
  async function issued(request: string, subject?: object): Promise<string> {
    const asked = parseRequest(getBytes(fromPem(request)[0]!.der))
    const certificates = JSON.parse(readFileSync(join(tally.dir, 'certificates.json'), 'utf8')) as WorldCertificates
    const issuing = derOf(certificates.issuing)
    const leaf = await issueCertificate(
      {
        subject: (subject as { commonName: string } | undefined) ?? asked.subjectDer,
        publicKey: asked.publicKey,
        notBefore: new Date(Date.now() - 86_400_000),
        notAfter: new Date(Date.now() + 86_400_000),
        usages: ['digitalSignature', 'nonRepudiation']
      },
      issuing,
      new SigningKey(getBytes(tally.keys.authority.issuing))
    )
    return toPem('CERTIFICATE', leaf) + toPem('CERTIFICATE', issuing)
  }

  it('is asked for with the request that came with the key, and makes its evidence verify', async () => {
    const request = checkerKey.certificateRequest!
    const asked = parseRequest(getBytes(fromPem(request)[0]!.der))
    expect(asked.commonName).toBe(`checker ${checkerKey.managedKeyId}`)
    expect(makerKey.certificateRequest).toBeNull()
    const certificates = await issued(request)
    const brought = await bring(checkerKey, certificates)
    expect(brought.status, brought.text).toBe(200)
    const { registered, intentId } = await confirmation(anna.token)
    await meridian.sign(anna.token, intentId, makerKey.managedKeyId)
    await meridian.sign(bert.token, intentId, checkerKey.managedKeyId)
    await meridian.projected(anna.token, intentId)
    const path = `/v1/receivables/${registered.receivableId}/evidence`
    await until(async () => (await tally.call(path)).status !== 409)
    const chain = chainReader(tally.chain.url)
    const anchors = await tally.as('alder').get<TrustAnchors>('/v1/trust-anchors')
    const report = await verifyPackage(await tally.as('alder').download(path), anchors, chain)
    chain.close()
    expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
    expect(report.checks.find(({ name }) => name === 'certificates')?.detail).toMatch(/^1 SM2 keys? had valid/)
  })

  it('is refused when it is of another key, another firm or nobody’s authority', async () => {
    const request = checkerKey.certificateRequest!
    const own = await issued(request)
    const stranger = { commonName: 'x', organizationIdentifier: 'VAT:DE900551209' }
    for (const [what, key, text] of [
      ['no SM2 key', makerKey, own],
      ['another firm', checkerKey, await issued(request, stranger)],
      ['no authority below the root', checkerKey, toPem('CERTIFICATE', fromPem(own)[0]!.der)],
      ['another key', checkerKey, toPem('CERTIFICATE', fromPem(own)[1]!.der)],
      ['a request', checkerKey, request],
      ['no PEM', checkerKey, '-----BEGIN CERTIFICATE-----\n']
    ] as const) {
      const answer = await bring(key, text)
      expect([answer.status, answer.body['code']], what).toEqual([422, 'CERTIFICATE_REFUSED'])
    }
  })
})

describe('whatever happens to the service', () => {
  it('a use is written down once, with its signature, when the api is killed in the middle', async () => {
    const intents = await Promise.all(Array.from({ length: 6 }, () => confirmation(anna.token)))
    const asked = intents.map(({ intentId }) => ({ intentId, key: tally.newKey() }))
    const sign = ({ intentId, key }: { intentId: string; key: string }) =>
      meridian.sign(anna.token, intentId, makerKey.managedKeyId, key)
    const running = asked.map((one) => sign(one).catch(() => undefined))
    await Promise.race(running)
    tally.children.api.kill()
    await Promise.all(running)
    await tally.children.api.exited
    const { rows: before } = await tally.sql.query(
      `select count(*)::int as signatures, count(u.intent_id)::int as uses
         from app.intent_signature s left join app.managed_key_use u using (intent_id) where s.intent_id = any($1)`,
      [asked.map(({ intentId }) => intentId)]
    )
    expect(before[0].uses, 'no signature without its use').toBe(before[0].signatures)
    await tally.restartApi(config)
    // An api that has only begun may ask for patience; whatever is asked again is the same request.
    for (const one of asked) await until(async () => (await sign(one)).status === 202)
    const uses = await meridian.usesOf(olga.token, makerKey)
    for (const { intentId } of asked) {
      const [use, ...more] = uses.filter((one) => one.intentId === intentId)
      expect(more).toEqual([])
      const { rows } = await tally.sql.query(`select count(*)::int as n from app.audit_record where path = $1`, [
        `/v1/managed-keys/${makerKey.managedKeyId}/uses/${use!.digest}`
      ])
      expect(rows).toEqual([{ n: 1 }])
    }
  })

  it('a key opens after the service key was rotated, and the old one is not needed for it', async () => {
    const next = join(tally.dir, 'keys', 'service.2.key')
    writeFileSync(next, `0x${randomBytes(32).toString('hex')}\n`, { mode: 0o600 })
    const old = config.serviceKeyFile
    const lone = { ...config, serviceKeyFile: next, digestKeyFile: old }
    await expect(tally.restartApi(lone)).rejects.toThrow(/service key [0-9a-f]{8} is needed in otherServiceKeyFiles/)
    await tally.restartApi({ ...lone, otherServiceKeyFiles: [old] })
    const check = () => look(tally, 'scripts/check-keys.ts')
    const { keyId } = vaultOf(getBytes(readFileSync(next, 'utf8').trim()))
    expect(await check()).toMatch(new RegExp(`service key ${keyId}: \\d+ keys in custody`))
    expect(await check()).not.toContain(vaultOf(getBytes(readFileSync(old, 'utf8').trim())).keyId)
    const { registered, intentId } = await confirmation(anna.token)
    // What was read from documents is still under the old key; keys in custody are not.
    await tally.restartApi(lone)
    expect((await meridian.sign(anna.token, intentId, makerKey.managedKeyId)).status).toBe(202)
    expect((await meridian.sign(bert.token, intentId, checkerKey.managedKeyId)).status).toBe(202)
    await meridian.projected(anna.token, intentId)
    config = { ...lone, otherServiceKeyFiles: [old] }
    await tally.restartApi(config)
    expect(await tally.receivable(registered.receivableId)).toMatchObject({ state: 'confirmed' })
  }, 120_000)

  it('a suspension and signatures at once: what was signed was signed before it, and nothing after', async () => {
    const intents = await Promise.all(Array.from({ length: 8 }, () => confirmation(anna.token)))
    let isStopped = false
    const signing = intents.map(async ({ intentId }, i) => {
      await delay(i * 5)
      const isLate = isStopped
      const { status } = await meridian.sign(anna.token, intentId, makerKey.managedKeyId)
      return { isLate, status }
    })
    await delay(12)
    expect((await meridian.act(olga.token, makerKey, 'suspension')).status).toBe(200)
    isStopped = true
    for (const { isLate, status } of await Promise.all(signing)) expect(isLate ? [409] : [202, 409]).toContain(status)
    expect((await meridian.sign(anna.token, intents[0]!.intentId, makerKey.managedKeyId)).status).toBe(409)
    expect((await meridian.act(olga.token, makerKey, 'reinstatement')).status).toBe(200)
  })

  it('two choices for one user at once: one key', async () => {
    const ivo = await meridian.hire('ivo', ['maker'])
    const body = { userId: ivo.userId, duty: 'maker', kind: 'p256' }
    const both = await Promise.all([1, 2, 3].map(() => tally.call('/v1/managed-keys', { ...bearer(olga.token), body })))
    const codes = both.map(({ status, body: answer }) => (status === 202 ? 202 : answer['code'])).sort()
    expect(codes).toEqual([202, 'MANAGED_KEY_EXISTS', 'MANAGED_KEY_EXISTS'])
    expect((await meridian.keys(olga.token)).filter(({ userId }) => userId === ivo.userId)).toHaveLength(1)
  })

  it('a row that was changed does not open: a key can not be given to another user in the database', async () => {
    const { intentId } = await confirmation(anna.token)
    const give = (to: string) =>
      tally.sql.query('update app.managed_key set user_id = $2, duty = $3 where managed_key_id = $1', [
        makerKey.managedKeyId,
        to,
        'maker'
      ])
    const hans = await meridian.hire('hans', ['maker'])
    await give(hans.userId)
    const stolen = await meridian.sign(hans.token, intentId, makerKey.managedKeyId)
    expect([stolen.status, stolen.body['code']]).toEqual([503, 'MANAGED_KEY_LOCKED'])
    await give(anna.userId)
    expect((await meridian.sign(anna.token, intentId, makerKey.managedKeyId)).status).toBe(202)
  })

  it('a private key is in no answer, no log and no column in clear', async () => {
    const vault = vaultOf(getBytes(readFileSync(config.serviceKeyFile, 'utf8').trim()))
    const { rows } = await tally.sql.query<Record<string, string> & { sealed: Buffer }>(
      `select managed_key_id as id, participant_id as firm, user_id as "user", duty, kind, signer, sealed
         from app.managed_key where sealed is not null`
    )
    expect([...new Set(rows.map(({ kind }) => kind))].sort()).toEqual(['p256', 'secp256k1', 'sm2'])
    const secrets = rows.map(({ id, firm, user, duty, kind, signer, sealed }) => {
      const secret = vault.open(sealed, `managed key ${id} ${firm} ${user} ${duty} ${kind} ${signer}`) as string
      expect(secret).toMatch(/^0x[0-9a-f]{64}$/)
      return secret.slice(2)
    })
    const forms = secrets.flatMap((hex) => [
      hex,
      hex.toUpperCase(),
      Buffer.from(hex, 'hex').toString('base64').slice(0, 42)
    ])
    const clean = (where: string, text: string) => {
      for (const form of forms) expect(text.includes(form), where).toBe(false)
    }
    for (const name of readdirSync(join(tally.dir, 'logs')))
      clean(name, readFileSync(join(tally.dir, 'logs', name), 'utf8'))
    const tables = await tally.sql.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('app', 'projection')`
    )
    for (const { name } of tables.rows) {
      const { rows: all } = await tally.sql.query<{ t: string }>(`select t::text as t from ${name} t`)
      clean(name, all.map(({ t }) => t).join('\n'))
    }
    for (const path of ['/v1/managed-keys', '/v1/audit?limit=200', '/v1/intents', '/v1/users', '/v1/participants'])
      await tally.call(path, bearer(olga.token))
    expect(answers.length).toBeGreaterThan(100)
    clean('answers', answers.join('\n'))
  })
})
