import type { TableOf } from './tables.ts'

/** A row in memory. */
interface Entry<R> {
  /** Undefined: it was removed. */
  row: R | undefined
  /** Whether a row with this key is stored. */
  isStored: boolean
  isChanged: boolean
}

/** The rows of one table that a batch touches, in memory: those that were stored, and what the batch makes of them. */
export class RowSet<R extends object> {
  readonly table: TableOf<R>
  /** One look-up a row: hashing its long keys is most of what a fold costs. */
  readonly #entries = new Map<string, Entry<R>>()
  readonly #changed: string[] = []

  constructor(table: TableOf<R>) {
    this.table = table
  }

  /** Takes in a row as it is stored. */
  load(row: R): void {
    this.#entries.set(this.keyOf(row), { row, isStored: true, isChanged: false })
  }

  /** By the primary key's values, joined by a space where it has several. */
  get(key: string): R | undefined {
    return this.#entries.get(key)?.row
  }

  /** Adds a row, or takes note that the one with its key has changed. Returns what was there before. */
  put(row: R): R | undefined {
    const key = this.keyOf(row)
    const entry = this.#entries.get(key)
    if (!entry) {
      this.#entries.set(key, { row, isStored: false, isChanged: true })
      this.#changed.push(key)
      return undefined
    }
    const before = entry.row
    entry.row = row
    this.#mark(key, entry)
    return before
  }

  remove(row: R): void {
    const key = this.keyOf(row)
    const entry = this.#entries.get(key)
    if (!entry) return
    entry.row = undefined
    this.#mark(key, entry)
  }

  get size(): number {
    return this.#entries.size
  }

  *values(): Iterable<R> {
    for (const { row } of this.#entries.values()) if (row) yield row
  }

  /** What the batch did: keys of stored rows that are gone or no longer as they were, and the rows to store. */
  changes(): { gone: string[]; kept: R[] } {
    const gone: string[] = []
    const kept: R[] = []
    for (const key of this.#changed) {
      const { row, isStored } = this.#entries.get(key)!
      if (isStored) gone.push(key)
      if (row) kept.push(row)
    }
    return { gone, kept }
  }

  #mark(key: string, entry: Entry<R>): void {
    if (entry.isChanged) return
    entry.isChanged = true
    this.#changed.push(key)
  }

  private keyOf(row: R): string {
    const { key } = this.table
    let text = String(row[key[0]!])
    for (let i = 1; i < key.length; i++) text += ` ${String(row[key[i]!])}`
    return text
  }
}
