import type { TableOf } from './tables.ts'

/** The rows of one table that a batch touches, in memory: those that were stored, and what the batch makes of them. */
export class RowSet<R extends object> {
  readonly table: TableOf<R>
  readonly #rows = new Map<string, R>()
  readonly #stored = new Map<string, R>()
  readonly #changed = new Set<string>()

  constructor(table: TableOf<R>) {
    this.table = table
  }

  /** Takes in a row as it is stored. */
  load(row: R): void {
    const key = this.keyOf(row)
    this.#rows.set(key, row)
    this.#stored.set(key, row)
  }

  /** By the primary key's values, joined by a space where it has several. */
  get(key: string): R | undefined {
    return this.#rows.get(key)
  }

  /** Adds a row, or takes note that the one with its key has changed. */
  put(row: R): void {
    const key = this.keyOf(row)
    this.#rows.set(key, row)
    this.#changed.add(key)
  }

  remove(row: R): void {
    const key = this.keyOf(row)
    this.#rows.delete(key)
    this.#changed.add(key)
  }

  values(): Iterable<R> {
    return this.#rows.values()
  }

  /** What the batch did: stored rows that are gone or no longer as they were, and the rows to store. */
  changes(): { gone: R[]; kept: R[] } {
    const keys = [...this.#changed]
    return {
      gone: keys.flatMap((key) => this.#stored.get(key) ?? []),
      kept: keys.flatMap((key) => this.#rows.get(key) ?? [])
    }
  }

  private keyOf(row: R): string {
    const [first, ...more] = this.table.key
    return more.length === 0 ? String(row[first!]) : this.table.key.map((column) => row[column]).join(' ')
  }
}
