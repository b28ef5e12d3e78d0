import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rules } from '../../api/access/rules.ts'
import { redacted } from '../../api/operation/logging.ts'
import { cast, participantIdOf } from '../../scripts/world/cast.ts'
import { freePort } from '../../scripts/instance/ports.ts'
import { holderOf, routesOf, urlOf } from './bad-input.ts'
import { answerTo } from './bad-input-suite.ts'
import { startInstance, until, type Instance } from './instance.ts'

/** Request ids, logs, metrics, limits, slow bodies, the audit log and a stop in the middle of work. */
let tally: Instance
let metricsPort: number
const LIMIT = 200

beforeAll(async () => {
  ;[tally, metricsPort] = await Promise.all([startInstance(), freePort()])
  const limits = { ...tally.config.limits, requestsPerMinute: LIMIT, requestTimeoutMs: 1_500 }
  await tally.restartApi({ ...tally.config, metricsPort, limits })
})
afterAll(() => tally?.stop())

describe('a request', () => {
  it('has an id: its own where that is a plain one', async () => {
    const idOf = async (headers: Record<string, string>) =>
      (await tally.call('/healthz', { as: null, headers })).headers.get('x-request-id')
    expect(await idOf({ 'x-request-id': 'erp-2026-11-27.0042' })).toBe('erp-2026-11-27.0042')
    for (const bad of ['short', 'x'.repeat(65), 'with space and more', '{"a":1}....', '../../etc/passwd']) {
      expect(await idOf({ 'x-request-id': bad })).toMatch(/^[0-9a-f-]{36}$/)
    }
  })

  it('whose body does not come is ended, on every route that takes one', async () => {
    const routes = routesOf(tally).filter(({ method }) => method === 'POST')
    const answers = await Promise.all(
      routes.map(async (route) => {
        const slug = rules[route.operation.operationId!]!.needs === 'administer' ? undefined : holderOf(route)
        const credential = slug ? `authorization: Bearer ${tally.keys.participants[slug]!.apiKey}\r\n` : ''
        const type = Object.keys(route.operation.requestBody?.content ?? { 'application/json': {} })[0]
        const head = `${credential}content-type: ${type}\r\ncontent-length: 500\r\nidempotency-key: slow-body-1`
        return answerTo(tally, `POST ${urlOf(route, new Map())} HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n{"parti`)
      })
    )
    const slow = answers.filter((answer) => / 408 /.test(answer)).length
    console.log(`${slow} of ${routes.length} routes wait for a slow body and end it; the others refuse before it`)
    // Without the session that users and keys are administered by, no body is waited for at all.
    for (const [i, answer] of answers.entries()) expect(answer, routes[i]!.path).toMatch(/^HTTP\/1\.1 (408|401)/)
    expect(slow).toBeGreaterThan(60)
  })

  it('whose body does not come is ended', async () => {
    const socket = connect(Number(new URL(tally.apiUrl).port), '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString()))
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.write(
      'POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"parti'
    )
    await closed
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  })
})

describe('the log', () => {
  it('has requests and outcomes, and neither names, accounts nor credentials', async () => {
    const { documentId } = await tally.upload({ number: 'LOGGED-4711' })
    await tally.call(`/v1/documents/${documentId}?secret=LOGGED-4711`, {
      headers: { 'x-request-id': 'logged-request-1' }
    })
    await tally.call('/v1/me', { as: null, headers: { authorization: 'Bearer ts_nobody_has_this_key_at_all' } })
    await tally.call('/v1/sso/sessions', { as: null, key: null, body: { code: 'LOGGED-CODE', state: 'AAAA' } })
    await until(() => tally.log('api').includes('logged-request-1'))
    const told = tally.log('api') + tally.log('relayer')
    expect(told).toContain(`"path":"/v1/documents/${documentId}"`)
    const secrets = cast.flatMap(({ name, slug, paymentAccount, identifiers }) => [
      name,
      tally.keys.participants[slug]!.apiKey,
      ...(paymentAccount ? [paymentAccount.split(':').slice(1).join(':')] : []),
      ...identifiers.map((one) => one.split(':').at(-1)!)
    ])
    for (const secret of [...secrets, 'LOGGED-4711', 'LOGGED-CODE', 'ts_nobody', '127.0.0.1:']) {
      if (secret === '127.0.0.1:') continue
      expect(told, `the log tells ${secret}`).not.toContain(secret)
    }
  })

  it.each([
    ['key ts_AbCdEfGhIjKlMnOpQrStUvWxYz012345 sent', 'key [api key] sent'],
    ['paid to DE89370400440532013000 and', 'paid to [account] and'],
    ['paid to DE89 3704 0044 0532 0130 00.', 'paid to [account].'],
    ['card 6200990000000001', 'card [number]'],
    ['mail invoices@alder-finch.example', 'mail [mail]'],
    ['token eyJhbGciOi.eyJzdWIi.c2ln was', 'token [token] was'],
    ['postgres://user:secret@host/db', 'postgres://[login]@host/db'],
    ['invalid input syntax for type integer: "Anna Svensson"', 'invalid input syntax for type integer: "[value]"']
  ])('takes out of %j what is nobody’s business', (text, expected) => {
    expect(redacted(text)).toBe(expected)
  })
})

describe('metrics', () => {
  it('count by route and never by id, on a port of their own', async () => {
    await tally.call(`/v1/receivables/0x${'ab'.repeat(24)}`)
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    expect(text).toMatch(
      /http_server_request_duration_seconds_count\{method="GET",route="\/v1\/receivables\/:receivableId",status="404"\} 1/
    )
    expect(text).toContain('tallystick_refusals_total{code="RECEIVABLE_NOT_FOUND"} 1')
    expect(text).toMatch(/tallystick_work\{what="chain_head_age_seconds"\} \d/)
    expect(text).toMatch(/tallystick_work\{what="audit_entries"\} [1-9]/)
    expect(text).not.toContain('abababab')
    expect((await tally.call('/metrics', { as: null })).status).toBe(404)
  })
})

describe('the audit log', () => {
  interface Entry {
    seq: number
    participantId: number
    operation: string
    status: number
    code: string | null
    path: string
    requestId: string
    actor: string
  }
  const entries = async (as: string, query = '') =>
    (await tally.call(`/v1/audit?limit=500${query}`, { as })).body['items'] as unknown as Entry[]
  const check = async () => {
    const file = fileURLToPath(new URL('../../scripts/check-audit.ts', import.meta.url))
    const done = promisify(execFile)(process.execPath, [file, '--data', tally.dir])
    return done.then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error: { code: number; stdout: string }) => ({ code: error.code, stdout: error.stdout })
    )
  }

  it('has each write and each read of others’ data, with outcome and request id; everybody reads its own', async () => {
    const { receivableId } = await tally.register()
    await tally.call(`/v1/receivables/${receivableId}/confirmation`, {
      as: 'alder',
      method: 'POST',
      headers: { 'x-request-id': 'wrong-role-42' }
    })
    await tally.call(`/v1/receivables/${receivableId}`, {
      as: 'regulator',
      headers: { 'x-request-id': 'regulator-looks' }
    })
    await tally.call(`/v1/receivables/${receivableId}`, { as: 'alder', headers: { 'x-request-id': 'owner-looks-1' } })
    const own = await entries('alder')
    expect(own.find(({ requestId }) => requestId === 'wrong-role-42')).toMatchObject({
      participantId: participantIdOf('alder'),
      operation: 'confirmReceivable',
      path: `/v1/receivables/${receivableId}/confirmation`,
      status: 403,
      code: 'ROLE_MISSING',
      actor: expect.stringMatching(/^api-key ts_/)
    })
    expect(
      own.some(({ operation, status, code }) => operation === 'registerReceivable' && status === 202 && code === null)
    ).toBe(true)
    expect(own.every(({ participantId }) => participantId === participantIdOf('alder'))).toBe(true)
    expect(
      own.some(({ requestId }) => requestId === 'owner-looks-1'),
      'reading what is its own is not written down'
    ).toBe(false)
    const all = await entries('regulator')
    expect(new Set(all.map(({ participantId }) => participantId)).size).toBeGreaterThan(1)
    expect(all.find(({ requestId }) => requestId === 'regulator-looks')).toMatchObject({
      operation: 'getReceivable',
      status: 200
    })
    expect(await entries('regulator', `&participant=${participantIdOf('alder')}`)).toEqual(own)
    expect(await entries('hualing')).toEqual([])
    const newest = await entries('alder', '&order=newest')
    expect(newest).toEqual(own.toReversed())
    expect(await entries('alder', `&order=newest&after=${newest[0]!.seq}`)).toEqual(newest.slice(1))
  })

  it('is never changed by the service, is anchored, and the check names the first broken entry', async () => {
    writeFileSync(
      join(tally.dir, 'instance.json'),
      JSON.stringify({ databaseUrl: tally.database.url, rpcUrl: tally.chain.url })
    )
    await until(
      async () => (await tally.sql.query("select from app.evidence_leaf where kind = 'audit'")).rows.length > 0
    )
    const { code, stdout } = await check()
    expect(stdout).toMatch(/^✓ audit log: \d+ entries, [1-9]\d* heads in the evidence log/)
    expect(code).toBe(0)
    for (const role of ['tallystick_api', 'tallystick_service']) {
      const client = await tally.sql.connect()
      await client.query(`set role ${role}`)
      await expect(client.query('update app.audit_record set status = 200')).rejects.toThrow(/permission denied/)
      await expect(client.query('delete from app.audit_record')).rejects.toThrow(/permission denied/)
      await client.query('reset role')
      client.release()
    }
    await expect(tally.sql.query('update app.audit_record set status = 200')).rejects.toThrow(/never changed/)
    await expect(tally.sql.query('truncate app.audit_record')).rejects.toThrow(/never changed/)

    // Who owns the tables can: the chain shows it.
    const byOwner = async (statement: string) => {
      await tally.sql.query(`begin; set local session_replication_role = replica; ${statement}; commit`)
    }
    await byOwner('update app.audit_record set status = 200 where seq = 3')
    expect(await check()).toMatchObject({ code: 1, stdout: expect.stringContaining('entry 3 was changed') })
    await byOwner('delete from app.audit_record where seq = 2')
    expect(await check()).toMatchObject({ code: 1, stdout: expect.stringContaining('entry 2 is missing') })
    // Cut off at the start, it would be a shorter log that holds: but for the head in the evidence log.
    await byOwner('delete from app.audit_record')
    expect(await check()).toMatchObject({ code: 1, stdout: expect.stringContaining('is in the evidence log') })
  })
})

