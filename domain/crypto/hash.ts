/**
 * The hash functions of the project.
 * SM3: GB/T 32905-2016. HMAC: GM/T 0042-2015 / RFC 2104. SHA-256: FIPS 180-4.
 */
import { createHash, digest } from '#native'
import { Sm3, SM3_BLOCK_BYTES } from './sm3.ts'

/** Up to here a call into OpenSSL costs more than it saves (bench/guomi). */
const SHORT_BYTES = 512

/** Of one call at a time, which waits for nothing. */
const short = new Sm3()

/** SM3 digest, 32 bytes. */
export function sm3(message: Uint8Array): Uint8Array {
  if (message.length <= SHORT_BYTES) return short.reset().update(message).digest()
  return new Uint8Array(digest('sm3', message))
}

/** What both hashes of an HMAC are after the key's block: the same for all messages under one key. */
class KeyedSm3 {
  readonly #key: Uint8Array
  readonly #block: Uint8Array
  readonly #inner: Sm3
  readonly #outer: Sm3

  constructor(key: Uint8Array) {
    this.#key = key.slice()
    this.#block = key.length > SM3_BLOCK_BYTES ? sm3(key) : this.#key
    this.#inner = new Sm3().update(padded(this.#block, 0x36))
    this.#outer = new Sm3().update(padded(this.#block, 0x5c))
  }

  isFor(key: Uint8Array): boolean {
    if (key.length !== this.#key.length) return false
    let difference = 0
    for (let i = 0; i < key.length; i++) difference |= key[i]! ^ this.#key[i]!
    return difference === 0
  }

  of(parts: readonly Uint8Array[]): Uint8Array {
    let length = 0
    for (const part of parts) length += part.length
    const inner = length > SHORT_BYTES ? createHash('sm3').update(padded(this.#block, 0x36)) : short.reset(this.#inner)
    for (const part of parts) inner.update(part)
    const digest = inner.digest()
    return short.reset(this.#outer).update(digest).digest()
  }
}

function padded(key: Uint8Array, byte: number): Uint8Array {
  const block = new Uint8Array(SM3_BLOCK_BYTES).fill(byte)
  for (let i = 0; i < key.length; i++) block[i]! ^= key[i]!
  return block
}

/** Kept no longer than the key itself. */
const keyedOf = new WeakMap<Uint8Array, KeyedSm3>()

/**
 * HMAC-SM3 of the concatenated parts, 32 bytes. Made of two hashes as RFC 2104 says, with the key's blocks done once for all calls
 * under one key: OpenSSL looks its HMAC up at each call, which takes many times the work for what is short (bench/documents).
 */
export function hmacSm3(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  let keyed = keyedOf.get(key)
  if (!keyed?.isFor(key)) {
    keyed = new KeyedSm3(key)
    keyedOf.set(key, keyed)
  }
  return keyed.of(parts)
}

/** SHA-256 digest of the concatenated parts, 32 bytes. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}
