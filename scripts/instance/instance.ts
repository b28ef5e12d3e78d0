import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { endChainOrphan, startChain, useChain } from './chain.ts'
import { endChildOrphan, startChild, type ChildProgram } from './children.ts'
import { openDataFolder, wipeDataFolder, type DataFolder, type RememberedPorts } from './data-folder.ts'
import { endDatabaseOrphans, startDatabase, useDatabase } from './database.ts'
import { InstanceError } from './instance-error.ts'
import type { StartOptions } from './options.ts'
import { freePort, isPortFree, nextFreePort } from './ports.ts'
import { describeFailure, startProgress, type LineWriter, type Progress } from './progress.ts'
import { listenForStop } from './stop-request.ts'
import { createSupervisor, type Supervisor } from './supervisor.ts'

/** What is to run: the world on the chain, our programs, and the story of the first start. */
export interface World {
  /** Deploys, migrates and seeds what is not there yet. Called at every start. */
  prepare(request: PrepareRequest): Promise<PreparedWorld>
  /** Our programs in the order of their start; `config` comes from `prepare`, found by `name`. */
  readonly programs: readonly Omit<ChildProgram, 'config'>[]
  /** Resolves true when it was played to its end. */
  playStory(request: { dataDir: string; report: (line: string) => void }): Promise<boolean>
}

export interface PrepareRequest {
  readonly rpcUrl: string
  readonly databaseUrl: string
  readonly dataDir: string
  readonly apiPort: number
  /** Where the indexer's metrics are read. */
  readonly metricsPort: number
  readonly otlpEndpoint: string | undefined
  /** Told the name of each step as it begins. */
  readonly report: (step: string) => void
}

export interface PreparedWorld {
  /** By the name of the program. */
  readonly configs: object
  /** Lines for people: addresses, participants. */
  readonly summary: readonly string[]
}

interface StartedInstance {
  readonly apiUrl: string
  readonly metricsUrl: string
  readonly summary: readonly string[]
}

const DEFAULT_API_PORT = 8080
const DEFAULT_METRICS_PORT = 9464
const READY_TIMEOUT_MS = 60_000

/**
 * Runs an instance until it is asked to stop.
 * @returns the exit code: 0 after an orderly stop, 1 when it could not start or go on
 */
export async function runInstance(
  options: StartOptions,
  world: World,
  out: LineWriter = process.stdout
): Promise<number> {
  const progress = startProgress(out)
  const stop = listenForStop()
  const supervisor = createSupervisor({ report: progress.line })
  let folder: DataFolder | undefined
  let code = 0
  const work = async () => {
    await requirePort(options.port)
    folder = await openDataFolder(options.dataDir)
    const started = await startAll(options, world, folder, supervisor, progress)
    announce(options, started, progress)
    // The story belongs to the first run: one that began empty stays as its people make it.
    if (options.empty) folder.rememberStory()
    else if (!folder.wasStoryPlayed() && (await tellStory(world, folder, progress))) folder.rememberStory()
    return new Promise<never>(() => {})
  }
  try {
    const reason = await Promise.race([stop.asked, supervisor.failed, work()])
    progress.line(`Stopping (${reason}) …`)
  } catch (error) {
    progress.line(describeFailure(error))
    code = 1
  }
  stop.onImpatience(() => {
    supervisor.killAll()
    process.exit(130)
  })
  folder?.announceStop()
  await supervisor.stopAll()
  folder?.release()
  stop.close()
  progress.line('Stopped; all data is kept.')
  return code
}

