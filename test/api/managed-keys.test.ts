import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audienceOf, tokensOf } from '../../api/access/tokens.ts'
import { commandsOf } from '../../client/review.ts'
import { signatureBody } from '../../client/signers.ts'
import { contracts } from '../../domain/chain/contracts.ts'
import { signerDuties } from '../../domain/participant/signers.ts'
import { sendDirectly } from '../../scripts/demo/direct.ts'
import type { Intent } from '../../scripts/demo/client.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { accountSignerOf, signWith } from '../../scripts/world/signing.ts'
import { bearer, Firm, look, proposedConfirmation, startCustody, type Key, type Person } from './custody.ts'
import { until, type Instance } from './instance.ts'
import type { IdentityProvider } from './provider.ts'

/** Keys in custody from the choice to the end, over real HTTP with a real chain; and all that must not be. */
let tally: Instance
let provider: IdentityProvider
let meridian: Firm
let alder: Firm
/** Administers and signs nothing. */
let olga: Person
let anna: Person
let bert: Person
let carl: Person
let makerKey: Key
let checkerKey: Key
let supplierKey: Key

const ownKeys = (slug: string) => tally.keys.participants[slug]!.signers

beforeAll(async () => {
  ;({ tally, provider, meridian, alder, olga, anna, bert } = await startCustody())
  carl = await alder.hire('carl', ['maker', 'admin'])
})
afterAll(async () => {
  const troubles = tally?.troubles()
  await Promise.all([tally?.stop(), provider?.stop()])
  expect(troubles).toEqual([])
})

const confirmation = (token: string) => proposedConfirmation(tally, token)

/** As the account's contract says it. */
async function dutyOnChain(slug: string, signer: string): Promise<string> {
  const { participantAccount } = contracts
  const data = participantAccount.encodeFunctionData('dutyOf', [signer])
  const result = await askChain(tally.chain.url, 'eth_call', [{ to: await accountOf(slug), data }, 'latest'])
  return signerDuties[Number(participantAccount.decodeFunctionResult('dutyOf', result as string)[0])]!
}

async function accountOf(slug: string): Promise<string> {
  return (await tally.call('/v1/me', { as: slug })).body['account'] as string
}

