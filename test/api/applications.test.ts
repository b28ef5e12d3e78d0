import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { getBytes, hexlify } from 'ethers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publicKeyOf } from '../../domain/crypto/sm2.ts'
import { freePort } from '../../scripts/instance/ports.ts'
import { accountSignerOf, newPrivateKey } from '../../scripts/world/signing.ts'
import { signatureBody } from '../../client/signers.ts'
import { signWith } from '../../scripts/world/signing.ts'
import { participantIdOf } from '../../scripts/world/cast.ts'
import type { Intent } from '../../scripts/demo/client.ts'
import { startInstance, until, type Instance } from './instance.ts'
import { invoice, ublId } from './invoices.ts'
import { newKey, Newcomer, type Applied } from './newcomer.ts'

/** Applications of those who are no participants yet, their screening, and the registrar's decision. */
let tally: Instance
let lists: Server
let asked: { name: string }[] = []
const ghost = '01900000-0000-7000-8000-000000000000'

beforeAll(async () => {
  const [port, dead] = await Promise.all([freePort(), freePort()])
  lists = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => (text += chunk))
    request.on('end', () => {
      const subject = JSON.parse(text) as { name: string }
      asked.push(subject)
      const outcome = subject.name.includes('Listed') ? { outcome: 'hit', reference: 'LIST-1' } : { outcome: 'clear' }
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify(request.url === '/odd' ? { outcome: 'maybe' } : outcome))
    })
  })
  await new Promise<void>((resolve) => lists.listen(port, '127.0.0.1', resolve))
  tally = await startInstance()
  const screening = [
    { name: 'sanctions', url: `http://127.0.0.1:${port}/` },
    { name: 'odd', url: `http://127.0.0.1:${port}/odd` },
    { name: 'register', url: `http://127.0.0.1:${dead}/` }
  ]
  await tally.restartApi({ ...tally.config, screening, limits: { ...tally.config.limits, loginsPerMinute: 1_000 } })
})
afterAll(async () => {
  const troubles = tally?.troubles()
  lists?.close()
  await tally?.stop()
  expect(troubles).toEqual([])
})

function application(more: object = {}): object {
  const { deployment } = tally.config
  const signer = (kind: 'sm2' | 'p256' | 'secp256k1', duty: 'maker' | 'checker') =>
    accountSignerOf({ kind, duty, privateKey: newPrivateKey(kind) }, deployment)
  return {
    name: 'Nordahl Gjuteri AB',
    country: 'SE',
    roles: ['supplier'],
    identifiers: ['VAT:SE990077123401', 'GLN:9520000000127'],
    signers: [signer('secp256k1', 'maker'), signer('p256', 'checker'), signer('sm2', 'checker')],
    quorum: { makers: 1, checkers: 1 },
    encryptionKey: hexlify(publicKeyOf(getBytes(newPrivateKey('sm2')))),
    ...more
  }
}
const apply = (body: object) => tally.call('/v1/applications', { as: null, key: null, body })
async function desk(...args: string[]) {
  const file = fileURLToPath(new URL('../../scripts/applications.ts', import.meta.url))
  const config = join(tally.dir, 'run', 'api.json')
  const done = promisify(execFile)(process.execPath, [file, '--config', config, ...args])
  return done.then(
    ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, text: stdout + stderr })
  )
}

