import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../scripts/instance/ports.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { startInstance, until, type Instance, type Registered } from './instance.ts'

/** Traces of requests and of the way of intents, at a real OTLP/HTTP receiver. */

interface Told {
  service: string
  traceId: string
  spanId: string
  parentSpanId: string
  name: string
  startedAt: bigint
  endedAt: bigint
  attributes: Record<string, string>
  hasFailed: boolean
}

/** As OTLP/HTTP has them in JSON. */
interface Export {
  resourceSpans: {
    resource: { attributes: { key: string; value: Record<string, unknown> }[] }
    scopeSpans: {
      spans: {
        traceId: string
        spanId: string
        parentSpanId?: string
        name: string
        startTimeUnixNano: string
        endTimeUnixNano: string
        attributes?: { key: string; value: Record<string, unknown> }[]
        status?: { code?: number }
      }[]
    }[]
  }[]
}

let tally: Instance
let receiver: Server
let registered: Registered
const told: Told[] = []
const bodies: string[] = []

const valuesOf = (list: { key: string; value: Record<string, unknown> }[] = []) =>
  Object.fromEntries(list.map(({ key, value }) => [key, String(Object.values(value)[0])]))

function take(text: string): void {
  bodies.push(text)
  for (const { resource, scopeSpans } of (JSON.parse(text) as Export).resourceSpans) {
    const service = valuesOf(resource.attributes)['service.name']!
    for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
      const { traceId, spanId, parentSpanId = '', name, attributes, status } = span
      const [startedAt, endedAt] = [BigInt(span.startTimeUnixNano), BigInt(span.endTimeUnixNano)]
      const rest = { attributes: valuesOf(attributes), hasFailed: status?.code === 2 }
      told.push({ service, traceId, spanId, parentSpanId, name, startedAt, endedAt, ...rest })
    }
  }
}

beforeAll(async () => {
  const port = await freePort()
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.url === '/v1/traces') take(Buffer.concat(chunks).toString())
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((resolve) => receiver.listen(port, '127.0.0.1', resolve))
  tally = await startInstance({}, undefined, `http://127.0.0.1:${port}`)
  registered = await tally.register()
})
afterAll(async () => {
  const troubles = tally?.troubles()
  await tally?.stop()
  receiver?.close()
  expect(troubles).toEqual([])
})

/** Spans of one trace, once all of these are there. */
async function traceWith(traceId: string, ...names: string[]): Promise<Told[]> {
  const of = () => told.filter((span) => span.traceId === traceId)
  await until(() => names.every((name) => of().some((span) => span.name === name)))
  return of()
}

const newTrace = (i: number) => {
  const traceId = `abcdef${String(i).padStart(26, '0')}`
  return { traceId, headers: { traceparent: `00-${traceId}-00000000000000aa-01` } }
}

describe('a request', () => {
  it('is one span, in the caller’s trace where it has one, by its route and not by its ids', async () => {
    const { traceId, headers } = newTrace(1)
    const answer = await tally.call(`/v1/receivables/${registered.receivableId}`, { headers })
    expect(answer.status).toBe(200)
    const [span] = await traceWith(traceId, 'GET /v1/receivables/:receivableId')
    expect(span).toMatchObject({
      service: 'tallystick-api',
      parentSpanId: '00000000000000aa',
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/v1/receivables/:receivableId',
        'http.response.status_code': '200',
        'tallystick.operation': 'getReceivable'
      },
      hasFailed: false
    })
    expect(span!.endedAt > span!.startedAt).toBe(true)
  })

  it('that is refused says with which code; a malformed traceparent begins a trace of its own', async () => {
    const { traceId, headers } = newTrace(2)
    await tally.call(`/v1/receivables/0x${'12'.repeat(24)}`, { headers })
    const [span] = await traceWith(traceId, 'GET /v1/receivables/:receivableId')
    expect(span!.attributes).toMatchObject({ 'error.type': 'RECEIVABLE_NOT_FOUND' })
    const before = told.length
    for (const traceparent of [
      '00-x-y-01',
      `00-${'0'.repeat(32)}-00000000000000aa-01`,
      `01-${traceId}-00000000000000aa-01`
    ])
      expect((await tally.call('/v1/orders-of-nobody', { headers: { traceparent } })).status).toBe(404)
    await until(() => told.length >= before + 3)
    const strangers = told.filter(({ name, parentSpanId }) => name === 'GET unknown' && parentSpanId === '')
    expect(strangers.length).toBeGreaterThanOrEqual(3)
  })
})

