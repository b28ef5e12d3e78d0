/**
 * Rows in COPY's text format (PostgreSQL documentation, COPY), written straight into bytes: put together as strings, a line of many
 * short values is as many objects, and making them is a good part of what a backfill costs.
 */

/** Bytes of a chunk that is handed on: a larger one would wait for longer, and the server has nothing to do meanwhile. */
const CHUNK = 256 * 1024
const [TAB, NEWLINE, BACKSLASH, CAPITAL_N] = [9, 10, 92, 78]
/** Up to this length a loop is cheaper than a call of the native function. */
const SHORT = 24

/** Takes the fields of a row, one after the other. */
export interface Cells {
  /** A value that needs no escapes in COPY's text: all that a projection stores is numbers, hex and names of our own. */
  plain(text: string): void
  null(): void
}

/** Values one after the other, fields ended by a tab, rows by a line feed. */
export class CopyText implements Cells {
  #bytes = Buffer.allocUnsafe(CHUNK)
  #length = 0

  plain(text: string): void {
    // A UTF-16 unit is three bytes of UTF-8 at most.
    if (this.#length + 3 * text.length + 1 > this.#bytes.length) this.#grow(3 * text.length + 1)
    if (text.length > SHORT) {
      this.#length += this.#bytes.write(text, this.#length)
    } else {
      const start = this.#length
      for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(i)
        if (unit > 127) {
          this.#length = start + this.#bytes.write(text, start)
          break
        }
        this.#bytes[this.#length++] = unit
      }
    }
    this.#bytes[this.#length++] = TAB
  }

  null(): void {
    if (this.#length + 3 > this.#bytes.length) this.#grow(3)
    this.#bytes[this.#length++] = BACKSLASH
    this.#bytes[this.#length++] = CAPITAL_N
    this.#bytes[this.#length++] = TAB
  }

  /** Makes the last field the row's last one. Returns whether it is time to `take`. */
  endRow(): boolean {
    this.#bytes[this.#length - 1] = NEWLINE
    return this.#length > CHUNK - CHUNK / 8
  }

  /** What was written since the last time. The bytes are the caller's. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length)
    this.#bytes = Buffer.allocUnsafe(CHUNK)
    this.#length = 0
    return taken
  }

  #grow(by: number): void {
    const larger = Buffer.allocUnsafe(2 * this.#bytes.length + by)
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}
