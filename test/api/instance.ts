import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { expect } from 'vitest'
import type { ApiConfig } from '../../api/config.ts'
import type { ErrorCode } from '../../api/errors.ts'
import { loginDigest, type LoginTypedData } from '../../domain/participant/login.ts'
import { newPrivateKey } from '../../domain/participant/private-key.ts'
import { Client, type Intent } from '../../scripts/demo/client.ts'
import { askChain, startChain, type Chain } from '../../scripts/instance/chain.ts'
import { startChild, type Child } from '../../scripts/instance/children.ts'
import { startDatabase, type Database } from '../../scripts/instance/database.ts'
import { freePort } from '../../scripts/instance/ports.ts'
import { cast } from '../../scripts/world/cast.ts'
import { readKeys, type WorldKeys } from '../../scripts/world/keys.ts'
import { participantIdOf, prepareWorld } from '../../scripts/world/prepare.ts'
import { signDigest } from '../../scripts/world/signing.ts'
import { Contract } from './contract.ts'
import { invoice, type InvoiceFields } from './invoices.ts'

/** One answer of the api, as it came. */
export interface Answer {
  status: number
  headers: Headers
  text: string
  body: Record<string, unknown>
}

export interface Request {
  method?: string
  /** Idempotency key; a new one for each POST unless given, none when null. */
  key?: string | null
  /** An object is sent as JSON, bytes and text as they are. */
  body?: object | string | Uint8Array
  headers?: Record<string, string>
  /** Who calls; without credential when null. */
  as?: string | null
}

export interface Registered {
  documentId: string
  receivableId: string
  /** The one note that a receivable begins with. */
  rootNote: string
}

/** A whole instance in one temporary folder: real chain, real Postgres, our programs as processes, real HTTP. */
export class Instance {
  readonly dir: string
  readonly apiUrl: string
  database: Database
  readonly keys: WorldKeys
  readonly config: ApiConfig
  readonly children: Record<'indexer' | 'relayer' | 'api', Child>
  readonly contract: Contract
  readonly sql: pg.Pool
  chain: Chain
  private readonly clients: Map<string, Client>
  private count = 0

  constructor(
    parts: Pick<Instance, 'dir' | 'apiUrl' | 'database' | 'chain' | 'keys' | 'config' | 'children' | 'contract'>
  ) {
    this.dir = parts.dir
    this.apiUrl = parts.apiUrl
    this.database = parts.database
    this.chain = parts.chain
    this.keys = parts.keys
    this.config = parts.config
    this.children = parts.children
    this.contract = parts.contract
    this.sql = new pg.Pool({ connectionString: parts.database.url, max: 2 })
    this.sql.on('error', () => {})
    this.clients = new Map(
      cast.map(({ slug }) => {
        const keys = parts.keys.participants[slug]!
        return [slug, new Client(parts.apiUrl, slug, participantIdOf(slug), keys, parts.config.deployment)]
      })
    )
  }

  /** The client of a member of the cast. */
  as(slug: string): Client {
    return this.clients.get(slug)!
  }

  /** Somebody who was admitted meanwhile is called like the cast from now on. */
  join(slug: string, participantId: number, keys: Pick<WorldKeys['participants'][string], 'apiKey' | 'signers'>): void {
    this.keys.participants[slug] = { encryption: newPrivateKey('sm2'), ...keys }
    this.clients.set(slug, new Client(this.apiUrl, slug, participantId, keys, this.config.deployment))
  }

  newKey(): string {
    return `test-key-${++this.count}`
  }

  /** One request as it is, without retries. The answer must be what the published description says. */
  async call(path: string, request: Request = {}): Promise<Answer> {
    const { body, as = 'alder' } = request
    const method = request.method ?? (body === undefined ? 'GET' : 'POST')
    const headers: Record<string, string> = {}
    if (as) headers['authorization'] = `Bearer ${this.keys.participants[as]!.apiKey}`
    if (method === 'POST' && request.key !== null) headers['idempotency-key'] = request.key ?? this.newKey()
    const isJson = typeof body === 'object' && !(body instanceof Uint8Array)
    if (body !== undefined)
      headers['content-type'] = body instanceof Uint8Array ? 'application/xml' : 'application/json'
    const init = { method, headers: { ...headers, ...request.headers } } as RequestInit
    if (body !== undefined) init.body = (isJson ? JSON.stringify(body) : body) as NonNullable<RequestInit['body']>
    const response = await fetch(this.apiUrl + path, init)
    const text = await response.text()
    const type = response.headers.get('content-type') ?? ''
    const isObject = /^application\/(problem\+)?json/.test(type) && text !== ''
    const answer = {
      status: response.status,
      headers: response.headers,
      text,
      body: isObject ? JSON.parse(text) : {}
    } as Answer
    if (isObject) this.contract.check(method, path, answer)
    return answer
  }

