import { createPrivateKey, createPublicKey, createVerify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, to32Bytes, toHex, utf8 } from '../../../domain/crypto/bytes.ts'
import { sm3 } from '../../../domain/crypto/hash.ts'
import {
  exportPkcs8,
  exportPkcs8Encrypted,
  exportPkcs8EncryptedPem,
  exportPkcs8Pem,
  exportSec1,
  exportSpki,
  exportSpkiPem,
  fromPem,
  importPrivateKey,
  importPublicKey,
  toPem
} from '../../../domain/crypto/keys.ts'
import { compress, newPrivateKey, publicKeyOf, signatureToDer } from '../../../domain/crypto/sm2.ts'
import { SM2_N, sm2Curve, sm2Scalars } from '../../../domain/crypto/sm2-curve.ts'
import { codeOf, hasVectors, readText, standardKey } from './vectors.ts'

const publicKey = publicKeyOf(standardKey)
const hex = toHex(standardKey)
const fast = { iterations: 1000 }

describe('private keys in files', () => {
  it('come back from PKCS#8, SEC 1 and both in PEM', () => {
    for (const file of [
      exportPkcs8(standardKey),
      exportPkcs8Pem(standardKey),
      exportSec1(standardKey),
      toPem('EC PRIVATE KEY', exportSec1(standardKey)),
      toPem('SM2 PRIVATE KEY', exportSec1(standardKey))
    ]) {
      expect(toHex(importPrivateKey(file))).toBe(hex)
    }
  })

  it('come back from encrypted PKCS#8 with their passphrase only', () => {
    for (const prf of ['sha256', 'sm3'] as const) {
      const file = exportPkcs8Encrypted(standardKey, '口令', { ...fast, prf })
      expect(toHex(importPrivateKey(file, '口令'))).toBe(hex)
      expect(codeOf(() => importPrivateKey(file))).toBe('KEY_PASSPHRASE_MISSING')
    }
    const file = exportPkcs8Encrypted(standardKey, 'right', fast)
    // One wrong passphrase in 256 leaves valid padding: that must be the same refusal.
    for (let i = 0; i < 600; i++) {
      expect(codeOf(() => importPrivateKey(file, `wrong ${i}`))).toBe('KEY_PASSPHRASE_WRONG')
    }
    expect(toHex(file)).not.toContain(hex)
    expect(exportPkcs8EncryptedPem(standardKey, 'x', fast)).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/)
  })

  it('a file cannot make us compute for long, nor too little', () => {
    const file = exportPkcs8Encrypted(standardKey, 'x', { iterations: 1234 })
    const text = toHex(file)
    for (const iterations of ['7fff', '0001']) {
      const at = text.replace('020204d2', `0202${iterations}`)
      const expected = iterations === '0001' ? ['KEY_PARAMETERS_REFUSED', 'KEY_MALFORMED'] : ['KEY_PASSPHRASE_WRONG']
      expect(expected).toContain(codeOf(() => importPrivateKey(fromHex(at), 'x')))
    }
    expect(codeOf(() => exportPkcs8Encrypted(standardKey, 'x', { iterations: 5_000_001 }))).toBe(
      'KEY_PARAMETERS_REFUSED'
    )
    expect(codeOf(() => exportPkcs8Encrypted(standardKey, 'x', { iterations: 999 }))).toBe('KEY_PARAMETERS_REFUSED')
  })

  const pkcs8 = toHex(exportPkcs8(standardKey))
  const with32 = (value: bigint): Uint8Array => fromHex(pkcs8.replace(hex, toHex(to32Bytes(value))))

  it.each([
    ['0', 0n],
    ['n - 1', SM2_N - 1n],
    ['n', SM2_N]
  ])('the number %s is refused, which OpenSSL imports', (_, value) => {
    expect(() => createPrivateKey({ key: Buffer.from(with32(value)), format: 'der', type: 'pkcs8' })).not.toThrow()
    expect(codeOf(() => importPrivateKey(with32(value)))).toBe('PRIVATE_KEY_INVALID')
  })

  it.each([
    [
      "another key's public half",
      pkcs8.replace(toHex(publicKey), toHex(publicKeyOf(newPrivateKey()))),
      'KEY_PAIR_MISMATCH'
    ],
    ['an infinite public half', exportSec1Hex('02030000'), 'KEY_MALFORMED'],
    ['P-256', pkcs8.replace('06082a811ccf5501822d', '06082a8648ce3d030107'), 'KEY_NOT_SM2'],
    ['another algorithm', pkcs8.replace('06072a8648ce3d0201', '06072a8648ce380401'), 'KEY_NOT_SM2'],
    ['bytes after the end', `${pkcs8}00`, 'KEY_MALFORMED'],
    ['a cut end', pkcs8.slice(0, -2), 'KEY_MALFORMED'],
    ['SEC 1 that names no curve', '30250201010420' + hex, 'KEY_NOT_SM2'],
    ['nothing', '', 'KEY_MALFORMED']
  ])('%s is refused', (_, bytes, code) => {
    expect(codeOf(() => importPrivateKey(fromHex(bytes)))).toBe(code)
  })

  it('a text without a private key, or with a damaged one, is refused', () => {
    expect(codeOf(() => importPrivateKey('no key'))).toBe('KEY_MALFORMED')
    expect(codeOf(() => importPrivateKey(exportSpkiPem(publicKey)))).toBe('KEY_MALFORMED')
    expect(codeOf(() => importPrivateKey(exportPkcs8Pem(standardKey).replace('-----END', '----END')))).toBe(
      'KEY_MALFORMED'
    )
    expect(codeOf(() => importPrivateKey(exportPkcs8Pem(standardKey).replace('A', '*')))).toBe('KEY_MALFORMED')
    expect(fromPem('words\n' + exportSpkiPem(publicKey) + 'more\n')).toHaveLength(1)
  })

  it.skipIf(!hasVectors)('the five keys of Tongsuo are read, one with the curve as its algorithm', () => {
    for (const file of ['sm2.key', 'sm2-root.key', 'sm2-leaf.key', 'client_sign.key', 'client_enc.key']) {
      const key = importPrivateKey(readText(`tongsuo/${file}`))
      const native = createPublicKey(createPrivateKey(exportPkcs8Pem(key))).export({ format: 'der', type: 'spki' })
      expect(toHex(new Uint8Array(native))).toBe(toHex(exportSpki(publicKeyOf(key))))
    }
  })
})

