import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Queryable } from '../database.ts'
import { CopyText, recycle, type Cells } from './copy-text.ts'

/**
 * Bytes of a table's rows that are worth a COPY while others come: with fewer, server and writer wait for each other's answers most of
 * the time.
 */
const WORTH_SENDING = 2 * 1024 * 1024

/** Bytes that may be under way: whoever makes more waits until all are there. */
const MOST_BEHIND = 32 * 1024 * 1024

interface Pending {
  columns: readonly string[]
  text: CopyText
  chunks: Buffer[]
  bytes: number
}

/**
 * Does work that has rows pending, in the caller's transaction.
 * @throws what was refused first of COPYs and what was asked between them, instead of what the refusal made of later statements
 */
export async function withPendingRows(client: pg.Client, work: (pending: PendingRows) => Promise<void>): Promise<void> {
  const pending = new PendingRows(client)
  try {
    await work(pending)
  } catch (error) {
    throw await pending.abandon(error)
  }
}

/**
 * Rows on their way into tables: written out at once, as they are then, and sent by a COPY a table while the caller makes more. All in the
 * caller's transaction. What the caller asks meanwhile comes between two COPYs.
 */
export class PendingRows implements Queryable {
  readonly #client: pg.Client
  readonly #tables = new Map<string, Pending>()
  #sent: Promise<void> = Promise.resolve()
  /** Bytes that the server has not said to have. */
  #behind = 0
  #isAbandoned = false
  /** Why the connection refused first. What it refuses from then on, it does for that. */
  #refusal: { why: unknown } | undefined
  /** The end of what was given to the connection last: it does one thing at a time. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(client: pg.Client) {
    this.#client = client
  }

  /** @param write Gives a row's fields in the columns' order */
  add<R>(table: string, columns: readonly string[], rows: Iterable<R>, write: (row: R, to: Cells) => void): void {
    let pending = this.#tables.get(table)
    if (!pending) this.#tables.set(table, (pending = { columns, text: new CopyText(), chunks: [], bytes: 0 }))
    for (const row of rows) {
      write(row, pending.text)
      if (pending.text.endRow()) keepChunk(pending)
    }
  }

  /** Begins to send what is worth it, and waits while the server is too far behind. */
  async send(least = WORTH_SENDING): Promise<void> {
    const due = [...this.#tables].filter(([, { bytes }]) => bytes >= least)
    for (const [table, pending] of due) {
      this.#tables.delete(table)
      keepChunk(pending)
      const { bytes } = pending
      this.#behind += bytes
      this.#sent = this.#sent.then(() => this.#inTurn(() => this.#copy(table, pending).catch(this.#refuse)))
      this.#sent.then(
        () => (this.#behind -= bytes),
        () => {}
      )
    }
    if (this.#behind > MOST_BEHIND) await this.#sent
  }

  /** Asks when the connection is free. @throws Error when the rows are abandoned by then */
  query<R extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<R>> {
    return this.#inTurn(() => {
      if (this.#isAbandoned) throw new Error('the transaction was given up')
      return this.#client.query<R>(config).catch(this.#refuse)
    })
  }

  /** Sends all and waits until the server has it. */
  async end(): Promise<void> {
    await this.send(0)
    await this.#sent
  }

  /**
   * Begins nothing else and waits for what is under way: a COPY that came after the caller's rollback would be a transaction of its own.
   * Returns why the connection refused, if it did, or the error that is given.
   */
  async abandon(error: unknown): Promise<unknown> {
    this.#isAbandoned = true
    await this.#last
    await this.#sent.catch(() => {})
    return this.#refusal ? this.#refusal.why : error
  }

  readonly #refuse = (why: unknown): never => {
    this.#refusal ??= { why }
    throw why
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }

  async #copy(table: string, { columns, chunks, bytes }: Pending): Promise<void> {
    if (bytes === 0 || this.#isAbandoned) return
    const stream = this.#client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`))
    const done = finished(stream)
    // The loop below may wait for `drain` when it fails.
    done.catch(() => {})
    try {
      for (const chunk of chunks) if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), done])
      stream.end()
      await done
    } catch (error) {
      // One whose time is over may be answered yet, and the library would send rows through a connection that it has let go of.
      Object.assign(stream, { handleCopyInResponse: (to: CopyTarget) => to.sendCopyFail('its time was over') })
      throw error
    }
    for (const chunk of chunks) recycle(chunk)
  }
}

/** What the library sends a COPY through. */
interface CopyTarget {
  sendCopyFail(message: string): void
}

function keepChunk(pending: Pending): void {
  const chunk = pending.text.take()
  pending.chunks.push(chunk)
  pending.bytes += chunk.length
}