describe('a participant', () => {
  it('that asks more than agreed is told when to come again, and stops nobody else', async () => {
    let refused: Response | undefined
    for (let i = 0; i <= LIMIT && !refused; i += 20) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () =>
          fetch(`${tally.apiUrl}/v1/me`, {
            headers: { authorization: `Bearer ${tally.keys.participants['tormel']!.apiKey}` }
          })
        )
      )
      refused = answers.find(({ status }) => status === 429)
    }
    expect(await refused?.json()).toMatchObject({
      code: 'RATE_LIMITED',
      retry: 'later',
      required: `at most ${LIMIT} a minute`
    })
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await tally.call('/v1/me', { as: 'qinghe' })).status).toBe(200)
  })
})

describe('a process that has too much to do', () => {
  const me = () =>
    fetch(`${tally.apiUrl}/v1/me`, {
      headers: { authorization: `Bearer ${tally.keys.participants['qinghe']!.apiKey}` }
    })
  const isBusy = async (answer: Response) => {
    if (answer.status === 200) return false
    expect(answer.status).toBe(503)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await answer.json()).toMatchObject({ code: 'SERVER_BUSY', retry: 'later' })
    return true
  }

  beforeAll(async () => {
    const limits = { ...tally.config.limits, requestsPerMinute: 10_000, requestsWaiting: 5, eventLoopDelayMs: 3_000 }
    await tally.restartApi({ ...tally.config, metricsPort, limits })
  })

  it('turns away what would wait too long for the database, answers the others, and says that it is alive', async () => {
    // The database is as slow as somebody's lock wants it.
    const other = await tally.sql.connect()
    let isTurnedAway = false
    try {
      await other.query('begin; lock table app.participant')
      const answers = Array.from({ length: 300 }, async () => {
        const isOne = await isBusy(await me())
        isTurnedAway ||= isOne
        return isOne
      })
      expect((await fetch(`${tally.apiUrl}/healthz`)).status).toBe(200)
      await until(() => isTurnedAway)
      await other.query('rollback')
      const busy = await Promise.all(answers)
      expect(busy).toContain(true)
      expect(busy).toContain(false)
    } finally {
      other.release(true)
    }
    await until(async () => !(await isBusy(await me())))
  })

  it('turns away commands that would wait too long for their turn, and takes them when they come again', async () => {
    const claim = (i: number) =>
      fetch(`${tally.apiUrl}/v1/fingerprints/0x0001${String(i).padStart(60, '0')}/claim`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${tally.keys.participants['lindqvist']!.apiKey}`,
          'idempotency-key': `busy-claim-${i}`,
          'content-type': 'application/json'
        },
        body: JSON.stringify({ reason: 'assigned-elsewhere', reference: 'busy' })
      })
    const all = Array.from({ length: 100 }, (_, i) => i)
    const first = await Promise.all(all.map(claim))
    expect(new Set(first.map(({ status }) => status))).toEqual(new Set([202, 503]))
    for (const i of all) {
      if (first[i]!.status !== 503) continue
      await until(async () => (await claim(i)).status === 202)
    }
    const { rows } = await tally.sql.query(
      `select count(*)::int as claims, count(distinct command)::int as kinds from app.intent where command ->> 'reference' = 'busy'`
    )
    expect(rows[0]).toEqual({ claims: 100, kinds: 1 })
  })

  it('turns away what comes while it is late with everything', async () => {
    const { pid } = tally.children.api
    // One delay is enough, wherever in a second it begins.
    for (const shift of [0, 330, 710]) {
      await delay(shift)
      process.kill(pid, 'SIGSTOP')
      const meanwhile = me()
      await delay(4_000)
      process.kill(pid, 'SIGCONT')
      expect(await isBusy(await meanwhile), 'what came meanwhile').toBe(true)
      expect(await isBusy(await me()), 'and what comes at once').toBe(true)
      expect((await fetch(`${tally.apiUrl}/healthz`)).status).toBe(200)
      await until(async () => !(await isBusy(await me())))
    }
    expect((await fetch(`${tally.apiUrl}/healthz`)).status).toBe(200)
    await until(async () => !(await isBusy(await me())))
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    expect(metrics).toMatch(/tallystick_refusals_total\{code="SERVER_BUSY"\} [1-9]/)
  })
})

describe('a stop', () => {
  it('lets requests that run come to their end', async () => {
    const leaves = async () =>
      (await tally.sql.query("select from app.evidence_leaf where kind = 'statement'")).rows.length
    const before = await leaves()
    // Waits for its statement to be anchored.
    const slow = tally.call(`/v1/fingerprints/0x0001${'77'.repeat(30)}/certificate`, { as: 'huichuan' })
    await until(async () => (await leaves()) > before)
    await tally.children.api.stop()
    expect((await slow).status).toBe(200)
    await expect(fetch(`${tally.apiUrl}/healthz`)).rejects.toThrow()
  })

  it('comes at once for a configuration that does not fit, and tells the field but not what stands there', async () => {
    const wrong = { ...tally.config, port: 'eighty', databaseUrl: 'postgres://user:hidden-password@host/db' } as never
    const error = await tally.restartApi(wrong).catch((failure: Error) => failure)
    expect(String(error)).toContain('CONFIG_INVALID')
    expect(String(error)).toContain('/port')
    expect(String(error)).not.toContain('hidden-password')
  })
})
