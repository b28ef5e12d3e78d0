/**
 * The distinguished encoding rules (X.690 §10) of the few structures that are read strictly: keys, signatures, SM2
 * ciphertexts. One value has one encoding, so that nobody can alter bytes without altering meaning. Certificates and
 * messages are read by pkijs, which is more lenient, and their signed bytes are taken as they came.
 */
import { concat, utf8 } from './bytes.ts'

export const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
  context1: 0xa1
} as const

/** The bytes are not DER of the expected structure. Callers turn it into their own refusal. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

/** Reads one level of a structure from left to right. */
export class DerReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  /** The tag of the next element, or undefined at the end. */
  get nextTag(): number | undefined {
    return this.#bytes[this.#at]
  }

  /** Content of the next element, which must have this tag. */
  read(tag: number): Uint8Array {
    if (this.nextTag !== tag) throw new DerError(`tag ${this.nextTag ?? 'missing'} instead of ${tag}`)
    this.#at++
    const length = this.#readLength()
    const start = this.#at
    if (length > this.#bytes.length - start) throw new DerError('length beyond the end')
    this.#at = start + length
    return this.#bytes.subarray(start, this.#at)
  }

  sequence(tag: number = tags.sequence): DerReader {
    return new DerReader(this.read(tag))
  }

  /** A whole number from zero on, without its leading sign byte. */
  unsigned(): Uint8Array {
    const content = this.read(tags.integer)
    const [first, second] = content
    if (first === undefined) throw new DerError('empty integer')
    if (first >= 0x80) throw new DerError('negative integer')
    if (first !== 0 || second === undefined) return content
    if (second < 0x80) throw new DerError('padded integer')
    return content.subarray(1)
  }

  /** A whole number below 2^31. */
  smallUnsigned(): number {
    const bytes = this.unsigned()
    if (bytes.length > 4 || (bytes.length === 4 && bytes[0]! >= 0x80)) throw new DerError('integer too large')
    return bytes.reduce((sum, byte) => sum * 256 + byte, 0)
  }

  /** A whole number below 2^256 as 32 bytes. */
  unsigned32(): Uint8Array {
    const bytes = this.unsigned()
    if (bytes.length > 32) throw new DerError('integer longer than 32 bytes')
    const out = new Uint8Array(32)
    out.set(bytes, 32 - bytes.length)
    return out
  }

  end(): void {
    if (!this.isAtEnd) throw new DerError('bytes after the end')
  }

  #readLength(): number {
    const first = this.#bytes[this.#at++]
    if (first === undefined) throw new DerError('length missing')
    if (first < 0x80) return first
    const count = first & 0x7f
    if (count === 0 || count > 4) throw new DerError('length of a form that is not accepted')
    let length = 0
    for (let i = 0; i < count; i++) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new DerError('length missing')
      length = length * 256 + byte
    }
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) throw new DerError('length in a longer form than needed')
    return length
  }
}

export function encode(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(...parts)
  const { length } = content
  if (length < 0x80) return concat(Uint8Array.of(tag, length), content)
  const digits: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256)
  return concat(Uint8Array.of(tag, 0x80 | digits.length, ...digits), content)
}

export function encodeSequence(...parts: readonly Uint8Array[]): Uint8Array {
  return encode(tags.sequence, ...parts)
}

/** A whole number given as big-endian bytes of any length. */
export function encodeUnsigned(bytes: Uint8Array): Uint8Array {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const digits = bytes.subarray(start)
  const isPadded = digits.length === 0 || digits[0]! >= 0x80
  return isPadded ? encode(tags.integer, Uint8Array.of(0), digits) : encode(tags.integer, digits)
}

export function encodeSmallUnsigned(number: number): Uint8Array {
  return encodeUnsigned(Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number))
}

/** An object identifier in dotted form. */
export function encodeOid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes: number[] = []
  for (const arc of [first * 40 + second, ...rest]) {
    const digits = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left % 128) | 0x80)
    bytes.push(...digits)
  }
  return encode(tags.oid, Uint8Array.from(bytes))
}

/** UTCTime from 1950 to 2049, GeneralizedTime else; whole seconds (RFC 5280 §4.1.2.5). */
export function encodeTime(date: Date): Uint8Array {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '')
  const isUtcTime = date.getUTCFullYear() >= 1950 && date.getUTCFullYear() < 2050
  return isUtcTime ? encode(tags.utcTime, utf8(digits.slice(2))) : encode(tags.generalizedTime, utf8(digits))
}
