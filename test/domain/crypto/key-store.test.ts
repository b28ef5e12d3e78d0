import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../../domain/crypto/bytes.ts'
import { issueRoot } from '../../../domain/crypto/certificate.ts'
import { keyIdOf } from '../../../domain/crypto/envelope.ts'
import { signerOf, SoftwareKeyStore } from '../../../domain/crypto/key-store.ts'
import { newDataKey } from '../../../domain/crypto/sm4.ts'
import { encryptTo } from '../../../domain/crypto/sm2-encryption.ts'
import { newPrivateKey, publicKeyOf, SigningKey, verify } from '../../../domain/crypto/sm2.ts'
import { codeOf, codeOfAsync, standardKey } from './vectors.ts'

const secret = { passphrase: 'correct horse' }
const ITERATIONS = 1000
const validity = { notBefore: new Date('2026-01-01'), notAfter: new Date('2027-01-01') }

describe('the software key store', () => {
  it('creates, signs, unwraps and gives the public half', async () => {
    const store = new SoftwareKeyStore()
    const { keyId, publicKey } = await store.create({ label: 'maker' })
    expect(keyId).toBe(keyIdOf(publicKey))
    expect(verify(publicKey, utf8('text'), await store.sign(keyId, utf8('text')))).toBe(true)
    expect(toHex(await store.unwrap(keyId, encryptTo(publicKey, utf8('key'))))).toBe(toHex(utf8('key')))
    expect(await store.list()).toHaveLength(1)
    expect(await store.certificateOf(keyId)).toBeUndefined()
  })

  it('comes back from its file with keys, uses, labels and certificates', async () => {
    for (const by of [secret, { keyEncryptionKey: newDataKey() }]) {
      const store = new SoftwareKeyStore()
      const { keyId } = await store.import(standardKey, { label: '复核', uses: ['sign'] })
      const certificate = await issueRoot({ commonName: 'x' }, await signerOf(store, keyId), validity)
      await store.setCertificate(keyId, certificate)
      const again = SoftwareKeyStore.fromFile(store.toFile(by, ITERATIONS), by)
      expect(await again.list()).toEqual(await store.list())
      expect(toHex((await again.certificateOf(keyId))!)).toBe(toHex(certificate))
      expect(verify(publicKeyOf(standardKey), utf8('x'), await again.sign(keyId, utf8('x')))).toBe(true)
    }
  })

  it('refuses unknown keys, keys for another use, a key twice, and a certificate of another key', async () => {
    const store = new SoftwareKeyStore()
    const { keyId, publicKey } = await store.create({ uses: ['sign'] })
    const other = await store.create({ uses: ['unwrap'] })
    expect(await codeOfAsync(() => store.unwrap(keyId, encryptTo(publicKey, utf8('x'))))).toBe('KEY_USE_FORBIDDEN')
    expect(await codeOfAsync(() => store.sign(other.keyId, utf8('x')))).toBe('KEY_USE_FORBIDDEN')
    expect(await codeOfAsync(() => store.sign('00', utf8('x')))).toBe('KEY_UNKNOWN')
    await store.import(standardKey)
    expect(await codeOfAsync(() => store.import(standardKey))).toBe('KEY_EXISTS')
    expect(await codeOfAsync(() => store.import(new Uint8Array(32)))).toBe('PRIVATE_KEY_INVALID')
    const certificate = await issueRoot({ commonName: 'x' }, new SigningKey(newPrivateKey()), validity)
    expect(await codeOfAsync(() => store.setCertificate(keyId, certificate))).toBe('KEY_PAIR_MISMATCH')
  })

  it('refuses a wrong secret, the other kind of secret, altered parameters and other files', async () => {
    const store = new SoftwareKeyStore()
    await store.create()
    const file = store.toFile(secret, ITERATIONS)
    const text = Buffer.from(file).toString()
    const opening = (content: string) => codeOf(() => SoftwareKeyStore.fromFile(utf8(content), secret))
    expect(codeOf(() => SoftwareKeyStore.fromFile(file, { passphrase: 'correct horsE' }))).toBe('KEY_STORE_LOCKED')
    expect(codeOf(() => SoftwareKeyStore.fromFile(file, { keyEncryptionKey: newDataKey() }))).toBe('KEY_STORE_LOCKED')
    expect(opening(text.replace('1000', '1001'))).toBe('KEY_STORE_LOCKED')
    expect(opening(text.replace('1000', '5000001'))).toBe('KEY_STORE_MALFORMED')
    expect(opening(text.replace('"version": 1', '"version": 2'))).toBe('KEY_STORE_MALFORMED')
    expect(opening('{}')).toBe('KEY_STORE_MALFORMED')
    expect(opening('not JSON')).toBe('KEY_STORE_MALFORMED')
  })

  it('writes nothing of a key in clear', async () => {
    const store = new SoftwareKeyStore()
    const { keyId } = await store.import(standardKey, { label: 'a label that tells who' })
    const text = Buffer.from(store.toFile(secret, ITERATIONS)).toString()
    for (const clear of [
      Buffer.from(standardKey).toString('base64'),
      toHex(standardKey),
      keyId,
      'a label',
      'correct'
    ]) {
      expect(text).not.toContain(clear)
    }
  })
})

describe('secrets in what is printed', () => {
  const shapes = [toHex(standardKey), Buffer.from(standardKey).toString('base64'), '57,69,32,143', '0,57,1,69,2,32']
  const textsOf = (value: unknown): string[] => [
    inspect(value, { showHidden: true, depth: 9, maxArrayLength: null }),
    JSON.stringify(value),
    String(value),
    inspect(Object.getOwnPropertyDescriptors(value), { depth: 9, maxArrayLength: null })
  ]
  // Numbers of bytes stand in columns, or behind their indexes.
  const prints = (value: unknown): string[] => textsOf(value).flatMap((text) => [text, text.replace(/\D+/g, ',')])

  it('a key store and a signing key show none of theirs', async () => {
    const store = new SoftwareKeyStore()
    await store.import(standardKey)
    for (const text of [...prints(store), ...prints(new SigningKey(standardKey)), ...prints({ nested: store })]) {
      for (const shape of shapes) expect(text).not.toContain(shape)
    }
    // The check itself sees a key where there is one.
    expect(prints({ standardKey }).some((text) => shapes.some((shape) => text.includes(shape)))).toBe(true)
  })

  it('refusals show neither keys nor passphrases', async () => {
    const store = new SoftwareKeyStore()
    await store.import(standardKey)
    const file = store.toFile(secret, ITERATIONS)
    const acts: (() => unknown)[] = [
      () => store.import(standardKey),
      () => store.unwrap(keyIdOf(publicKeyOf(standardKey)), standardKey),
      async () => SoftwareKeyStore.fromFile(file, { passphrase: 'wrong passphrase' }),
      async () => new SigningKey(standardKey.subarray(1))
    ]
    for (const act of acts) {
      const error = await Promise.resolve()
        .then(act)
        .then(
          () => undefined,
          (reason: unknown) => reason
        )
      expect(error).toBeInstanceOf(Error)
      for (const text of prints(error)) {
        for (const shape of [...shapes, 'wrong passphrase']) expect(text).not.toContain(shape)
      }
    }
  })
})
