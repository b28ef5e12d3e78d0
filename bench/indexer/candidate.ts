/** One program that indexes the bench's chain: its own processes and its own database. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Database } from '../../scripts/instance/database.ts'
import type { BenchChain } from './chain.ts'
import { differenceOf, type Expected } from './expected.ts'
import { cpuOfTree, usageOfTree } from './measure.ts'

/** What a candidate is started on. */
export interface Place {
  chain: Pick<BenchChain, 'url' | 'deployment'>
  /** Empty. */
  databaseUrl: string
  /** A folder for what it has to write. */
  dir: string
  /** Whether blocks go on coming. */
  isLive: boolean
}

/** What all candidates are run on. */
export interface Ground extends Pick<Place, 'chain' | 'dir'> {
  expected: Expected
  database: Database
  /** Given where blocks go on coming: mines one. Some wait for a new one before they look at the newest. */
  mineOne?: () => Promise<void>
}

export interface Launch {
  program: string
  args: readonly string[]
  cwd?: string
  env?: Readonly<Record<string, string>>
}

export interface Candidate {
  name: string
  /** Others' work, which may be wrong or not follow without ending the bench. */
  isPeer?: boolean
  /** What it needs before it can be started on a place, such as code that is generated: not counted. */
  launch(place: Place): Launch | Promise<Launch>
  /** Gives `ready: true` once the receivable `$1` is settled: what all of them are timed by. */
  ready: string
  /** Whether the program also says over IPC when it has done all that was left to do, such as readers' indexes. */
  saysReady?: boolean
  /** The channel on which it tells each block that can be read. */
  channel: string
  /** Makes a program that has no such channel tell it at each receivable that comes. */
  announce?: string
  /** Gives each note as `row`, as {@link Expected} writes them. */
  notes: string
}

export interface Backfill {
  /** Until the last row could be read. */
  seconds: number
  /** Until it had said that all is done; the same where it says nothing. */
  wholeSeconds: number
  cpu: number
  databaseCpu: number
  peakMegabytes: number
  databaseMegabytes: number
}

export interface Running {
  backfill: Backfill
  /** What the first row is that is not as it should be. */
  wrong: string | undefined
  databaseUrl: string
  /** Kills the process and starts it again on the same database. Returns seconds until it has caught up. */
  restart(): Promise<number>
  stop(): Promise<void>
}

const CATCH_UP_MS = 600_000
const TOLD_MS = 30_000
/** Between two looks whether one has caught up: by one key, so that looking costs next to nothing. */
const LOOK_MS = 10
const MINE_MS = 2_000
const WARM_UP_BLOCKS = 3

let runs = 0

/** Starts a candidate on an empty database and waits until it has caught up. Times run from before it is started. */
export async function backfill(
  candidate: Candidate,
  { chain, expected, database, dir, mineOne }: Ground
): Promise<Running> {
  const { name } = candidate
  const databaseName = `bench_${runs++}`
  await query(database.url, `create database ${databaseName}`)
  await query(database.url, 'checkpoint')
  const databaseUrl = Object.assign(new URL(database.url), { pathname: `/${databaseName}` }).href
  const { program, args, cwd, env } = await candidate.launch({ chain, databaseUrl, dir, isLive: mineOne !== undefined })
  const databaseCpu = cpuOfTree(database.pid)
  let child: ChildProcess
  async function start(isFirst: boolean): Promise<Pick<Backfill, 'seconds' | 'wholeSeconds'>> {
    const started = performance.now()
    // A group of its own: peers have children, which are ended with them.
    child = spawn(program, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...(candidate.saysReady ? (['ipc'] as const) : [])],
      detached: true
    })
    const output: string[] = []
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk: Buffer) => output.push(String(chunk)))
    process.once('exit', killGroup)
    const since = (): number => (performance.now() - started) / 1000
    try {
      const whole = candidate.saysReady ? untilSaid(child).then(since) : undefined
      const seconds = isFirst ? untilSettled(databaseUrl, candidate.ready, expected.last, mineOne).then(since) : whole
      const ended = once(child, 'exit').then(() => Promise.reject(new Error('it ended')))
      const [first, last] = await Promise.race([Promise.all([seconds, whole ?? seconds]), ended])
      return { seconds: first!, wholeSeconds: last! }
    } catch (error) {
      await kill()
      throw new Error(`${name} did not catch up: ${String(error)}\n${output.join('').slice(-4000)}`, { cause: error })
    }
  }
  function killGroup(): void {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
  async function kill(): Promise<void> {
    process.removeListener('exit', killGroup)
    const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
    killGroup()
    await ended
  }
  const times = await start(true)
  const usage = usageOfTree(child!.pid!)
  const usedByDatabase = cpuOfTree(database.pid) - databaseCpu
  const rows = await query(databaseUrl, `select row from (${candidate.notes}) as note order by row collate "C"`)
  const [size] = await query(databaseUrl, 'select pg_database_size(current_database()) / 1e6 as megabytes')
  return {
    databaseUrl,
    wrong: differenceOf(
      expected.notes,
      rows.map(({ row }) => String(row))
    ),
    backfill: {
      ...times,
      cpu: usage?.cpu ?? Number.NaN,
      databaseCpu: usedByDatabase,
      peakMegabytes: usage?.peakMegabytes ?? Number.NaN,
      databaseMegabytes: Number(size!.megabytes)
    },
    async restart() {
      await kill()
      return (await start(false)).wholeSeconds
    },
    async stop() {
      await kill()
      await query(database.url, `drop database ${databaseName} with (force)`)
    }
  }
}

/** Milliseconds from before a block is mined until a reader of the database is told of it, for so many blocks. */
export async function latencies(
  { databaseUrl }: Running,
  { name, channel, announce }: Candidate,
  chain: Pick<BenchChain, 'mineOne'>,
  blocks: number
): Promise<number[]> {
  if (announce !== undefined) await query(databaseUrl, announce)
  const listener = new pg.Client({ connectionString: databaseUrl })
  await listener.connect()
  await listener.query(`listen ${channel}`)
  const times: number[] = []
  try {
    // Peers say that they have caught up before they follow: the first blocks may come late and together.
    for (let i = 0; i < WARM_UP_BLOCKS; i++) {
      await chain.mineOne()
      await sleep(2_000)
    }
    for (let i = 0; i < blocks; i++) {
      const told = once(listener, 'notification', { signal: AbortSignal.timeout(TOLD_MS) })
      const started = performance.now()
      await chain.mineOne()
      await told
      times.push(performance.now() - started)
    }
  } catch (error) {
    throw new Error(`${name} told nothing of block ${times.length + 1} of ${blocks}: ${String(error)}`, {
      cause: error
    })
  } finally {
    await listener.end()
  }
  return times
}

async function untilSaid(child: ChildProcess): Promise<void> {
  const [what] = (await once(child, 'message')) as [unknown]
  if (typeof what !== 'object' || what === null) throw new Error(`it said ${String(what)}`)
}

async function untilSettled(url: string, ready: string, last: string, mineOne?: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    let mined = performance.now()
    for (const until = mined + CATCH_UP_MS; performance.now() < until; await sleep(LOOK_MS)) {
      // Until it has made its tables there is nothing to look at.
      const answer = await client.query<{ ready: boolean }>(ready, [last]).catch(() => undefined)
      if (answer?.rows[0]?.ready === true) return
      if (mineOne && performance.now() - mined > MINE_MS) {
        await mineOne()
        mined = performance.now()
      }
    }
    throw new Error(`not within ${CATCH_UP_MS / 1000} s`)
  } finally {
    await client.end()
  }
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}
