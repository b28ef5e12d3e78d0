/** One chain for all faults, and for each fault a database of its own and proxies on both sides of a real indexer. */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { connect } from '../../indexer/database.ts'
import { projectionDigest } from '../../indexer/digest.ts'
import { createFollower, readCursor } from '../../indexer/follower.ts'
import { checkInvariants } from '../../indexer/invariants.ts'
import { migrateProjection } from '../../indexer/migrate.ts'
import { createRpc } from '../../indexer/rpc.ts'
import { startDatabase } from '../../scripts/instance/database.ts'
import { startIndexer, stopWorld, type IndexerProcess, type World } from '../indexer/world.ts'
import { recordChain } from './chain.ts'
import type { Random } from './random.ts'
import { startRpcProxy, type RpcProxy } from './rpc-proxy.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/** The newest blocks, which faults see come one by one. */
const LIVE_BLOCKS = 12
const REACH_MS = 180_000

/** From which database a fault starts: nothing indexed, all but the newest blocks, or all. */
export type Start = 'empty' | 'behind' | 'whole'

export class Rig {
  readonly world: World
  /** Of the undisturbed projection of the chain as it is now. */
  reference = ''
  /** Of its feed. */
  feed = ''
  shape = ''
  head = 0
  private databases = 0

  private constructor(world: World) {
    this.world = world
  }

  /** Records the chain and makes the databases that faults start from. */
  static async open(rounds: number, emptyBlocks: number): Promise<Rig> {
    const rig = new Rig(await recordChain(rounds, emptyBlocks))
    await migrateProjection(rig.world.database.url)
    await rig.measure()
    await rig.freeze('empty')
    for (const [start, to] of [['behind', rig.liveFrom] as const, ['whole', rig.head] as const]) {
      await rig.project(rig.world.database.url, to)
      await rig.freeze(start)
    }
    return rig
  }

  /** The head from which blocks come one by one. */
  get liveFrom(): number {
    return this.head - LIVE_BLOCKS
  }

  /** Takes the chain's head and the digest that an undisturbed projection of it has. */
  async measure(): Promise<void> {
    this.head = await this.world.provider.getBlockNumber()
    const url = await this.createDatabase('reference', 'template1')
    await migrateProjection(url)
    await this.project(url, this.head)
    this.reference = await this.digestOf(url)
    this.feed = await this.feedOf(url)
    this.shape = await this.shapeOf(url)
  }

  async open(start: Start, random: Random): Promise<Scene> {
    const url = await this.createDatabase(`fault_${++this.databases}`, start)
    const postgres = await startTcpProxy(this.world.database.port)
    return new Scene(this, url, await startRpcProxy(this.world.chain.url), postgres, random)
  }

  async digestOf(url: string): Promise<string> {
    return this.query(url, (client) => projectionDigest(client, 'projection'))
  }

  /** The feed without what may be there or not: copies of events. */
  async feedOf(url: string): Promise<string> {
    const sql = `select string_agg(concat_ws(' ', first_position, last_position, kind, block_number, block_hash), E'\\n'
      order by first_position) as feed from feed`
    return this.query(url, async (client) => (await client.query<{ feed: string | null }>(sql)).rows[0]!.feed ?? '')
  }

  /** The first row that breaks a rule of the feed. */
  async feedTroubleOf(url: string): Promise<string | undefined> {
    const broken = await this.query(url, (client) => checkInvariants(client))
    const { offender } = broken.find(({ code }) => code === 'F1')!
    return offender && JSON.stringify(offender)
  }

  /** Indexes and constraints, which the digest does not show: a backfill sets some aside. */
  async shapeOf(url: string): Promise<string> {
    const sql = `select string_agg(line, E'\\n' order by line) as shape from (
      select indexdef as line from pg_indexes where schemaname = 'projection'
      union all select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
      where connamespace = 'projection'::regnamespace)`
    return this.query(url, async (client) => (await client.query<{ shape: string }>(sql)).rows[0]!.shape)
  }

