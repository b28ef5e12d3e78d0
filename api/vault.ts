import { utf8 } from '../domain/crypto/bytes.ts'
import { open, seal } from '../domain/crypto/sm4.ts'

/** Seals what the service itself has to read again: JSON for one place, so that no row can stand in for another. */
export interface Vault {
  /** `place` names table and row. */
  seal(value: unknown, place: string): Buffer
  /** Throws CryptoError SEALED_MISMATCH for another key or place. */
  open(sealed: Uint8Array, place: string): unknown
}

/** A vault under one key of 32 bytes. */
export function vaultOf(key: Uint8Array): Vault {
  return {
    seal: (value, place) => Buffer.from(seal(key, utf8(JSON.stringify(value)), utf8(place))),
    open: (sealed, place) => JSON.parse(new TextDecoder().decode(open(key, sealed, utf8(place)))) as unknown
  }
}