  /** A request that has to be refused with this code, and that must leave nothing behind. */
  async refused(code: ErrorCode, path: string, request: Request = {}): Promise<Record<string, unknown>> {
    const before = await this.written()
    const answer = await this.call(path, request)
    expect(answer.body, answer.text).toMatchObject({
      code,
      status: answer.status,
      type: `urn:tallystick:error:${code}`
    })
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(await this.written(), 'a refusal leaves nothing behind').toEqual(before)
    return { ...answer.body, status: answer.status }
  }

  /** A session by the maker's key of a member of the cast: unlike an API key it may administer. */
  async login(slug: string): Promise<string> {
    const { participantId } = this.as(slug)
    const anybody = { as: null, key: null }
    const { body } = await this.call('/v1/login-challenges', { ...anybody, body: { participantId } })
    const { nonce, typedData } = body as { nonce: string; typedData: LoginTypedData }
    const key = this.keys.participants[slug]!.signers.find(({ duty }) => duty === 'maker')!
    const { signer, signature } = signDigest(key, loginDigest(typedData), this.config.deployment)
    const answer = { participantId, nonce, signature, ...(key.kind === 'secp256k1' ? {} : { signer }) }
    const { body: session, text } = await this.call('/v1/sessions', { ...anybody, body: answer })
    expect(session['token'], text).toBeTypeOf('string')
    return session['token'] as string
  }

  /** Rows that commands write. Leaves of states, anchors and the audit log come by themselves and are left out. */
  async written(): Promise<Record<string, number>> {
    const { rows } = await this.sql.query<Record<string, number>>(
      `select (select count(*)::int from app.intent) as intent,
              (select count(*)::int from app.intent_signature) as signature,
              (select count(*)::int from app.quote_signature) as quote_signature,
              (select count(*)::int from app.outbox where purpose = 'intent') as outbox,
              (select count(*)::int from app.idempotency) as idempotency,
              (select count(*)::int from app.document) as document,
              (select count(*)::int from app.evidence_leaf where kind not in ('state', 'cut', 'audit')) as leaf`
    )
    return rows[0]!
  }

  /** Uploads an invoice of Alder & Finch to Meridian, or as the fields say. */
  async upload(
    fields: Partial<InvoiceFields> = {},
    slug = 'alder'
  ): Promise<{ documentId: string; fingerprint: string }> {
    if (fields.number !== undefined) return this.as(slug).post('/v1/documents', this.newKey(), invoice(fields))
    // Unlike each other, or alarms would stop what is done with them.
    const count = ++this.count
    const issued = new Date(Date.UTC(2026, 0, 1 + (count % 300))).toISOString().slice(0, 10)
    const unlike = { number: `N-${count}`, issued, order: `PO-${count}`, ...fields }
    return this.as(slug).post('/v1/documents', this.newKey(), invoice(unlike))
  }

  /** Brings the file of an order, and names it as commands do. */
  async order(court = 'Court of Hamburg'): Promise<{ court: string; document: string }> {
    const file = new TextEncoder().encode(`%PDF-1.7 order ${++this.count}`)
    const { sha256 } = await this.as('regulator').post<{ sha256: string }>('/v1/orders', this.newKey(), file)
    return { court, document: sha256 }
  }

  /** Gives a command and follows it to its end, which must be `projected`. A regulator's is given an order's file. */
  async done(slug: string, path: string, body?: object): Promise<Intent> {
    const isByOrder = slug === 'regulator' && body && !('document' in body)
    const ordered = isByOrder ? { ...(await this.order()), ...body } : body
    const intent = await this.as(slug).command(path, this.newKey(), ordered)
    expect(intent, JSON.stringify(intent.refusal)).toMatchObject({ state: 'projected', refusal: null })
    return intent
  }

  /** Only proposes: the intent waits for its signatures. */
  async propose(slug: string, path: string, body?: object): Promise<Intent> {
    return this.as(slug).post<Intent>(path, this.newKey(), body)
  }

  async register(fields: Partial<InvoiceFields> = {}, maturity = inSeconds(30 * 86_400)): Promise<Registered> {
    const { documentId } = await this.upload(fields)
    const { receivableId } = await this.done('alder', '/v1/receivables', { documentId, maturity })
    return { documentId, receivableId: receivableId!, rootNote: `${receivableId}${'0'.repeat(16)}` }
  }

