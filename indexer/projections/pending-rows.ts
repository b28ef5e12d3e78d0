import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { CopyText, type Cells } from './copy-text.ts'

/**
 * Bytes of a table's rows that are worth a COPY while others come: with fewer, server and writer wait for each other's answers most of
 * the time.
 */
export const WORTH_SENDING = 1024 * 1024

interface Pending {
  columns: readonly string[]
  text: CopyText
  chunks: Buffer[]
  bytes: number
}

/**
 * Rows on their way into tables: written out at once, as they are then, and sent by a COPY a table while the caller makes more. All in the
 * caller's transaction.
 */
export class PendingRows {
  readonly #client: pg.Client
  readonly #tables = new Map<string, Pending>()
  #sent: Promise<void> = Promise.resolve()

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

  /** Begins to send what is worth it, and waits for what was sent before: so the server is one sending behind at most. */
  async send(least = WORTH_SENDING): Promise<void> {
    const due = [...this.#tables].filter(([, { bytes }]) => bytes >= least)
    if (due.length === 0) return
    await this.#sent
    for (const [table] of due) this.#tables.delete(table)
    this.#sent = this.#copyAll(due)
    // Whoever waits next is told.
    this.#sent.catch(() => {})
  }

  /** Sends all and waits until the server has it. */
  async end(): Promise<void> {
    await this.send(0)
    await this.#sent
  }

  async #copyAll(tables: readonly [string, Pending][]): Promise<void> {
    for (const [table, pending] of tables) {
      keepChunk(pending)
      const { columns, chunks, bytes } = pending
      if (bytes === 0) continue
      const stream = this.#client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`))
      const done = finished(stream)
      // The loop below may wait for `drain` when it fails.
      done.catch(() => {})
      for (const chunk of chunks) if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), done])
      stream.end()
      await done
    }
  }
}

function keepChunk(pending: Pending): void {
  const chunk = pending.text.take()
  pending.chunks.push(chunk)
  pending.bytes += chunk.length
}
