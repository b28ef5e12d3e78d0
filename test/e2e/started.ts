import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { findInstance } from '../../scripts/instance/data-folder.ts'
import { runningProcess } from '../../scripts/instance/process-identity.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** How a program of the command line ended. */
export interface Ended {
  code: number | null
  output: string
}

/** Where a running instance records its processes. Postgres writes its own file. */
const pidFiles = {
  api: 'run/api.pid',
  relayer: 'run/relayer.pid',
  indexer: 'run/indexer.pid',
  anvil: 'chain/anvil.pid',
  Postgres: 'postgres.pid'
} as const
export type Part = keyof typeof pidFiles
export const parts = Object.keys(pidFiles) as Part[]

/** Runs a program of ours to its end: `run('scripts/tallystick.ts', 'demo', …)`. */
export function run(program: string, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(root, program), ...args],
      { cwd: root, maxBuffer: 1 << 26, timeout: 150_000 },
      (error, stdout, stderr) => {
        const code = error ? ((error as { code?: unknown }).code ?? null) : 0
        resolve({ code: typeof code === 'number' ? code : null, output: stdout + stderr })
      }
    )
  })
}

/** `tallystick start` as a process of its own. */
export class Started {
  readonly dir: string
  readonly process: ChildProcess
  readonly exited: Promise<number | null>
  private text = ''

  constructor(dir: string, args: string[]) {
    this.dir = dir
    this.process = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(root, 'scripts/tallystick.ts'), 'start', '--data', dir, ...args],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] }
    )
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.on('data', (chunk: Buffer) => (this.text += chunk.toString()))
    }
    this.exited = new Promise((resolve) => this.process.once('exit', resolve))
  }

  output(): string {
    return this.text
  }

  /** Waits for a piece of output, from a place in it on; returns the milliseconds it took. */
  async says(wanted: string | RegExp, from = 0): Promise<number> {
    const began = performance.now()
    while (this.text.slice(from).search(wanted) < 0) {
      const hasEnded = this.process.exitCode !== null || this.process.signalCode !== null
      if (hasEnded || performance.now() - began > 90_000) throw new Error(`waited for ${wanted} in:\n${this.text}`)
      await delay(20)
    }
    return Math.round(performance.now() - began)
  }

  /** Ctrl-C. */
  async stop(): Promise<number | null> {
    this.process.kill('SIGINT')
    return this.exited
  }
}

/** Data folders and instances of one test file, and the end of them whatever happens. */
export class Instances {
  private readonly folder = mkdtempSync(join(tmpdir(), 'tallystick-e2e-'))
  private readonly started: Started[] = []
  private readonly ports = new Map<string, number>()
  private readonly firstPort = 16_000 + 16 * Math.floor(Math.random() * 1_000)

  dir(name: string): string {
    return join(this.folder, name)
  }

  /** One port for the api of each folder and, 8 further on, one for metrics, away from those that instances of other files look for at the same moment. */
  private portOf(name: string): number {
    const port = this.ports.get(name) ?? this.firstPort + this.ports.size
    this.ports.set(name, port)
    return port
  }

  start(name: string, ...args: string[]): Started {
    const port = this.portOf(name)
    const ports = ['--port', String(port), '--metrics-port', String(port + 8)]
    const one = new Started(this.dir(name), [...ports, ...args])
    this.started.push(one)
    return one
  }

  async end(): Promise<void> {
    await Promise.all(this.started.map((one) => (one.process.exitCode === null ? one.stop() : one.exited)))
    for (const name of readdirSync(this.folder)) {
      for (const part of parts) {
        const pid = pidOf(this.dir(name), part)
        if (pid !== undefined) process.kill(pid, 'SIGKILL')
      }
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** The process of a part, when it runs. */
export function pidOf(dir: string, part: Part): number | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(join(dir, pidFiles[part]), 'utf8')) as {
      pid: number
      started: string
    }
    return runningProcess(pid)?.started === started ? pid : undefined
  } catch {
    return undefined
  }
}

/** Processes of an instance that run now. */
export function pidsOf(dir: string): number[] {
  return parts.flatMap((part) => pidOf(dir, part) ?? [])
}

export async function query<T extends object>(dir: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: findInstance(dir).databaseUrl })
  await client.connect()
  try {
    return (await client.query<T>(sql)).rows
  } finally {
    await client.end()
  }
}

/** The story as a process, whose lines can be waited for. */
export class Story {
  readonly exited: Promise<Ended>
  private readonly process: ChildProcess
  private text = ''

  constructor(dir: string, tenor: number) {
    const args = ['demo', '--data', dir, '--tenor', String(tenor)]
    this.process = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(root, 'scripts/tallystick.ts'), ...args],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] }
    )
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.on('data', (chunk: Buffer) => (this.text += chunk.toString()))
    }
    this.exited = new Promise((resolve) => {
      this.process.once('close', (code) => resolve({ code, output: this.text }))
    })
  }

  /** Waits until so many steps are done, or it has ended. */
  async stepsDone(count: number): Promise<void> {
    while (this.text.split('\n✓').length < count && this.process.exitCode === null) await delay(5)
  }
}
