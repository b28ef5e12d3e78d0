/**
 * Rows in COPY's text format (PostgreSQL documentation, COPY), written straight into bytes: put together as strings, a line of many
 * short values is as many objects, and making them is a good part of what a backfill costs.
 */

/** Bytes of a chunk that is handed on: a larger one would wait for longer, and the server has nothing to do meanwhile. */
const CHUNK = 256 * 1024
const [TAB, NEWLINE, BACKSLASH, CAPITAL_N] = [9, 10, 92, 78]
const [QUOTE, COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [34, 44, 58, 91, 93, 123, 125]
const ZERO = 48
/** Up to this length a loop is cheaper than a call of the native function. */
const SHORT = 24

/** Room that was used before, whose memory the system has given already. */
const spare: ArrayBufferLike[] = []
const MOST_SPARE = 8

/** Takes back what {@link CopyText.take} gave, when nobody reads it any more. */
export function recycle({ buffer }: Buffer): void {
  if (spare.length < MOST_SPARE && buffer.byteLength === CHUNK) spare.push(buffer)
}

function makeRoom(): Buffer {
  const buffer = spare.pop()
  return buffer ? Buffer.from(buffer) : Buffer.allocUnsafeSlow(CHUNK)
}

/** Hex, decimals, booleans and lists or objects of them: nothing in it needs an escape. */
export type PlainJson = string | boolean | readonly PlainJson[] | { readonly [name: string]: PlainJson }

/** Takes the fields of a row, one after the other. */
export interface Cells {
  /** A value in ASCII that needs no escapes in COPY's text: all that a projection stores is numbers, hex and names of our own. */
  plain(text: string): void
  number(value: number): void
  json(value: PlainJson): void
  null(): void
}

/** Values one after the other, fields ended by a tab, rows by a line feed. */
export class CopyText implements Cells {
  #bytes = makeRoom()
  #length = 0

  plain(text: string): void {
    this.#put(text)
    this.#bytes[this.#length++] = TAB
  }

  number(value: number): void {
    if (Number.isInteger(value) && value >= 0 && value < 2 ** 31) {
      this.#reserve(11)
      this.#putDigits(value)
      this.#bytes[this.#length++] = TAB
    } else this.plain(String(value))
  }

  json(value: PlainJson): void {
    this.#putJson(value)
    this.#bytes[this.#length++] = TAB
  }

  null(): void {
    this.#reserve(3)
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
    this.#bytes = makeRoom()
    this.#length = 0
    return taken
  }

  /** Writes ASCII, and leaves room for what ends a value. */
  #put(text: string): void {
    const { length } = text
    this.#reserve(length + 4)
    if (length > SHORT) {
      this.#length += this.#bytes.write(text, this.#length, 'latin1')
    } else {
      for (let i = 0; i < length; i++) this.#bytes[this.#length++] = text.charCodeAt(i)
    }
  }

  #putDigits(value: number): void {
    if (value > 9) {
      const rest = (value / 10) | 0
      this.#putDigits(rest)
      value -= 10 * rest
    }
    this.#bytes[this.#length++] = ZERO + value
  }

  #putJson(value: PlainJson): void {
    if (typeof value === 'string') return this.#putQuoted(value)
    if (typeof value === 'boolean') return this.#put(String(value))
    this.#reserve(4)
    if (Array.isArray(value)) {
      this.#bytes[this.#length++] = OPEN_LIST
      for (let i = 0; i < value.length; i++) {
        if (i > 0) this.#bytes[this.#length++] = COMMA
        this.#putJson(value[i] as PlainJson)
      }
      // Also for the byte that comes after it.
      this.#reserve(2)
      this.#bytes[this.#length++] = CLOSE_LIST
      return
    }
    this.#bytes[this.#length++] = OPEN
    let isFirst = true
    for (const name in value) {
      if (!isFirst) this.#bytes[this.#length++] = COMMA
      isFirst = false
      this.#putQuoted(name)
      this.#bytes[this.#length++] = COLON
      this.#putJson((value as { readonly [name: string]: PlainJson })[name]!)
    }
    this.#reserve(2)
    this.#bytes[this.#length++] = CLOSE
  }

  #putQuoted(text: string): void {
    this.#reserve(text.length + 6)
    this.#bytes[this.#length++] = QUOTE
    this.#put(text)
    this.#bytes[this.#length++] = QUOTE
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(2 * this.#bytes.length + bytes)
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}
