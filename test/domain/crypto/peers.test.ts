/** Against sm-crypto, the library that other Guomi systems in JavaScript use, on random keys and texts. */
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../domain/crypto/bytes.ts'
import { hmacSm3, sm3 } from '../../../domain/crypto/hash.ts'
import { randomBytes, sm4CbcEncrypt } from '../../../domain/crypto/native.ts'
import { newPrivateKey, publicKeyOf, sign, verify } from '../../../domain/crypto/sm2.ts'
import { cipherFromRaw, cipherToRaw, decryptWith, encryptTo } from '../../../domain/crypto/sm2-encryption.ts'
import { codeOf } from './vectors.ts'

interface SmCrypto {
  sm2: {
    doSignature(message: number[], key: string, options: object): string
    doVerifySignature(message: number[], signature: string, key: string, options: object): boolean
    doEncrypt(message: number[], key: string, mode: 0 | 1): string
    doDecrypt(cipher: string, key: string, mode: 0 | 1, options: object): number[]
  }
  sm3(message: number[], options?: object): string
  sm4: { encrypt(message: number[], key: string, options: object): string }
}
const peer = createRequire(import.meta.url)('sm-crypto') as SmCrypto
const ROUNDS = 25
const list = (bytes: Uint8Array): number[] => [...bytes]

describe('agreement with sm-crypto', () => {
  it('SM2 signatures both ways, with default and other user ids', () => {
    for (let i = 0; i < ROUNDS; i++) {
      const privateKey = newPrivateKey()
      const publicKey = publicKeyOf(privateKey)
      const message = randomBytes(i * 7)
      const userId = i % 2 === 0 ? '1234567812345678' : `公司 ${i}`
      const options = { hash: true, userId, publicKey: `04${toHex(publicKey)}` }
      const theirs = peer.sm2.doSignature(list(message), toHex(privateKey), options)
      expect(verify(publicKey, message, fromHex(theirs), { userId })).toBe(true)
      const ours = toHex(sign(privateKey, message, { userId }))
      expect(peer.sm2.doVerifySignature(list(message), ours, `04${toHex(publicKey)}`, options)).toBe(true)
      const other = { ...options, userId: 'another' }
      expect(peer.sm2.doVerifySignature(list(message), ours, `04${toHex(publicKey)}`, other)).toBe(false)
    }
  })

  it('SM2 ciphertexts both ways; its C1C2C3 is named', () => {
    for (let i = 1; i <= ROUNDS; i++) {
      const privateKey = newPrivateKey()
      const publicKey = publicKeyOf(privateKey)
      const message = randomBytes(i * 5)
      const theirs = peer.sm2.doEncrypt(list(message), `04${toHex(publicKey)}`, 1)
      expect(toHex(decryptWith(privateKey, cipherFromRaw(fromHex(theirs), 'bare')))).toBe(toHex(message))
      const ours = toHex(cipherToRaw(encryptTo(publicKey, message), 'bare'))
      const back = peer.sm2.doDecrypt(ours, toHex(privateKey), 1, { output: 'array' })
      expect(toHex(Uint8Array.from(back))).toBe(toHex(message))
      const old = peer.sm2.doEncrypt(list(message), `04${toHex(publicKey)}`, 0)
      expect(codeOf(() => decryptWith(privateKey, cipherFromRaw(fromHex(old), 'bare')))).toBe('CIPHERTEXT_OLD_ORDER')
    }
  })

  it('SM3 and HMAC-SM3 of every length from 0 to 300, SM4-CBC of some', () => {
    for (let length = 0; length <= 300; length++) {
      const message = randomBytes(length)
      const key = randomBytes(16)
      expect(toHex(sm3(message))).toBe(peer.sm3(list(message)))
      expect(toHex(hmacSm3(key, message))).toBe(peer.sm3(list(message), { key: toHex(key), mode: 'hmac' }))
      if (length % 10 !== 0 || length === 0) continue
      const iv = randomBytes(16)
      const theirs = peer.sm4.encrypt(list(message), toHex(key), { mode: 'cbc', iv: toHex(iv) })
      expect(toHex(sm4CbcEncrypt(key, iv, message))).toBe(theirs)
    }
  })
})
