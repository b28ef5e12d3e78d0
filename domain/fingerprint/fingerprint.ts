/** The keyed hash of an identity, which is what is claimed on chain. */
import canonicalize from 'canonicalize'
import { hmacSm3 } from '../crypto/hash.ts'
import type { Identity } from './identity.ts'

const EPOCH_MAX = 0xffff
const KEY_BYTES_MIN = 16
const HASH_BYTES = 30

/**
 * The key of development and of the demo. It is public, so whoever knows a seller can guess its fingerprints:
 * a consortium sets its own.
 */
export const DEVELOPMENT_FINGERPRINT_KEY: Uint8Array = new TextEncoder().encode('tallystick development key, v. 1')

const UTF8 = new TextEncoder()

/** UTF-8 bytes of the JSON array in the form of RFC 8785. */
export function canonicalBytes(parts: readonly string[]): Uint8Array {
  // Of texts that are well-formed RFC 8785 asks for what JSON.stringify makes; of others the library refuses.
  const isPlain = parts.every((part) => part.isWellFormed())
  return utf8Of(isPlain ? JSON.stringify(parts) : canonicalize(parts)!)
}

/** Byte by byte while it is ASCII, as nearly all is: a call into the encoder costs ten times as much for what is short. */
function utf8Of(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) return UTF8.encode(text)
    bytes[i] = unit
  }
  return bytes
}

/**
 * `0x` and 64 hex digits: the key's epoch in 2 bytes, big-endian, then the first 30 bytes of HMAC-SM3 over the
 * canonical identity. The epoch in front lets old claims stand when the key changes. Throws `RangeError` on an
 * epoch outside 1 to 65535 or a key shorter than 16 bytes.
 */
export function fingerprintOf(identity: Identity, key: Uint8Array, epoch: number): string {
  if (!Number.isInteger(epoch) || epoch < 1 || epoch > EPOCH_MAX) {
    throw new RangeError(`epoch must be 1 to ${EPOCH_MAX}, not ${epoch}`)
  }
  if (key.length < KEY_BYTES_MIN)
    throw new RangeError(`key must have at least ${KEY_BYTES_MIN} bytes, not ${key.length}`)
  const hash = hmacSm3(key, canonicalBytes(identity))
  let hex = `0x${HEX[epoch >> 8]}${HEX[epoch & 0xff]}`
  for (let i = 0; i < HASH_BYTES; i++) hex += HEX[hash[i]!]
  return hex
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lower-case hex without a prefix. */
export function hexOf(bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += HEX[byte]
  return hex
}
