/**
 * {@link native.ts} for browsers, where there is no OpenSSL: the same functions by @noble and our SM3. JavaScript promises no constant
 * time (docs/KEYS.md). SM4 is not there: nothing that a page does needs it, sealed documents are opened by the command line.
 */
import { mod } from '@noble/curves/abstract/modular'
import { pbkdf2 as nobleOf } from '@noble/hashes/pbkdf2'
import { sha256 } from '@noble/hashes/sha2'
import { concat, to32Bytes, toNumber } from './bytes.ts'
import { DerReader, encodeSequence, encodeUnsigned, tags } from './der.ts'
import { sm2Curve, sm2Scalars, SM2_N } from './sm2-curve.ts'
import { Sm3 } from './sm3.ts'

export interface Hash {
  update(part: Uint8Array): Hash
  digest(): Uint8Array
}

/** SM3 and SHA-256. */
export function createHash(name: 'sm3' | 'sha256'): Hash {
  return name === 'sm3' ? new Sm3() : sha256.create()
}

/** Of a message that is there as a whole. */
export function digest(name: 'sm3' | 'sha256', message: Uint8Array): Uint8Array {
  return createHash(name).update(message).digest()
}

/** A private key as its number, a public key as its point. */
export type NativeKey = { readonly scalar: bigint } | { readonly point: ReturnType<typeof pointOf> }

export function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length))
}

/** Looks at every byte, however early two differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < Math.min(a.length, b.length); i++) difference |= a[i]! ^ b[i]!
  return difference === 0
}

export function importPrivate(pkcs8: Uint8Array): NativeKey {
  const info = new DerReader(pkcs8).sequence()
  info.smallUnsigned()
  info.sequence()
  const key = new DerReader(info.read(tags.octetString)).sequence()
  key.smallUnsigned()
  return { scalar: toNumber(key.read(tags.octetString)) }
}

export function importPublic(spki: Uint8Array): NativeKey {
  return { point: pointOf(spki.subarray(-64)) }
}

/** The SPKI of an imported private key. */
export function publicOfPrivate(key: NativeKey): Uint8Array {
  const { x, y } = sm2Curve.ProjectivePoint.BASE.multiply(scalarOf(key)).toAffine()
  // The head of an SPKI of this curve; whoever asks takes what is behind it.
  return concat(new Uint8Array(26), Uint8Array.of(4), to32Bytes(x), to32Bytes(y))
}

/** GB/T 32918.2 §6.1 over e = SM3(Z‖M), as DER. */
export function signNative(key: NativeKey, z: Uint8Array, message: Uint8Array): Uint8Array {
  const d = scalarOf(key)
  const e = eOf(z, message)
  for (;;) {
    const k = toNumber(randomBytes(32))
    if (k === 0n || k >= SM2_N) continue
    const r = mod(e + sm2Curve.ProjectivePoint.BASE.multiply(k).toAffine().x, SM2_N)
    if (r === 0n || r + k === SM2_N) continue
    const s = sm2Scalars.mul(sm2Scalars.inv(mod(1n + d, SM2_N)), mod(k - r * d, SM2_N))
    if (s !== 0n) return encodeSequence(encodeUnsigned(to32Bytes(r)), encodeUnsigned(to32Bytes(s)))
  }
}

/** GB/T 32918.2 §7.1; the caller has checked the ranges of r and s. */
export function verifyNative(key: NativeKey, z: Uint8Array, message: Uint8Array, der: Uint8Array): boolean {
  if (!('point' in key)) throw new TypeError('verifying takes a public key')
  const reader = new DerReader(der).sequence()
  const r = toNumber(reader.unsigned32())
  const s = toNumber(reader.unsigned32())
  const t = mod(r + s, SM2_N)
  if (r === 0n || s === 0n || r >= SM2_N || s >= SM2_N || t === 0n) return false
  const sum = sm2Curve.ProjectivePoint.BASE.multiplyUnsafe(s).add(key.point.multiplyUnsafe(t))
  return !sum.equals(sm2Curve.ProjectivePoint.ZERO) && mod(eOf(z, message) + sum.toAffine().x, SM2_N) === r
}

export function sm4Ctr(_key: Uint8Array, _counter: Uint8Array, _data: Uint8Array): Uint8Array {
  return withoutSm4()
}

export function sm4CbcEncrypt(_key: Uint8Array, _iv: Uint8Array, _data: Uint8Array): Uint8Array {
  return withoutSm4()
}

export type CbcCipher = 'sm4-cbc' | 'aes-128-cbc' | 'aes-256-cbc'

export function cbcDecrypt(_cipher: CbcCipher, _key: Uint8Array, _iv: Uint8Array, _data: Uint8Array): Uint8Array {
  return withoutSm4()
}

function withoutSm4(): never {
  throw new Error('SM4 and CBC are not there in a browser')
}

/** PBKDF2 (RFC 8018 §5.2). */
export function pbkdf2(
  passphrase: string,
  salt: Uint8Array,
  iterations: number,
  length: number,
  hash: 'sm3' | 'sha256'
): Uint8Array {
  if (hash === 'sm3') throw new Error('PBKDF2 with SM3 is not there in a browser')
  return nobleOf(sha256, passphrase, salt, { c: iterations, dkLen: length })
}

function scalarOf(key: NativeKey): bigint {
  if (!('scalar' in key)) throw new TypeError('signing takes a private key')
  return key.scalar
}

function pointOf(bytes: Uint8Array) {
  return sm2Curve.ProjectivePoint.fromAffine({ x: toNumber(bytes.subarray(0, 32)), y: toNumber(bytes.subarray(32)) })
}

function eOf(z: Uint8Array, message: Uint8Array): bigint {
  return toNumber(new Sm3().update(z).update(message).digest())
}