describe('the choice of custody', () => {
  let proposed: Intent

  it('is proposed by an administrator, in words and bytes that say what it is', async () => {
    proposed = await meridian.propose(olga.token, { userId: anna.userId, duty: 'maker', kind: 'p256' })
    makerKey = await meridian.chosenBy(olga.token, proposed.intentId)
    expect(makerKey).toMatchObject({
      userId: anna.userId,
      duty: 'maker',
      kind: 'p256',
      state: 'proposed',
      isSigner: false
    })
    expect(proposed.words.en).toMatch(/add the maker key …[0-9a-f]{12} \(in the service’s custody, for "User anna"\)/)
    expect(proposed.words.zh).toMatch(/新增经办密钥 …[0-9a-f]{12}（由本服务托管，供"User anna"使用）/)
    const account = await accountOf('meridian')
    const known = { ...tally.config.deployment, account }
    const [command] = commandsOf(proposed as unknown as Parameters<typeof commandsOf>[0], known)
    expect(command).toMatchObject({
      kind: 'changeSigners',
      added: [{ signer: makerKey.signer, duty: 'maker' }],
      removed: [],
      quorum: { makers: 1, checkers: 1 }
    })
  })

  it('is nobody’s who does not administer, and of no user who could not sign so', async () => {
    const body = { userId: anna.userId, duty: 'maker', kind: 'sm2' }
    await tally.refused('PERMISSION_MISSING', '/v1/managed-keys', { ...bearer(anna.token), body })
    await tally.refused('PERMISSION_MISSING', '/v1/managed-keys', { as: 'meridian', body })
    const asOlga = (more: object) => ({ ...bearer(olga.token), body: { ...body, ...more } })
    await tally.refused('MANAGED_KEY_EXISTS', '/v1/managed-keys', asOlga({}))
    await tally.refused('USER_DUTY_MISSING', '/v1/managed-keys', asOlga({ userId: olga.userId }))
    await tally.refused('USER_DUTY_MISSING', '/v1/managed-keys', asOlga({ userId: bert.userId }))
    await tally.refused('USER_NOT_FOUND', '/v1/managed-keys', asOlga({ userId: carl.userId }))
    const free = { userId: bert.userId, duty: 'checker' }
    const [maker] = ownKeys('meridian')
    const other = accountSignerOf(maker!, tally.config.deployment).signer
    await tally.refused('SIGNER_UNKNOWN', '/v1/managed-keys', asOlga({ ...free, replaces: other }))
    await tally.refused('REQUEST_INVALID', '/v1/managed-keys', asOlga({ ...free, kind: 'rsa' }))
    await tally.refused('REQUEST_INVALID', '/v1/managed-keys', asOlga({ ...free, privateKey: `0x${'11'.repeat(32)}` }))
  })

  it('gives a key that signs nothing before the account has it', async () => {
    const { intentId } = await confirmation(anna.token)
    const answer = await meridian.sign(anna.token, intentId, makerKey.managedKeyId)
    expect(answer.body).toMatchObject({ code: 'MANAGED_KEY_STATE_WRONG', presented: 'proposed', required: 'active' })
    // Nor can it choose itself.
    expect((await meridian.sign(anna.token, proposed.intentId, makerKey.managedKeyId)).body['code']).toBe(
      'MANAGED_KEY_STATE_WRONG'
    )
  })

  it('comes into force by the signatures of the firm’s own keys, on chain', async () => {
    expect(await dutyOnChain('meridian', makerKey.signer)).toBe('none')
    await meridian.signedByOwnKeys(proposed)
    makerKey = await meridian.inState(olga.token, proposed.intentId, 'active')
    expect(makerKey.isSigner).toBe(true)
    expect(await dutyOnChain('meridian', makerKey.signer)).toBe('maker')
    expect(await meridian.keys(anna.token), 'its user sees it').toMatchObject([{ managedKeyId: makerKey.managedKeyId }])
    expect(await meridian.keys(bert.token), 'another user does not').toEqual([])
    expect((await tally.call('/v1/managed-keys', { as: 'meridian' })).body['items'], 'nor a program').toEqual([])
    expect(await alder.keys(carl.token), 'nor another firm').toEqual([])
  })

  it('is called off by ending a key that nobody has signed for; and a firm that is not sure can choose anew', async () => {
    const intent = await meridian.propose(olga.token, { userId: bert.userId, duty: 'checker', kind: 'sm2' })
    const key = await meridian.chosenBy(olga.token, intent.intentId)
    expect((await meridian.act(olga.token, key, 'ending')).body).toMatchObject({ state: 'ended' })
    const [maker] = ownKeys('meridian')
    const body = signatureBody(await signWith(maker!, intent.typedData, tally.config.deployment))
    const path = `/v1/intents/${intent.intentId}/signatures`
    await tally.refused('INTENT_STATE_WRONG', path, { as: 'meridian', body })
    checkerKey = await meridian.choose(olga.token, bert, 'checker', 'sm2')
    supplierKey = await alder.choose(carl.token, carl, 'maker', 'secp256k1')
    expect([checkerKey.isSigner, supplierKey.isSigner]).toEqual([true, true])
  })
})

