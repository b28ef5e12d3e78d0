import { execFileSync } from 'node:child_process'
import { createSign, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { getBytes, hexlify, toBeHex } from 'ethers'
// @ts-expect-error sm-crypto has no types; it is the other implementation that ours is held against.
import smCrypto from 'sm-crypto'
import { describe, expect, it } from 'vitest'
import {
  DEFAULT_USER_ID,
  newPrivateKey,
  publicKeyOf,
  requirePublicKey,
  SigningKey,
  signatureFromDer,
  signatureToDer,
  verify,
  zOf
} from '../../../domain/crypto/sm2.ts'
import { CryptoError } from '../../../domain/crypto/errors.ts'
import { selfTest, selfTests } from '../../../domain/crypto/self-test.ts'
import { SM2_N, SM2_P, sm2Curve } from '../../../domain/crypto/sm2-curve.ts'

const text = (value: string) => new TextEncoder().encode(value)
const vectorsFile = new URL('../../../../shared/data/vectors/guomi/gbt-vectors.json', import.meta.url)
const hasVectors = existsSync(vectorsFile)
if (!hasVectors) console.warn('shared/data is not there: the standard’s example is tested by the self-test only')
const hasOpenssl = existsSync('/usr/bin/openssl')
if (!hasOpenssl) console.warn('no openssl command: interoperability with it is not tested')

const secret = getBytes(`0x${'4d'.repeat(32)}`)
const key = new SigningKey(secret)
const message = text('应收账款 4711')
const signature = key.sign(message)

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof CryptoError) return error.code
    throw error
  }
}

describe.skipIf(!hasVectors)('the example of GB/T 32918.5-2017 A.2', () => {
  const example = hasVectors
    ? (JSON.parse(readFileSync(vectorsFile, 'utf8')) as { sm2_sign: Record<string, string> }).sm2_sign
    : {}
  const bytes = (name: string) => getBytes(`0x${example[name]}`)

  it('has our Z, our public key and a signature that verifies', () => {
    const publicKey = Uint8Array.of(...bytes('px'), ...bytes('py'))
    expect(publicKeyOf(bytes('d'))).toEqual(publicKey)
    expect(hexlify(zOf(publicKey, { userId: example['id']! }))).toBe(hexlify(bytes('ZA')))
    expect(verify(publicKey, text(example['message_ascii']!), bytes('signature_raw'))).toBe(true)
  })
})

describe('a signature', () => {
  it('verifies for its message, key and user id only', () => {
    expect(verify(key.publicKey, message, signature)).toBe(true)
    expect(verify(key.publicKey, text('应收账款 4712'), signature)).toBe(false)
    expect(verify(publicKeyOf(newPrivateKey()), message, signature)).toBe(false)
    expect(verify(key.publicKey, message, signature, { userId: 'another' })).toBe(false)
    const options = { userId: '甲' }
    expect(verify(key.publicKey, message, key.sign(message, options), options)).toBe(true)
  })

  const raw = (r: bigint, s: bigint) => getBytes(`${toBeHex(r, 32)}${toBeHex(s, 32).slice(2)}`)
  const r = BigInt(hexlify(signature.subarray(0, 32)))
  const s = BigInt(hexlify(signature.subarray(32)))
  it.each([
    ['r = 0', raw(0n, s)],
    ['s = 0', raw(r, 0n)],
    ['r = n', raw(SM2_N, s)],
    ['s = n', raw(r, SM2_N)],
    ['s + n', raw(r, (s + SM2_N) % (1n << 256n))],
    ['r + s = n', raw(r, SM2_N - r)],
    ['-s', raw(r, SM2_N - s)],
    ['halves swapped', raw(s, r)],
    ['DER', signatureToDer(signature)],
    ['63 bytes', signature.subarray(1)],
    ['nothing', new Uint8Array()]
  ])('is refused with %s', (_, shown) => {
    expect(verify(key.publicKey, message, shown)).toBe(false)
  })

  it('is refused when any one bit of it is another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 511 }), (bit) => {
        const changed = Uint8Array.from(signature)
        changed[bit >> 3]! ^= 1 << (bit & 7)
        expect(verify(key.publicKey, message, changed)).toBe(false)
      }),
      { numRuns: 64 }
    )
  })

  it('is what sm-crypto makes and takes, for any message', () => {
    const options = { hash: true, der: false, userId: DEFAULT_USER_ID }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
        const hex = (bytes: Uint8Array) => hexlify(bytes).slice(2)
        expect(smCrypto.sm2.doVerifySignature([...any], hex(key.sign(any)), `04${hex(key.publicKey)}`, options)).toBe(
          true
        )
        const theirs = smCrypto.sm2.doSignature([...any], hex(secret), options) as string
        expect(verify(key.publicKey, any, getBytes(`0x${theirs}`))).toBe(true)
      }),
      { numRuns: 20 }
    )
  })
})

