import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Contract, JsonRpcProvider, Wallet } from 'ethers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audienceOf, tokensOf } from '../../api/access/tokens.ts'
import { accountNode } from '../../api/registrar/node.ts'
import { contracts } from '../../domain/chain/contracts.ts'
import { signerDuties } from '../../domain/participant/signers.ts'
import { connect, inTransaction } from '../../indexer/database.ts'
import { emptyProjection } from '../../indexer/rollback.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { participantIdOf } from '../../scripts/world/cast.ts'
import { accountSignerOf, type SignerKey } from '../../scripts/world/signing.ts'
import { bearer } from './custody.ts'
import { openStream, type EventStream } from './events/sse.ts'
import { startInstance, until, type Answer, type Instance } from './instance.ts'
import { newKey } from './newcomer.ts'

/** Keys recovered on chain past the api: who is told, and that nothing works any more that was made before. */
let tally: Instance
let receiver: Server
let posted: { type: string; data: { args: Record<string, unknown> } }[] = []
/** What alder had before. */
let before: { session: string; user: string; userId: string; key: string; keyId: string; endpointId: string }
let streams: Record<'key' | 'session' | 'user' | 'other', EventStream>
const found = [newKey('secp256k1', 'maker'), newKey('secp256k1', 'checker')]
const quorum = { makers: 1, checkers: 1 }
const alder = participantIdOf('alder')

const post = (path: string, token: string, body: object, more: object = {}): Promise<Answer> =>
  tally.call(path, { ...bearer(token), method: 'POST', body, ...more })
const get = (path: string, token: string) => tally.call(path, bearer(token))
const codeOf = async (path: string, token: string) => (await get(path, token)).body['code'] as string | undefined

async function send(
  at: string,
  abi: 'accountFactory' | 'participantAccount',
  name: string,
  args: unknown[],
  by: string
) {
  const provider = new JsonRpcProvider(tally.chain.url, undefined, { staticNetwork: true, cacheTimeout: -1 })
  try {
    const call = new Contract(at, contracts[abi], new Wallet(by, provider)).getFunction(name)
    // An estimate holds for its second only: a time that is stored again unchanged costs less.
    const sent = await call(...args, { gasPrice: 0, gasLimit: 2_000_000 })
    await sent.wait()
  } finally {
    provider.destroy()
  }
}

/** The registrar's key and a stranger's, and neither api nor relayer. */
async function recover(keys: SignerKey[], isFinished = true): Promise<void> {
  const { accountFactory } = tally.config.deployment
  const signers = keys.map((key) => accountSignerOf(key, tally.config.deployment))
  const listed = signers.map(({ signer, duty }) => ({ signer, duty: signerDuties.indexOf(duty) }))
  const account = await accountOf('alder')
  await send(accountFactory, 'accountFactory', 'startRecovery', [account, listed, quorum], tally.keys.registrar)
  if (!isFinished) return
  const provider = new JsonRpcProvider(tally.chain.url)
  const [, readyAt] = (await new Contract(account, contracts.participantAccount, provider).getFunction(
    'recovery'
  )()) as [string, bigint]
  provider.destroy()
  await tally.turnClock(Number(readyAt) + 1)
  await send(account, 'participantAccount', 'finishRecovery', [listed, quorum], Wallet.createRandom().privateKey)
}

async function accountOf(slug: string): Promise<string> {
  return (await tally.call('/v1/me', { as: slug })).body['account'] as string
}

/** A session of a user as the api gives it after single sign-on. */
async function sessionOf(userId: string, recoveries: number): Promise<string> {
  const pem = readFileSync(tally.config.sessionKeyFile, 'utf8')
  const tokens = await tokensOf(pem, audienceOf(tally.config.deployment))
  const begunAt = Math.floor(Date.now() / 1000)
  return (await tokens.issue({ participantId: alder, by: { userId }, begunAt, recoveries })).token
}