describe('a signature by a key in custody', () => {
  it('is the maker’s beside the checker’s own key, to the end on chain', async () => {
    const { registered, intentId } = await confirmation(anna.token)
    const key = tally.newKey()
    const answer = await meridian.sign(anna.token, intentId, makerKey.managedKeyId, key)
    expect(answer.status, answer.text).toBe(202)
    expect(answer.body).toMatchObject({ state: 'awaiting-signatures', signatures: [makerKey.signer] })
    const again = await meridian.sign(anna.token, intentId, makerKey.managedKeyId, key)
    expect(again.text, 'the same request gets the same answer').toBe(answer.text)
    const other = await meridian.sign(anna.token, intentId, makerKey.managedKeyId)
    expect(other.body['signatures'], 'one signature of each signer').toEqual([makerKey.signer])
    const [, checker] = ownKeys('meridian')
    const typedData = answer.body['typedData'] as Intent['typedData']
    const body = signatureBody(await signWith(checker!, typedData, tally.config.deployment))
    const done = await tally.call(`/v1/intents/${intentId}/signatures`, { as: 'meridian', body })
    expect(done.body['state'], done.text).toBe('recorded')
    await meridian.projected(anna.token, intentId)
    expect(await tally.receivable(registered.receivableId)).toMatchObject({ state: 'confirmed' })
    expect(await meridian.usesOf(olga.token, makerKey)).toMatchObject([
      { intentId, userId: anna.userId, digest: answer.body['digest'] }
    ])
    expect((await meridian.sign(anna.token, intentId, makerKey.managedKeyId)).body['code']).toBe('INTENT_STATE_WRONG')
  })

  it('may be both, P-256 and SM2, by two people', async () => {
    const { registered, intentId } = await confirmation(anna.token)
    expect((await meridian.sign(anna.token, intentId, makerKey.managedKeyId)).status).toBe(202)
    expect((await meridian.sign(bert.token, intentId, checkerKey.managedKeyId)).body['state']).toBe('recorded')
    await meridian.projected(bert.token, intentId)
    expect(await tally.receivable(registered.receivableId)).toMatchObject({ state: 'confirmed' })
  })

  it('may be by a secp256k1 key', async () => {
    const { documentId } = await tally.upload()
    const maturity = Math.floor(Date.now() / 1000) + 30 * 86_400
    const { body } = await tally.call('/v1/receivables', { ...bearer(carl.token), body: { documentId, maturity } })
    const intentId = body['intentId'] as string
    expect((await alder.sign(carl.token, intentId, supplierKey.managedKeyId)).status).toBe(202)
    const [, checker] = ownKeys('alder')
    const part = await signWith(checker!, body['typedData'] as Intent['typedData'], tally.config.deployment)
    await tally.call(`/v1/intents/${intentId}/signatures`, { body: signatureBody(part) })
    await alder.projected(carl.token, intentId)
  })

  it('is in the audit log with user, key and digest, in its chain', async () => {
    const [use] = await meridian.usesOf(olga.token, makerKey)
    const { body } = await tally.call('/v1/audit?order=newest&limit=200', bearer(olga.token))
    const entries = body['items'] as { operation: string; path: string; actor: string; status: number }[]
    const found = entries.filter(({ path }) => path === `/v1/managed-keys/${makerKey.managedKeyId}/uses/${use!.digest}`)
    expect(found).toMatchObject([{ operation: 'signByManagedKey', actor: `user ${anna.userId}`, status: 202 }])
    expect(await look(tally, 'scripts/check-audit.ts')).toContain('✓')
  })
})