describe('a private key', () => {
  it.each([
    ['0', 0n],
    ['n - 1, with which OpenSSL never returns', SM2_N - 1n],
    ['n', SM2_N],
    ['more than n', SM2_N + 5n]
  ])('can’t be %s', (_, d) => {
    expect(codeOf(() => new SigningKey(getBytes(toBeHex(d, 32))))).toBe('PRIVATE_KEY_INVALID')
  })

  it('can be n - 2, and must be 32 bytes', () => {
    const last = new SigningKey(getBytes(toBeHex(SM2_N - 2n, 32)))
    expect(verify(last.publicKey, message, last.sign(message))).toBe(true)
    expect(codeOf(() => publicKeyOf(secret.slice(1)))).toBe('PRIVATE_KEY_INVALID')
  })

  it('shows nothing of itself', () => {
    const shown = [inspect(key, { depth: 9, showHidden: true }), JSON.stringify(key), String(key)].join()
    expect(shown).not.toMatch(/4d4d4d4d|77,\s*77,\s*77/)
    expect(() => publicKeyOf(secret.slice(1))).toThrow(/^The private key is not 32 bytes/)
  })
})

describe('a public key', () => {
  const point = sm2Curve.ProjectivePoint.fromHex(Uint8Array.of(4, ...key.publicKey))

  it('is taken plain, uncompressed and compressed', () => {
    for (const form of [key.publicKey, point.toRawBytes(false), point.toRawBytes(true)]) {
      expect(requirePublicKey(form)).toEqual(key.publicKey)
      expect(verify(form, message, signature)).toBe(true)
    }
  })

  it.each([
    ['off the curve', Uint8Array.of(...key.publicKey.slice(0, 63), key.publicKey[63]! ^ 1)],
    ['of zeros', new Uint8Array(64)],
    ['at infinity', Uint8Array.of(0)],
    ['hybrid', Uint8Array.of(6 + (key.publicKey[63]! & 1), ...key.publicKey)],
    ['with x = p', Uint8Array.of(...getBytes(toBeHex(SM2_P, 32)), ...key.publicKey.slice(32))],
    ['a byte short', key.publicKey.slice(1)],
    ['empty', new Uint8Array()]
  ])('is refused %s, and has signed nothing', (_, shown) => {
    expect(codeOf(() => requirePublicKey(shown))).toBe('PUBLIC_KEY_INVALID')
    expect(verify(shown, message, signature)).toBe(false)
  })
})

describe('a user id', () => {
  it('has 1 to 8191 bytes', () => {
    expect(codeOf(() => zOf(key.publicKey, { userId: '' }))).toBe('USER_ID_INVALID')
    expect(codeOf(() => zOf(key.publicKey, { userId: 'a'.repeat(8_192) }))).toBe('USER_ID_INVALID')
    expect(codeOf(() => zOf(key.publicKey, { userId: '甲'.repeat(2_731) }))).toBe('USER_ID_INVALID')
    const long = { userId: 'a'.repeat(8_191) }
    expect(verify(key.publicKey, message, key.sign(message, long), long)).toBe(true)
    expect(verify(key.publicKey, message, signature, { userId: '' })).toBe(false)
  })
})