const events = (token: string) => openStream(`${tally.apiUrl}/v1/events`, { authorization: `Bearer ${token}` })

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => (text += chunk))
    request.on('end', () => {
      posted.push(JSON.parse(text) as (typeof posted)[number])
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  tally = await startInstance({ webhooks: { allowLoopback: true }, streams: { checkMs: 500 } })
  const session = await tally.login('alder')
  const made = await post('/v1/api-keys', session, { name: 'erp', scopes: ['read', 'propose'] })
  const { key, keyId } = made.body as { key: string; keyId: string }
  const user = await post('/v1/users', session, { name: 'Ada', duties: ['maker', 'admin'] })
  const { userId } = user.body as { userId: string }
  const { port } = receiver.address() as AddressInfo
  const endpoint = await post('/v1/webhooks', key, { url: `http://127.0.0.1:${port}/` })
  const { endpointId } = endpoint.body as { endpointId: string }
  before = { session, user: await sessionOf(userId, 0), userId, key, keyId, endpointId }
  for (const token of [session, before.user, key]) expect((await get('/v1/me', token)).status).toBe(200)
  const opened = [key, session, before.user, tally.keys.participants['meridian']!.apiKey].map(events)
  const [ofKey, ofSession, ofUser, other] = (await Promise.all(opened)) as [
    EventStream,
    EventStream,
    EventStream,
    EventStream
  ]
  streams = { key: ofKey, session: ofSession, user: ofUser, other }
  for (const { status } of Object.values(streams)) expect(status).toBe(200)
})
afterAll(async () => {
  const troubles = tally?.troubles()
  for (const stream of Object.values(streams ?? {})) stream.close()
  receiver?.close()
  await tally?.stop()
  expect(troubles).toEqual([])
})

describe('keys that are proposed', () => {
  it('are told to the participant by page, stream and webhook, to regulators, and to nobody else', async () => {
    await recover(found, false)
    await until(() => posted.some(({ type }) => type === 'RecoveryStarted'))
    const told = posted.find(({ type }) => type === 'RecoveryStarted')!
    expect(told.data).toMatchObject({ address: await accountOf('alder'), receivableId: null })
    expect(Number(told.data.args['readyAt']) - Date.now() / 1000).toBeGreaterThan(2.9 * 86_400)
    await until(() => streams.key.events.some(({ data }) => data['name'] === 'RecoveryStarted'))
    const seenBy = async (as: string): Promise<boolean> => {
      const { body } = await tally.call('/v1/events?limit=500', { as })
      expect(body['isEnd']).toBe(true)
      return (body['items'] as { name: string }[]).some(({ name }) => name === 'RecoveryStarted')
    }
    expect(await seenBy('alder')).toBe(true)
    expect(await seenBy('regulator')).toBe(true)
    for (const other of ['meridian', 'huichuan', 'registrar']) expect(await seenBy(other), other).toBe(false)
    expect(streams.other.events.filter(({ data }) => String(data['name']).startsWith('Recovery'))).toEqual([])
  })

  it('can be vetoed here, whoever proposed them', async () => {
    const veto = await tally.done('alder', '/v1/recoveries/veto')
    expect(veto.words.en).toMatch(/^Veto/)
    await until(() => posted.some(({ type, data }) => type === 'RecoveryEnded' && data.args['isDone'] === false))
    await tally.refused('RECOVERY_NOT_FOUND', '/v1/recoveries/veto', { as: 'alder', method: 'POST' })
    expect((await get('/v1/me', before.key)).status, 'and nothing ends by it').toBe(200)
  })
})