  async query<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = await connect(url, 'projection')
    try {
      return await work(client)
    } finally {
      await client.end().catch(() => {})
    }
  }

  /** Runs one statement on the server, outside of the faults' databases. */
  async administer(sql: string): Promise<void> {
    const url = new URL(this.world.database.url)
    url.pathname = '/postgres'
    const client = new pg.Client({ connectionString: url.href })
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }

  /** Kills Postgres; the answer starts it again on its port. */
  async killDatabase(): Promise<() => Promise<void>> {
    const { database, dir } = this.world
    database.kill()
    await database.exited
    return async () => {
      this.world.database = await startDatabase({ dir, port: database.port })
    }
  }

  async close(): Promise<void> {
    await stopWorld(this.world)
  }

  async createDatabase(name: string, template: string, more = ''): Promise<string> {
    await this.administer(`drop database if exists ${name} with (force)`)
    await this.administer(`create database ${name} template ${template} ${more}`)
    const url = new URL(this.world.database.url)
    url.pathname = `/${name}`
    return url.href
  }

  private async project(url: string, toBlock: number): Promise<void> {
    const { deployment, chain } = this.world
    await this.query(url, async (client) => {
      const follower = createFollower({ client, rpc: createRpc(chain.url), deployment, finality: 'none', toBlock })
      while ((await follower.step()).kind !== 'idle');
    })
  }

  /** Copies the database that the undisturbed projection is in. */
  private async freeze(start: Start): Promise<void> {
    await this.createDatabase(start, 'tallystick')
  }
}

/** What one fault works with. */
export class Scene {
  readonly rig: Rig
  /** The fault's own database, past the proxy. */
  readonly url: string
  readonly rpc: RpcProxy
  readonly postgres: TcpProxy
  readonly random: Random
  readonly indexers: IndexerProcess[] = []
  private readonly closers: (() => unknown)[] = []

  constructor(rig: Rig, url: string, rpc: RpcProxy, postgres: TcpProxy, random: Random) {
    this.rig = rig
    this.url = url
    this.rpc = rpc
    this.postgres = postgres
    this.random = random
  }

  /** Starts the indexer as the launcher does, with both proxies in between. */
  start(overrides: Record<string, unknown> = {}, flags: readonly string[] = []): IndexerProcess {
    const through = new URL(this.url)
    through.port = String(this.postgres.port)
    const config = { rpcUrl: this.rpc.url, wsUrl: null, databaseUrl: through.href, patienceMs: 300, ...overrides }
    const indexer = startIndexer(this.rig.world, config, flags)
    this.indexers.push(indexer)
    return indexer
  }

  query<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.rig.query(this.url, work)
  }

  run(sql: string): Promise<unknown> {
    return this.query((client) => client.query(sql))
  }

  /** A session that holds what it locked until it is ended. */
  async session(): Promise<pg.Client> {
    const client = await connect(this.url, 'projection')
    this.atEnd(() => client.end().catch(() => {}))
    return client
  }

  async cursor(): Promise<number> {
    return (await this.query(readCursor).catch(() => undefined))?.number ?? -1
  }

  digest(): Promise<string> {
    return this.rig.digestOf(this.url)
  }

  /** Waits until the projection is at a block, or later. @throws Error when an indexer ended meanwhile, or after a minute */
  async reach(block: number): Promise<void> {
    await this.until(async () => (await this.cursor()) >= block, `block ${block} is projected`)
  }

  async until(condition: () => Promise<boolean> | boolean, what: string, ms = REACH_MS): Promise<void> {
    const deadline = Date.now() + ms
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error(`not within ${ms / 1000} s: ${what}`)
      await sleep(30)
    }
  }

  /** Lets the newest blocks appear one by one, and sometimes two at once. */
  async live(each: (block: number) => Promise<void> | void = () => {}): Promise<void> {
    for (let block = this.rig.liveFrom + 1; block <= this.rig.head; block += block % 3 === 0 ? 2 : 1) {
      this.rpc.setHead(block)
      await each(block)
      await sleep(60)
    }
    this.rpc.setHead(undefined)
  }

  async exitOf(indexer: IndexerProcess, ms = 20_000): Promise<number | null> {
    let isOver = false
    void indexer.exited.then(() => (isOver = true))
    await this.until(() => isOver, 'the indexer ended', ms)
    return indexer.exited
  }

  async tool(script: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
    const { spawn } = await import('node:child_process')
    const file = fileURLToPath(new URL(`../../scripts/${script}.ts`, import.meta.url))
    const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })))
  }

  atEnd(work: () => unknown): void {
    this.closers.push(work)
  }

  async close(): Promise<void> {
    for (const { child } of this.indexers) if (child.exitCode === null) child.kill('SIGKILL')
    for (const work of this.closers.reverse()) await work()
    this.rpc.close()
    this.postgres.close()
    // A server that was killed reads through all it has when it starts.
    await this.rig.administer(`drop database if exists ${new URL(this.url).pathname.slice(1)} with (force)`)
  }
}