describe('an intent', () => {
  it('is followed from its request over the relayer to the projection, in one trace', async () => {
    const { traceId, headers } = newTrace(3)
    const path = `/v1/receivables/${registered.receivableId}/confirmation`
    const proposed = await tally.call(path, { as: 'meridian', method: 'POST', headers })
    expect(proposed.status, proposed.text).toBe(202)
    const { intentId } = proposed.body as { intentId: string }
    const intent = await tally.as('meridian').followUp(proposed.body as never, tally.newKey())
    expect(intent.state).toBe('projected')
    const spans = await traceWith(traceId, 'intent confirm', 'intent projected')
    const named = (name: string) => spans.find((span) => span.name === name)!
    const [request, whole] = [named('POST /v1/receivables/:receivableId/confirmation'), named('intent confirm')]
    expect(whole).toMatchObject({
      service: 'tallystick-relayer',
      parentSpanId: request.spanId,
      attributes: { 'tallystick.intent.id': intentId, 'tallystick.intent.outcome': 'projected' },
      hasFailed: false
    })
    const steps = ['intent accepted', 'intent sent', 'intent mined', 'intent projected'].map(named)
    let end = whole.startedAt
    for (const step of steps) {
      expect(step, step.name).toMatchObject({ parentSpanId: whole.spanId, startedAt: end })
      expect(step.endedAt >= step.startedAt).toBe(true)
      end = step.endedAt
    }
    expect(end).toBe(whole.endedAt)
    const { rows } = await tally.sql.query('select from app.intent_step where intent_id = $1', [intentId])
    expect(rows, 'what was told is not kept').toEqual([])
  })

  it('that the contract refuses ends there, with its reason', async () => {
    const { rootNote } = registered
    const offer = { assignee: participantIdOf('corvale'), amount: '10000000', tradeDocument: 'T' }
    const { traceId, headers } = newTrace(4)
    const path = `/v1/notes/${rootNote}/transfers`
    const both = [await tally.propose('alder', path, offer), (await tally.call(path, { body: offer, headers })).body]
    const intents = await Promise.all(both.map((one) => tally.as('alder').followUp(one as never, tally.newKey())))
    expect(intents.map(({ state }) => state).sort()).toEqual(['projected', 'refused'])
    const whole = (await traceWith(traceId, 'intent transfer')).find(({ name }) => name === 'intent transfer')!
    const mine = intents[1]!
    expect(whole.attributes['tallystick.intent.outcome']).toBe(mine.state)
    expect([whole.hasFailed, whole.attributes['error.type']]).toEqual(
      mine.refusal ? [true, mine.refusal.code] : [false, undefined]
    )
  })
})

describe('what traces say', () => {
  it('is nothing of whom: no key, participant, receivable, document or path of these', () => {
    const all = bodies.join('\n')
    expect(all.length).toBeGreaterThan(1_000)
    const { receivableId, documentId, rootNote } = registered
    const secrets = [receivableId, documentId, rootNote, 'Alder', 'Meridian', '127.0.0.1', '127.0.0.1:']
    for (const { apiKey } of Object.values(tally.keys.participants)) secrets.push(apiKey)
    for (const secret of secrets) expect(all.includes(secret), secret).toBe(false)
    const keys = new Set(told.flatMap(({ attributes }) => Object.keys(attributes)))
    expect([...keys].sort()).toEqual([
      'error.type',
      'http.request.method',
      'http.response.status_code',
      'http.route',
      'tallystick.intent.id',
      'tallystick.intent.outcome',
      'tallystick.operation'
    ])
  })
})

describe('tracing', () => {
  it('costs nothing but its spans when the receiver is gone', async () => {
    receiver.closeAllConnections()
    await new Promise((resolve) => receiver.close(resolve))
    const done = await tally.done('alder', '/v1/receivables', {
      documentId: (await tally.upload()).documentId,
      maturity: Math.floor(Date.now() / 1000) + 30 * 86_400
    })
    expect(done.state).toBe('projected')
    expect((await tally.call('/v1/me')).status).toBe(200)
  })

  it('is off without an endpoint: nothing is kept, and no package of it is loaded', async () => {
    const { otlpEndpoint: _, ...off } = tally.config
    const begun = performance.now()
    await tally.children.api.stop()
    expect(performance.now() - begun, 'a stop waits for no receiver').toBeLessThan(8_000)
    await tally.restartApi(off)
    const { documentId } = await tally.upload()
    const maturity = Math.floor(Date.now() / 1000) + 30 * 86_400
    const { headers } = newTrace(5)
    const { body } = await tally.call('/v1/receivables', { body: { documentId, maturity }, headers })
    const { rows } = await tally.sql.query(
      `select trace_parent, (select count(*)::int from app.intent_step s where s.intent_id = i.intent_id) as steps
         from app.intent i where intent_id = $1`,
      [body['intentId']]
    )
    expect(rows).toEqual([{ trace_parent: null, steps: 0 }])
    const look = `const seen = []
      require('node:module').registerHooks({ resolve(name, context, next) {
        if (name.includes('opentelemetry')) seen.push(name)
        return next(name, context)
      } })
      Promise.all([import('./api/app.ts'), import('./api/relayer/traces.ts')]).then(() => console.log(JSON.stringify(seen)))`
    const root = fileURLToPath(new URL('../..', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', look], { cwd: root })
    expect(JSON.parse(stdout)).toEqual([])
  })
})