describe('a recovery past the api', () => {
  it('ends keys, sessions and users of before with a code of its own, and streams that are open', async () => {
    await recover(found)
    await until(async () => (await codeOf('/v1/me', before.key)) === 'CREDENTIAL_RECOVERED')
    const { key, session, user } = before
    for (const token of [key, session, user, tally.keys.participants['alder']!.apiKey]) {
      const answer = await get('/v1/me', token)
      expect(answer.body, answer.text).toMatchObject({ code: 'CREDENTIAL_RECOVERED', status: 401, retry: 'never' })
    }
    expect((await post('/v1/sessions/renewal', session, {}, { body: undefined })).body['code']).toBe(
      'CREDENTIAL_RECOVERED'
    )
    expect((await post('/v1/api-keys', session, { name: 'x', scopes: ['read'] })).status).toBe(401)
    const ended = Promise.all([streams.key.ended, streams.session.ended, streams.user.ended])
    expect(await Promise.race([ended, delay(5_000, 'still open')])).toEqual([true, true, true])
    for (const token of [key, session, user]) {
      expect((await events(token)).problem).toMatchObject({ code: 'CREDENTIAL_RECOVERED', status: 401 })
    }
  })

  it('leaves others as they are', async () => {
    expect(await Promise.race([streams.other.ended, delay(1_500, 'open')])).toBe('open')
    for (const as of ['meridian', 'regulator', 'huichuan']) {
      expect((await tally.call('/v1/me', { as })).status, as).toBe(200)
    }
  })

  it('lets the new keys in, and who has them lets in again whom it knows', async () => {
    expect(
      (await tally.call('/v1/login-challenges', { as: null, key: null, body: { participantId: alder } })).status
    ).toBe(200)
    await expect(tally.login('alder')).rejects.toThrow('LOGIN_REFUSED')
    tally.keys.participants['alder']!.signers = found
    const session = await tally.login('alder')
    const made = await post('/v1/api-keys', session, { name: 'new', scopes: ['read', 'propose'] })
    const key = made.body['key'] as string
    tally.keys.participants['alder']!.apiKey = key
    expect((await get('/v1/me', key)).status).toBe(200)
    const { items } = (await get('/v1/api-keys', session)).body as { items: Record<string, unknown>[] }
    expect(items.find(({ keyId }) => keyId === before.keyId)).toMatchObject({ endedByRecovery: true })
    expect(items.find(({ name }) => name === 'new')).toMatchObject({ endedByRecovery: false, revokedAt: null })

    const users = (await get('/v1/users', session)).body['items'] as Record<string, unknown>[]
    expect(users).toMatchObject([{ userId: before.userId, isActive: false }])
    const fresh = await sessionOf(before.userId, 1)
    expect(await codeOf('/v1/me', fresh), 'a user of before logs in again').toBe('CREDENTIAL_INVALID')
    expect((await post(`/v1/users/${before.userId}`, session, { isActive: true })).status).toBe(200)
    expect((await get('/v1/me', fresh)).status).toBe(200)
    expect(await codeOf('/v1/me', before.user), 'its session of before stays ended').toBe('CREDENTIAL_RECOVERED')

    const endpoint = `/v1/webhooks/${before.endpointId}`
    expect((await get(endpoint, key)).body).toMatchObject({
      state: 'disabled',
      reason: expect.stringMatching(/recovered/)
    })
    expect((await post(`${endpoint}/enable`, key, {})).body).toMatchObject({ state: 'active' })
    await until(() =>
      posted.filter(({ type }) => type === 'RecoveryEnded').some(({ data }) => data.args['isDone'] === true)
    )
  })

  it('brings the keys of today, however far behind the projection is, and none of a node that is further behind', async () => {
    const node = accountNode(tally.chain.url, tally.config.deployment.accountFactory)
    const account = await accountOf('alder')
    const { signers } = await node.keysOf(account, 1)
    expect(signers.map(({ duty }) => duty)).toEqual(found.map(({ duty }) => duty))
    const newest = Number(await askChain(tally.chain.url, 'eth_blockNumber', []))
    await expect(node.keysOf(account, newest + 1_000)).rejects.toMatchObject({ code: 'CHAIN_UNAVAILABLE' })
  })

  it('ends nothing again when the projection is built anew, nor comes back what it ended', async () => {
    const client = await connect(tally.database.url, 'projection')
    await inTransaction(client, () => emptyProjection(client))
    const key = tally.keys.participants['alder']!.apiKey
    expect(await codeOf('/v1/me', before.key)).toBe('CREDENTIAL_RECOVERED')
    await until(async () => {
      const { rows } = await client.query(`select from projection.event where name = 'RecoveryEnded'`)
      return rows.length > 0
    })
    await delay(1_000)
    await client.end()
    expect((await get('/v1/me', key)).status).toBe(200)
    expect(await codeOf('/v1/me', before.key)).toBe('CREDENTIAL_RECOVERED')
    const { rows } = await tally.sql.query('select recoveries from app.participant where participant_id = $1', [alder])
    expect(rows).toEqual([{ recoveries: 1 }])
  })

  it('comes before what is being made at that moment', async () => {
    const session = await tally.login('alder')
    const other = await tally.sql.connect()
    try {
      await other.query('begin')
      await other.query('update app.participant set recoveries = recoveries + 1 where participant_id = $1', [alder])
      const { port } = receiver.address() as AddressInfo
      const late = [
        post('/v1/api-keys', session, { name: 'late', scopes: ['read'] }),
        post('/v1/users', session, { name: 'Late', duties: ['admin'] }),
        post(`/v1/users/${before.userId}`, session, { duties: ['admin'] }),
        post('/v1/webhooks', session, { url: `http://127.0.0.1:${port}/late` })
      ]
      await delay(500)
      await other.query('commit')
      for (const answer of await Promise.all(late)) {
        expect(answer.body, answer.text).toMatchObject({ code: 'CREDENTIAL_RECOVERED', status: 401 })
      }
    } finally {
      other.release()
    }
  })

  it('is carried in again from the block that a fork moved it to, should the node have told of the other branch', async () => {
    const [moved] = (
      await tally.sql.query<{ at: number; hash: string }>(
        `select block_number::int as at, hash from projection.event join projection.block on number = block_number
          where name = 'RecoveryEnded' and (args -> 'isDone')::boolean`
      )
    ).rows
    const { signers: known, recoveries } = await directory()
    // What the directory would have if the node had answered as of a branch without it.
    await tally.sql.query(
      `update app.participant set signers = (select jsonb_agg(one || '{"signer": "0x00"}') from jsonb_array_elements(signers) one)
        where participant_id = $1`,
      [alder]
    )
    await delay(1_000)
    expect((await directory()).signers).not.toEqual(known)
    await moveBlocksFrom(moved!.at)
    await until(async () => JSON.stringify((await directory()).signers) === JSON.stringify(known))
    const { rows } = await tally.sql.query(
      'select block_hash as hash from app.account_recovery where participant_id = $1',
      [alder]
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]).not.toEqual({ hash: moved!.hash })
    expect((await directory()).recoveries, 'who logged in meanwhile goes out').toBe(recoveries + 1)
  })
})

async function directory() {
  const { rows } = await tally.sql.query<{ signers: unknown; recoveries: number }>(
    'select signers, recoveries from app.participant where participant_id = $1',
    [alder]
  )
  return rows[0]!
}

/** A fork from a block on that has the same transactions, each a block later. */
async function moveBlocksFrom(first: number): Promise<void> {
  const height = async () => Number(await askChain(tally.chain.url, 'eth_blockNumber', []))
  // Else the fork has no later block to move to, where that block is the newest: it would be the same block again.
  await askChain(tally.chain.url, 'evm_mine')
  const newest = await height()
  const moved: [string, number][] = []
  for (let number = first; number <= newest; number++) {
    const block = await askChain(tally.chain.url, 'eth_getBlockByNumber', [`0x${number.toString(16)}`, false])
    for (const hash of (block as { transactions: string[] }).transactions) {
      const raw = (await askChain(tally.chain.url, 'eth_getRawTransactionByHash', [hash])) as string
      moved.push([raw, Math.min(number - first + 1, newest - first)])
    }
  }
  await askChain(tally.chain.url, 'anvil_reorg', [(await height()) - first + 1, moved])
}
