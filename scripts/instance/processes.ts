import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How a process ended: exit code, or the signal that ended it. */
export type Exit = { code: number | null; signal: NodeJS.Signals | null }

/** A process of the operating system with its arguments; `argv[0]` is the program. */
export type RunningProcess = { pid: number; argv: string[] }

/** Whether a process with this id exists. A zombie counts as gone: it holds nothing any more. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return process.platform !== 'linux' || statFields(pid)?.[0] !== 'Z'
}

/**
 * Tells a process from a later one that got the same id: boot id and start tick on Linux, start time elsewhere.
 * `undefined` when no such process runs.
 */
export function startIdentity(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined
  if (process.platform === 'linux') {
    const startTick = statFields(pid)?.[19]
    return startTick && `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${startTick}`
  }
  if (process.platform === 'win32') return 'unknown'
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}

/** Fields of /proc/PID/stat from the third on (state). The second, the name, may itself hold blanks and brackets. */
function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

/**
 * Processes of program `name` that were given exactly `argument`. The data folder's path stands on the command line
 * of each of our children, so this finds what a killed supervisor left, recorded or not, and nothing else.
 */
export function findByArgument(name: string, argument: string): RunningProcess[] {
  return runningProcesses().filter(
    ({ pid, argv }) => pid !== process.pid && path.basename(argv[0] ?? '') === name && argv.slice(1).includes(argument)
  )
}

function runningProcesses(): RunningProcess[] {
  if (process.platform === 'linux') {
    return readdirSync('/proc').flatMap((entry) => {
      if (!/^\d+$/.test(entry)) return []
      try {
        const argv = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0').slice(0, -1)
        return argv.length > 0 ? [{ pid: Number(entry), argv }] : []
      } catch {
        return []
      }
    })
  }
  if (process.platform === 'win32') return []
  // `ps` joins arguments by blanks: a data folder with a blank in its path is not found here, only on Linux.
  const lines = execFileSync('ps', ['-axwwo', 'pid=,command='], { encoding: 'utf8', maxBuffer: 16 << 20 }).split('\n')
  return lines.flatMap((line) => {
    const [pid, ...argv] = line.trim().split(/\s+/)
    return pid && argv.length > 0 ? [{ pid: Number(pid), argv }] : []
  })
}

/** Asks a process that is not our child to end, signal after signal, each with its time; resolves when it is gone. */
export async function terminate(pid: number, steps: readonly [NodeJS.Signals, number][]): Promise<void> {
  for (const [signal, patienceMs] of steps) {
    const deadline = Date.now() + patienceMs
    trySignal(pid, signal)
    while (isAlive(pid)) {
      if (Date.now() > deadline) break
      await sleep(20)
    }
    if (!isAlive(pid)) return
  }
}

/** Sends a signal; a process that is gone already is no error. */
export function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/**
 * A free TCP port of 127.0.0.1: `preferred` when nobody holds it, else one that the system picks.
 * Somebody may take it before it is used; callers that bind it must be ready to try another.
 */
export async function freePort(preferred = 0): Promise<number> {
  return (await listenOnce(preferred)) ?? (await listenOnce(0)) ?? 0
}

/** Whether nobody listens on this port of 127.0.0.1. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== undefined
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : undefined))
    })
  })
}

/** A program of others that we run: its own process group, output to a file, ended through the signals it wants. */
export type Daemon = {
  pid: number
  /** Settles when the process has ended, however it did. */
  exited: Promise<Exit>
  end(steps: readonly [NodeJS.Signals, number][]): Promise<Exit>
}

/**
 * Starts a program detached, so that a Ctrl-C at the terminal reaches only the supervisor, which then ends everything
 * in order. When this process ends without having done so (an uncaught error), the program is told to end too.
 */
export function startDaemon(
  file: string,
  args: string[],
  options: {
    logFile: string
    endSignal: NodeJS.Signals
    env?: NodeJS.ProcessEnv
    uid?: number
    gid?: number
    cwd?: string
  }
): Promise<Daemon> {
  const { logFile, endSignal, ...rest } = options
  const log = openSync(logFile, 'a', 0o600)
  let child: ChildProcess
  try {
    child = spawn(file, args, { ...rest, detached: true, stdio: ['ignore', log, log] })
  } finally {
    closeSync(log)
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', () => {
      const pid = child.pid as number
      const onExit = (): void => trySignal(pid, endSignal)
      process.once('exit', onExit)
      const exited = new Promise<Exit>((settle) => {
        child.once('exit', (code, signal) => {
          process.off('exit', onExit)
          settle({ code, signal })
        })
      })
      resolve({ pid, exited, end: (steps) => endChild(child, exited, steps) })
    })
  })
}

async function endChild(
  child: ChildProcess,
  exited: Promise<Exit>,
  steps: readonly [NodeJS.Signals, number][]
): Promise<Exit> {
  for (const [signal, patienceMs] of steps) {
    child.kill(signal)
    const patience = new AbortController()
    const late = sleep(patienceMs, 'late' as const, { signal: patience.signal }).catch(() => 'late' as const)
    const outcome = await Promise.race([exited, late])
    patience.abort()
    if (outcome !== 'late') return outcome
  }
  return exited
}

/** The last lines of a log file, for an error message; empty when there is none. */
export function tailOf(file: string, lines = 15): string {
  try {
    const size = statSync(file).size
    const buffer = Buffer.alloc(Math.min(size, 16_384))
    const descriptor = openSync(file, 'r')
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length)
    closeSync(descriptor)
    return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } catch {
    return ''
  }
}
