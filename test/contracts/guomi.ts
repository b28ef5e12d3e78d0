/** SM2 for the tests of the contracts: keys and signatures by Node's OpenSSL, and signatures made to measure by big integers. */
import { createHash, createPrivateKey, createSign, randomBytes, type KeyObject } from 'node:crypto'
import { concat, getBytes, hexlify, toBeHex } from 'ethers'
import { SM2_A, SM2_B, SM2_GX, SM2_GY, SM2_N, sm2Curve, sm2Scalars } from '../../domain/crypto/sm2-curve.ts'

export const BASE = sm2Curve.ProjectivePoint.BASE
export const word = (value: bigint): string => toBeHex(value, 32)
export const mod = (value: bigint): bigint => sm2Scalars.create(value)
/** A scalar in [1, n − 2]. */
export const scalar = (): bigint => (BigInt(hexlify(randomBytes(40))) % (SM2_N - 2n)) + 1n
export const sm3 = (message: Uint8Array): string => `0x${createHash('sm3').update(message).digest('hex')}`

/** Key `x ‖ y` of the private key `d`. */
export function keyOf(d: bigint): string {
  const { x, y } = BASE.multiply(mod(d)).toAffine()
  return concat([word(x), word(y)])
}

/** Z of a key for an id (GM/T 0009-2012 §8.1). */
export function zOf(key: string, id = '1234567812345678'): string {
  const bits = toBeHex(id.length * 8, 2)
  const curve = [SM2_A, SM2_B, SM2_GX, SM2_GY].map(word)
  return sm3(getBytes(concat([bits, Buffer.from(id), ...curve, key])))
}

/** A key as OpenSSL takes it: only an imported one signs by SM2. */
export function nativeKey(d: bigint): KeyObject {
  const head = '0x308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420'
  const der = getBytes(concat([head, word(d), '0xa14403420004', keyOf(d)]))
  return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
}

/** OpenSSL's signature, a DER sequence of two integers. */
export function nativeSignatureDer(native: KeyObject, z: string, message: Uint8Array): Uint8Array {
  return createSign('sm3').update(getBytes(z)).update(message).sign(native)
}

/** The same as `r ‖ s`. */
export function nativeSignature(native: KeyObject, z: string, message: Uint8Array): string {
  const der = nativeSignatureDer(native, z, message)
  const integer = (at: number): [bigint, number] => {
    const end = at + 2 + der[at + 1]!
    return [BigInt(hexlify(der.subarray(at + 2, end))), end]
  }
  const [r, next] = integer(2)
  return concat([word(r), word(integer(next)[0])])
}

export interface Statement {
  e: bigint
  r: bigint
  s: bigint
  x: bigint
  y: bigint
}

/** A true statement with these s, t and key d, made backwards: e is what fits. */
export function statementOf(s: bigint, t: bigint, d: bigint): Statement {
  const q = BASE.multiply(mod(d)).toAffine()
  const factor = mod(s + t * d)
  const sumX = factor === 0n ? 0n : BASE.multiply(factor).toAffine().x
  const r = mod(t - s)
  return { e: mod(r - sumX), r, s, x: q.x, y: q.y }
}

export const argsOf = ({ e, r, s, x, y }: Statement): [string, bigint, bigint, bigint, bigint] => [word(e), r, s, x, y]

type Ask = (key: string, hash: string, signature: string) => Promise<boolean>

/** What the chain says about `count` signatures by OpenSSL and about as many corrupted ones, by what was corrupted. */
export async function compareWithNative(ask: Ask, count: number, keys = 20) {
  const refused: string[] = []
  const accepted: string[] = []
  const signers = Array.from({ length: keys }, () => {
    const d = scalar()
    const key = keyOf(d)
    return { key, z: zOf(key), native: nativeKey(d) }
  })
  const flip = (bytes: string): string => {
    const copy = getBytes(bytes)
    const bit = randomBytes(2).readUInt16BE() % (copy.length * 8)
    copy[bit >> 3]! ^= 1 << (bit & 7)
    return hexlify(copy)
  }
  for (let i = 0; i < count; ++i) {
    const { key, z, native } = signers[i % keys]!
    const hash = hexlify(randomBytes(32))
    const signature = nativeSignature(native, z, getBytes(hash))
    if (!(await ask(key, hash, signature))) refused.push(`${key} ${hash} ${signature}`)
    const [r, s] = [`0x${signature.slice(2, 66)}`, `0x${signature.slice(66)}`]
    const wrong: [string, string, string] = [
      [key, hash, concat([flip(r), s])] as [string, string, string],
      [key, hash, concat([r, flip(s)])] as [string, string, string],
      [key, flip(hash), signature] as [string, string, string],
      [flip(key), hash, signature] as [string, string, string],
      [signers[(i + 1) % keys]!.key, hash, signature] as [string, string, string]
    ][i % 5]!
    if (await ask(...wrong)) accepted.push(wrong.join(' '))
  }
  return { valid: count, corrupted: count, refused, accepted }
}
