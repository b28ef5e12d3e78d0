import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { plainEnvironment, startDaemon, stopOrphan, type Exit, type StopOrder } from './daemon.ts'
import { tailOf, writeWhole } from './files.ts'
import { InstanceError } from './instance-error.ts'

/** A Node program of ours that runs beside the supervisor. */
export interface ChildProgram {
  readonly name: string
  /** Absolute path of its main file. It takes `--config FILE`, sends `{ type: 'ready' }`, ends on `disconnect`. */
  readonly entry: string
  /** Node's own flags. */
  readonly flags?: readonly string[]
  /** Written to a file for it, readable by the owner only. */
  readonly config: unknown
}

export interface ChildFolders {
  readonly runDir: string
  readonly logsDir: string
}

export interface Child {
  readonly pid: number
  readonly exited: Promise<Exit>
  stop(): Promise<void>
  kill(): void
}

const stopOrder: StopOrder = [
  ['SIGTERM', 10_000],
  ['SIGKILL', 5_000]
]
const READY_TIMEOUT_MS = 60_000

/**
 * Starts a program and waits until it says it is ready.
 * @throws InstanceError CHILD_START_FAILED with the end of its log
 */
export async function startChild(program: ChildProgram, folders: ChildFolders): Promise<Child> {
  const { name, entry, flags = [] } = program
  const configFile = join(folders.runDir, `${name}.json`)
  const logFile = join(folders.logsDir, `${name}.log`)
  await endChildOrphan(program, folders)
  writeWhole(configFile, `${JSON.stringify(program.config, null, 2)}\n`)
  let onReady = () => {}
  const ready = new Promise<'ready'>((resolve) => {
    onReady = () => resolve('ready')
  })
  const daemon = await startDaemon({
    file: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', ...flags, entry, '--config', configFile],
    logFile,
    pidFile: pidFileOf(name, folders),
    spawn: { env: plainEnvironment() },
    onMessage: (message) => {
      if ((message as { type?: unknown } | null)?.type === 'ready') onReady()
    },
    lastSignal: 'SIGTERM'
  })
  const outcome = await Promise.race([
    ready,
    daemon.exited,
    sleep(READY_TIMEOUT_MS, 'timeout' as const, { ref: false })
  ])
  if (outcome !== 'ready') {
    await daemon.stop(stopOrder)
    const how = outcome === 'timeout' ? 'was not ready in time' : `ended at its start (${describeExit(outcome)})`
    throw new InstanceError(
      'CHILD_START_FAILED',
      `${name} ${how}:\n${tailOf(logFile)}`,
      `read ${logFile}, then start again`
    )
  }
  return { pid: daemon.pid, exited: daemon.exited, stop: () => daemon.stop(stopOrder), kill: daemon.kill }
}

/** Ends a program that an earlier supervisor left behind and that did not notice its end. */
export async function endChildOrphan(
  program: Pick<ChildProgram, 'name' | 'entry'>,
  folders: ChildFolders
): Promise<number | undefined> {
  return stopOrphan(pidFileOf(program.name, folders), program.entry, stopOrder)
}

export function describeExit(exit: Exit): string {
  return exit.signal ? `killed by ${exit.signal}` : `exit code ${exit.code}`
}

function pidFileOf(name: string, folders: ChildFolders): string {
  return join(folders.runDir, `${name}.pid`)
}
