import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newTokenKey, tokensOf } from '../../api/access/tokens.ts'
import { rules } from '../../api/access/rules.ts'
import { vaultOf } from '../../api/vault.ts'
import { buildApp } from '../../api/app.ts'
import { openPool } from '../../api/database.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { describeBadInput } from './bad-input-suite.ts'
import { fuzz } from './fuzz/fuzz.ts'
import { startInstance, type Instance, type Registered } from './instance.ts'
import { invoice } from './invoices.ts'
import { commandsOfOthers, openCommands } from './matrix.ts'

let tally: Instance
let own: Registered
let open: Registered
const ghost = {
  receivable: `0x${'ab'.repeat(24)}`,
  note: `0x${'ab'.repeat(32)}`,
  uuid: '01900000-0000-7000-8000-000000000000'
}

beforeAll(async () => {
  tally = await startInstance({ limits: { requestsPerMinute: 1_000_000, loginsPerMinute: 1_000_000 } })
  own = await tally.register()
  open = await tally.confirmed()
})
afterAll(() => tally?.stop())

describe('credentials', () => {
  it('are needed on every route of /v1 that is not public', async () => {
    const open = Object.keys(rules).filter((name) => rules[name]!.needs === 'nothing')
    const routes = tally.contract.operations().filter(({ path }) => path.startsWith('/v1'))
    expect(routes.length).toBeGreaterThan(20)
    for (const { method, path, operation } of routes) {
      if (open.includes(operation.operationId!)) continue
      const url = path
        .replace('{receivableId}', ghost.receivable)
        .replace('{noteId}', ghost.note)
        .replace(/\{\w+\}/, ghost.uuid)
      const body = method === 'POST' ? { body: {} } : {}
      expect(await tally.refused('CREDENTIAL_MISSING', url, { method, as: null, ...body })).toMatchObject({
        status: 401
      })
    }
  })

  it.each(['', 'Bearer', 'Bearer ', 'Basic abc', 'Bearer a b', 'Token abc', 'Bearer\u00a0abc'])(
    'are refused as missing when they are %j',
    async (authorization) => {
      await tally.refused('CREDENTIAL_MISSING', '/v1/me', { as: null, headers: { authorization } })
    }
  )

  it.each(['Bearer ts_unknown', "Bearer ' or 1=1 --", `Bearer ${'x'.repeat(8_000)}`])(
    'are refused when nobody has them: %.30s',
    async (authorization) => {
      const code = authorization.split(' ').length === 2 ? 'CREDENTIAL_INVALID' : 'CREDENTIAL_MISSING'
      await tally.refused(code, '/v1/me', { as: null, headers: { authorization } })
    }
  )

  it('do not reach a command of another role, and the roles that it needs are named', async () => {
    const wrong = commandsOfOthers(own, ghost.uuid)
    // Of users, keys and sessions: test/api/access.test.ts; of keys in custody: test/api/managed-keys.test.ts.
    const commands = tally.contract.operations().filter(({ method, path }) => {
      return method === 'POST' && !/^\/v1\/(login|session|sso|user|api-key|managed-key|applications$)/.test(path)
    })
    expect(commands.length - openCommands.length).toBe(wrong.length)
    for (const [as, path, required] of wrong) {
      expect(await tally.refused('ROLE_MISSING', path, { as, body: {} }), path).toMatchObject({ status: 403, required })
    }
  })
})

