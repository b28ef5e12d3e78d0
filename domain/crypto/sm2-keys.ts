/**
 * SM2 keys as numbers and points (GB/T 32918.1-2016): what is accepted, before any key comes near the native provider.
 * OpenSSL imports private keys 0, n - 1 and n (with n - 1 it never returns from signing) and the point at infinity as a
 * public key, for which anybody can make signatures.
 */
import { importPrivate, importPublic, publicOfPrivate, randomBytes, type NativeKey } from '#native'
import { concat, fromHex, to32Bytes, toNumber } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { SM2_A, SM2_B, SM2_N, SM2_P, sm2Field } from './sm2-curve.ts'

const pkcs8Head = fromHex('308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420')
const pkcs8Middle = fromHex('a14403420004')
const bareHead = fromHex('3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420')
const spkiHead = fromHex('3059301306072a8648ce3d020106082a811ccf5501822d03420004')

/** 32 bytes from the operating system's generator, a number in [1, n - 2]. */
export function newPrivateKey(): Uint8Array {
  for (;;) {
    const candidate = randomBytes(32)
    if (isPrivateKey(candidate)) return candidate
  }
}

/** @throws CryptoError PRIVATE_KEY_INVALID */
export function requirePrivateKey(bytes: Uint8Array): Uint8Array {
  if (!isPrivateKey(bytes)) throw new CryptoError('PRIVATE_KEY_INVALID')
  return bytes
}

/** n - 1 has no inverse of 1 + d, so it cannot sign. */
function isPrivateKey(bytes: Uint8Array): boolean {
  if (!(bytes instanceof Uint8Array) || bytes.length !== 32) return false
  const number = toNumber(bytes)
  return number >= 1n && number <= SM2_N - 2n
}

/**
 * The public key as 64 bytes x‖y. Accepts these, 04‖x‖y, and 02 or 03‖x; refuses hybrid forms (06, 07), coordinates not
 * below p, points off the curve and infinity.
 * @throws CryptoError PUBLIC_KEY_INVALID
 */
export function requirePublicKey(bytes: Uint8Array): Uint8Array {
  if (!(bytes instanceof Uint8Array)) throw new CryptoError('PUBLIC_KEY_INVALID')
  const form = bytes[0]
  if (bytes.length === 64) return requirePoint(bytes)
  if (bytes.length === 65 && form === 4) return requirePoint(bytes.subarray(1))
  if (bytes.length === 33 && (form === 2 || form === 3)) return decompress(bytes.subarray(1), form === 3)
  throw new CryptoError('PUBLIC_KEY_INVALID', `${bytes.length} bytes of form ${form ?? 'none'}`)
}

function requirePoint(bytes: Uint8Array): Uint8Array {
  const x = toNumber(bytes.subarray(0, 32))
  const y = toNumber(bytes.subarray(32))
  if (x >= SM2_P || y >= SM2_P) throw new CryptoError('PUBLIC_KEY_INVALID', 'a coordinate is not below p')
  if (sm2Field.sqr(y) !== squareOfY(x)) throw new CryptoError('PUBLIC_KEY_INVALID', 'not on the curve')
  return bytes
}

function decompress(xBytes: Uint8Array, isOdd: boolean): Uint8Array {
  const x = toNumber(xBytes)
  if (x >= SM2_P) throw new CryptoError('PUBLIC_KEY_INVALID', 'a coordinate is not below p')
  let y: bigint
  try {
    y = sm2Field.sqrt(squareOfY(x))
  } catch {
    throw new CryptoError('PUBLIC_KEY_INVALID', 'not on the curve')
  }
  // The order of the group is odd, so no point has y = 0.
  return concat(xBytes, to32Bytes((y & 1n) === (isOdd ? 1n : 0n) ? y : SM2_P - y))
}

/** y² = x³ + ax + b. */
function squareOfY(x: bigint): bigint {
  return sm2Field.create(sm2Field.mul(sm2Field.sqr(x) + SM2_A, x) + SM2_B)
}

/** 33 bytes: 02 or 03‖x. */
export function compress(publicKey: Uint8Array): Uint8Array {
  const point = requirePublicKey(publicKey)
  return concat(Uint8Array.of(2 + (point[63]! & 1)), point.subarray(0, 32))
}

/** The public key of a private key, 64 bytes x‖y. */
export function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  const spki = publicOfPrivate(importPrivate(concat(bareHead, requirePrivateKey(privateKey))))
  return requirePublicKey(spki.slice(spkiHead.length))
}

/** PKCS#8 (RFC 5958) with the public key, of keys that were validated. */
export function pkcs8Of(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  return concat(pkcs8Head, privateKey, pkcs8Middle, publicKey)
}

/** SubjectPublicKeyInfo (RFC 5480 §2), uncompressed, of a key that was validated. */
export function spkiOf(publicKey: Uint8Array): Uint8Array {
  return concat(spkiHead, publicKey)
}

export function importValidPrivate(privateKey: Uint8Array, publicKey: Uint8Array): NativeKey {
  return importPrivate(pkcs8Of(requirePrivateKey(privateKey), publicKey))
}

export function importValidPublic(publicKey: Uint8Array): NativeKey {
  return importPublic(spkiOf(requirePublicKey(publicKey)))
}
