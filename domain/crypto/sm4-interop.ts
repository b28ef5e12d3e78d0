/**
 * SM4-GCM and SM4-CCM of others (RFC 8998): opening only, for files that come from elsewhere; ours are sealed (sm4.ts).
 * Node has neither, so both stand on native CTR and CBC. One form each: a 12-byte IV and a 16-byte tag, which must be
 * there; sm-crypto-v2 decrypts without one.
 */
import { equalBytes, sm4CbcEncrypt, sm4Ctr } from '#native'
import { ghash } from '@noble/ciphers/_polyval'
import { concat } from './bytes.ts'
import { CryptoError } from './errors.ts'

interface Protected {
  readonly key: Uint8Array
  /** 12 bytes. */
  readonly iv: Uint8Array
  readonly aad: Uint8Array
  readonly cipher: Uint8Array
  /** 16 bytes. */
  readonly tag: Uint8Array
}

/** @throws CryptoError CIPHER_KEY_INVALID, SEALED_MALFORMED, SEALED_MISMATCH */
export function openGcm(input: Protected): Uint8Array {
  requireLengths(input)
  const { key, iv, aad, cipher, tag } = input
  const hashKey = sm4Ctr(key, new Uint8Array(16), new Uint8Array(16))
  const lengths = new Uint8Array(16)
  new DataView(lengths.buffer).setBigUint64(0, BigInt(aad.length) * 8n)
  new DataView(lengths.buffer).setBigUint64(8, BigInt(cipher.length) * 8n)
  const hash = ghash(concat(padded(aad), padded(cipher), lengths), hashKey)
  if (!equalBytes(sm4Ctr(key, counter(iv, 1), hash), tag)) throw new CryptoError('SEALED_MISMATCH')
  return sm4Ctr(key, counter(iv, 2), cipher)
}

/** @throws CryptoError CIPHER_KEY_INVALID, SEALED_MALFORMED, SEALED_MISMATCH */
export function openCcm(input: Protected): Uint8Array {
  requireLengths(input)
  const { key, iv, aad, cipher, tag } = input
  // SP 800-38C A: L = 3 bytes of length beside a nonce of 12.
  if (cipher.length >= 2 ** 24 || aad.length >= 0xff00) throw new CryptoError('SEALED_MALFORMED', 'too long for CCM')
  const counterOf = (index: number): Uint8Array => concat(Uint8Array.of(2), iv, Uint8Array.of(0, 0, index))
  const plain = sm4Ctr(key, counterOf(1), cipher)
  const flags = (aad.length > 0 ? 0x40 : 0) | (7 << 3) | 2
  const { length } = plain
  const first = concat(Uint8Array.of(flags), iv, Uint8Array.of(length >> 16, length >> 8, length))
  const context = aad.length > 0 ? padded(concat(Uint8Array.of(aad.length >> 8, aad.length), aad)) : aad
  const blocks = concat(first, context, padded(plain))
  // CBC adds a block of padding behind the one that is the MAC.
  const mac = sm4CbcEncrypt(key, new Uint8Array(16), blocks).subarray(blocks.length - 16, blocks.length)
  if (!equalBytes(sm4Ctr(key, counterOf(0), mac), tag)) throw new CryptoError('SEALED_MISMATCH')
  return plain
}

function requireLengths({ key, iv, tag }: Protected): void {
  if (key.length !== 16 || iv.length !== 12) throw new CryptoError('CIPHER_KEY_INVALID')
  if (tag.length !== 16) throw new CryptoError('SEALED_MALFORMED', `a tag of ${tag.length} bytes`)
}

function padded(bytes: Uint8Array): Uint8Array {
  return concat(bytes, new Uint8Array((16 - (bytes.length % 16)) % 16))
}

function counter(iv: Uint8Array, index: number): Uint8Array {
  return concat(iv, Uint8Array.of(0, 0, 0, index))
}
