/**
 * The only file that imports node:crypto. It is imported as `#native`, for which a browser takes native-browser.ts (package.json,
 * "imports").
 * Callers have validated keys and lengths: what OpenSSL accepts is not what SM2 allows (docs/KEYS.md).
 */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  hash,
  pbkdf2Sync,
  randomBytes as nodeRandomBytes,
  timingSafeEqual,
  type KeyObject
} from 'node:crypto'

/** SM3 and SHA-256. */
export { createHash } from 'node:crypto'

/** Of a message that is there as a whole: cheaper than a hash with state for what is short. */
export function digest(name: 'sm3' | 'sha256', message: Uint8Array): Uint8Array {
  return hash(name, message, 'buffer')
}

/** An imported key; never one of `generateKeyPairSync`, which would sign ECDSA in silence. */
export type NativeKey = KeyObject

/** Bytes of the operating system's generator. */
export function randomBytes(length: number): Uint8Array {
  return new Uint8Array(nodeRandomBytes(length))
}

/** Equality in a time that depends on the lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

export function importPrivate(pkcs8: Uint8Array): NativeKey {
  return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
}

export function importPublic(spki: Uint8Array): NativeKey {
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
}

/** The SPKI of an imported private key; OpenSSL multiplies in constant time where it can. */
export function publicOfPrivate(key: NativeKey): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }))
}

/**
 * SM2 over e = SM3(Z‖M), as DER. `createSign` adds no Z of its own today; the self-test refuses the day it does
 * (`crypto.sign` would use the empty user id).
 */
export function signNative(key: NativeKey, z: Uint8Array, message: Uint8Array): Uint8Array {
  return createSign('sm3').update(z).update(message).sign(key)
}

export function verifyNative(key: NativeKey, z: Uint8Array, message: Uint8Array, der: Uint8Array): boolean {
  return createVerify('sm3').update(z).update(message).verify(key, der)
}

/** SM4-CTR with a 16-byte first counter block; the same both ways. */
export function sm4Ctr(key: Uint8Array, counter: Uint8Array, data: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = createCipheriv('sm4-ctr', key, counter).update(data)
  return new Uint8Array(buffer, byteOffset, length)
}

/** SM4-CBC with PKCS#7 padding. */
export function sm4CbcEncrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  const cipher = createCipheriv('sm4-cbc', key, iv)
  return new Uint8Array(Buffer.concat([cipher.update(data), cipher.final()]))
}

export type CbcCipher = 'sm4-cbc' | 'aes-128-cbc' | 'aes-256-cbc'

/** Throws when the padding is wrong: a caller must not tell a stranger which of its checks failed. */
export function cbcDecrypt(cipher: CbcCipher, key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  const decipher = createDecipheriv(cipher, key, iv)
  return new Uint8Array(Buffer.concat([decipher.update(data), decipher.final()]))
}

/** PBKDF2 (RFC 8018 §5.2). */
export function pbkdf2(
  passphrase: string,
  salt: Uint8Array,
  iterations: number,
  length: number,
  hash: 'sm3' | 'sha256'
): Uint8Array {
  return new Uint8Array(pbkdf2Sync(passphrase, salt, iterations, length, hash))
}
