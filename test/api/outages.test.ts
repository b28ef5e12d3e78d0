import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import { verifyPackage } from '../../domain/evidence/verify.ts'
import { sendDirectly } from '../../scripts/demo/direct.ts'
import { startChain } from '../../scripts/instance/chain.ts'
import { startDatabase } from '../../scripts/instance/database.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { startInstance, until, type Instance, type Registered } from './instance.ts'

let tally: Instance
let open: Registered

beforeAll(async () => {
  tally = await startInstance()
  open = await tally.confirmed()
})
afterAll(() => tally?.stop())

const offer = { assignee: participantIdOf('corvale'), amount: '1000', tradeDocument: 'Order 1' }
const evidence = () => `/v1/receivables/${open.receivableId}/evidence`

describe('evidence', () => {
  it('is pending while something of the chain is not under an anchored head, and a package that verifies after', async () => {
    await until(async () => (await tally.call(evidence())).status === 200)
    const anchors = await tally.as('alder').get<TrustAnchors>('/v1/trust-anchors')
    expect(anchors).toMatchObject({
      version: 1,
      logKeys: tally.config.logKeys,
      certificateKeys: tally.config.certificateKeys,
      authorities: tally.config.authorities,
      participants: expect.any(Array)
    })
    expect(await verifyPackage(await tally.as('alder').download(evidence()), anchors)).toMatchObject({
      result: 'verified'
    })
    process.kill(tally.children.relayer.pid, 'SIGSTOP')
    try {
      const account = (await tally.as('alder').get<{ account: string }>('/v1/me')).account
      const { signers } = tally.keys.participants['alder']!
      const tradeDocument = `0x${'22'.repeat(32)}`
      const deadline = Math.floor(Date.now() / 1000) + 3_600
      const command = {
        kind: 'transfer',
        noteId: BigInt(open.rootNote),
        amount: 5n,
        assignee: offer.assignee,
        deadline,
        purpose: 'transfer',
        tradeDocument
      } as const
      const sent = await sendDirectly(tally.chain.url, tally.config.deployment, account, signers, command)
      expect(sent.refusal).toBeUndefined()
      await until(async () => (await tally.call(evidence())).status !== 200)
      const problem = await tally.refused('EVIDENCE_PENDING', evidence())
      expect(problem).toMatchObject({
        status: 409,
        retry: 'later',
        presented: { missing: 1 },
        required: expect.any(Object)
      })
    } finally {
      process.kill(tally.children.relayer.pid, 'SIGCONT')
    }
    const bytes = await tally.as('alder').download(evidence())
    const later = await tally.as('alder').get<TrustAnchors>('/v1/trust-anchors')
    // What came past our api carries no signed command: nothing is wrong with it, and nobody's signature is shown.
    expect(await verifyPackage(bytes, later)).toMatchObject({ result: 'consistent' })
    expect(await tally.call('/v1/log/head', { as: null })).toMatchObject({ status: 200 })
  })
})

describe('the chain', () => {
  const stateOf = async (intentId: string) =>
    (await tally.as('alder').get<{ state: string }>(`/v1/intents/${intentId}`)).state

  it('may be down when a command is given: it is kept, and reaches the projection when the chain is back', async () => {
    const { dir, chain } = tally
    await chain.stop()
    const intent = await tally.propose('alder', `/v1/notes/${open.rootNote}/transfers`, offer)
    const fate = tally.as('alder').followUp(intent, tally.newKey())
    await until(async () => (await stateOf(intent.intentId)) !== 'awaiting-signatures')
    await delay(1_000)
    const waiting = await tally.call(`/v1/intents/${intent.intentId}`)
    expect(waiting.body).toMatchObject({
      state: expect.stringMatching(/^(recorded|sent)$/),
      refusal: null,
      blockNumber: null
    })
    expect((await tally.call(`/v1/receivables/${open.receivableId}`)).status).toBe(200)
    tally.chain = await startChain({ dir, port: chain.port })
    expect(await fate).toMatchObject({ state: 'projected' })
    const { rows } = await tally.sql.query('select state from app.outbox where intent_id = $1', [intent.intentId])
    expect(rows).toEqual([{ state: 'mined' }])
    await tally.done('corvale', `/v1/notes/${intent.noteId}/acceptance`)
  })

  it('may hang when a command is given: it goes on where it stood', async () => {
    process.kill(tally.chain.pid, 'SIGSTOP')
    const intent = await tally.propose('alder', `/v1/notes/${open.rootNote}/transfers`, offer)
    const fate = tally.as('alder').followUp(intent, tally.newKey())
    await until(async () => (await stateOf(intent.intentId)) !== 'awaiting-signatures')
    await delay(800)
    const waiting = await stateOf(intent.intentId)
    process.kill(tally.chain.pid, 'SIGCONT')
    expect(waiting).toMatch(/^(recorded|sent)$/)
    expect(await fate).toMatchObject({ state: 'projected' })
  })
})

describe('the database', () => {
  it('may be down: each request is refused with a hint to come again, and the same api serves again after', async () => {
    const { dir, database } = tally
    const pid = tally.children.api.pid
    const before = await tally.written()
    const kept = { key: tally.newKey(), body: offer }
    const path = `/v1/notes/${open.rootNote}/transfers`
    const first = await tally.call(path, kept)
    expect(first.status).toBe(202)
    database.kill()
    await database.exited
    const requests = [
      ['/readyz', {}],
      ['/v1/me', {}],
      ['/v1/receivables', {}],
      [path, { body: offer }],
      [path, kept]
    ] as const
    for (const [url, request] of requests) {
      const answer = await tally.call(url, request)
      expect(answer, url).toMatchObject({ status: 503, body: { code: 'DATABASE_UNAVAILABLE', retry: 'later' } })
      expect(answer.headers.get('retry-after')).toBe('1')
      expect(answer.text).not.toMatch(/ECONN|postgres/)
    }
    expect((await tally.call('/healthz', { as: null })).status).toBe(200)
    const started = await startDatabase({ dir, port: database.port })
    try {
      await until(async () => (await tally.call('/readyz', { as: null })).status === 200)
      expect((await tally.call(path, kept)).text).toBe(first.text)
      expect(await tally.written()).toMatchObject({ intent: before['intent']! + 1, outbox: before['outbox'] })
      expect(() => process.kill(pid, 0)).not.toThrow()
      expect(await tally.as('alder').followUp(first.body as never, tally.newKey())).toMatchObject({
        state: 'projected'
      })
    } finally {
      tally.database = started
    }
  })
})
