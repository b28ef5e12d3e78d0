/** SM3 and its HMAC beside OpenSSL's, on both sides of the length up to which ours does the work. */
import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../domain/crypto/bytes.ts'
import { hmacSm3, sm3 } from '../../../domain/crypto/hash.ts'

const message = fc.oneof(fc.uint8Array({ maxLength: 140 }), fc.uint8Array({ minLength: 480, maxLength: 560 }))
const key = fc.uint8Array({ maxLength: 130 })

function expectPeer(key: Uint8Array, ...parts: Uint8Array[]): void {
  const whole = Buffer.concat(parts)
  expect(toHex(hmacSm3(key, ...parts))).toBe(createHmac('sm3', key).update(whole).digest('hex'))
}

describe('SM3', () => {
  it('is OpenSSL’s of every length about the ends of blocks', () => {
    for (let length = 0; length <= 600; length++) {
      const message = new Uint8Array(length).fill(length)
      expect(toHex(sm3(message)), String(length)).toBe(createHash('sm3').update(message).digest('hex'))
    }
  })
})

describe('HMAC-SM3', () => {
  it('is OpenSSL’s, whatever the key, the message and its parts', () => {
    fc.assert(fc.property(key, fc.array(message, { maxLength: 4 }), (key, parts) => expectPeer(key, ...parts)))
  })

  it('follows the bytes of a key that is used again and changed', () => {
    fc.assert(
      fc.property(key, fc.array(fc.tuple(message, fc.nat(129)), { minLength: 2, maxLength: 5 }), (key, uses) => {
        for (const [message, at] of uses) {
          expectPeer(key, message)
          if (at < key.length) key[at]! ^= 0xff
          expectPeer(key, message)
        }
      })
    )
  })
})