describe('an application', () => {
  it('is screened, read and decided once by the registrar, and told to who has its secret', async () => {
    const answer = await apply(application({ name: 'Listed Gjuteri AB' }))
    expect(answer.status, answer.text).toBe(201)
    const { applicationId, secret } = answer.body as { applicationId: string; secret: string }
    expect(answer.body).toMatchObject({ state: 'submitted', isScreened: false, decidedAt: null })
    expect(asked.map(({ name }) => name)).toContain('Listed Gjuteri AB')
    expect((await desk('list')).text).toContain('sanctions hit, odd not-screened, register not-screened')
    expect((await desk('show', applicationId)).text).toContain('"LIST-1"')

    const path = `/v1/applications/${applicationId}`
    const headers = { 'application-secret': secret }
    expect((await tally.call(path, { as: null, headers })).body).toMatchObject({ state: 'submitted' })
    const other = { 'application-secret': `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}` }
    await tally.refused('APPLICATION_NOT_FOUND', path, { as: null, headers: other })

    expect(await desk('refuse', applicationId)).toMatchObject({
      code: 1,
      text: expect.stringContaining('a name and a reason')
    })
    const decide = (verb: string) => desk(verb, applicationId, '--by', 'desk 3', '--reason', 'On a sanctions list')
    expect(await decide('refuse')).toMatchObject({ code: 0 })
    expect(await decide('accept')).toMatchObject({ code: 1, text: expect.stringContaining('does not wait') })
    const told = await tally.call(path, { as: null, headers })
    expect(told.body).toMatchObject({ state: 'refused', decidedAt: expect.stringMatching(/^20/) })
    expect(told.text).not.toContain('sanctions')
    const { rows } = await tally.sql.query<{ row: string }>('select application::text as row from app.application')
    expect(rows.map(({ row }) => row).join(), 'names and reasons are sealed').not.toMatch(
      /Gjuteri|SE9900771234|sanctions list/
    )
  })

  it.each<[string, string, object | (() => object)]>([
    ['a VAT id in another spelling', 'body/identifiers/0', { identifiers: ['VAT:SE 9900771234-01'] }],
    ['a GLN with a wrong check digit', 'body/identifiers/0', { identifiers: ['GLN:9520000000128'] }],
    ['a USCC with a wrong check digit', 'body/identifiers/0', { identifiers: ['USCC:91310000MA1TALLY0M'] }],
    ['two LEIs', 'body/identifiers/1', { identifiers: ['LEI:999900TALLYBEICH0048', 'LEI:999900TALLYMERID0195'] }],
    ['a key off its curve', 'body/encryptionKey', { encryptionKey: `0x${'11'.repeat(64)}` }],
    ['a quorum that nobody reaches', 'body/quorum/checkers', { quorum: { makers: 1, checkers: 3 } }],
    [
      'a precompiled contract as signer',
      'body/signers/0/signer',
      { signers: [{ signer: `0x${'00'.repeat(19)}04`, duty: 'maker' }] }
    ],
    [
      'a verifier of its own',
      'body/signers/0/signer',
      { signers: [{ signer: `0x${'ab'.repeat(84)}`, duty: 'maker' }] }
    ],
    ['certificates of nobody', 'body/certificates', { certificates: 'no PEM' }]
  ])('with %s is refused, and nobody is asked about it', async (_what, field, more) => {
    asked = []
    const answer = await apply(application(more))
    expect(answer.body, answer.text).toMatchObject({ code: 'APPLICATION_INVALID', status: 422, field })
    expect(asked).toEqual([])
  })
})

