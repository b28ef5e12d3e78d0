import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { describeExit } from './children.ts'
import type { Exit } from './daemon.ts'
import { tailOf } from './files.ts'
import { InstanceError } from './instance-error.ts'

/** Something that runs and can be started again in the same place. */
export interface Service<R extends Running = Running> {
  readonly name: string
  readonly logFile: string
  start(): Promise<R>
}

export interface Running {
  readonly pid: number
  readonly exited: Promise<Exit>
  stop(): Promise<void>
  kill(): void
}

export interface Supervisor {
  /** Starts a service and from then on starts it again whenever it ends by itself. */
  add<R extends Running>(service: Service<R>): Promise<R>
  /** Rejects when a service cannot be kept running. Never resolves. */
  readonly failed: Promise<never>
  /** Stops all services, the last added first, and starts none again. Not concurrently: call once. */
  stopAll(): Promise<void>
  /** SIGKILL to all that runs. */
  killAll(): void
}

export interface SupervisorOptions {
  readonly report: (line: string) => void
  /** Deaths of one service within `windowMs` that are borne; one more stops everything. */
  readonly deathsBorne?: number
  readonly windowMs?: number
  readonly firstDelayMs?: number
}

const LONGEST_DELAY_MS = 8_000

interface Kept {
  readonly service: Service
  current: Running | undefined
  /** Settles when a start that is under way has come to an end. */
  restarting: Promise<void>
  readonly deaths: number[]
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { report, deathsBorne = 5, windowMs = 60_000, firstDelayMs = 200 } = options
  const kept: Kept[] = []
  const stopping = new AbortController()
  let fail: (error: Error) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  // Whoever waits for `failed` sees the error; before anybody does, it must not end the process.
  failed.catch(() => {})

  const watch = (entry: Kept, running: Running) => {
    entry.current = running
    void running.exited.then((exit) => {
      entry.current = undefined
      if (!stopping.signal.aborted)
        entry.restarting = startAgain(entry, `${entry.service.name} ended (${describeExit(exit)})`)
    })
  }

  const startAgain = async (entry: Kept, firstReason: string) => {
    let reason = firstReason
    while (!stopping.signal.aborted) {
      const now = Date.now()
      entry.deaths.push(now)
      const recent = entry.deaths.filter((at) => now - at < windowMs).length
      if (recent > deathsBorne) return fail(keepsEnding(entry.service, recent, windowMs))
      const delay = Math.min(firstDelayMs * 2 ** (recent - 1), LONGEST_DELAY_MS)
      report(`! ${reason}; starting it again in ${delay} ms`)
      const started = Date.now()
      try {
        await sleep(delay, undefined, { signal: stopping.signal })
        const running = await entry.service.start()
        watch(entry, running)
        return report(`✓ ${entry.service.name} runs again after ${Date.now() - started} ms`)
      } catch (error) {
        reason = `${entry.service.name} did not start: ${(error as Error).message}`
      }
    }
  }

  return {
    failed,
    async add(service) {
      if (stopping.signal.aborted)
        throw new InstanceError('INSTANCE_STOPPING', `${service.name} is not started any more`, 'start again')
      const starting = service.start()
      // A stop that comes meanwhile waits for this start, so that nothing is left running.
      const restarting = starting.then(
        () => {},
        () => {}
      )
      const entry: Kept = { service, current: undefined, restarting, deaths: [] }
      kept.push(entry)
      try {
        const running = await starting
        watch(entry, running)
        return running
      } catch (error) {
        kept.splice(kept.indexOf(entry), 1)
        throw error
      }
    },
    async stopAll() {
      stopping.abort()
      for (const entry of kept.toReversed()) {
        await entry.restarting
        // One turn later the service that has just started is recorded.
        await setImmediate()
        await entry.current?.stop()
      }
    },
    killAll() {
      stopping.abort()
      for (const entry of kept) entry.current?.kill()
    }
  }
}

function keepsEnding(service: Service, deaths: number, windowMs: number): InstanceError {
  return new InstanceError(
    'SERVICE_KEEPS_ENDING',
    `${service.name} ended ${deaths} times within ${windowMs / 1000} s. The end of its log:\n${tailOf(service.logFile)}`,
    `read ${service.logFile}, mend what it says, then start again; nothing that was committed is lost`
  )
}
