/**
 * The hash functions of the project, in one place so that a browser build can put other implementations here.
 * SM3: GB/T 32905-2016. HMAC: GM/T 0042-2015 / RFC 2104. SHA-256: FIPS 180-4.
 */
import { createHash } from 'node:crypto'

/** SM3 digest, 32 bytes. */
export function sm3(message: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sm3').update(message).digest())
}

const BLOCK_BYTES = 64

/**
 * HMAC-SM3 of the concatenated parts, 32 bytes. Made of two hashes as RFC 2104 says: OpenSSL looks its HMAC up at each call, which
 * takes five times as long as the work for what is short (bench/documents, bench/guomi).
 */
export function hmacSm3(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const short = key.length > BLOCK_BYTES ? sm3(key) : key
  const inner = createHash('sm3').update(padded(short, 0x36))
  for (const part of parts) inner.update(part)
  return new Uint8Array(createHash('sm3').update(padded(short, 0x5c)).update(inner.digest()).digest())
}

function padded(key: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES).fill(pad)
  for (let i = 0; i < key.length; i++) block[i]! ^= key[i]!
  return block
}

/** SHA-256 digest of the concatenated parts, 32 bytes. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}