describe('what belongs to others', () => {
  it.each(['', '/history', '/evidence'])('does not exist for a stranger: receivable%s', async (suffix) => {
    const path = `/v1/receivables/${own.receivableId}${suffix}`
    expect(await tally.refused('RECEIVABLE_NOT_FOUND', path, { as: 'hualing' })).toMatchObject({
      presented: own.receivableId
    })
    await tally.refused('RECEIVABLE_NOT_FOUND', `/v1/receivables/${ghost.receivable}${suffix}`)
  })

  it('does not exist for a stranger: notes, intents and documents', async () => {
    const confirmed = await tally.confirmed()
    const intent = await tally.propose('alder', `/v1/notes/${confirmed.rootNote}/locks`, {
      factor: participantIdOf('lindqvist'),
      amount: '1',
      purpose: 'assignment',
      quote: 'q'
    })
    await tally.refused('NOTE_NOT_FOUND', `/v1/notes/${confirmed.rootNote}`, { as: 'hualing' })
    await tally.refused('NOTE_NOT_FOUND', `/v1/notes/${confirmed.rootNote}/evidence`, { as: 'hualing' })
    await tally.refused('NOTE_NOT_FOUND', `/v1/notes/${confirmed.rootNote}/recall`, { as: 'hualing', method: 'POST' })
    await tally.refused('NOTE_NOT_FOUND', `/v1/notes/${ghost.note}/settlement`, {
      as: 'jiangan',
      body: { payment: 'x' }
    })
    for (const as of ['hualing', 'meridian', 'regulator']) {
      await tally.refused('INTENT_NOT_FOUND', `/v1/intents/${intent.intentId}`, { as })
      await tally.refused('DOCUMENT_NOT_FOUND', `/v1/documents/${own.documentId}`, { as })
    }
    const signature = `0x${'11'.repeat(64)}1b`
    await tally.refused('INTENT_NOT_FOUND', `/v1/intents/${intent.intentId}/signatures`, {
      as: 'hualing',
      body: { signature }
    })
    await tally.refused('DOCUMENT_NOT_FOUND', '/v1/receivables', {
      as: 'hualing',
      body: { documentId: own.documentId }
    })
    expect((await tally.call(`/v1/notes/${confirmed.rootNote}`, { as: 'alder' })).status).toBe(200)
  })

  it('is seen by the regulator, who is a party of nothing', async () => {
    const { body } = await tally.call(`/v1/receivables/${own.receivableId}`, { as: 'regulator' })
    expect(body['receivable']).toMatchObject({ receivableId: own.receivableId, state: 'registered' })
    const list = await tally.call('/v1/receivables', { as: 'regulator' })
    expect((list.body['items'] as unknown[]).length).toBeGreaterThanOrEqual(2)
    expect((await tally.call('/v1/receivables', { as: 'hualing' })).body['items']).toEqual([])
    expect((await tally.call(`/v1/receivables/${own.receivableId}/history`, { as: 'regulator' })).status).toBe(200)
  })
})

