/** What a process and the database's processes used, from Linux' /proc (proc_pid_stat(5)). */
import { readdirSync, readFileSync } from 'node:fs'

const TICKS_A_SECOND = 100

export interface Usage {
  /** Seconds of processor time. */
  cpu: number
  /** Resident memory at its peak, 10^6 bytes. */
  peakMegabytes: number
}

/** Undefined where there is no /proc. */
export function usageOf(pid: number): Usage | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return {
      cpu: ticksOf(pid, 2) / TICKS_A_SECOND,
      peakMegabytes: (Number(/VmHWM:\s+(\d+)/.exec(status)![1]) * 1024) / 1e6
    }
  } catch {
    return undefined
  }
}

/** Processor time of a process, its children and those that have ended, seconds. */
export function cpuOfTree(pid: number): number {
  try {
    const children = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && parentOf(Number(name)) === pid)
      .map((name) => cpuOf(Number(name)))
    return ticksOf(pid, 4) / TICKS_A_SECOND + children.reduce((sum, each) => sum + each, 0)
  } catch {
    return 0
  }
}

function cpuOf(pid: number): number {
  try {
    return ticksOf(pid, 2) / TICKS_A_SECOND
  } catch {
    return 0
  }
}

/** Its own user and system time, and with `fields` 4 that of children that have ended too. */
function ticksOf(pid: number, fields: 2 | 4): number {
  return statOf(pid)
    .slice(11, 11 + fields)
    .reduce((sum, ticks) => sum + Number(ticks), 0)
}

function parentOf(pid: number): number {
  try {
    return Number(statOf(pid)[1])
  } catch {
    return -1
  }
}

/** The fields after the name, which may have spaces. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}
