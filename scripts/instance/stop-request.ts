import { runningProcess, isStillRunning, type ProcessIdentity } from './process-identity.ts'

/** Why this process is asked to end. */
export type StopReason = NodeJS.Signals | 'its starter is gone'

export interface StopRequest {
  readonly asked: Promise<StopReason>
  /** Called at a second Ctrl-C. */
  onImpatience(action: () => void): void
  close(): void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
// npm passes a Ctrl-C on that the terminal has already delivered: two within this time are one.
const SAME_PRESS_MS = 700
const STARTER_CHECK_MS = 500

/**
 * Listens for the signals that ask to end. Also watches the npm and boot processes above this one: when one of them is
 * killed, nobody could stop us from the terminal any more.
 */
export function listenForStop(): StopRequest {
  let askedAt: number | undefined
  let impatient = () => {}
  let resolve: (reason: StopReason) => void = () => {}
  const asked = new Promise<StopReason>((settle) => {
    resolve = settle
  })
  const onSignal = (signal: NodeJS.Signals) => {
    if (askedAt !== undefined && Date.now() - askedAt > SAME_PRESS_MS) impatient()
    askedAt ??= Date.now()
    resolve(signal)
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  const starters = startersOf(process.pid)
  const check = setInterval(() => {
    if (starters.every(isStillRunning)) return
    clearInterval(check)
    askedAt ??= Date.now()
    resolve('its starter is gone')
  }, STARTER_CHECK_MS)
  check.unref()
  return {
    asked,
    onImpatience(action) {
      impatient = action
    },
    close() {
      clearInterval(check)
      for (const signal of SIGNALS) process.removeListener(signal, onSignal)
    }
  }
}

function startersOf(pid: number): ProcessIdentity[] {
  const found: ProcessIdentity[] = []
  let above = runningProcess(runningProcess(pid)?.parent ?? 0)
  while (above && above.pid > 1 && /boot\.cjs|\bnpm\b|\bnpx\b/.test(above.command)) {
    found.push({ pid: above.pid, started: above.started })
    above = runningProcess(above.parent)
  }
  return found
}
