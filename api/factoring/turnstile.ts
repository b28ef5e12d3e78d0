/**
 * Lets so many through at a time; the others wait here in memory, first come first served. For work that queues at a lock of the
 * database: each that waits there holds a connection, and a crowd at one note would hold all of them.
 */
export class Turnstile {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(places: number) {
    this.#free = places
  }

  async through<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    // Whoever leaves hands its place on.
    else await new Promise<void>((enter) => this.#waiting.push(enter))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }
}