describe('a request', () => {
  const transfer = { assignee: participantIdOf('corvale'), amount: '1', tradeDocument: 'T' }
  const transfers = () => `/v1/notes/${open.rootNote}/transfers`

  it.each([
    '{',
    '',
    '{"a":1,}',
    'null x',
    '{"__proto__":{"roles":["clearing"]}}',
    '{"constructor":{"prototype":{}}}',
    '\u0000'
  ])('with a body that is not JSON is refused: %j', async (body) => {
    await tally.refused('JSON_MALFORMED', transfers(), { method: 'POST', body })
  })

  it.each<[string, object]>([
    ['an unknown field', { ...transfer, recourse: true }],
    ['an amount as a number', { ...transfer, amount: 100 }],
    ['a negative amount', { ...transfer, amount: '-1' }],
    ['an amount with a fraction', { ...transfer, amount: '1.5' }],
    ['an amount with a leading zero', { ...transfer, amount: '01' }],
    ['an amount in scientific notation', { ...transfer, amount: '1e3' }],
    ['an amount in other digits', { ...transfer, amount: '١٢' }],
    ['an amount with a line end', { ...transfer, amount: '1\n' }],
    ['a participant as text', { ...transfer, assignee: '7' }],
    ['a participant that is no integer', { ...transfer, assignee: 7.5 }],
    ['a participant beyond 2^32', { ...transfer, assignee: 2 ** 53 + 2 }],
    ['a deadline beyond 2^40', { ...transfer, deadline: 1e300 }],
    ['no trade document', { ...transfer, tradeDocument: '' }],
    ['a trade document of 501 characters', { ...transfer, tradeDocument: 'x'.repeat(501) }],
    ['a trade document with NUL', { ...transfer, tradeDocument: 'a\u0000b' }],
    ['a trade document with half a character', { ...transfer, tradeDocument: 'a\ud800b' }],
    ['a list', [transfer]]
  ])('with %s does not match the schema', async (_what, body) => {
    expect(await tally.refused('REQUEST_INVALID', transfers(), { body })).toMatchObject({
      status: 400,
      field: expect.stringMatching(/^body/)
    })
  })

  it('that takes no body is refused when it brings one', async () => {
    for (const body of [{ recourse: true }, [], 'true', '"text"']) {
      await tally.refused('REQUEST_INVALID', `/v1/notes/${open.rootNote}/acceptance`, { body })
    }
    await tally.refused('REQUEST_INVALID', `/v1/receivables/${own.receivableId}/confirmation`, {
      as: 'meridian',
      body: { recourse: true }
    })
  })

  it.each([
    'limit=0',
    'limit=-1',
    'limit=1&limit=2',
    'state=none',
    'unknown=1',
    'after=0x00',
    '__proto__=1',
    'role=%00'
  ])('with the query ?%s does not match the schema', async (query) => {
    await tally.refused('REQUEST_INVALID', `/v1/notes?${query}`)
  })

  it.each(['0x', '0xAB', '1', 'null', '%00', 'x'.repeat(90), '..%2f..%2fhealthz'])(
    'with the id %.20s is refused',
    async (id) => {
      await tally.refused('REQUEST_INVALID', `/v1/notes/${id}`)
    }
  )

  it('in another media type is refused', async () => {
    for (const type of [
      'text/plain',
      'application/xml',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'x'
    ]) {
      const request = { body: JSON.stringify(transfer), headers: { 'content-type': type } }
      expect(await tally.refused('MEDIA_TYPE_UNSUPPORTED', transfers(), request), type).toMatchObject({ status: 415 })
    }
    await tally.refused('MEDIA_TYPE_UNSUPPORTED', '/v1/documents', { body: { file: 'x' } })
    await tally.refused('MEDIA_TYPE_UNSUPPORTED', '/v1/documents', { method: 'POST' })
  })

  it('that is too large is refused', async () => {
    expect(
      await tally.refused('BODY_TOO_LARGE', transfers(), { body: { ...transfer, x: 'x'.repeat(1 << 20) } })
    ).toMatchObject({ status: 413 })
    const head = `Authorization: Bearer ${tally.keys.participants['alder']!.apiKey}\r\nContent-Type: application/xml`
    // The length alone is enough: not a byte of the file is waited for.
    const answer = await raw(
      `POST /v1/documents HTTP/1.1\r\nHost: x\r\n${head}\r\nContent-Length: ${(5 << 20) + 1}\r\n\r\n`
    )
    expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*"code":"BODY_TOO_LARGE"/)
  })

  it('for a route that does not exist is refused', async () => {
    for (const path of [
      '/',
      '/v1',
      '/v1/',
      '/v2/me',
      '/V1/me',
      '/v1//me',
      '/v1/me/',
      '/v1/receivables/x/y',
      '/.env',
      '/v1/../../etc/passwd'
    ]) {
      expect(await tally.refused('ROUTE_UNKNOWN', path), path).toMatchObject({ status: 404 })
    }
  })

  it('with a method that the route does not take is refused, and the answer names those that it takes', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const answer = await tally.refused('METHOD_NOT_ALLOWED', `/v1/notes/${own.rootNote}`, { method })
      expect(answer).toMatchObject({ status: 405, presented: method, required: ['GET', 'HEAD'] })
    }
    expect(await tally.refused('METHOD_NOT_ALLOWED', transfers())).toMatchObject({
      presented: 'GET',
      required: ['POST']
    })
    const { headers } = await tally.call('/v1/me', { method: 'DELETE' })
    expect(headers.get('allow')).toBe('GET, HEAD')
  })
})