describe('DER', () => {
  it('reads back what it writes, whatever the integers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.nat(32), (bytes, zeros) => {
        const padded = Uint8Array.from(bytes).fill(0, 0, zeros)
        expect(signatureFromDer(signatureToDer(padded))).toEqual(padded)
      })
    )
  })

  const der = signatureToDer(Uint8Array.from({ length: 64 }, (_, i) => (i % 32) + 1))
  const changed = (change: (bytes: number[]) => void) => {
    const bytes = [...der]
    change(bytes)
    return Uint8Array.from(bytes)
  }
  it.each([
    ['a trailing byte', changed((bytes) => bytes.push(0))],
    ['a trailing byte that the length counts', changed((bytes) => (bytes.push(0), bytes[1]!++))],
    ['a long-form length', changed((bytes) => bytes.splice(1, 1, 0x81, bytes[1]!))],
    ['a padded integer', changed((bytes) => (bytes.splice(4, 0, 0), bytes[1]!++, bytes[3]!++))],
    ['a negative integer', changed((bytes) => (bytes[4] = 0x80))],
    ['another tag', changed((bytes) => (bytes[2] = 0x04))],
    ['a set', changed((bytes) => (bytes[0] = 0x31))],
    ['a third element', changed((bytes) => (bytes.push(2, 1, 1), (bytes[1]! += 3)))],
    ['an end within', der.slice(0, 40)],
    ['nothing', new Uint8Array()]
  ])('with %s is not read', (_, bytes) => {
    expect(codeOf(() => signatureFromDer(bytes))).toBe('SIGNATURE_MALFORMED')
  })
})

describe('the native provider', () => {
  it('is what the standard says', () => {
    expect(() => selfTest()).not.toThrow()
    expect(selfTests.length).toBeGreaterThan(4)
  })

  it('stops everything when one example comes out otherwise', () => {
    for (const [name] of selfTests) {
      const broken = selfTests.map((test) => (test[0] === name ? ([name, () => false] as const) : test))
      expect(
        codeOf(() => selfTest(broken)),
        name
      ).toBe('CRYPTO_SELF_TEST_FAILED')
    }
  })

  it('would sign ECDSA with a key that it has made itself: ours are imported, and such a signature is none', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'SM2' })
    const point = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-64))
    const theirs = signatureFromDer(createSign('sm3').update(zOf(point)).update(message).sign(privateKey))
    expect(verify(point, message, theirs)).toBe(false)
  })
})

describe.skipIf(!hasOpenssl)('the openssl command', () => {
  it('verifies ours, and makes what ours verifies, with the default id and another', () => {
    const dir = mkdtempSync(join(tmpdir(), 'tallystick-sm2-'))
    try {
      const openssl = (...args: string[]) => execFileSync('/usr/bin/openssl', args, { cwd: dir, stdio: 'pipe' })
      openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:SM2', '-out', 'key.pem')
      openssl('pkey', '-in', 'key.pem', '-pubout', '-out', 'public.pem')
      const pkcs8 = openssl('pkey', '-in', 'key.pem', '-outform', 'DER')
      // ECPrivateKey (RFC 5915): version 1, then the octets of d.
      const at = pkcs8.indexOf(Buffer.from('0201010420', 'hex')) + 5
      const d = new Uint8Array(pkcs8.subarray(at, at + 32))
      writeFileSync(join(dir, 'message'), message)
      for (const id of [DEFAULT_USER_ID, 'ALICE@TALLY']) {
        const ours = new SigningKey(d)
        const options = ['-rawin', '-digest', 'sm3', '-in', 'message', '-pkeyopt', `distid:${id}`]
        writeFileSync(join(dir, 'ours.der'), signatureToDer(ours.sign(message, { userId: id })))
        openssl('pkeyutl', '-verify', '-pubin', '-inkey', 'public.pem', '-sigfile', 'ours.der', ...options)
        openssl('pkeyutl', '-sign', '-inkey', 'key.pem', '-out', 'theirs.der', ...options)
        const theirs = signatureFromDer(new Uint8Array(readFileSync(join(dir, 'theirs.der'))))
        expect(verify(ours.publicKey, message, theirs, { userId: id })).toBe(true)
        expect(verify(ours.publicKey, text('another'), theirs, { userId: id })).toBe(false)
      }
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })
})