async function startAll(
  options: StartOptions,
  world: World,
  folder: DataFolder,
  supervisor: Supervisor,
  progress: Progress
): Promise<StartedInstance> {
  const ports = folder.ports()
  for (const program of world.programs) await endChildOrphan(program, folder)
  if (options.fresh) await beginAnew(options, folder, progress)
  const [database, chain] = await Promise.all([
    progress.step(
      'Postgres',
      () => addDatabase(options, folder, supervisor, ports),
      (it) => describe(it, options.databaseUrl)
    ),
    progress.step(
      'Chain',
      () => addChain(options, folder, supervisor, ports),
      (it) => describe(it, options.rpcUrl)
    )
  ])
  for (const note of [...database.notes, ...chain.notes]) progress.line(`  ! ${note}`)
  const apiPort = await chooseApiPort(options, ports, progress)
  const metricsPort = await nextFreePort(options.metricsPort ?? ports.metrics ?? DEFAULT_METRICS_PORT)
  folder.rememberPorts({
    metrics: metricsPort,
    ...(chain.pid > 0 && { chain: chain.port }),
    ...(database.pid > 0 && { database: database.port }),
    ...(options.port === undefined ? { api: apiPort } : ports.api !== undefined && { api: ports.api })
  })
  const urls = { rpcUrl: chain.url, databaseUrl: database.url, dataDir: folder.dir }
  const stages = progress.stages()
  const prepared = await world.prepare({
    ...urls,
    apiPort,
    metricsPort,
    otlpEndpoint: options.otlpEndpoint,
    report: stages.begin
  })
  stages.end()
  for (const program of world.programs) {
    const { name } = program
    const start = () => startChild({ ...program, config: configOf(prepared, name) }, folder)
    await progress.step(name, () => supervisor.add({ name, logFile: join(folder.logsDir, `${name}.log`), start }))
  }
  const apiUrl = `http://127.0.0.1:${apiPort}`
  await progress.step('ready to serve', () => waitUntilReady(apiUrl))
  folder.publish({ apiUrl, ...urls, pid: process.pid, startedAt: new Date().toISOString() })
  return { apiUrl, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`, summary: prepared.summary }
}

function configOf(prepared: PreparedWorld, name: string): unknown {
  return Object.entries(prepared.configs).find(([key]) => key === name)?.[1]
}

async function beginAnew(options: StartOptions, folder: DataFolder, progress: Progress): Promise<void> {
  // What an earlier run left behind would go on writing into the deleted files.
  await Promise.all([endChainOrphan(folder.dir), endDatabaseOrphans(folder.dir)])
  wipeDataFolder(folder)
  progress.line(`  ✓ data folder emptied (${folder.dir})`)
  for (const name of [options.databaseUrl && 'DATABASE_URL', options.rpcUrl && 'RPC_URL'])
    if (name) progress.line(`  ! --fresh does not touch what ${name} names`)
}

async function addDatabase(options: StartOptions, folder: DataFolder, supervisor: Supervisor, ports: RememberedPorts) {
  if (options.databaseUrl !== undefined) return useDatabase(options.databaseUrl)
  // What a killed run left behind still holds the remembered port.
  await endDatabaseOrphans(folder.dir)
  const port = await freePort(ports.database)
  const start = () => startDatabase({ dir: folder.dir, port })
  return supervisor.add({ name: 'Postgres', logFile: join(folder.logsDir, 'database.log'), start })
}

async function addChain(options: StartOptions, folder: DataFolder, supervisor: Supervisor, ports: RememberedPorts) {
  if (options.rpcUrl !== undefined) return useChain(options.rpcUrl)
  await endChainOrphan(folder.dir)
  const port = await freePort(ports.chain)
  const start = () => startChain({ dir: folder.dir, port })
  return supervisor.add({ name: 'Chain', logFile: join(folder.logsDir, 'chain.log'), start })
}

function describe(part: { port: number; pid: number }, outsideUrl: string | undefined): string {
  return outsideUrl === undefined ? `port ${part.port}, process ${part.pid}` : 'the outside one you named answers'
}

async function requirePort(port: number | undefined): Promise<void> {
  if (port === undefined || (await isPortFree(port))) return
  throw new InstanceError(
    'PORT_TAKEN',
    `port ${port} is taken by another program`,
    'give another one with --port N, or none'
  )
}

async function chooseApiPort(options: StartOptions, ports: RememberedPorts, progress: Progress): Promise<number> {
  if (options.port !== undefined) return options.port
  const wanted = ports.api ?? DEFAULT_API_PORT
  if (await isPortFree(wanted)) return wanted
  const port = await nextFreePort(DEFAULT_API_PORT)
  progress.line(`  ! port ${wanted} is taken, the API uses ${port}`)
  return port
}

async function waitUntilReady(apiUrl: string): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS
  let last = 'no answer'
  while (Date.now() < deadline) {
    try {
      const response = await fetch(`${apiUrl}/readyz`, { signal: AbortSignal.timeout(5_000) })
      const text = await response.text()
      if (response.status === 200) return
      last = `${response.status} ${text.slice(0, 500)}`
    } catch {
      last = 'no answer'
    }
    await sleep(100)
  }
  throw new InstanceError(
    'API_NOT_READY',
    `the API was not ready within ${READY_TIMEOUT_MS / 1000} s; its last answer: ${last}`,
    'read logs/api.log and logs/indexer.log in the data folder, then start again'
  )
}

function announce(options: StartOptions, started: StartedInstance, progress: Progress): void {
  const { apiUrl, metricsUrl, summary } = started
  const data = options.dataDir
  progress.line('')
  for (const line of summary) progress.line(`  ${line}`)
  progress.line('')
  progress.line(
    `  Web   ${apiUrl}      sign in with a key file: npx tallystick key-file NAME; ${apiUrl}/verify is open to anybody`
  )
  progress.line(`  API   ${apiUrl}/v1   description ${apiUrl}/docs and ${apiUrl}/openapi.json`)
  progress.line(`  Stat  ${metricsUrl}      of the indexer, for Prometheus`)
  progress.line(`  Data  ${data}      stop with Ctrl-C; "npm start" goes on where you stopped`)
  progress.line('  Try   npx tallystick demo      npx tallystick fingerprint FILE      npx tallystick verify PACKAGE')
  progress.line('')
  progress.line(`ready in ${(progress.elapsed() / 1000).toFixed(1)} s`)
}

/** A story that breaks off leaves a running instance; it is told again at the next start. */
async function tellStory(world: World, folder: DataFolder, progress: Progress): Promise<boolean> {
  try {
    return await world.playStory({ dataDir: folder.dir, report: progress.line })
  } catch (error) {
    progress.line(describeFailure(error))
    progress.line('  The instance runs on. Play the story again with: npx tallystick demo')
    return false
  }
}
