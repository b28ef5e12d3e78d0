import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Pool } from '../database.ts'
import { everything } from '../plugins/auth.ts'
import { endOfFeed, isVisible, readFeed, type Entry, type Page, type Place, type Reader } from './feed.ts'

/** The indexer announces each commit here (indexer/project-block.ts). */
const CHANNEL = 'tallystick_projection'
/** Asked for without an announcement too: a connection can die without a sign. */
const POLL_MS = 2_000
const RETRY_MS = 1_000
const PAGE = 500
/** Entries kept in memory: whoever is further behind reads from the database. */
const KEPT = 2_000

/** Follows the end of the feed once for all streams of the process. Begins to when first asked. */
export class Tail {
  readonly #pool: Pool
  readonly #databaseUrl: string
  readonly #stopping = new AbortController()
  #entries: Entry[] = []
  /** What is in memory begins after it. */
  #from: Place | undefined
  #end: Place | undefined
  #running: Promise<void> | undefined
  #wake: () => void = () => {}
  #waiting = new Set<() => void>()

  constructor(pool: Pool, databaseUrl: string) {
    this.#pool = pool
    this.#databaseUrl = databaseUrl
  }

  /** The newest position that it knows. */
  get position(): number {
    return this.#end?.position ?? 0
  }

  /** Entries after a place as the caller may see them. */
  async page(after: Place, caller: Reader, limit: number): Promise<Page> {
    this.#running ??= this.#run()
    const [from, end] = [this.#from, this.#end]
    if (!from || !end || after.position < from.position || after.position > end.position) {
      return readFeed(this.#pool, caller, after, limit)
    }
    const entries: Entry[] = []
    for (let i = after.position - from.position; i < this.#entries.length; i++) {
      const entry = this.#entries[i]!
      if (!isVisible(entry, caller)) continue
      entries.push(entry)
      if (entries.length === limit) return { entries, next: entry, isEnd: entry.position === end.position }
    }
    return { entries, next: end, isEnd: true }
  }

  /** Resolves when there is something after a position, after `ms`, or at the abort. */
  async wait(position: number, ms: number, signal: AbortSignal): Promise<void> {
    this.#running ??= this.#run()
    if (signal.aborted || (this.#end && this.#end.position > position)) return
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        this.#waiting.delete(end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      signal.addEventListener('abort', end)
      this.#waiting.add(end)
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#wake()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const listener = new pg.Client({
        connectionString: this.#databaseUrl,
        connectionTimeoutMillis: 5_000,
        options: '-c role=tallystick_api'
      })
      let isLost = false
      const lost = (): void => {
        isLost = true
        this.#wake()
      }
      listener.on('error', lost)
      listener.on('end', lost)
      listener.on('notification', () => this.#wake())
      try {
        await listener.connect()
        await listener.query(`listen ${CHANNEL}`)
        while (!isLost && !this.#stopping.signal.aborted) {
          const told = this.#told()
          await this.#read()
          await told
        }
      } catch {
        // Streams that read from the database meanwhile say what is wrong; here it is tried again.
        await delay(RETRY_MS, undefined, { signal: this.#stopping.signal }).catch(() => {})
      } finally {
        await listener.end().catch(() => {})
      }
    }
  }

  /** The next announcement, from now on; or it is time to look anyway. */
  #told(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async #read(): Promise<void> {
    if (!this.#end) this.#from = this.#end = await endOfFeed(this.#pool)
    for (let isEnd = false; !isEnd;) {
      const page = await readFeed(this.#pool, everything, this.#end, PAGE)
      isEnd = page.isEnd
      if (page.next.position === this.#end.position) break
      this.#entries.push(...page.entries)
      this.#end = page.next
      const surplus = this.#entries.length - KEPT
      if (surplus > 0) this.#from = this.#entries.splice(0, surplus).at(-1)!
    }
    for (const resolve of [...this.#waiting]) resolve()
  }
}
