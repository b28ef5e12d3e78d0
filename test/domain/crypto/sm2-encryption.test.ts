import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, to32Bytes, toHex, utf8 } from '../../../domain/crypto/bytes.ts'
import { sm3 } from '../../../domain/crypto/hash.ts'
import { newPrivateKey, publicKeyOf } from '../../../domain/crypto/sm2.ts'
import { sm2Curve } from '../../../domain/crypto/sm2-curve.ts'
import {
  cipherFromRaw,
  cipherToRaw,
  decryptWith,
  encryptTo,
  encryptWithNonces
} from '../../../domain/crypto/sm2-encryption.ts'
import { codeOf, standardKey } from './vectors.ts'

const publicKey = publicKeyOf(standardKey)
const nonce = fromHex('59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21')
const plain = utf8('encryption standard')
const cipher = encryptWithNonces(publicKey, plain, () => nonce)
const raw = cipherToRaw(cipher)
const altered = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes[at]! ^ 1)

/** The key stream for one nonce, computed apart from the code under test. */
function streamByte(value: bigint): number {
  const { x, y } = sm2Curve.ProjectivePoint.fromHex(`04${toHex(publicKey)}`)
    .multiply(value)
    .toAffine()
  return sm3(concat(to32Bytes(x), to32Bytes(y), Uint8Array.of(0, 0, 0, 1)))[0]!
}

describe('encryption to a key', () => {
  it('gives the ciphertext of GB/T 32918.5-2017 C.2 for its nonce', () => {
    expect(toHex(raw)).toBe(
      '0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73' +
        'e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0' +
        '59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766' +
        '21886ca989ca9c7d58087307ca93092d651efa'
    )
    expect(toHex(decryptWith(standardKey, cipher))).toBe(toHex(plain))
  })

  it('comes back for plaintexts of all lengths, one byte included', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (text) => {
        expect(toHex(decryptWith(standardKey, encryptTo(publicKey, text)))).toBe(toHex(text))
      }),
      { numRuns: 30 }
    )
  })

  it('refuses to encrypt nothing and more than 64 KiB', () => {
    expect(codeOf(() => encryptTo(publicKey, new Uint8Array()))).toBe('PLAINTEXT_SIZE')
    expect(codeOf(() => encryptTo(publicKey, new Uint8Array(65_537)))).toBe('PLAINTEXT_SIZE')
  })

  it('takes another nonce when the key stream is zero, and refuses a ciphertext made with it', () => {
    let zero = 2n
    while (streamByte(zero) !== 0) zero++
    const nonces = [to32Bytes(zero), nonce]
    const made = encryptWithNonces(publicKey, utf8('x'), () => nonces.shift()!)
    expect(nonces).toHaveLength(0)
    expect(toHex(decryptWith(standardKey, made))).toBe('78')

    const c1 = sm2Curve.ProjectivePoint.BASE.multiply(zero).toAffine()
    const shared = sm2Curve.ProjectivePoint.fromHex(`04${toHex(publicKey)}`)
      .multiply(zero)
      .toAffine()
    const hash = sm3(concat(to32Bytes(shared.x), utf8('x'), to32Bytes(shared.y)))
    const bare = concat(to32Bytes(c1.x), to32Bytes(c1.y), hash, utf8('x'))
    expect(codeOf(() => decryptWith(standardKey, cipherFromRaw(bare, 'bare')))).toBe('CIPHERTEXT_KEY_ZERO')
  })

  it('keeps leading zeros of the coordinates, of C1 and of the shared point', () => {
    // The first point with a zero byte in front, found by walking from G: one in 128.
    const shortOf = (base: Uint8Array): bigint => {
      const { ProjectivePoint } = sm2Curve
      const step = ProjectivePoint.fromHex(`04${toHex(base)}`)
      let point = step
      for (let k = 1n; ; k++, point = point.add(step)) {
        const { x, y } = point.toAffine()
        if (x >> 248n === 0n || y >> 248n === 0n) return k
      }
    }
    for (const k of [shortOf(publicKeyOf(to32Bytes(1n))), shortOf(publicKey)]) {
      const made = encryptWithNonces(publicKey, plain, () => to32Bytes(k))
      expect(toHex(decryptWith(standardKey, made))).toBe(toHex(plain))
      expect(toHex(cipherFromRaw(cipherToRaw(made)))).toBe(toHex(made))
    }
  })
})

describe('refusals of ciphertexts', () => {
  const point = raw.subarray(1, 65)
  const hash = raw.subarray(65, 97)
  const body = raw.subarray(97)

  it('names the order C1C2C3 and does not accept it', () => {
    const old = cipherFromRaw(concat(Uint8Array.of(4), point, body, hash))
    expect(codeOf(() => decryptWith(standardKey, old))).toBe('CIPHERTEXT_OLD_ORDER')
  })

  it.each([
    ['an altered hash', altered(raw, 70)],
    ['an altered body', altered(raw, 100)],
    ['a body cut short', raw.subarray(0, -1)]
  ])('refuses %s', (_, bytes) => {
    expect(codeOf(() => decryptWith(standardKey, cipherFromRaw(bytes)))).toBe('CIPHERTEXT_MISMATCH')
  })

  it('refuses another key', () => {
    expect(codeOf(() => decryptWith(newPrivateKey(), cipher))).toBe('CIPHERTEXT_MISMATCH')
  })

  it('refuses a point off the curve before it meets the private key, raw and in DER', () => {
    expect(codeOf(() => cipherFromRaw(altered(raw, 64)))).toBe('CIPHERTEXT_POINT_INVALID')
    const der = cipher.slice()
    der[der.indexOf(point[31]!, 30)]! ^= 1
    expect(['CIPHERTEXT_POINT_INVALID', 'CIPHERTEXT_MALFORMED']).toContain(codeOf(() => decryptWith(standardKey, der)))
    expect(codeOf(() => cipherFromRaw(concat(Uint8Array.of(4), new Uint8Array(64), hash, body)))).toBe(
      'CIPHERTEXT_POINT_INVALID'
    )
  })

  it('knows both raw forms, and does not guess', () => {
    expect(toHex(cipherToRaw(cipher, 'bare'))).toBe(toHex(raw.subarray(1)))
    expect(toHex(cipherFromRaw(raw.subarray(1), 'bare'))).toBe(toHex(cipher))
    expect(codeOf(() => cipherFromRaw(concat(Uint8Array.of(2), raw.subarray(1))))).toBe('CIPHERTEXT_MALFORMED')
    expect(codeOf(() => cipherFromRaw(raw, 'bare'))).toBe('CIPHERTEXT_POINT_INVALID')
    expect(codeOf(() => cipherFromRaw(raw.subarray(0, 97)))).toBe('CIPHERTEXT_MALFORMED')
  })

  it.each([
    ['bytes after the end', concat(cipher, Uint8Array.of(0))],
    ['a missing end', cipher.subarray(0, -1)],
    ['raw instead of DER', raw],
    ['nothing', new Uint8Array()]
  ])('refuses %s', (_, bytes) => {
    expect(codeOf(() => decryptWith(standardKey, bytes))).toBe('CIPHERTEXT_MALFORMED')
  })
})
