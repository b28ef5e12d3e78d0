import { spawn, type SpawnOptions, type StdioOptions } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readJson, writeWhole } from './files.ts'
import { isStillRunning, runningProcess, type ProcessIdentity } from './process-identity.ts'

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Signals to send one after the other, each with the milliseconds to wait before the next. */
export type StopOrder = readonly (readonly [signal: NodeJS.Signals, waitMs: number])[]

/** A server of ours that runs in a session of its own, so that the terminal's Ctrl-C does not reach it. */
export interface Daemon {
  readonly pid: number
  readonly exited: Promise<Exit>
  readonly hasExited: () => boolean
  /** Asks it to end, ever more firmly, and waits until it has. */
  stop(order: StopOrder): Promise<void>
  /** SIGKILL at once. */
  kill(): void
}

export interface DaemonOptions {
  readonly file: string
  readonly args: readonly string[]
  readonly logFile: string
  /** Where the process is recorded, so that a start after a crash finds it. */
  readonly pidFile: string
  readonly spawn?: Pick<SpawnOptions, 'uid' | 'gid' | 'cwd' | 'env'>
  /** Opens a message channel when given. The daemon sees `disconnect` when this process ends, however it ends. */
  readonly onMessage?: (message: unknown) => void
  /** Sent when this process ends without having stopped the daemon. */
  readonly lastSignal: NodeJS.Signals
}

export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  mkdirSync(dirname(options.logFile), { recursive: true, mode: 0o700 })
  const log = openSync(options.logFile, 'a', 0o600)
  const channel = options.onMessage ? (['ipc'] as const) : []
  const stdio = ['ignore', log, log, ...channel] satisfies StdioOptions
  const child = spawn(options.file, options.args, { ...options.spawn, detached: true, stdio })
  closeSync(log)
  if (options.onMessage) child.on('message', options.onMessage)
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  const pid = child.pid!
  let ended = false
  const onProcessExit = () => sendSignal(pid, options.lastSignal)
  process.once('exit', onProcessExit)
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = true
      process.removeListener('exit', onProcessExit)
      resolve({ code, signal })
    })
  })
  const record = runningProcess(pid)
  if (record) writeWhole(options.pidFile, JSON.stringify({ pid, started: record.started }))
  return {
    pid,
    exited,
    hasExited: () => ended,
    kill: () => void (ended || sendSignal(pid, 'SIGKILL')),
    async stop(order) {
      for (const [signal, waitMs] of order) {
        if (ended) break
        sendSignal(pid, signal)
        await Promise.race([exited, sleep(waitMs, undefined, { ref: false })])
      }
      await exited
      rmSync(options.pidFile, { force: true })
    }
  }
}

/**
 * Ends a daemon that outlived the supervisor that recorded it. Another process that was given its number since is
 * left alone, and so is one whose command line does not hold `commandPart`.
 * @returns the number of the process that was ended, or undefined when there was none
 */
export async function stopOrphan(pidFile: string, commandPart: string, order: StopOrder): Promise<number | undefined> {
  const recorded = readIdentity(pidFile)
  rmSync(pidFile, { force: true })
  if (!recorded || !isStillRunning(recorded)) return undefined
  if (!runningProcess(recorded.pid)?.command.includes(commandPart)) return undefined
  await endProcess(recorded, order)
  return recorded.pid
}

/** Ends a process that is not our child: no exit event comes, so it is looked at until it is gone. */
export async function endProcess(target: ProcessIdentity, order: StopOrder): Promise<void> {
  for (const [signal, waitMs] of order) {
    sendSignal(target.pid, signal)
    const deadline = Date.now() + waitMs
    while (isStillRunning(target) && Date.now() < deadline) await sleep(20)
    if (!isStillRunning(target)) return
  }
}

function readIdentity(file: string): ProcessIdentity | undefined {
  const value = readJson(file) as Partial<ProcessIdentity> | undefined
  if (typeof value?.pid !== 'number' || typeof value.started !== 'string') return undefined
  return { pid: value.pid, started: value.started }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The little of our environment that a server needs: no address, no secret. */
export function plainEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept: NodeJS.ProcessEnv = {}
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'TZ']) if (process.env[name]) kept[name] = process.env[name]
  return { ...kept, ...more }
}