function exportSec1Hex(point: string): string {
  return `30340201010420${hex}a00a06082a811ccf5501822da10303${point.slice(2)}`
}

describe('public keys in files', () => {
  const spki = toHex(exportSpki(publicKey))

  it('come back from SPKI, uncompressed and compressed', () => {
    expect(toHex(importPublicKey(exportSpki(publicKey)))).toBe(toHex(publicKey))
    expect(toHex(importPublicKey(exportSpkiPem(publicKey)))).toBe(toHex(publicKey))
    const short = `3039301306072a8648ce3d020106082a811ccf5501822d032200${toHex(compress(publicKey))}`
    expect(toHex(importPublicKey(fromHex(short)))).toBe(toHex(publicKey))
  })

  it('infinity is refused, with which OpenSSL lets anybody sign', () => {
    const infinity = fromHex('3019301306072a8648ce3d020106082a811ccf5501822d03020000')
    const key = createPublicKey({ key: Buffer.from(infinity), format: 'der', type: 'spki' })
    const x1 = sm2Curve.ProjectivePoint.BASE.multiply(5n).toAffine().x
    const r = sm2Scalars.create(BigInt(`0x${toHex(sm3(utf8('anything')))}`) + x1)
    const forged = signatureToDer(concat(to32Bytes(r), to32Bytes(5n)))
    // Shows the danger itself: no private key was used.
    expect(createVerify('sm3').update('anything').verify(key, forged)).toBe(true)
    expect(codeOf(() => importPublicKey(infinity))).toBe('PUBLIC_KEY_INVALID')
  })

  it.each([
    ['off the curve', spki.slice(0, -2) + '00', 'PUBLIC_KEY_INVALID'],
    ['hybrid', spki.replace('034200' + '04', '034200' + '06'), 'PUBLIC_KEY_INVALID'],
    ['of P-256', spki.replace('06082a811ccf5501822d', '06082a8648ce3d030107'), 'KEY_NOT_SM2'],
    ['with bits left over', spki.replace('034200', '034201'), 'KEY_MALFORMED'],
    ['with bytes after the end', `${spki}00`, 'KEY_MALFORMED']
  ])('a key %s is refused', (_, bytes, code) => {
    expect(codeOf(() => importPublicKey(fromHex(bytes)))).toBe(code)
  })
})