describe('an idempotency key', () => {
  it.each([null, 'short', 'x'.repeat(256), 'with space', 'ümläut-key'])(
    'is needed and well formed: %.20s',
    async (key) => {
      const body = invoice({ number: 'K-0' })
      expect(await tally.refused('IDEMPOTENCY_KEY_MISSING', '/v1/documents', { key, body })).toMatchObject({
        status: 400,
        required: expect.any(String)
      })
    }
  )

  it('takes no other body, route or person along', async () => {
    const key = tally.newKey()
    const { body } = await tally.call('/v1/documents', { key, body: invoice({ number: 'K-1' }) })
    await tally.refused('IDEMPOTENCY_KEY_REUSED', '/v1/documents', { key, body: invoice({ number: 'K-2' }) })
    await tally.refused('IDEMPOTENCY_KEY_REUSED', '/v1/receivables', {
      key,
      body: { documentId: body['documentId'] as string }
    })
    const other = await tally.call('/v1/documents', {
      as: 'corvale',
      key,
      body: invoice({ number: 'K-1', sellerVat: 'NL900118846B01' })
    })
    expect(other.status).toBe(201)
  })

  it('gives one effect and one answer to twenty requests at once', async () => {
    const { documentId } = await tally.upload()
    const key = tally.newKey()
    const before = await tally.written()
    const request = { key, body: { documentId } }
    const answers = await Promise.all(Array.from({ length: 20 }, () => tally.call('/v1/receivables', request)))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(202))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    const after = await tally.written()
    expect(after).toEqual({ ...before, intent: before['intent']! + 1, idempotency: before['idempotency']! + 1 })
  })

  it('of a refused request can be used again', async () => {
    const key = tally.newKey()
    await tally.refused('DOCUMENT_NOT_FOUND', '/v1/receivables', { key, body: { documentId: ghost.uuid } })
    const { documentId } = await tally.upload()
    expect((await tally.call('/v1/receivables', { key, body: { documentId } })).status).toBe(202)
  })

  it('gives the first answer also after the intent has run its course', async () => {
    const { documentId } = await tally.upload()
    const request = { key: tally.newKey(), body: { documentId } }
    const first = await tally.call('/v1/receivables', request)
    const intent = await tally.as('alder').followUp(first.body as never, tally.newKey())
    expect(intent.state).toBe('projected')
    const again = await tally.call('/v1/receivables', request)
    expect([again.status, again.text]).toEqual([first.status, first.text])
  })
})

