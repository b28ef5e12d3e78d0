/**
 * A document sealed once under a fresh data key, and the data key wrapped by SM2 for each reader. Whoever may read can
 * let another one read: unwrap the data key and wrap it again. Nobody is let out again: who held the key may have kept it.
 */
import { toHex } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { sm3 } from './hash.ts'
import { decryptWith, encryptTo } from './sm2-encryption.ts'
import { requirePublicKey } from './sm2-keys.ts'
import { newDataKey, open, seal } from './sm4.ts'

export interface Reader {
  /** {@link keyIdOf} of the public key. */
  readonly keyId: string
  readonly publicKey: Uint8Array
}

export interface WrappedKey {
  readonly keyId: string
  /** The data key encrypted to the reader, DER of GM/T 0009. */
  readonly wrapped: Uint8Array
}

export interface SealedFor {
  readonly sealed: Uint8Array
  readonly keys: readonly WrappedKey[]
}

/** Decrypts what was encrypted to one's own SM2 key: a key store, an HSM, or {@link decryptWith}. */
export type Unwrap = (wrapped: Uint8Array) => Uint8Array | Promise<Uint8Array>

/** Names a key everywhere: SM3 of the 64 bytes x‖y as lower case hex. */
export function keyIdOf(publicKey: Uint8Array): string {
  return toHex(sm3(requirePublicKey(publicKey)))
}

/**
 * Seals `plain` to the readers; `aad` is the context they must present.
 * @throws CryptoError READERS_INVALID, KEY_ID_MISMATCH, PUBLIC_KEY_INVALID
 */
export function sealFor(plain: Uint8Array, readers: readonly Reader[], aad: Uint8Array): SealedFor {
  if (readers.length === 0 || new Set(readers.map(({ keyId }) => keyId)).size !== readers.length) {
    throw new CryptoError('READERS_INVALID', `${readers.length} readers`)
  }
  const dataKey = newDataKey()
  const keys = readers.map((reader) => wrapFor(dataKey, reader))
  const sealed = seal(dataKey, plain, aad)
  dataKey.fill(0)
  return { sealed, keys }
}

/** @throws CryptoError of `unwrap` and {@link open} */
export async function openSealed(
  sealed: Uint8Array,
  wrapped: Uint8Array,
  unwrap: Unwrap,
  aad: Uint8Array
): Promise<Uint8Array> {
  const dataKey = await unwrap(wrapped)
  const plain = open(dataKey, sealed, aad)
  dataKey.fill(0)
  return plain
}

/** One more reader, let in by one who may read. */
export async function wrapAgain(wrapped: Uint8Array, unwrap: Unwrap, reader: Reader): Promise<WrappedKey> {
  const dataKey = await unwrap(wrapped)
  const again = wrapFor(dataKey, reader)
  dataKey.fill(0)
  return again
}

/** {@link Unwrap} by a private key in memory. */
export function unwrapWith(privateKey: Uint8Array): Unwrap {
  return (wrapped) => decryptWith(privateKey, wrapped)
}

function wrapFor(dataKey: Uint8Array, { keyId, publicKey }: Reader): WrappedKey {
  if (keyId !== keyIdOf(publicKey)) throw new CryptoError('KEY_ID_MISMATCH', keyId.slice(0, 64))
  return { keyId, wrapped: encryptTo(publicKey, dataKey) }
}
