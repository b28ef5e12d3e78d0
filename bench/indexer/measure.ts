/** What a process and the database's processes used, from Linux' /proc (proc_pid_stat(5)). */
import { readdirSync, readFileSync } from 'node:fs'

const TICKS_A_SECOND = 100

export interface Usage {
  /** Seconds of processor time. */
  cpu: number
  /** Resident memory at its peak, 10^6 bytes. */
  peakMegabytes: number
}

/** Of a process and those below it, each at its own peak. Undefined where there is no /proc. */
export function usageOfTree(pid: number): Usage | undefined {
  try {
    return {
      cpu: cpuOfTree(pid),
      peakMegabytes: treeOf(pid).reduce((sum, each) => sum + peakOf(each), 0)
    }
  } catch {
    return undefined
  }
}

/** Processor time of a process, those below it and those of them that have ended, seconds. */
export function cpuOfTree(pid: number): number {
  try {
    return treeOf(pid).reduce((sum, each) => sum + cpuOf(each), 0)
  } catch {
    return 0
  }
}

function treeOf(root: number): number[] {
  const below = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = parentOf(Number(name))
    below.set(parent, [...(below.get(parent) ?? []), Number(name)])
  }
  const tree = [root]
  for (const pid of tree) tree.push(...(below.get(pid) ?? []))
  return tree
}

/** Zero for one that has ended and was not waited for. */
function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return (Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024) / 1e6
}

/** With that of its children that have ended. */
function cpuOf(pid: number): number {
  try {
    return ticksOf(pid) / TICKS_A_SECOND
  } catch {
    return 0
  }
}

/** User and system time, its own and that of children that have ended. */
function ticksOf(pid: number): number {
  return statOf(pid)
    .slice(11, 15)
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
