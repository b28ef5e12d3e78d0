import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What tells one process from a later one that was given the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** Start of the process: boot id and clock ticks on Linux, the start date elsewhere. Opaque, compared only. */
  readonly started: string
}

export interface RunningProcess extends ProcessIdentity {
  /** Command line, arguments joined by blanks. */
  readonly command: string
  /** Number of the process that started it; 1 when that one is gone. */
  readonly parent: number
}

/**
 * The process that has this number now, or undefined when none runs.
 * A zombie counts as gone: it holds no file and no port, and in a container nobody may ever reap it.
 */
export function runningProcess(pid: number): RunningProcess | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid)
}

/** The identity of a process that runs now. Throws when it does not. */
export function identityOf(pid: number): ProcessIdentity {
  const found = runningProcess(pid)
  if (!found) throw new Error(`no process ${pid}`)
  return { pid, started: found.started }
}

/** Whether the very process that was recorded still runs; another one with its number does not count. */
export function isStillRunning(recorded: ProcessIdentity): boolean {
  return runningProcess(recorded.pid)?.started === recorded.started
}

function fromProc(pid: number): RunningProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold blanks and brackets, so fields are counted from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
    return { pid, started: `${boot}/${fields[19]}`, command, parent: Number(fields[1]) }
  } catch {
    return undefined
  }
}

function fromPs(pid: number): RunningProcess | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,ppid=,lstart=,command=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C' }
    }).trim()
    const match = /^(\S+)\s+(\d+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(.*)$/.exec(line)
    if (!match || match[1]!.startsWith('Z')) return undefined
    return { pid, started: match[3]!, command: match[4]!, parent: Number(match[2]) }
  } catch {
    return undefined
  }
}
