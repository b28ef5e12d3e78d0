import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Pool } from '../database.ts'
import type { Caller } from '../plugins/auth.ts'
import { callerOf, digestOfKey } from './credentials.ts'
import type { Tokens } from './tokens.ts'

/**
 * Whatever decides about credentials tells in the first that it has changed (api/migrations/0019_callers.sql). Roles and suspension are
 * the chain's: the indexer tells of each commit in the second (indexer/project-block.ts).
 */
const CHANNELS = ['tallystick_access', 'tallystick_projection']
const KEEP_MS = 2_000
const KEPT = 10_000
const RETRY_MS = 1_000

interface Known {
  caller: Caller
  /** Milliseconds of the process's clock. */
  until: number
}

/**
 * Whoever credentials are of, remembered for a moment while the database would tell a change (docs/adr/0032). Nothing is
 * remembered of credentials that are not good, and nothing at all while no change could be heard of.
 */
export class Callers {
  readonly #pool: Pool
  readonly #tokens: Tokens
  readonly #databaseUrl: string
  readonly #keepMs: number
  readonly #stopping = new AbortController()
  readonly #known = new Map<string, Known>()
  /** Counts the times that everything was forgotten: what was asked before may be of before. */
  #generation = 0
  #isHearing = false
  #running: Promise<void> | undefined
  #end: () => void = () => {}

  /** @param keepMs No answer is remembered longer: a connection can die without a sign. */
  constructor(pool: Pool, tokens: Tokens, databaseUrl: string, keepMs = KEEP_MS) {
    this.#keepMs = keepMs
    this.#pool = pool
    this.#tokens = tokens
    this.#databaseUrl = databaseUrl
  }

  /** Undefined for a credential that is unknown, ended, revoked, or of somebody who has left. */
  async of(credential: string): Promise<Caller | undefined> {
    this.#running ??= this.#listen()
    const key = digestOfKey(credential).toString('base64')
    const known = this.#known.get(key)
    if (known && performance.now() < known.until) return known.caller
    const [generation, asked] = [this.#generation, performance.now()]
    const found = await callerOf(this.#pool, this.#tokens, credential)
    if (!found) return undefined
    if (this.#isHearing && generation === this.#generation) {
      if (this.#known.size >= KEPT) this.#known.clear()
      const until = asked + Math.min(this.#keepMs, found.endsAt === null ? Infinity : found.endsAt - Date.now())
      this.#known.set(key, { caller: found.caller, until })
    }
    return found.caller
  }

  /** Something has changed: everybody is asked for anew. */
  forget(): void {
    this.#generation++
    this.#known.clear()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#end()
    await this.#running
  }

  async #listen(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const options = '-c role=tallystick_api'
      const client = new pg.Client({ connectionString: this.#databaseUrl, connectionTimeoutMillis: 5_000, options })
      const ended = new Promise<void>((resolve) => (this.#end = resolve))
      client.on('error', this.#end)
      client.on('end', this.#end)
      client.on('notification', () => this.forget())
      try {
        await client.connect()
        for (const channel of CHANNELS) await client.query(`listen ${channel}`)
        this.#isHearing = !this.#stopping.signal.aborted
        if (this.#isHearing) await ended
      } catch {
        // Without it every request asks the database, which says what is wrong.
        await delay(RETRY_MS, undefined, { signal: this.#stopping.signal }).catch(() => {})
      } finally {
        this.#isHearing = false
        this.forget()
        await client.end().catch(() => {})
      }
    }
  }
}
