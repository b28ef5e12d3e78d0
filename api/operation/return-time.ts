/** Looked at so often, milliseconds. */
const LOOK_MS = 1_000
/** Nobody is sent away for longer, seconds: when the crowd is gone, those who are still away leave the process without work. */
const MOST = 30

/**
 * When someone who was turned away should come again. The crowd outside comes back once in that time: where that makes more visits than
 * can be let in, turning them away becomes most of what a process does, and it is put off to twice as late; it is halved again when that
 * time has passed without.
 */
export class ReturnTime {
  #seconds = 1
  /** Looks since more were turned away than let in. */
  #calm = 0
  #turnedAway = 0
  #letIn = 0
  readonly #now: () => number
  #looked: number

  /** @param now Milliseconds of a clock that only goes forward */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#looked = now()
  }

  /** What is said now. */
  get seconds(): number {
    return this.#seconds
  }

  /** One was let in. */
  letIn(): void {
    this.#letIn++
    this.#look()
  }

  /** One is turned away. Returns after how many seconds it may come again. */
  turnAway(): number {
    this.#turnedAway++
    this.#look()
    return this.#seconds
  }

  /** What happened since the last look, which was so many looks ago. */
  follow(turnedAway: number, letIn: number, looks = 1): void {
    this.#calmDown(looks - 1)
    if (turnedAway <= letIn) return this.#calmDown(1)
    this.#seconds = Math.min(MOST, this.#seconds * 2)
    this.#calm = 0
  }

  /** Until the time has passed they may all be away. */
  #calmDown(looks: number): void {
    this.#calm += looks
    for (; this.#seconds > 1 && this.#calm >= this.#seconds; this.#seconds = Math.ceil(this.#seconds / 2)) {
      this.#calm -= this.#seconds
    }
  }

  #look(): void {
    const looks = Math.floor((this.#now() - this.#looked) / LOOK_MS)
    if (looks < 1) return
    this.follow(this.#turnedAway, this.#letIn, looks)
    this.#turnedAway = 0
    this.#letIn = 0
    this.#looked += looks * LOOK_MS
  }
}
