import { performance } from 'node:perf_hooks'

/** A mark is set so often, milliseconds: a delay is measured short by less than that. */
const MARK_MS = 50
/** After a delay the process is late for so long, milliseconds: what waited meanwhile comes all at once. */
const AFTERMATH_MS = 1_000

/**
 * Whether the event loop was held up for too long a moment ago. Every single delay counts, whenever it comes: a mean over a second of them, or a
 * histogram that is emptied in the very turn that ends one, forgets the longest.
 */
export class LoopDelay {
  readonly #mostMs: number
  readonly #now: () => number
  #marked: number
  #lateUntil = -Infinity
  #timer: NodeJS.Timeout | undefined

  /** @param mostMs A delay from which on it is late, milliseconds */
  constructor(mostMs: number, now: () => number = () => performance.now()) {
    this.#mostMs = mostMs
    this.#now = now
    this.#marked = now()
  }

  /** Begins to look: what the start of a process takes is no delay of requests. */
  start(): void {
    this.#marked = this.#now()
    this.#timer = setInterval(() => this.mark(), MARK_MS).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  mark(): void {
    const now = this.#now()
    if (now - this.#marked - MARK_MS >= this.#mostMs) this.#lateUntil = now + AFTERMATH_MS
    this.#marked = now
  }

  /** Asked by a request of the same turn, it knows of a delay that no timer has told of yet. */
  get isLate(): boolean {
    if (this.#timer && this.#now() - this.#marked - MARK_MS >= this.#mostMs) this.mark()
    return this.#now() < this.#lateUntil
  }
}