describe('the description', () => {
  it('is OpenAPI 3.1: every operation has an id of its own, its parameters, and schemas that compile', () => {
    const { document } = tally.contract
    expect(document.openapi).toMatch(/^3\.1\.\d+$/)
    const operations = tally.contract.operations()
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(ids.every((id) => /^[a-z][A-Za-z]+$/.test(id ?? ''))).toBe(true)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { path, operation } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const described = (operation.parameters ?? [])
        .filter((one) => one.in === 'path' && one.required)
        .map(({ name }) => name)
      expect(described, path).toEqual(named)
      const schemas = [
        ...(operation.parameters ?? []).map(({ schema }) => schema),
        ...Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => schema),
        ...Object.keys(operation.responses).flatMap((status) =>
          Object.values(tally.contract.responseOf(operation, Number(status))?.content ?? {}).map(({ schema }) => schema)
        )
      ]
      for (const schema of schemas) if (schema) tally.contract.compile(schema)
      for (const status of Object.keys(operation.responses)) {
        expect(tally.contract.responseOf(operation, Number(status))?.description, `${path} ${status}`).toMatch(/\w/)
      }
    }
  })

  it('has every route of /v1', async () => {
    const pool = openPool(tally.database.url, 1)
    const none = new Uint8Array()
    const app = await buildApp({
      pool,
      config: tally.config,
      fingerprintKeys: [{ key: new Uint8Array(32), epoch: 1 }],
      certificateSigner: { publicKey: none, certificate: none, intermediates: [], sign: () => none },
      vault: vaultOf(new Uint8Array(32)),
      tokens: await tokensOf(await newTokenKey(), 'none')
    })
    const missing = tally.contract
      .operations()
      .filter(({ method, path }) => !app.hasRoute({ method: method as 'GET', url: path.replace(/\{(\w+)\}/g, ':$1') }))
    const printed = app.printRoutes({ commonPrefix: false, includeHooks: false })
    await app.close()
    await pool.end()
    expect(missing).toEqual([])
    const described = tally.contract
      .operations()
      .map(({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`)
    const registered = routesOf(printed).filter((route) => / \/v1\//.test(route))
    expect(registered.length).toBeGreaterThan(20)
    expect(registered.filter((route) => !described.includes(route))).toEqual([])
  })

  it('has a page', async () => {
    const answer = await tally.call('/docs/', { as: null })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toContain('text/html')
    expect((await tally.call('/docs', { as: null })).status).toBe(200)
  })

  it('stands beside health and readiness, which need no credential', async () => {
    expect(await tally.call('/healthz', { as: null })).toMatchObject({ status: 200, body: { status: 'ok' } })
    expect(await tally.call('/readyz', { as: null })).toMatchObject({
      status: 200,
      body: { status: 'ready', asOf: expect.any(Object) }
    })
  })
})

describeBadInput(() => ({ tally, own, open }))

describe('the description, as a source of requests', () => {
  it('has every answer that it gets, and none is a failure of the service', async () => {
    const seed = 7
    const given = [own, open]
    const { requests, operations, callers, byStatus, findings } = await fuzz(tally, given, {
      seed,
      rounds: 2,
      budget: 20_000
    })
    const statuses = Object.entries(byStatus).map(([status, count]) => `${status}: ${count}`)
    console.log(
      `fuzz, SEED=${seed}: ${requests} requests, ${operations} operations, ${callers} callers; ${statuses.join(', ')}`
    )
    expect(findings).toEqual([])
    expect(requests).toBeGreaterThan(50)
  })
})

describe('an attacker', () => {
  it('gets no server error from anything that a line to the port can carry', async () => {
    const key = `Authorization: Bearer ${tally.keys.participants['alder']!.apiKey}`
    const json = 'Content-Type: application/json\r\nIdempotency-Key: attack-key-1'
    const post = (path: string, body: string, more = json) =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\n${key}\r\n${more}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
    const get = (path: string, more = key) => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\nConnection: close\r\n\r\n`
    const note = `/v1/notes/${open.rootNote}`
    const attacks = [
      get('/v1/me', `${key}\r\nX-A: a\r\n b\r\nX-B: c\rd`),
      get('/v1/me', `${key}\0`),
      get('/v1/me', `Authorization: Bearer \x01\x02\xff`),
      get('/v1/me', `${key}\r\nAuthorization: Bearer other`),
      get('/v1/me', `X-Long: ${'x'.repeat(100_000)}`),
      get('/v1/notes/%'),
      get('/v1/notes/%zz'),
      get('/v1/notes/%c0%af'),
      get('/v1/notes/%ff%fe'),
      get(`/v1/notes/${'a'.repeat(10_000)}`),
      get(`/v1/notes/0x${'0'.repeat(64)}%00`),
      get(`/v1/notes?after=${'9'.repeat(5_000)}`),
      get('/v1/notes?limit[]=1&limit[__proto__]=x'),
      get('/v1/notes?%'),
      get('/v1/receivables/..;/..;/healthz'),
      get('//evil.example/v1/me'),
      get('http://evil.example/v1/me'),
      get('*'),
      get('/docs/static/..%2f..%2f..%2fpackage.json'),
      get('/docs/static/%00'),
      'GET /v1/me HTTP/9.9\r\n\r\n',
      'XYZ /v1/me HTTP/1.1\r\nHost: x\r\n\r\n',
      '\0\0\0\0\r\n\r\n',
      post(`${note}/transfers`, '{"assignee":7,"assignee":8,"amount":"1","amount":"2","tradeDocument":"d"}'),
      post(`${note}/transfers`, '{"assignee":90071992547409931234,"amount":"1","tradeDocument":"d"}'),
      post(`${note}/transfers`, '{"assignee":7,"amount":"9999999999999999999","tradeDocument":"d"}'),
      post(`${note}/transfers`, '{"assignee":7,"deadline":-0,"amount":"1","tradeDocument":"d"}'),
      post(`${note}/transfers`, '{"assignee":1e999,"amount":"1","tradeDocument":"d"}'),
      post(`${note}/refusal`, '{"reason":"\\u0000"}'),
      post(`${note}/refusal`, '{"reason":"\\udc00"}'),
      post(`${note}/refusal`, `${'['.repeat(200_000)}${']'.repeat(200_000)}`),
      post(`${note}/acceptance`, `${'['.repeat(200_000)}${']'.repeat(200_000)}`),
      post(`${note}/refusal`, '{"\\u005f_proto__":{"reason":"x"}}'),
      post(`${note}/refusal`, '\ufeff{"reason":"x"}'),
      post(`${note}/refusal`, '{}', 'Content-Type: application/json; charset=utf-7\r\nIdempotency-Key: attack-key-2'),
      post(
        `${note}/refusal`,
        '{}',
        'Content-Type: application/json\r\nContent-Length: 9\r\nIdempotency-Key: attack-key-3'
      ),
      post(`${note}/refusal`, '0\r\n\r\n', 'Transfer-Encoding: chunked\r\nIdempotency-Key: attack-key-4'),
      post(`${note}/refusal`, '{}', `Content-Type: application/json\r\nIdempotency-Key: ${'k'.repeat(300)}`),
      post(`/v1/intents/${ghost.uuid}/signatures`, `{"signature":"0x${'0'.repeat(130)}"}`),
      post('/v1/documents', '\0', 'Content-Type: application/xml\r\nIdempotency-Key: attack-key-5'),
      post('/v1/documents', '%PDF-1.7\n1 0 obj<<>>', 'Content-Type: application/pdf\r\nIdempotency-Key: attack-key-6'),
      post(
        '/v1/documents',
        '%PDF-',
        'Content-Type: application/pdf\r\nContent-Encoding: gzip\r\nIdempotency-Key: attack-key-7'
      )
    ]
    for (const attack of attacks) {
      const answer = await raw(attack)
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)
      expect(status, `${attack.slice(0, 150)} → ${answer.slice(0, 300)}`).toBeLessThan(500)
      expect(answer).not.toMatch(/node_modules|at \w+ \(|devDependencies/)
      // Only what the HTTP parser itself refuses has no code.
      if (status >= 400 && !/Client Error|Header Fields Too Large/.test(answer))
        expect(answer).toContain('application/problem+json')
    }
    expect((await tally.call('/healthz', { as: null })).status).toBe(200)
    expect(tally.troubles()).toEqual([])
  })
})

/** Sends bytes as they are and reads until the server closes. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(tally.apiUrl).port), '127.0.0.1')
    let answer = ''
    socket.setTimeout(3_000, () => socket.destroy())
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
    socket.on('error', () => resolve(answer))
    socket.on('close', () => resolve(answer))
    socket.write(Buffer.from(bytes, 'latin1'))
  })
}

/** `METHOD /path` of each line of Fastify's tree of routes. */
function routesOf(tree: string): string[] {
  const stack: string[] = []
  return tree.split('\n').flatMap((line) => {
    const parsed = /^([│ ]*)[├└]── (\S*)(?: \(([A-Z, ]+)\))?/.exec(line)
    if (!parsed) return []
    const depth = parsed[1]!.length / 4
    stack.length = depth
    stack[depth] = parsed[2]!
    const path = stack.join('')
    return (parsed[3]?.split(', ') ?? []).filter((method) => method !== 'HEAD').map((method) => `${method} ${path}`)
  })
}