  async confirmed(maturity?: number): Promise<Registered> {
    const registered = await this.register({}, maturity)
    await this.done('meridian', `/v1/receivables/${registered.receivableId}/confirmation`)
    return registered
  }

  /** A note as the regulator sees it. */
  async note(noteId: string): Promise<Record<string, unknown>> {
    return (await this.call(`/v1/notes/${noteId}`, { as: 'regulator' })).body['note'] as Record<string, unknown>
  }

  /** A receivable as the regulator sees it. */
  async receivable(receivableId: string): Promise<Record<string, unknown>> {
    const { body } = await this.call(`/v1/receivables/${receivableId}`, { as: 'regulator' })
    return body['receivable'] as Record<string, unknown>
  }

  /** Turns the chain's clock ahead to a time, unix seconds, and waits until the projection knows. */
  async turnClock(time: number): Promise<void> {
    const newest = (await askChain(this.chain.url, 'eth_getBlockByNumber', ['pending', false])) as { timestamp: string }
    await askChain(this.chain.url, 'evm_increaseTime', [time - Number(newest.timestamp)])
    await askChain(this.chain.url, 'evm_mine')
    await until(async () => {
      const { body } = await this.call('/readyz', { as: null })
      return (body['asOf'] as { time: number }).time >= time
    })
  }

  /** What a program wrote to its log. */
  log(name: 'api' | 'relayer' | 'indexer'): string {
    return readFileSync(join(this.dir, 'logs', `${name}.log`), 'utf8')
  }

  /** Errors that the api took for its own. */
  troubles(): string[] {
    return this.log('api')
      .split('\n')
      .filter((line) => line.startsWith('{"level":50'))
  }

  /** Ends the api and starts it with another configuration. */
  async restartApi(config: ApiConfig): Promise<void> {
    await this.children.api.stop()
    const entry = fileURLToPath(new URL('../../api/main.ts', import.meta.url))
    this.children.api = await startChild({ name: 'api', entry, config }, foldersOf(this.dir))
  }

  async stop(): Promise<void> {
    await this.sql.end()
    await Promise.all(Object.values(this.children).map((child) => child.stop()))
    await Promise.all([this.chain.stop(), this.database.stop()])
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/**
 * @param overrides Of the api's configuration
 * @param consoleFolder Of the built console, where it is to be served
 * @param otlpEndpoint Where traces of api and relayer go
 */
export async function startInstance(
  overrides: Partial<ApiConfig> = {},
  consoleFolder?: string,
  otlpEndpoint?: string
): Promise<Instance> {
  const dir = mkdtempSync(join(tmpdir(), 'tallystick-api-'))
  const [chain, database, apiPort] = await Promise.all([startChain({ dir }), startDatabase({ dir }), freePort()])
  const options = {
    rpcUrl: chain.url,
    databaseUrl: database.url,
    dataDir: dir,
    apiPort,
    report: () => {},
    otlpEndpoint,
    ...(consoleFolder === undefined ? {} : { consoleFolder })
  }
  const { configs } = await prepareWorld(options)
  Object.assign(configs.api, overrides)
  const folders = foldersOf(dir)
  mkdirSync(folders.runDir, { recursive: true })
  const start = (name: 'indexer' | 'relayer' | 'api', path: string) =>
    startChild(
      { name, entry: fileURLToPath(new URL(`../../${path}`, import.meta.url)), config: configs[name] },
      folders
    )
  const [indexer, relayer, api] = await Promise.all([
    start('indexer', 'indexer/main.cjs'),
    start('relayer', 'api/relayer/main.ts'),
    start('api', 'api/main.ts')
  ])
  const apiUrl = `http://127.0.0.1:${apiPort}`
  await until(async () => (await fetch(`${apiUrl}/readyz`)).ok)
  const contract = new Contract(await (await fetch(`${apiUrl}/openapi.json`)).json())
  const children = { indexer, relayer, api }
  return new Instance({
    dir,
    apiUrl,
    database,
    chain,
    keys: await readKeys(dir),
    config: configs.api,
    children,
    contract
  })
}

function foldersOf(dir: string) {
  return { runDir: join(dir, 'run'), logsDir: join(dir, 'logs') }
}

export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds
}

/** Waits until `condition` holds; fails after 20 seconds. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not come true within 20 s')
    await delay(25)
  }
}
