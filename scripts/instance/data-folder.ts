import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readJson, readText, writeWhole } from './files.ts'
import { InstanceError } from './instance-error.ts'
import { identityOf, isStillRunning, type ProcessIdentity } from './process-identity.ts'

/** How others find the running instance. Holds the database's password: readable by the owner only. */
export interface InstanceRecord {
  readonly apiUrl: string
  readonly rpcUrl: string
  readonly databaseUrl: string
  readonly dataDir: string
  readonly pid: number
  /** ISO 8601, UTC. */
  readonly startedAt: string
}

/** Ports chosen at an earlier start, so that bookmarks and scripts go on working. */
export interface RememberedPorts {
  chain?: number
  database?: number
  api?: number
  metrics?: number
}

/** A data folder that this process alone may use until it releases it. */
export interface DataFolder {
  readonly dir: string
  readonly runDir: string
  readonly logsDir: string
  readonly keysDir: string
  ports(): RememberedPorts
  rememberPorts(ports: RememberedPorts): void
  wasStoryPlayed(): boolean
  rememberStory(): void
  publish(record: InstanceRecord): void
  /** Tells a start that waits for the folder that it will be free soon. */
  announceStop(): void
  release(): void
}

interface LockRecord extends ProcessIdentity {
  readonly isStopping: boolean
}

const MARKER = 'tallystick-data'
const LOCK = 'lock.json'
// An instance that has just lost its terminal needs a moment to notice, and then to stop.
const NOTICE_MS = 2_000
const STOPPING_MS = 60_000

/**
 * Opens a data folder, makes it when there is none, and takes its lock. A lock whose process is gone is taken over,
 * also when another process has its number now.
 * @throws InstanceError DATA_FOLDER_FOREIGN, DATA_FOLDER_CLOSED, DATA_FOLDER_IN_USE
 */
export async function openDataFolder(dir: string): Promise<DataFolder> {
  prepareFolder(dir)
  await takeLock(dir)
  for (const name of ['run', 'logs', 'keys']) mkdirSync(join(dir, name), { recursive: true, mode: 0o700 })
  const file = (name: string) => join(dir, name)
  rmSync(file('instance.json'), { force: true })
  return {
    dir,
    runDir: file('run'),
    logsDir: file('logs'),
    keysDir: file('keys'),
    ports: () => portsIn(readJson(file('ports.json'))),
    rememberPorts: (ports) => writeWhole(file('ports.json'), JSON.stringify(ports)),
    wasStoryPlayed: () => existsSync(file('story-played')),
    rememberStory: () => writeWhole(file('story-played'), `${new Date().toISOString()}\n`),
    publish: (record) => writeWhole(file('instance.json'), `${JSON.stringify(record, null, 2)}\n`),
    announceStop: () => writeWhole(file(LOCK), lockOf(true)),
    release() {
      rmSync(file('instance.json'), { force: true })
      if (isOurs(readLock(dir))) rmSync(file(LOCK), { force: true })
    }
  }
}

/**
 * Deletes everything in an opened data folder but its lock and its mark. Nothing of it may be running.
 * Only `openDataFolder` makes the mark, so a folder of somebody else's never comes this far.
 */
export function wipeDataFolder(folder: DataFolder): void {
  for (const name of readdirSync(folder.dir)) {
    if (name !== MARKER && name !== LOCK) rmSync(join(folder.dir, name), { recursive: true, force: true })
  }
  for (const dir of [folder.runDir, folder.logsDir, folder.keysDir]) mkdirSync(dir, { mode: 0o700 })
}

/**
 * The instance that runs on a data folder.
 * @throws InstanceError INSTANCE_NOT_RUNNING
 */
export function findInstance(dir: string): InstanceRecord {
  const record = readJson(join(dir, 'instance.json')) as InstanceRecord | undefined
  const lock = readLock(dir)
  if (record && lock && lock.pid === record.pid && isStillRunning(lock)) return record
  throw new InstanceError(
    'INSTANCE_NOT_RUNNING',
    `no instance is running on the data folder ${dir}`,
    'start one with: npm start (and give the same --data DIR if you gave one there)'
  )
}

function prepareFolder(dir: string): void {
  const isForeign = existsSync(dir) && !existsSync(join(dir, MARKER)) && readdirSync(dir).length > 0
  if (isForeign || [dirname(dir), resolve(homedir())].includes(dir))
    throw new InstanceError(
      'DATA_FOLDER_FOREIGN',
      `${dir} is not a data folder of Tallystick and is not empty`,
      'give an empty or a new folder with --data DIR'
    )
  try {
    // Root runs Postgres as another user, who must pass through this folder; what is inside is closed one by one.
    mkdirSync(dir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK)
    if (!existsSync(join(dir, MARKER)))
      writeWhole(join(dir, MARKER), 'Data of a Tallystick instance. "npm start -- --fresh" may delete all of it.\n')
  } catch (error) {
    throw new InstanceError(
      'DATA_FOLDER_CLOSED',
      `the data folder ${dir} cannot be written (${(error as NodeJS.ErrnoException).code})`,
      'give a folder of yours with --data DIR, or make this one yours (was it made by root?)'
    )
  }
}

async function takeLock(dir: string): Promise<void> {
  const lock = join(dir, LOCK)
  const draft = join(dir, `lock.${process.pid}`)
  const started = Date.now()
  writeWhole(draft, lockOf(false))
  try {
    for (;;) {
      if (linkNew(draft, lock)) return
      const text = readText(lock)
      const holder = readLock(dir)
      if (holder && isStillRunning(holder)) {
        const patience = holder.isStopping ? STOPPING_MS : NOTICE_MS
        if (Date.now() - started > patience) throw inUse(dir, holder.pid)
        await sleep(100)
      } else if (text !== undefined) removeStale(lock, text)
    }
  } finally {
    rmSync(draft, { force: true })
  }
}

/** A hard link is made or refused in one step, and the lock is never seen half written. */
function linkNew(draft: string, lock: string): boolean {
  try {
    linkSync(draft, lock)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Two starts may find the same stale lock; the slower one must not remove the lock the faster one took since. */
function removeStale(lock: string, judged: string): void {
  const aside = `${lock}.${process.pid}`
  try {
    renameSync(lock, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (readText(aside) !== judged) linkNew(aside, lock)
  rmSync(aside, { force: true })
}

function readLock(dir: string): LockRecord | undefined {
  const value = readJson(join(dir, LOCK)) as Partial<LockRecord> | undefined
  if (typeof value?.pid !== 'number' || typeof value.started !== 'string') return undefined
  return { pid: value.pid, started: value.started, isStopping: value.isStopping === true }
}

function lockOf(isStopping: boolean): string {
  return JSON.stringify({ ...identityOf(process.pid), isStopping })
}

function isOurs(lock: LockRecord | undefined): boolean {
  return lock?.pid === process.pid
}

function inUse(dir: string, pid: number): InstanceError {
  const record = readJson(join(dir, 'instance.json')) as Partial<InstanceRecord> | undefined
  return new InstanceError(
    'DATA_FOLDER_IN_USE',
    `process ${pid} is already running on the data folder ${dir}${record?.apiUrl ? ` (${record.apiUrl})` : ''}`,
    `use that one, stop it (kill ${pid}), or start a second one beside it with --data OTHER_DIR`
  )
}

function portsIn(value: unknown): RememberedPorts {
  const ports: RememberedPorts = {}
  if (typeof value !== 'object' || value === null) return ports
  for (const name of ['chain', 'database', 'api', 'metrics'] as const) {
    const port = (value as Record<string, unknown>)[name]
    if (typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536) ports[name] = port
  }
  return ports
}