describe('the registrar', () => {
  const despite = ['odd', 'register']
  const reason = 'Register extract 2026-11-20 seen'
  const admission = (id: string) => `/v1/applications/${id}/admission`
  let nordahl: Newcomer
  let applied: Applied
  let id: number

  it('sees each check, and admits by an intent of two people; then the newcomer logs in with its own key and works', async () => {
    const keys = [newKey('sm2', 'maker'), newKey('p256', 'checker')]
    nordahl = new Newcomer(tally, 'Nordahl Gjuteri AB', ['VAT:SE990077123401', 'GLN:9520000000127'], keys)
    applied = await nordahl.apply()
    const { applicationId } = applied
    const review = await tally.call(`/v1/applications/${applicationId}/review`, { as: 'registrar' })
    const outcomes = (review.body['checks'] as { check: string; service: string | null; outcome: string }[]).map(
      ({ check, service, outcome }) => `${service ?? check} ${outcome}`
    )
    expect(outcomes).toEqual([
      'form passed',
      'identifiers-free passed',
      'certificates none',
      'sanctions passed',
      'odd not-screened',
      'register not-screened'
    ])
    await tally.refused('SCREENING_OPEN', admission(applicationId), { as: 'registrar', body: { reason } })
    const intent = await tally.propose('registrar', admission(applicationId), { reason, despite })
    expect(intent.words.en).toMatch(/^Admit the account "Nordahl Gjuteri AB" \(0x\w{40}\) as a participant: supplier/)
    expect(intent.words.zh).toMatch(/准入账户.*供应商.*需经办 1 人、复核 1 人签名/)
    const again = { as: 'registrar', body: { reason, despite } }
    await tally.refused('APPLICATION_STATE_WRONG', admission(applicationId), again)
    await tally.refused('APPLICATION_STATE_WRONG', `/v1/applications/${applicationId}/refusal`, {
      as: 'registrar',
      body: { reason }
    })
    // One of the two people is not enough.
    const [maker] = tally.keys.participants['registrar']!.signers
    const body = signatureBody(await signWith(maker!, intent.typedData, tally.config.deployment))
    const half = await tally.call(`/v1/intents/${intent.intentId}/signatures`, { as: 'registrar', body })
    expect(half.body).toMatchObject({ state: 'awaiting-signatures', signersRequired: { makers: 1, checkers: 1 } })
    expect(await nordahl.fateOf(applied)).toMatchObject({ state: 'accepted', participantId: null })
    expect(await tally.as('registrar').followUp(intent, tally.newKey())).toMatchObject({ state: 'projected' })
    id = await nordahl.admitted(applied)
    expect(id).toBe(participantIdOf('registrar') + 1)

    const client = await nordahl.client(id)
    expect(await client.get('/v1/me')).toMatchObject({ participantId: id, roles: ['supplier'] })
    const file = invoice({ number: 'NG-1', sellerVat: 'SE990077123401', sellerIds: ublId('0088', '9520000000127') })
    const { documentId } = await client.post<{ documentId: string }>('/v1/documents', tally.newKey(), file)
    const registered = await client.command('/v1/receivables', tally.newKey(), { documentId })
    expect(registered, JSON.stringify(registered.refusal)).toMatchObject({ state: 'projected' })
    expect(await tally.receivable(registered.receivableId!)).toMatchObject({ creditor: id, state: 'registered' })
  })

  it('admits no identity twice, and nobody who was refused', async () => {
    const twin = new Newcomer(tally, 'Nordahl Two AB', ['VAT:SE990077123401'], [newKey('secp256k1', 'maker')])
    const { applicationId } = await twin.apply()
    const body = { reason, despite }
    expect(await tally.refused('IDENTIFIER_TAKEN', admission(applicationId), { as: 'registrar', body })).toMatchObject({
      presented: ['VAT:SE990077123401']
    })
    const refusal = `/v1/applications/${applicationId}/refusal`
    const first = await tally.call(refusal, { as: 'registrar', key: 'refusal-of-the-twin', body: { reason } })
    expect(first.body, first.text).toMatchObject({ state: 'refused', reason })
    const replayed = await tally.call(refusal, { as: 'registrar', key: 'refusal-of-the-twin', body: { reason } })
    expect(replayed.text).toBe(first.text)
    const other = { as: 'registrar', key: 'refusal-of-the-twin', body: { reason: 'Another' } }
    await tally.refused('IDEMPOTENCY_KEY_REUSED', refusal, other)
    await tally.refused('APPLICATION_STATE_WRONG', admission(applicationId), { as: 'registrar', body })
    await tally.refused('APPLICATION_STATE_WRONG', refusal, { as: 'registrar', body: { reason } })
    await tally.refused('APPLICATION_NOT_FOUND', admission(ghost), { as: 'registrar', body })
    const answer = await apply(application({ roles: ['registrar'] }))
    expect(answer.body, 'who runs the registry is nobody’s to apply for').toMatchObject({ code: 'REQUEST_INVALID' })
  })

  it('is nobody else, and can not be moved to touch who runs the registry', async () => {
    for (const as of ['alder', 'regulator', 'jiangan']) {
      await tally.refused('ROLE_MISSING', '/v1/applications', { as })
      await tally.refused('ROLE_MISSING', `/v1/participants/${id}/standing`, { as })
    }
    const suspend = (of: number) => `/v1/participants/${of}/suspension`
    await tally.refused('PARTICIPANT_NOT_FOUND', suspend(4_000_000_000), { as: 'registrar', body: { reason } })
    await tally.refused('PARTICIPANT_GOVERNED', suspend(participantIdOf('registrar')), {
      as: 'registrar',
      body: { reason }
    })
    await tally.refused('PARTICIPANT_STATE_WRONG', `/v1/participants/${id}/reinstatement`, {
      as: 'registrar',
      body: { reason }
    })
  })

  it('suspends, and the suspended is refused by name here and by the contract, until it is reinstated', async () => {
    const client = await nordahl.client(id)
    const file = invoice({
      number: 'NG-2',
      issued: '2026-05-06',
      payable: '777.00',
      order: 'PO-9',
      sellerVat: 'SE990077123401'
    })
    const { documentId } = await client.post<{ documentId: string }>('/v1/documents', tally.newKey(), file)
    const proposed = await client.post<Intent>('/v1/receivables', tally.newKey(), { documentId })
    const intent = await tally.done('registrar', `/v1/participants/${id}/suspension`, { reason: 'Insolvent' })
    expect(intent.words.en).toBe(
      'Suspend Nordahl Gjuteri AB: it keeps what it holds and can do nothing until it is reinstated'
    )
    const again = client.post('/v1/receivables', tally.newKey(), { documentId })
    await expect(again).rejects.toMatchObject({
      problem: { code: 'PARTICIPANT_SUSPENDED', status: 403, presented: id }
    })
    expect(await client.followUp(proposed, tally.newKey()), 'the contract says no as well').toMatchObject({
      state: 'refused',
      refusal: { code: 'ParticipantNotActive', args: { id: String(id) } }
    })
    expect(await client.get('/v1/receivables'), 'it still reads').toBeDefined()
    const { body } = await tally.call(`/v1/participants/${id}/standing`, { as: 'registrar' })
    expect(body).toMatchObject({ standing: { state: 'suspended' }, acts: [{ kind: 'suspend', reason: 'Insolvent' }] })
    await tally.done('registrar', `/v1/participants/${id}/reinstatement`, { reason: 'Solvent again' })
    const registered = await client.command('/v1/receivables', tally.newKey(), { documentId })
    expect(registered, JSON.stringify(registered.refusal)).toMatchObject({ state: 'projected' })
  })

  it('gives other roles, which hold from the next request on', async () => {
    const client = await nordahl.client(id)
    const roles = `/v1/participants/${id}/roles`
    await tally.refused('PARTICIPANT_STATE_WRONG', roles, { as: 'registrar', body: { reason, roles: ['supplier'] } })
    await tally.refused('REQUEST_INVALID', roles, { as: 'registrar', body: { reason, roles: ['registrar'] } })
    await tally.done('registrar', roles, { reason, roles: ['supplier', 'factor'] })
    expect(await client.get('/v1/me')).toMatchObject({ roles: ['supplier', 'factor'] })
    expect(await client.get('/v1/limits')).toBeDefined()
  })

  it('recovers lost keys after a delay, in which the old ones veto; then the new work and the old do not', async () => {
    const recoveries = `/v1/participants/${id}/recoveries`
    const [old, found] = [nordahl.keys, [newKey('sm2', 'maker'), newKey('secp256k1', 'checker')]]
    const body = { reason: 'Smart cards lost', signers: nordahl.signers(found), quorum: { makers: 1, checkers: 1 } }
    const unreachable = { ...body, quorum: { makers: 2, checkers: 1 } }
    expect(await tally.refused('KEYS_INVALID', recoveries, { as: 'registrar', body: unreachable })).toMatchObject({
      field: 'body/quorum/makers'
    })
    const own = await nordahl.client(id)
    const veto = () => own.command('/v1/recoveries/veto', tally.newKey())
    await expect(veto()).rejects.toMatchObject({ problem: { code: 'RECOVERY_NOT_FOUND' } })
    await tally.done('registrar', recoveries, body)
    const first = await pending()
    expect(first.readyAt - Date.now() / 1000).toBeGreaterThan(2.9 * 86_400)
    expect(first.lastAt - first.readyAt).toBe(3 * 86_400)
    expect(first.words.en).toMatch(/^Until 20\d\d-\d\d-\d\d \d\d:\d\d UTC the participant can veto/)
    const completion = `/v1/participants/${id}/recovery-completion`
    expect(await tally.refused('RECOVERY_PENDING', completion, { as: 'registrar', body: { reason } })).toMatchObject({
      required: first.readyAt
    })
    expect(await own.get('/v1/recoveries')).toMatchObject({ items: [{ state: 'pending', readyAt: first.readyAt }] })
    expect(await veto()).toMatchObject({ state: 'projected' })
    await until(async () => (await newest()).state === 'vetoed')
    await tally.refused('RECOVERY_NOT_FOUND', completion, { as: 'registrar', body: { reason } })

    await tally.done('registrar', recoveries, body)
    const { readyAt } = await pending()
    await tally.turnClock(readyAt + 1)
    expect((await newest()).words.en).toMatch(/^The delay is over/)
    await tally.done('registrar', completion, { reason })
    await until(async () => (await newest()).state === 'finished')
    nordahl.keys = found
    const client = await nordahl.client(id)
    expect(await client.get('/v1/me')).toMatchObject({ participantId: id })
    for (const key of old) expect((await nordahl.session(id, key)).body).toMatchObject({ code: 'LOGIN_REFUSED' })
    await expect(own.get('/v1/me'), 'a session of an old key ends').rejects.toMatchObject({
      problem: { code: 'CREDENTIAL_RECOVERED' }
    })
    const file = invoice({
      number: 'NG-3',
      issued: '2026-07-08',
      payable: '3120.00',
      order: 'PO-11',
      sellerVat: 'SE990077123401'
    })
    const { documentId } = await client.post<{ documentId: string }>('/v1/documents', tally.newKey(), file)
    const registered = await client.command('/v1/receivables', tally.newKey(), { documentId })
    expect(registered, JSON.stringify(registered.refusal)).toMatchObject({ state: 'projected' })
  })

  type Shown = { state: string; readyAt: number; lastAt: number; words: { en: string } }
  async function newest(): Promise<Shown> {
    const { body } = await tally.call(`/v1/participants/${id}/standing`, { as: 'registrar' })
    return (body['recoveries'] as Shown[])[0]!
  }
  async function pending(): Promise<Shown> {
    await until(async () => (await newest()).state === 'pending')
    return newest()
  }
})
