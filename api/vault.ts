import { utf8 } from '../domain/crypto/bytes.ts'
import { hmacSm3 } from '../domain/crypto/hash.ts'
import { open, seal } from '../domain/crypto/sm4.ts'
import { canonicalBytes } from '../domain/fingerprint/fingerprint.ts'

/** Seals what the service itself has to read again: JSON for one place, so that no row can stand in for another. */
export interface Vault {
  /** `place` names table and row. */
  seal(value: unknown, place: string): Buffer
  /** Throws CryptoError SEALED_MISMATCH for another key or place. */
  open(sealed: Uint8Array, place: string): unknown
  /** 32 bytes by which equal values are found: HMAC-SM3 under a key for that use, which tells nothing to who has no key. */
  digest(value: readonly string[], use: string): Buffer
}

/** A vault under one key of 32 bytes. */
export function vaultOf(key: Uint8Array): Vault {
  const keys = new Map<string, Uint8Array>()
  const keyFor = (use: string): Uint8Array => {
    const derived = keys.get(use) ?? hmacSm3(key, utf8(`tallystick digest ${use}`))
    keys.set(use, derived)
    return derived
  }
  return {
    seal: (value, place) => Buffer.from(seal(key, utf8(JSON.stringify(value)), utf8(place))),
    open: (sealed, place) => JSON.parse(new TextDecoder().decode(open(key, sealed, utf8(place)))) as unknown,
    digest: (value, use) => Buffer.from(hmacSm3(keyFor(use), canonicalBytes(value)))
  }
}
