/** One program that indexes the bench's chain: its own process and its own database. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { Database } from '../../scripts/instance/database.ts'
import type { BenchChain } from './chain.ts'
import { cpuOfTree, usageOf } from './measure.ts'

export interface Candidate {
  name: string
  /** Program, relative to the repository; told by `--config FILE`, says `ready` over IPC when it has caught up. */
  file: string
  /** Node's own flags, as where it is started for work. */
  flags?: readonly string[]
  /** The channel on which it tells each block that can be read. */
  channel: string
  /** Gives `right: true` when all rows are as they should be. */
  check: string
}

export interface Backfill {
  seconds: number
  cpu: number
  databaseCpu: number
  peakMegabytes: number
  databaseMegabytes: number
}

export interface Running {
  backfill: Backfill
  databaseUrl: string
  /** Kills the process and starts it again on the same database. Returns seconds until it has caught up. */
  restart(): Promise<number>
  stop(): Promise<void>
}

let runs = 0

/** Starts a candidate on an empty database and waits until it has caught up. The time runs from before it is started. */
export async function backfill(
  { name, file, flags = [], check }: Candidate,
  chain: Pick<BenchChain, 'url' | 'deployment'>,
  database: Database,
  dir: string
): Promise<Running> {
  const databaseName = `bench_${runs++}`
  await query(database.url, `create database ${databaseName}`)
  await query(database.url, 'checkpoint')
  const databaseUrl = Object.assign(new URL(database.url), { pathname: `/${databaseName}` }).href
  const config = join(dir, `${databaseName}.json`)
  writeFileSync(config, JSON.stringify({ rpcUrl: chain.url, databaseUrl, deployment: chain.deployment, pollMs: 50 }))
  const databaseCpu = cpuOfTree(database.pid)
  const program = fileURLToPath(new URL(`../../${file}`, import.meta.url))
  let child: ChildProcess
  async function start(): Promise<number> {
    const started = performance.now()
    child = spawn(process.execPath, [...flags, program, '--config', config], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc']
    })
    const output: string[] = []
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk: Buffer) => output.push(String(chunk)))
    await untilReady(child, name, output)
    return (performance.now() - started) / 1000
  }
  async function kill(): Promise<void> {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  const seconds = await start()
  const usage = usageOf(child!.pid!)
  const [row] = await query(databaseUrl, check)
  if (row?.right !== true) throw new Error(`${name}: the rows are not as they should be: ${JSON.stringify(row)}`)
  const [size] = await query(databaseUrl, 'select pg_database_size(current_database()) / 1e6 as megabytes')
  return {
    databaseUrl,
    backfill: {
      seconds,
      cpu: usage?.cpu ?? Number.NaN,
      databaseCpu: cpuOfTree(database.pid) - databaseCpu,
      peakMegabytes: usage?.peakMegabytes ?? Number.NaN,
      databaseMegabytes: Number(size!.megabytes)
    },
    async restart() {
      await kill()
      return start()
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
  { channel }: Candidate,
  chain: Pick<BenchChain, 'mineOne'>,
  blocks: number
): Promise<number[]> {
  const listener = new pg.Client({ connectionString: databaseUrl })
  await listener.connect()
  await listener.query(`listen ${channel}`)
  const times: number[] = []
  for (let i = 0; i < blocks; i++) {
    const told = once(listener, 'notification')
    const started = performance.now()
    await chain.mineOne()
    await told
    times.push(performance.now() - started)
  }
  await listener.end()
  return times
}

async function untilReady(child: ChildProcess, name: string, output: string[]): Promise<void> {
  const [what] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [unknown]
  if (typeof what === 'object' && what !== null) return
  throw new Error(`${name} ended before it had caught up:\n${output.join('')}`)
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
