import { createPrivateKey, createSign, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, to32Bytes, toHex, utf8 } from '../../../domain/crypto/bytes.ts'
import { sm3 } from '../../../domain/crypto/hash.ts'
import {
  compress,
  eOf,
  newPrivateKey,
  publicKeyOf,
  requirePrivateKey,
  requirePublicKey,
  sign,
  signatureFromDer,
  signatureToDer,
  SigningKey,
  verify,
  zOf
} from '../../../domain/crypto/sm2.ts'
import { SM2_N, SM2_P, sm2Curve, sm2Scalars } from '../../../domain/crypto/sm2-curve.ts'
import { importValidPublic } from '../../../domain/crypto/sm2-keys.ts'
import { codeOf, standardKey } from './vectors.ts'

const message = utf8('message digest')
const publicKey = publicKeyOf(standardKey)
const signature = fromHex(
  'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3' +
    'b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa'
)
const r = signature.subarray(0, 32)
const s = signature.subarray(32)
const number = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`)

describe('private keys', () => {
  it.each([
    ['0', 0n],
    ['n - 1, with which signing never ends', SM2_N - 1n],
    ['n', SM2_N],
    ['n + 1', SM2_N + 1n],
    ['2^256 - 1', 2n ** 256n - 1n]
  ])('refuses %s before the native provider sees it', (_, value) => {
    expect(codeOf(() => requirePrivateKey(to32Bytes(value)))).toBe('PRIVATE_KEY_INVALID')
    expect(codeOf(() => sign(to32Bytes(value), message))).toBe('PRIVATE_KEY_INVALID')
    expect(codeOf(() => publicKeyOf(to32Bytes(value)))).toBe('PRIVATE_KEY_INVALID')
  })

  it('accepts 1 and n - 2, and signs with them', () => {
    for (const value of [1n, SM2_N - 2n]) {
      const key = to32Bytes(value)
      expect(verify(publicKeyOf(key), message, sign(key, message))).toBe(true)
    }
  })

  it('refuses other lengths', () => {
    expect(codeOf(() => requirePrivateKey(standardKey.subarray(1)))).toBe('PRIVATE_KEY_INVALID')
    expect(codeOf(() => requirePrivateKey(concat(standardKey, Uint8Array.of(0))))).toBe('PRIVATE_KEY_INVALID')
  })

  it('makes keys whose public keys are those of an independent multiplication', () => {
    for (let i = 0; i < 20; i++) {
      const key = newPrivateKey()
      const { x, y } = sm2Curve.ProjectivePoint.BASE.multiply(number(key)).toAffine()
      expect(toHex(publicKeyOf(key))).toBe(toHex(concat(to32Bytes(x), to32Bytes(y))))
    }
  })
})

describe('public keys', () => {
  const x = publicKey.subarray(0, 32)
  const y = publicKey.subarray(32)

  it('accepts x‖y, 04‖x‖y and both compressed forms', () => {
    expect(toHex(requirePublicKey(publicKey))).toBe(toHex(publicKey))
    expect(toHex(requirePublicKey(concat(Uint8Array.of(4), publicKey)))).toBe(toHex(publicKey))
    expect(toHex(requirePublicKey(compress(publicKey)))).toBe(toHex(publicKey))
    const negative = concat(x, to32Bytes(SM2_P - number(y)))
    expect(toHex(requirePublicKey(compress(negative)))).toBe(toHex(negative))
  })

  it.each([
    ['a hybrid form 06', concat(Uint8Array.of(6), publicKey)],
    ['a hybrid form 07', concat(Uint8Array.of(7), publicKey)],
    ['infinity as one byte', Uint8Array.of(0)],
    ['infinity as zeros', new Uint8Array(64)],
    ['infinity as 04 and zeros', concat(Uint8Array.of(4), new Uint8Array(64))],
    ['a point off the curve', concat(x, to32Bytes(number(y) ^ 1n))],
    ['x = p', concat(to32Bytes(SM2_P), y)],
    ['y = p', concat(x, to32Bytes(SM2_P))],
    ['a compressed x = p', concat(Uint8Array.of(2), to32Bytes(SM2_P))],
    ['63 bytes', publicKey.subarray(1)],
    ['66 bytes', concat(Uint8Array.of(4), publicKey, Uint8Array.of(0))],
    ['none', new Uint8Array()]
  ])('refuses %s', (_, bytes) => {
    expect(codeOf(() => requirePublicKey(bytes))).toBe('PUBLIC_KEY_INVALID')
    expect(verify(bytes, message, signature)).toBe(false)
    expect(codeOf(() => importValidPublic(bytes))).toBe('PUBLIC_KEY_INVALID')
  })

  it('refuses a compressed x of no point', () => {
    const candidates = Array.from({ length: 20 }, (_, i) => concat(Uint8Array.of(2), to32Bytes(BigInt(i + 1))))
    const refused = candidates.filter((bytes) => codeOf(() => requirePublicKey(bytes)) === 'PUBLIC_KEY_INVALID')
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.length).toBeLessThan(20)
  })

  it('a non-canonical coordinate x + p is refused where it fits in 32 bytes', () => {
    // Coordinates below 2^256 - p have a second form.
    for (let small = 1n; ; small++) {
      const bytes = concat(Uint8Array.of(2), to32Bytes(small))
      if (codeOf(() => requirePublicKey(bytes)) !== 'not refused') continue
      expect(codeOf(() => requirePublicKey(concat(Uint8Array.of(2), to32Bytes(small + SM2_P))))).toBe(
        'PUBLIC_KEY_INVALID'
      )
      break
    }
  })
})

describe('signatures', () => {
  it('verifies the signature of the standard', () => {
    expect(verify(publicKey, message, signature)).toBe(true)
  })

  it.each([
    ['r = 0', concat(to32Bytes(0n), s)],
    ['s = 0', concat(r, to32Bytes(0n))],
    ['r = n', concat(to32Bytes(SM2_N), s)],
    ['s = n', concat(r, to32Bytes(SM2_N))],
    ['r above n', concat(to32Bytes(2n ** 256n - 1n), s)],
    ['s above n', concat(r, to32Bytes(2n ** 256n - 1n))],
    ['r + s = n', concat(r, to32Bytes(SM2_N - number(r)))],
    ['-s', concat(r, to32Bytes(SM2_N - number(s)))],
    ['-r', concat(to32Bytes(SM2_N - number(r)), s)],
    ['swapped halves', concat(s, r)],
    ['DER instead of r‖s', signatureToDer(signature)],
    ['63 bytes', signature.subarray(1)],
    ['none', new Uint8Array()]
  ])('refuses %s', (_, bytes) => {
    expect(verify(publicKey, message, bytes)).toBe(false)
  })

  it('refuses each flipped bit of the signature, and a changed message or key', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 511 }), (bit) => {
        const bytes = signature.slice()
        bytes[bit >> 3]! ^= 1 << (bit & 7)
        expect(verify(publicKey, message, bytes)).toBe(false)
      }),
      { numRuns: 60 }
    )
    expect(verify(publicKey, utf8('message digesT'), signature)).toBe(false)
    expect(verify(publicKeyOf(newPrivateKey()), message, signature)).toBe(false)
    const { x, y } = sm2Curve.ProjectivePoint.BASE.multiply(number(standardKey)).negate().toAffine()
    expect(verify(concat(to32Bytes(x), to32Bytes(y)), message, signature)).toBe(false)
  })

  it('signs what it verifies, for messages of any length and keys at the edges', () => {
    for (const value of [1n, 2n, 3n, 2n ** 128n, SM2_N - 2n, SM2_N - 3n, SM2_N / 2n]) {
      const key = new SigningKey(to32Bytes(value))
      for (const length of [0, 1, 31, 32, 55, 56, 64, 1000]) {
        const text = new Uint8Array(length).fill(length)
        expect(verify(key.publicKey, text, key.sign(text))).toBe(true)
      }
    }
  })

  it('uses a fresh nonce for each signature', () => {
    const key = new SigningKey(standardKey)
    expect(new Set(Array.from({ length: 50 }, () => toHex(key.sign(message)))).size).toBe(50)
  })

  it('agrees with the equation of the standard, computed by another library', () => {
    const made = sign(standardKey, message)
    const [mr, ms] = [number(made.subarray(0, 32)), number(made.subarray(32))]
    const { ProjectivePoint } = sm2Curve
    const point = ProjectivePoint.fromHex(`04${toHex(publicKey)}`)
    const t = sm2Scalars.add(mr, ms)
    const x1 = ProjectivePoint.BASE.multiply(ms).add(point.multiply(t)).toAffine().x
    expect(sm2Scalars.create(number(eOf(publicKey, message)) + x1)).toBe(mr)
  })

  it('a text is hashed once, with Z: neither without Z nor of a digest does it verify', () => {
    const plain = createSign('sm3')
      .update(message)
      .sign(
        createPrivateKey({
          key: Buffer.from(
            concat(
              fromHex('308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420'),
              standardKey,
              fromHex('a14403420004'),
              publicKey
            )
          ),
          format: 'der',
          type: 'pkcs8'
        })
      )
    expect(verify(publicKey, message, signatureFromDer(plain))).toBe(false)
    expect(verify(publicKey, sm3(message), sign(standardKey, message))).toBe(false)
    expect(verify(publicKey, utf8(toHex(message)), sign(standardKey, message))).toBe(false)
  })

  it('a generated EC key object signs ECDSA in silence, which verifies nowhere here', () => {
    const { privateKey, publicKey: other } = generateKeyPairSync('ec', { namedCurve: 'SM2' })
    const point = new Uint8Array(other.export({ format: 'der', type: 'spki' })).slice(-64)
    const der = createSign('sm3').update(zOf(point)).update(message).sign(privateKey)
    expect(verify(point, message, signatureFromDer(new Uint8Array(der)))).toBe(false)
    // Nor can such an object be handed in: keys are bytes or our own class.
    expect(codeOf(() => sign(privateKey as unknown as Uint8Array, message))).toBe('PRIVATE_KEY_INVALID')
  })
})

describe('user ids', () => {
  it.each([
    ['another', 'ALICE123@YAHOO.COM'],
    ['with characters beyond ASCII and beyond the basic plane', '供应链𠮷'],
    ['of bytes', Uint8Array.of(0, 255, 1)],
    ['of 8191 bytes', 'a'.repeat(8191)]
  ])('an id %s signs and verifies, and only itself', (_, userId) => {
    const made = sign(standardKey, message, { userId })
    expect(verify(publicKey, message, made, { userId })).toBe(true)
    expect(verify(publicKey, message, made)).toBe(false)
    expect(verify(publicKey, message, made, { userId: 'BOB' })).toBe(false)
  })

  it('an id of 8192 bytes is refused: its length in bits does not fit', () => {
    expect(codeOf(() => sign(standardKey, message, { userId: 'a'.repeat(8192) }))).toBe('USER_ID_INVALID')
    expect(codeOf(() => zOf(publicKey, { userId: 'é'.repeat(4096) }))).toBe('USER_ID_INVALID')
    expect(verify(publicKey, message, signature, { userId: 'a'.repeat(8192) })).toBe(false)
  })

  it('an empty id is refused unless asked for, and signatures under it fail under the default id', () => {
    expect(codeOf(() => sign(standardKey, message, { userId: '' }))).toBe('USER_ID_INVALID')
    const made = sign(standardKey, message, { userId: '', allowsEmptyUserId: true })
    expect(verify(publicKey, message, made)).toBe(false)
    expect(verify(publicKey, message, made, { userId: '' })).toBe(false)
    expect(verify(publicKey, message, made, { userId: '', allowsEmptyUserId: true })).toBe(true)
  })
})

describe('DER of signatures', () => {
  it('is the inverse of itself for all halves', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (bytes) => {
        expect(toHex(signatureFromDer(signatureToDer(bytes)))).toBe(toHex(bytes))
      })
    )
    const small = concat(to32Bytes(1n), to32Bytes(0x80n))
    expect(toHex(signatureToDer(small))).toBe('300702010102020080')
  })

  it.each([
    ['bytes after the end', '30060201010201017f'],
    ['a third element', '3009020101020101020101'],
    ['a length in the long form', '3081060201010201' + '01'],
    ['an integer in the long form', '30070281010102' + '0101'],
    ['a padded integer', '300702020001020101'],
    ['a negative integer', '30060201ff020101'],
    ['an empty integer', '30050200020101'],
    ['an integer of 34 bytes', `3028022200${'80'.repeat(33)}020101`],
    ['a set instead of a sequence', '3106020101020101'],
    ['an octet string instead of an integer', '3006040101020101'],
    ['one integer', '3003020101'],
    ['a length beyond the end', '3007020101020101'],
    ['an indefinite length', '30800201010201010000'],
    ['nothing', ''],
    ['r‖s instead of DER', toHex(signature)]
  ])('refuses %s', (_, hex) => {
    expect(codeOf(() => signatureFromDer(fromHex(hex)))).toBe('SIGNATURE_MALFORMED')
  })
})
