import { performance } from 'node:perf_hooks'

/** Looked at so often, milliseconds. */
const LOOK_MS = 100
/** Parts of the time for which the event loop has work: above the one a place less, below the other one more. */
const BUSY = 0.8
const IDLE = 0.6

/**
 * How many commands a process should work at. While they wait for the database, many at a time are faster; when the event loop has no
 * pause left, they are not, and every read waits behind a step of each of them.
 */
export class Pace {
  readonly #least: number
  readonly #most: number
  #now: number
  #since = performance.eventLoopUtilization()
  #looked = performance.now()

  constructor(least: number, most: number) {
    this.#least = least
    this.#most = most
    this.#now = most
  }

  get now(): number {
    const time = performance.now()
    if (time - this.#looked >= LOOK_MS) {
      const current = performance.eventLoopUtilization()
      this.follow(performance.eventLoopUtilization(current, this.#since).utilization)
      this.#since = current
      this.#looked = time
    }
    return this.#now
  }

  /** @param utilization Of the event loop, of late: 0 to 1 */
  follow(utilization: number): void {
    if (utilization > BUSY) this.#now = Math.max(this.#least, this.#now - 1)
    else if (utilization < IDLE) this.#now = Math.min(this.#most, this.#now + 1)
  }
}
