/**
 * Requests made of the description of the api, as it allows them and spoiled, for each operation and caller. Every answer has to be one that
 * the description has: its status, its media type, its schema, for a refusal a code of that status; and never one of the service's own failure.
 */
import fc from 'fast-check'
import { errors, type ErrorCode } from '../../../api/errors.ts'
import { cast, participantIdOf } from '../../../scripts/world/cast.ts'
import type { Operation } from '../contract.ts'
import type { Answer, Instance, Registered } from '../instance.ts'
import { invoice } from '../invoices.ts'
import { allowed, hostileTexts, spoiled, type Known, type Schema } from './values.ts'

export interface FuzzOptions {
  seed: number
  /** Requests for each operation and caller. */
  rounds: number
  /** Nothing new is begun after so many milliseconds. */
  budget?: number
}

export interface FuzzResult {
  requests: number
  operations: number
  callers: number
  byStatus: Record<string, number>
  /** What was not as described, each with the request that shows it. */
  findings: string[]
}

interface Sent {
  method: string
  url: string
  headers: Record<string, string>
  body: string | Uint8Array | undefined
}

/** One of each role, and a stranger to everything. */
const callers = ['alder', 'meridian', 'lindqvist', 'jiangan', 'regulator', 'tormel', null] as const
/** What an answer may tell of things to ask about. An API key of somebody at work is not to be taken back. */
const learned =
  /^(receivableId|noteId|documentId|intentId|alarmId|requestId|quoteId|runId|statementId|entryId|matchId|exceptionId|endpointId|orderId|userId|grantId|txHash|fingerprint|hash|nonce|next)$/
const KNOWN_MAX = 40

export async function fuzz(tally: Instance, given: readonly Registered[], options: FuzzOptions): Promise<FuzzResult> {
  return new Fuzz(tally, given, options).run()
}

class Fuzz {
  readonly #tally: Instance
  readonly #options: FuzzOptions
  readonly #known = new Map<string, unknown[]>()
  readonly #result: FuzzResult
  readonly #tokens = new Map<string, string>()
  #count = 0