describe('a key in custody signs for nobody but its user', () => {
  let open: string

  beforeAll(async () => {
    open = (await confirmation(anna.token)).intentId
  })
  const refusedFor = async (code: string, token: string, key: Key, intentId = open) => {
    const before = await tally.written()
    const answer = await meridian.sign(token, intentId, key.managedKeyId)
    expect(answer.body['code'], answer.text).toBe(code)
    expect(await tally.written()).toEqual(before)
    return answer
  }

  it('not for another user, a key’s session, an administrator or a program', async () => {
    expect((await refusedFor('MANAGED_KEY_NOT_YOURS', bert.token, makerKey)).status).toBe(403)
    await refusedFor('MANAGED_KEY_NOT_YOURS', await tally.login('meridian'), makerKey)
    await refusedFor('PERMISSION_MISSING', olga.token, makerKey)
    const path = `/v1/intents/${open}/signatures`
    const body = { managedKey: makerKey.managedKeyId }
    await tally.refused('MANAGED_KEY_NOT_YOURS', path, { as: 'meridian', body })
  })

  it('not for another firm, which does not learn that it is there', async () => {
    const { documentId } = await tally.upload()
    const maturity = Math.floor(Date.now() / 1000) + 30 * 86_400
    const { body } = await tally.call('/v1/receivables', { ...bearer(carl.token), body: { documentId, maturity } })
    const answer = await refusedFor('MANAGED_KEY_NOT_FOUND', carl.token, makerKey, body['intentId'] as string)
    expect(answer.status).toBe(404)
    await refusedFor('INTENT_NOT_FOUND', carl.token, makerKey)
    for (const verb of ['suspension', 'reinstatement', 'ending', 'removal']) {
      const acted = await alder.act(carl.token, makerKey, verb, verb === 'removal' ? {} : undefined)
      expect([acted.status, acted.body['code']], verb).toEqual([404, 'MANAGED_KEY_NOT_FOUND'])
    }
    const uses = await tally.call(`/v1/managed-keys/${makerKey.managedKeyId}/uses`, bearer(carl.token))
    expect(uses.status).toBe(404)
  })

  it('not for a login of long ago, however often the session was renewed', async () => {
    const pem = readFileSync(tally.config.sessionKeyFile, 'utf8')
    const tokens = await tokensOf(pem, audienceOf(tally.config.deployment))
    const of = (age: number) => {
      const begunAt = Math.floor(Date.now() / 1000) - age
      return tokens.issue({
        participantId: meridian.participantId,
        by: { userId: anna.userId },
        begunAt,
        recoveries: 0
      })
    }
    await refusedFor('LOGIN_TOO_OLD', (await of(905)).token, makerKey)
    expect((await meridian.sign((await of(890)).token, open, makerKey.managedKeyId)).status).toBe(202)
  })

  it('not for who has lost the duty, or is let in no more', async () => {
    const { intentId } = await confirmation(anna.token)
    const change = (body: object) => tally.call(`/v1/users/${anna.userId}`, { ...bearer(olga.token), body })
    await change({ duties: ['checker'] })
    await refusedFor('USER_DUTY_MISSING', anna.token, makerKey, intentId)
    await change({ duties: ['maker'], isActive: false })
    await refusedFor('CREDENTIAL_INVALID', anna.token, makerKey, intentId)
    await change({ isActive: true })
    expect((await meridian.sign(anna.token, intentId, makerKey.managedKeyId)).status).toBe(202)
  })

  it('not for one person in both duties, by whichever keys', async () => {
    const dora = await meridian.hire('dora', ['maker', 'checker'])
    const doras = await meridian.choose(olga.token, dora, 'checker', 'p256')
    const [maker] = ownKeys('meridian')
    const both = async (intentId: string, token: string) => {
      const { body } = await tally.call(`/v1/intents/${intentId}`, bearer(token))
      const typedData = body['typedData'] as Intent['typedData']
      const signature = signatureBody(await signWith(maker!, typedData, tally.config.deployment))
      return () => tally.call(`/v1/intents/${intentId}/signatures`, { ...bearer(token), body: signature })
    }
    const first = await confirmation(dora.token)
    expect((await meridian.sign(dora.token, first.intentId, doras.managedKeyId)).status).toBe(202)
    const ownThen = await (await both(first.intentId, dora.token))()
    expect(ownThen.body['code'], 'custody first, then a key of her own').toBe('SIGNER_SAME_USER')
    const second = await confirmation(dora.token)
    expect((await (await both(second.intentId, dora.token))()).status).toBe(202)
    await refusedFor('SIGNER_SAME_USER', dora.token, doras, second.intentId)
    // And one living key a user, so that no two in custody are one person's.
    const body = { userId: dora.userId, duty: 'maker', kind: 'p256' }
    await tally.refused('MANAGED_KEY_EXISTS', '/v1/managed-keys', { ...bearer(olga.token), body })
    const third = await meridian.sign(anna.token, first.intentId, makerKey.managedKeyId)
    expect(third.body['state'], third.text).toBe('recorded')
    await meridian.projected(anna.token, first.intentId)
  })
})

