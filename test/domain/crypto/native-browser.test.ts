/** What a browser computes with must give what Node gives. Whole pages do it in test/web; here value by value. */
import { getBytes } from 'ethers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as browserText from '../../../domain/crypto/encoding-browser.ts'
import * as text from '../../../domain/crypto/encoding.ts'
import { fromHex, toHex, utf8 } from '../../../domain/crypto/bytes.ts'
import * as browser from '../../../domain/crypto/native-browser.ts'
import * as native from '../../../domain/crypto/native.ts'
import { pkcs8Of, spkiOf, publicKeyOf } from '../../../domain/crypto/sm2-keys.ts'
import { zOf } from '../../../domain/crypto/sm2.ts'
import { Sm3 } from '../../../domain/crypto/sm3.ts'
import { standardKey } from './vectors.ts'

const bytes = fc.uint8Array({ maxLength: 300 })

describe('SM3 in TypeScript', () => {
  it.each([
    ['abc', '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'],
    ['abcd'.repeat(16), 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732']
  ])('gives the standard’s value of %s', (message, digest) => {
    expect(toHex(new Sm3().update(utf8(message)).digest())).toBe(digest)
  })

  it('gives what OpenSSL gives, however the message is cut', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), (parts) => {
        const [ours, theirs] = [new Sm3(), native.createHash('sm3')]
        for (const part of parts) {
          ours.update(part)
          theirs.update(part)
        }
        expect(toHex(ours.digest())).toBe(theirs.digest('hex'))
      })
    )
  })
})

describe('SM2 in a browser', () => {
  const publicKey = publicKeyOf(standardKey)
  const [pkcs8, spki, z] = [pkcs8Of(standardKey, publicKey), spkiOf(publicKey), zOf(publicKey)]
  const message = utf8('message digest')

  it('derives the public key of the standard’s private key', () => {
    expect(toHex(browser.publicOfPrivate(browser.importPrivate(pkcs8)).slice(-64))).toBe(toHex(publicKey))
  })

  it('makes signatures that OpenSSL accepts, and accepts OpenSSL’s', () => {
    for (let i = 0; i < 10; i++) {
      const made = browser.signNative(browser.importPrivate(pkcs8), z, message)
      expect(native.verifyNative(native.importPublic(spki), z, message, made)).toBe(true)
      const theirs = native.signNative(native.importPrivate(pkcs8), z, message)
      expect(browser.verifyNative(browser.importPublic(spki), z, message, theirs)).toBe(true)
    }
  })

  it('refuses another message, another key and a changed signature', () => {
    const key = browser.importPublic(spki)
    const made = native.signNative(native.importPrivate(pkcs8), z, message)
    expect(browser.verifyNative(key, z, utf8('message digesT'), made)).toBe(false)
    const other = browser.importPublic(spkiOf(publicKeyOf(fromHex('11'.repeat(32)))))
    expect(browser.verifyNative(other, z, message, made)).toBe(false)
    const changed = made.slice()
    changed[10]! ^= 1
    expect(browser.verifyNative(key, z, message, changed)).toBe(false)
  })

  it('has no SM4 and says so', () => {
    const none = new Uint8Array(16)
    expect(() => browser.sm4Ctr(none, none, none)).toThrow('SM4')
    expect(() => browser.cbcDecrypt('sm4-cbc', none, none, none)).toThrow('SM4')
  })
})

describe('text of bytes in a browser', () => {
  it('is Node’s', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(browserText.hexOf(a)).toBe(text.hexOf(a))
        expect(browserText.bytesOfHex(text.hexOf(a))).toEqual(a)
        expect(browserText.base64Of(a)).toBe(text.base64Of(a))
        expect(browserText.bytesOfBase64(text.base64Of(a))).toEqual(a)
        expect(browserText.latin1Of(a)).toBe(text.latin1Of(a))
        expect(Math.sign(browserText.compareBytes(a, b))).toBe(Math.sign(text.compareBytes(a, b)))
        expect(browser.equalBytes(a, b)).toBe(native.equalBytes(a, b))
      })
    )
  })

  it('hashes and stretches passphrases as Node does', () => {
    expect(toHex(browser.createHash('sha256').update(utf8('abc')).digest())).toBe(
      native.createHash('sha256').update('abc').digest('hex')
    )
    const salt = getBytes('0x0102030405060708')
    expect(toHex(browser.pbkdf2('geheim', salt, 1000, 32, 'sha256'))).toBe(
      toHex(native.pbkdf2('geheim', salt, 1000, 32, 'sha256'))
    )
  })
})
