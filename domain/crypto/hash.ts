/**
 * The hash functions of the project, in one place so that a browser build can put other implementations here.
 * SM3: GB/T 32905-2016. HMAC: GM/T 0042-2015 / RFC 2104. SHA-256: FIPS 180-4.
 */
import { createHash, createHmac } from 'node:crypto'

/** SM3 digest, 32 bytes. */
export function sm3(message: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sm3').update(message).digest())
}

/** HMAC-SM3 of the concatenated parts, 32 bytes. */
export function hmacSm3(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const hmac = createHmac('sm3', key)
  for (const part of parts) hmac.update(part)
  return new Uint8Array(hmac.digest())
}

/** SHA-256 digest of the concatenated parts, 32 bytes. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}