describe('an administrator', () => {
  it('stops a key at once, and lets it sign again', async () => {
    const { intentId } = await confirmation(anna.token)
    expect((await meridian.act(olga.token, makerKey, 'suspension')).body).toMatchObject({
      state: 'suspended',
      isSigner: true
    })
    const refused = await meridian.sign(anna.token, intentId, makerKey.managedKeyId)
    expect(refused.body).toMatchObject({ code: 'MANAGED_KEY_STATE_WRONG', presented: 'suspended' })
    expect((await meridian.act(olga.token, makerKey, 'suspension')).body['code']).toBe('MANAGED_KEY_STATE_WRONG')
    expect((await meridian.act(anna.token, makerKey, 'reinstatement')).body['code']).toBe('PERMISSION_MISSING')
    expect((await meridian.act(olga.token, makerKey, 'reinstatement')).body).toMatchObject({ state: 'active' })
    expect((await meridian.sign(anna.token, intentId, makerKey.managedKeyId)).status).toBe(202)
  })

  it('ends a key for good, and the account lets it go by its own keys', async () => {
    const erik = await meridian.hire('erik', ['maker'])
    const key = await meridian.choose(olga.token, erik, 'maker', 'sm2')
    const { intentId } = await confirmation(erik.token)
    expect((await meridian.act(olga.token, key, 'ending')).body).toMatchObject({ state: 'ended', isSigner: true })
    const { rows } = await tally.sql.query('select sealed from app.managed_key where managed_key_id = $1', [
      key.managedKeyId
    ])
    expect(rows, 'the private key is gone').toEqual([{ sealed: null }])
    const refused = await meridian.sign(erik.token, intentId, key.managedKeyId)
    expect(refused.body).toMatchObject({ code: 'MANAGED_KEY_STATE_WRONG', presented: 'ended' })
    for (const verb of ['reinstatement', 'ending', 'suspension'])
      expect((await meridian.act(olga.token, key, verb)).body['code'], verb).toBe('MANAGED_KEY_STATE_WRONG')
    const removal = await meridian.act(olga.token, key, 'removal', {})
    expect(removal.status, removal.text).toBe(202)
    expect((removal.body['words'] as { en: string }).en).toContain('remove the key')
    await meridian.signedByOwnKeys(removal.body as unknown as Intent)
    const gone = await meridian.inState(olga.token, key.intentId, 'removed')
    expect([gone.isSigner, await dutyOnChain('meridian', key.signer)]).toEqual([false, 'none'])
    expect((await meridian.act(olga.token, key, 'removal', {})).body['code']).toBe('MANAGED_KEY_NOT_SIGNER')
  })

  it('can not leave an account that signs nothing: the last key of a duty is replaced, not ended', async () => {
    // Corvale has one maker, who goes into custody altogether.
    const corvale = new Firm(tally, provider, 'corvale')
    const byOwnKey = await tally.login('corvale')
    const admin = await asAdministrator(corvale)
    const { body: user } = await tally.call('/v1/users', { ...bearer(admin), body: { name: 'Fay', duties: ['maker'] } })
    const fay = { userId: user['userId'] as string, token: '' }
    const [own] = ownKeys('corvale')
    const { signer } = accountSignerOf(own!, tally.config.deployment)
    const key = await corvale.choose(admin, fay, 'maker', 'p256', { replaces: signer })
    expect([await dutyOnChain('corvale', signer), await dutyOnChain('corvale', key.signer)]).toEqual(['none', 'maker'])
    // The key that logged in is none of the account any more.
    expect((await tally.call('/v1/me', bearer(byOwnKey))).status).toBe(401)
    expect((await corvale.act(admin, key, 'ending')).body['code']).toBe('MANAGED_KEY_NEEDED')
    expect((await corvale.act(admin, key, 'removal', {})).body).toMatchObject({
      code: 'KEYS_INVALID',
      field: 'body/replacement'
    })
    const nobody = { replacement: `0x${'00'.repeat(20)}` }
    expect((await corvale.act(admin, key, 'removal', nobody)).body['code']).toBe('KEYS_INVALID')
    // Back to its own key, signed by the one in custody.
    const back = await corvale.act(admin, key, 'removal', { replacement: signer })
    expect(back.status, back.text).toBe(202)
    const fays = await sessionOf(corvale, fay.userId)
    const signed = await corvale.sign(fays, back.body['intentId'] as string, key.managedKeyId)
    expect(signed.body['state'], signed.text).toBe('recorded')
    await corvale.inState(admin, key.intentId, 'removed')
    expect([await dutyOnChain('corvale', signer), await dutyOnChain('corvale', key.signer)]).toEqual(['maker', 'none'])
    expect((await tally.call('/v1/me', bearer(await tally.login('corvale')))).status).toBe(200)
  })
})