  constructor(tally: Instance, given: readonly Registered[], options: FuzzOptions) {
    this.#tally = tally
    this.#options = options
    const { contract } = tally
    this.#result = {
      requests: 0,
      operations: contract.operations().length,
      callers: callers.length,
      byStatus: {},
      findings: []
    }
    const participants = cast.map(({ slug }) => participantIdOf(slug))
    for (const name of ['participantId', 'assignee', 'factor', 'debtor', 'escrow']) this.#known.set(name, participants)
    for (const { receivableId, rootNote, documentId } of given) {
      this.#learn('receivableId', receivableId)
      this.#learn('noteId', rootNote)
      this.#learn('documentId', documentId)
    }
    for (const amount of ['1', '100', '10000000']) this.#learn('amount', amount)
  }

  async run(): Promise<FuzzResult> {
    for (const slug of callers) if (slug) this.#tokens.set(slug, await this.#tally.login(slug))
    const end = Date.now() + (this.#options.budget ?? Number.POSITIVE_INFINITY)
    const plan = Array.from({ length: this.#options.rounds }, (_, round) =>
      this.#tally.contract.operations().flatMap((one) => callers.map((as) => ({ ...one, as, round })))
    ).flat()
    // Mixed, so that a budget that ends early has not always seen the same half.
    const mixed = this.#one(fc.shuffledSubarray(plan, { minLength: plan.length }))
    for (const { method, path, operation, as, round } of mixed) {
      if (Date.now() > end) break
      // The first round as the description says; then every other.
      await this.#try(method, path, operation, as, round % 2 === 1)
    }
    return this.#result
  }

  async #try(method: string, path: string, operation: Operation, as: string | null, isSpoiled: boolean): Promise<void> {
    const sent = this.#request(method, path, operation, as, isSpoiled)
    const answer = await this.#send(sent, operation)
    if (!answer || answer.status >= 300 || method !== 'POST' || !sent.headers['idempotency-key']) return
    if (!(operation.parameters ?? []).some(({ name }) => name === 'idempotency-key')) return
    // The same key again: the same request gets the same answer, another body a refusal.
    const again = await this.#send(sent, operation)
    if (again && again.status !== answer.status) {
      this.#found(sent, `the same request again has the status ${again.status}, not ${answer.status}`)
    }
    const other = this.#body(operation, method, undefined, { ...sent.headers })
    if (isSame(other, sent.body)) return
    const conflict = await this.#send({ ...sent, body: other }, operation)
    if (conflict && conflict.status < 400)
      this.#found({ ...sent, body: other }, 'another body under a key that was used is taken')
  }

  #request(method: string, path: string, operation: Operation, as: string | null, isSpoiled: boolean): Sent {
    const known: Known = this.#known
    const placed = (place: string) => (operation.parameters ?? []).filter((one) => one.in === place)
    // One place is spoiled at a time: otherwise the first check hides the others.
    const places = ['body', 'body', 'query', 'path', 'header', 'type'] as const
    const spot = isSpoiled ? this.#one(fc.constantFrom(...places)) : undefined
    const textIn = (schema: Schema, name: string, place: string) => {
      const value =
        spot === place ? this.#one(fc.constantFrom(...hostileTexts)) : this.#one(allowed(schema, known, name))
      return String(value)
    }
    const url = path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const { schema = {} } = placed('path').find((one) => one.name === name)!
      return encode(textIn(schema as Schema, name, 'path'))
    })
    const query = placed('query')
      .filter(({ required }) => (required && spot !== 'query') || this.#one(fc.boolean()))
      .map(({ name, schema }) => `${name}=${encode(textIn(schema as Schema, name, 'query'))}`)
    if (spot === 'query')
      query.push(this.#one(fc.constantFrom('unknown=1', '__proto__=1', '%', 'a[]=1&a[]=2', ...query)))
    const headers: Record<string, string> = {}
    // A session may administer, which an API key may not; it would end by two operations.
    const ends = /^(end|renew)Session$/.test(operation.operationId ?? '')
    if (as)
      headers['authorization'] = `Bearer ${ends ? this.#tally.keys.participants[as]!.apiKey : this.#tokens.get(as)!}`
    if (method === 'POST') {
      const isBad = spot === 'header'
      headers['idempotency-key'] = isBad
        ? this.#one(fc.constantFrom('short', 'x'.repeat(300), 'a b c d e f', '\u00e9'.repeat(9)))
        : `fuzz-${this.#options.seed}-${++this.#count}`
    }
    for (const { name, schema } of placed('header')) {
      if (name in headers || this.#one(fc.boolean())) continue
      headers[name] = textIn(schema as Schema, name, 'header').replace(/[^\t\x20-\x7e\x80-\xff]/g, '?')
    }
    return {
      method,
      url: query.length > 0 ? `${url}?${query.join('&')}` : url,
      headers,
      body: this.#body(operation, method, spot, headers)
    }
  }

  #body(operation: Operation, method: string, spot: string | undefined, headers: Record<string, string>): Sent['body'] {
    if (method === 'GET' || method === 'DELETE') return undefined
    const content = operation.requestBody?.content ?? {}
    const type = this.#one(
      fc.constantFrom(
        ...Object.keys({ ...content, ...(Object.keys(content).length === 0 ? { 'application/json': {} } : {}) })
      )
    )
    const wrong = [
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/json; charset=utf-7',
      'x'
    ]
    headers['content-type'] = spot === 'type' ? this.#one(fc.constantFrom(...wrong)) : type
    const schema = content[type]?.schema as Schema | undefined
    if (type !== 'application/json') {
      const file = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constant(invoice({ number: `F-${this.#count}` })))
      return this.#one(file)
    }
    if (!schema) return spot === 'body' ? JSON.stringify(this.#one(fc.jsonValue())) : '{}'
    const value = this.#one(spot === 'body' ? spoiled(schema, this.#known) : allowed(schema, this.#known))
    return JSON.stringify(value)
  }

  async #send(sent: Sent, operation: Operation): Promise<Answer | undefined> {
    const { method, url, headers, body } = sent
    const init: RequestInit = { method, headers }
    if (body !== undefined)
      init.body = (typeof body === 'string' ? body : Buffer.from(body)) as NonNullable<RequestInit['body']>
    let response: Response
    try {
      response = await fetch(this.#tally.apiUrl + url, { ...init, redirect: 'error' })
    } catch (error) {
      this.#found(sent, `no answer: ${String((error as Error).cause ?? error)}`)
      return undefined
    }
    const text = await response.text()
    const isJson = /json\b/.test((response.headers.get('content-type') ?? '').split(';')[0]!)
    const answer = {
      status: response.status,
      headers: response.headers,
      text,
      body: (isJson ? parsed(text) : {}) as Answer['body']
    }
    this.#result.requests++
    this.#result.byStatus[answer.status] = (this.#result.byStatus[answer.status] ?? 0) + 1
    const trouble = this.#troubleOf(sent, operation, answer)
    if (trouble) this.#found(sent, trouble)
    if (answer.status < 300) this.#learnFrom(answer.body)
    return answer
  }

  #troubleOf({ method, url }: Sent, operation: Operation, answer: Answer): string | undefined {
    const { status, body } = answer
    const { code } = body as { code?: ErrorCode }
    // Where a parameter became part of the path, or nothing, another route answers, or none.
    if (code === 'ROUTE_UNKNOWN' || code === 'METHOD_NOT_ALLOWED') return undefined
    // Under load the service says so, which is no failure.
    if (code === 'SERVER_BUSY') return undefined
    if (status >= 500) return `fails with ${status}: ${answer.text.slice(0, 300)}`
    if (status >= 400 && (code === undefined || errors[code]?.status !== status))
      return `${status} with the code ${String(code)}`
    const { contract } = this.#tally
    const isOwnPath = contract
      .operations()
      .some((one) => one.operation === operation && one.method === method && fits(one.path, url))
    return isOwnPath ? contract.troubleOf(operation, answer) : undefined
  }

  #found(sent: Sent, trouble: string): void {
    const { authorization: _, ...headers } = sent.headers
    const body = typeof sent.body === 'string' ? sent.body.slice(0, 600) : sent.body && `${sent.body.length} bytes`
    this.#result.findings.push(
      `${sent.method} ${sent.url.slice(0, 300)} ${JSON.stringify(headers)} ${body ?? ''} → ${trouble}`
    )
  }

  #learnFrom(value: unknown): void {
    if (Array.isArray(value)) return value.slice(0, 5).forEach((one) => this.#learnFrom(one))
    if (typeof value !== 'object' || value === null) return
    for (const [name, one] of Object.entries(value)) {
      if (learned.test(name) && (typeof one === 'string' || typeof one === 'number'))
        this.#learn(name === 'next' ? 'after' : name, one)
      else this.#learnFrom(one)
    }
  }

  #learn(name: string, value: unknown): void {
    const values = this.#known.get(name) ?? []
    if (values.includes(value)) return
    values.push(value)
    if (values.length > KNOWN_MAX) values.splice(3, 1)
    this.#known.set(name, values)
  }

  /** One value; the seed and how many were made before decide which. */
  #one<T>(arbitrary: fc.Arbitrary<T>): T {
    return fc.sample(arbitrary, { numRuns: 1, seed: this.#options.seed + ++this.#count })[0]!
  }
}

function isSame(one: Sent['body'], other: Sent['body']): boolean {
  if (typeof one === 'string' && typeof other === 'string') return one === other
  return one === other || Buffer.compare(Buffer.from(one ?? ''), Buffer.from(other ?? '')) === 0
}

function fits(path: string, url: string): boolean {
  return new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`).test(url.split('?')[0]!)
}

function parsed(text: string): unknown {
  try {
    return text === '' ? {} : (JSON.parse(text) as unknown)
  } catch {
    return {}
  }
}

/** As a URL can carry it: halves of characters can not be. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}
