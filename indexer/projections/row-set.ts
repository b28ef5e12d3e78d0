import type { TableOf } from './tables.ts'

/** A row in memory. */
interface Entry<R> {
  readonly key: string
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
  #changed: Entry<R>[] = []
  /** An event looks at a row, then puts it back: what was looked up last is mostly what is wanted. */
  #last: Entry<R> | undefined

  constructor(table: TableOf<R>) {
    this.table = table
  }

  /** Takes in a row as it is stored. */
  load(row: R): void {
    const key = this.keyOf(row)
    this.#entries.set(key, { key, row, isStored: true, isChanged: false })
    this.#last = undefined
  }

  /** By the primary key's values, joined by a space where it has several. */
  get(key: string): R | undefined {
    return this.#find(key)?.row
  }

  /** Adds a row, or takes note that the one with its key has changed. Returns what was there before. */
  put(row: R): R | undefined {
    const key = this.keyOf(row)
    const entry = this.#find(key)
    if (!entry) {
      const added = { key, row, isStored: false, isChanged: true }
      this.#entries.set(key, added)
      this.#changed.push(added)
      return undefined
    }
    const before = entry.row
    entry.row = row
    this.#mark(entry)
    return before
  }

  remove(row: R): void {
    const key = this.keyOf(row)
    const entry = this.#find(key)
    if (!entry) return
    entry.row = undefined
    this.#mark(entry)
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
    for (const { key, row, isStored } of this.#changed) {
      if (isStored) gone.push(key)
      if (row) kept.push(row)
    }
    return { gone, kept }
  }

  /** Takes out the new rows that are final, or all, to be stored ahead of the others: from now on they count as stored. */
  settle(isFinal: (row: R) => boolean = () => true): R[] {
    const settled: R[] = []
    this.#changed = this.#changed.filter((entry) => {
      if (entry.isStored || !entry.row || !isFinal(entry.row)) return true
      entry.isStored = true
      entry.isChanged = false
      settled.push(entry.row)
      return false
    })
    return settled
  }

  #find(key: string): Entry<R> | undefined {
    if (this.#last?.key === key) return this.#last
    const entry = this.#entries.get(key)
    if (entry) this.#last = entry
    return entry
  }

  #mark(entry: Entry<R>): void {
    if (entry.isChanged) return
    entry.isChanged = true
    this.#changed.push(entry)
  }

  private keyOf(row: R): string {
    const { key } = this.table
    let text = String(row[key[0]!])
    for (let i = 1; i < key.length; i++) text += ` ${String(row[key[i]!])}`
    return text
  }
}
