/**
 * Sealed documents: SM4-CTR (GB/T 32907, GB/T 17964) and HMAC-SM3, encrypt-then-MAC.
 *
 *     'TSD' 01 ‖ iv 12 ‖ ciphertext ‖ tag 32
 *     enc = first 16 bytes of HMAC-SM3(data key, info ‖ iv)
 *     tag = HMAC-SM3(data key, all before the tag ‖ aad ‖ length of aad as 8 bytes)
 *
 * The first counter block is iv ‖ 00000001. One function under one key for both is sound because its inputs never meet:
 * `info` begins with a small t, a head with a capital. Why not HKDF: it costs two more HMACs than this, which
 * short documents feel. The tag commits to all 32 bytes of the key, so one sealed document cannot open to two
 * texts. Node has no SM4-GCM, GHASH in JavaScript is slower than HMAC-SM3, and GCM does not commit.
 */
import { equalBytes, randomBytes, sm4Ctr } from '#native'
import { newBytes, utf8 } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { hmacSm3 } from './hash.ts'

export const DATA_KEY_BYTES = 32
const head = Uint8Array.of(0x54, 0x53, 0x44, 1)
const IV_BYTES = 12
const TAG_BYTES = 32
/** What sealing adds to a document. */
export const SEAL_OVERHEAD = head.length + IV_BYTES + TAG_BYTES
/** The counter has 32 bits. */
const MAX_BYTES = 2 ** 36 - 32
const info = utf8('tallystick sealed document v1')

/** A fresh key for one document. */
export function newDataKey(): Uint8Array {
  return randomBytes(DATA_KEY_BYTES)
}

/**
 * Encrypts and authenticates `plain` and authenticates `aad`, the context that the reader must know.
 * @throws CryptoError CIPHER_KEY_INVALID
 */
export function seal(dataKey: Uint8Array, plain: Uint8Array, aad: Uint8Array): Uint8Array {
  if (plain.length > MAX_BYTES) throw new RangeError('a document longer than 64 GiB cannot be sealed')
  const iv = randomBytes(IV_BYTES)
  const cipher = sm4Ctr(encryptionKey(dataKey, iv), counterOf(iv), plain)
  // Written once where it ends up: another copy costs a document of 64 KiB a tenth.
  const sealed = newBytes(plain.length + SEAL_OVERHEAD)
  sealed.set(head)
  sealed.set(iv, head.length)
  sealed.set(cipher, head.length + IV_BYTES)
  const end = sealed.length - TAG_BYTES
  sealed.set(hmacSm3(dataKey, sealed.subarray(0, end), aad, lengthOf(aad)), end)
  return sealed
}

/**
 * The plaintext, after the tag was found right.
 * @throws CryptoError CIPHER_KEY_INVALID, SEALED_MALFORMED, SEALED_VERSION_UNKNOWN, SEALED_MISMATCH
 */
export function open(dataKey: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array {
  requireHead(sealed)
  const end = sealed.length - TAG_BYTES
  const iv = sealed.subarray(head.length, head.length + IV_BYTES)
  const enc = encryptionKey(dataKey, iv)
  const tag = hmacSm3(dataKey, sealed.subarray(0, end), aad, lengthOf(aad))
  if (!equalBytes(tag, sealed.subarray(end))) throw new CryptoError('SEALED_MISMATCH')
  return sm4Ctr(enc, counterOf(iv), sealed.subarray(head.length + IV_BYTES, end))
}

/** Whether the bytes begin as a sealed document does. */
export function isSealed(bytes: Uint8Array): boolean {
  return bytes.length >= SEAL_OVERHEAD && head.subarray(0, 3).every((byte, i) => bytes[i] === byte)
}

function requireHead(sealed: Uint8Array): void {
  if (!isSealed(sealed)) throw new CryptoError('SEALED_MALFORMED', `${sealed.length} bytes`)
  if (sealed[3] !== head[3]) throw new CryptoError('SEALED_VERSION_UNKNOWN', `version ${sealed[3]}`)
}

function encryptionKey(dataKey: Uint8Array, iv: Uint8Array): Uint8Array {
  if (dataKey.length !== DATA_KEY_BYTES) throw new CryptoError('CIPHER_KEY_INVALID', `${dataKey.length} bytes`)
  return hmacSm3(dataKey, info, iv).subarray(0, 16)
}

function counterOf(iv: Uint8Array): Uint8Array {
  const block = new Uint8Array(16)
  block.set(iv)
  block[15] = 1
  return block
}

function lengthOf(aad: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(aad.length))
  return bytes
}
