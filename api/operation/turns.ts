/** Lets so many work at a time; the others wait in the order in which they came. */
export class Turns {
  readonly #most: () => number
  readonly #waiting: (() => void)[] = []
  #working = 0

  /** @param most One or more; what it says may change */
  constructor(most: () => number) {
    this.#most = most
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.length
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const turn = new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#letIn()
    await turn
    try {
      return await work()
    } finally {
      this.#working--
      this.#letIn()
    }
  }

  #letIn(): void {
    while (this.#working < this.#most() && this.#waiting.length > 0) {
      this.#working++
      this.#waiting.shift()!()
    }
  }
}