/** A session of a user as the api would give it: this firm's people come in by no provider. */
async function sessionOf({ participantId }: Firm, userId: string): Promise<string> {
  const pem = readFileSync(tally.config.sessionKeyFile, 'utf8')
  const tokens = await tokensOf(pem, audienceOf(tally.config.deployment))
  const begunAt = Math.floor(Date.now() / 1000)
  return (await tokens.issue({ participantId, by: { userId }, begunAt, recoveries: 0 })).token
}

async function asAdministrator(firm: Firm): Promise<string> {
  const { rows } = await tally.sql.query<{ id: string }>(
    `insert into app.participant_user (user_id, participant_id, name, duties)
     values (gen_random_uuid(), $1, 'Admin', '{admin}') returning user_id as id`,
    [firm.participantId]
  )
  return sessionOf(firm, rows[0]!.id)
}

describe('the account has the last word', () => {
  it('of two choices in the place of one key it takes the first; the other lapses, and what was replaced is removed', async () => {
    const [jo, kim, lee] = [
      await meridian.hire('jo', ['maker']),
      await meridian.hire('kim', ['maker']),
      await meridian.hire('lee', ['maker'])
    ]
    const old = await meridian.choose(olga.token, jo, 'maker', 'secp256k1')
    const more = { duty: 'maker', kind: 'p256', replaces: old.signer }
    const first = await meridian.propose(olga.token, { userId: kim.userId, ...more })
    const second = await meridian.propose(olga.token, { userId: lee.userId, ...more })
    await meridian.signedByOwnKeys(first)
    await meridian.inState(olga.token, first.intentId, 'active')
    expect(await meridian.inState(olga.token, old.intentId, 'removed')).toMatchObject({ isSigner: false })
    const refused = await tally.as('meridian').followUp(second, tally.newKey())
    expect(refused.state).toBe('refused')
    expect(await meridian.inState(olga.token, second.intentId, 'lapsed')).toMatchObject({ isSigner: false })
    const { rows } = await tally.sql.query(
      `select count(sealed)::int as n from app.managed_key where intent_id = any($1)`,
      [[old.intentId, second.intentId]]
    )
    expect(rows, 'neither has a private key any more').toEqual([{ n: 0 }])
    // Whose choice lapsed may be chosen anew.
    expect((await meridian.choose(olga.token, lee, 'maker', 'p256')).state).toBe('active')
  })

  it('a key that it does not hold any more signs nothing, though the directory has not heard of it', async () => {
    const gina = await meridian.hire('gina', ['maker'])
    const key = await meridian.choose(olga.token, gina, 'maker', 'p256')
    const { intentId } = await confirmation(gina.token)
    const account = await accountOf('meridian')
    const quorum = { makers: 1, checkers: 1 }
    const change = { kind: 'changeSigners', account, added: [], removed: [key.signer], quorum } as const
    const sent = await sendDirectly(tally.chain.url, tally.config.deployment, account, ownKeys('meridian'), change)
    expect(sent.refusal).toBeUndefined()
    await until(async () => (await meridian.chosenBy(olga.token, key.intentId)).isSigner === false)
    expect(
      (await meridian.keys(gina.token)).map(({ isSigner }) => isSigner),
      'its user sees it too'
    ).toEqual([false])
    expect((await meridian.chosenBy(olga.token, makerKey.intentId)).isSigner, 'the others stay').toBe(true)
    const refused = await meridian.sign(gina.token, intentId, key.managedKeyId)
    expect(refused.body).toMatchObject({ code: 'MANAGED_KEY_NOT_SIGNER', presented: key.signer })
  })
})
