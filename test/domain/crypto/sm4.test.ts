import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../../domain/crypto/bytes.ts'
import { keyIdOf, openSealed, sealFor, unwrapWith, wrapAgain, type Reader } from '../../../domain/crypto/envelope.ts'
import { newPrivateKey, publicKeyOf } from '../../../domain/crypto/sm2.ts'
import { isSealed, newDataKey, open, seal, SEAL_OVERHEAD } from '../../../domain/crypto/sm4.ts'
import { codeOf, codeOfAsync } from './vectors.ts'

const context = utf8('receivable 1')

describe('sealed documents', () => {
  it('open to what was sealed, for lengths around the blocks', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 40 }), (plain, aad) => {
        const key = newDataKey()
        const sealed = seal(key, plain, aad)
        expect(sealed.length).toBe(plain.length + SEAL_OVERHEAD)
        expect(toHex(open(key, sealed, aad))).toBe(toHex(plain))
      })
    )
  })

  it('refuse each altered bit, wherever it is', () => {
    const key = newDataKey()
    const sealed = seal(key, utf8('document'), context)
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const bytes = sealed.slice()
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      const expected = bit < 24 ? 'SEALED_MALFORMED' : bit < 32 ? 'SEALED_VERSION_UNKNOWN' : 'SEALED_MISMATCH'
      expect(codeOf(() => open(key, bytes, context))).toBe(expected)
    }
  })

  it('refuse another context, another key, a moved border between context and text, and cut bytes', () => {
    const key = newDataKey()
    const sealed = seal(key, utf8('document'), context)
    expect(codeOf(() => open(key, sealed, utf8('receivable 2')))).toBe('SEALED_MISMATCH')
    expect(codeOf(() => open(key, sealed, new Uint8Array()))).toBe('SEALED_MISMATCH')
    expect(codeOf(() => open(newDataKey(), sealed, context))).toBe('SEALED_MISMATCH')
    expect(codeOf(() => open(key, sealed.subarray(0, -1), context))).toBe('SEALED_MISMATCH')
    expect(codeOf(() => open(key, sealed.subarray(0, SEAL_OVERHEAD - 1), context))).toBe('SEALED_MALFORMED')
    expect(codeOf(() => open(key.subarray(16), sealed, context))).toBe('CIPHER_KEY_INVALID')
  })

  it('never use an initialisation vector twice and repeat nothing of the text', () => {
    const key = newDataKey()
    const plain = new Uint8Array(64)
    const all = Array.from({ length: 200 }, () => toHex(seal(key, plain, context)))
    expect(new Set(all.map((hex) => hex.slice(8, 32))).size).toBe(200)
    // Equal blocks stay equal in ECB.
    expect(all[0]!.slice(32, 64)).not.toBe(all[0]!.slice(64, 96))
    expect(isSealed(plain)).toBe(false)
  })
})

describe('documents for readers', () => {
  const readerOf = (privateKey: Uint8Array): Reader => {
    const publicKey = publicKeyOf(privateKey)
    return { keyId: keyIdOf(publicKey), publicKey }
  }
  const [ann, bob, eve] = [newPrivateKey(), newPrivateKey(), newPrivateKey()]
  const plain = utf8('invoice 042001900211')

  it('open for each reader, and for nobody else', async () => {
    const { sealed, keys } = sealFor(plain, [readerOf(ann), readerOf(bob)], context)
    expect(toHex(await openSealed(sealed, keys[0]!.wrapped, unwrapWith(ann), context))).toBe(toHex(plain))
    expect(toHex(await openSealed(sealed, keys[1]!.wrapped, unwrapWith(bob), context))).toBe(toHex(plain))
    expect(await codeOfAsync(() => openSealed(sealed, keys[0]!.wrapped, unwrapWith(eve), context))).toBe(
      'CIPHERTEXT_MISMATCH'
    )
  })

  it('open for one more reader when a reader lets it in', async () => {
    const { sealed, keys } = sealFor(plain, [readerOf(ann)], context)
    const more = await wrapAgain(keys[0]!.wrapped, unwrapWith(ann), readerOf(bob))
    expect(more.keyId).toBe(readerOf(bob).keyId)
    expect(toHex(await openSealed(sealed, more.wrapped, unwrapWith(bob), context))).toBe(toHex(plain))
  })

  it("refuse a wrapped key of another document, and another document's context", async () => {
    const first = sealFor(plain, [readerOf(ann)], context)
    const second = sealFor(plain, [readerOf(ann)], context)
    const unwrap = unwrapWith(ann)
    expect(await codeOfAsync(() => openSealed(first.sealed, second.keys[0]!.wrapped, unwrap, context))).toBe(
      'SEALED_MISMATCH'
    )
    expect(await codeOfAsync(() => openSealed(first.sealed, first.keys[0]!.wrapped, unwrap, plain))).toBe(
      'SEALED_MISMATCH'
    )
  })

  it('refuse no reader, a reader twice, and a key id of another key', () => {
    expect(codeOf(() => sealFor(plain, [], context))).toBe('READERS_INVALID')
    expect(codeOf(() => sealFor(plain, [readerOf(ann), readerOf(ann)], context))).toBe('READERS_INVALID')
    const swapped = { ...readerOf(ann), publicKey: publicKeyOf(bob) }
    expect(codeOf(() => sealFor(plain, [swapped], context))).toBe('KEY_ID_MISMATCH')
  })
})
