/**
 * SM2 encryption (GB/T 32918.4-2016), for data keys. The ciphertext is C1, C3, C2 in this order; its stored form is the
 * DER of GM/T 0009-2012 §7.2, SEQUENCE { x INTEGER, y INTEGER, hash OCTET STRING, cipher OCTET STRING }. Points by
 * @noble/curves, whose time does not depend on the scalar by its algorithm, though JavaScript promises nothing.
 */
import { equalBytes } from '#native'
import { concat, to32Bytes, toHex, toNumber } from './bytes.ts'
import { DerError, DerReader, encode, encodeSequence, encodeUnsigned, tags } from './der.ts'
import { CryptoError } from './errors.ts'
import { sm3 } from './hash.ts'
import { SM2_P, sm2Curve } from './sm2-curve.ts'
import { newPrivateKey, requirePrivateKey, requirePublicKey } from './sm2-keys.ts'

/** More is for {@link seal}, not for SM2. */
export const MAX_PLAIN_BYTES = 65_536

const { ProjectivePoint } = sm2Curve
// A table of multiples of G, made at the first encryption, halves the time of all further ones.
ProjectivePoint.BASE._setWindowSize(8)

interface Cipher {
  /** C1, 64 bytes x‖y, on the curve. */
  readonly point: Uint8Array
  /** C3 = SM3(x2‖plain‖y2), 32 bytes. */
  readonly hash: Uint8Array
  /** C2 = plain xor KDF(x2‖y2). */
  readonly body: Uint8Array
}

/**
 * Encrypts to a public key; DER.
 * @throws CryptoError PUBLIC_KEY_INVALID, PLAINTEXT_SIZE
 */
export function encryptTo(publicKey: Uint8Array, plain: Uint8Array): Uint8Array {
  return encryptWithNonces(publicKey, plain, newPrivateKey)
}

/** With the nonces of `next`: only the self-test and the tests of the standard's vector call it with known ones. */
export function encryptWithNonces(publicKey: Uint8Array, plain: Uint8Array, next: () => Uint8Array): Uint8Array {
  const target = readerOf(requirePublicKey(publicKey))
  if (plain.length === 0 || plain.length > MAX_PLAIN_BYTES) {
    throw new CryptoError('PLAINTEXT_SIZE', `${plain.length} bytes`)
  }
  for (;;) {
    const nonce = toNumber(next())
    const shared = bytesOf(target.multiply(nonce))
    const stream = keyStream(shared, plain.length)
    // §6.1 A5: a zero key stream would show the plaintext; for one byte that is one nonce in 256.
    if (isZero(stream)) continue
    return encodeCipher({
      point: bytesOf(ProjectivePoint.BASE.multiply(nonce)),
      hash: hashOf(shared, plain),
      body: xor(plain, stream)
    })
  }
}

/**
 * Decrypts DER made for the public key of `privateKey`.
 * @throws CryptoError PRIVATE_KEY_INVALID, CIPHERTEXT_MALFORMED, _POINT_INVALID, _KEY_ZERO, _MISMATCH, _OLD_ORDER
 */
export function decryptWith(privateKey: Uint8Array, cipher: Uint8Array): Uint8Array {
  const scalar = toNumber(requirePrivateKey(privateKey))
  const { point, hash, body } = decodeCipher(cipher)
  const shared = bytesOf(pointOf(point).multiply(scalar))
  const stream = keyStream(shared, body.length)
  if (isZero(stream)) throw new CryptoError('CIPHERTEXT_KEY_ZERO')
  const plain = xor(body, stream)
  if (equalBytes(hashOf(shared, plain), hash)) return plain
  // The hash may stand behind the body, as the draft of 2010 had it: say so, do not accept it.
  const rest = concat(hash, body)
  const oldPlain = xor(rest.subarray(0, body.length), stream)
  const isOldOrder = equalBytes(hashOf(shared, oldPlain), rest.subarray(body.length))
  throw new CryptoError(isOldOrder ? 'CIPHERTEXT_OLD_ORDER' : 'CIPHERTEXT_MISMATCH')
}

/** How C1 begins in the raw form: `prefixed` 04‖x‖y (the standard's), `bare` x‖y (several JavaScript libraries). */
export type RawForm = 'prefixed' | 'bare'

/** DER → C1‖C3‖C2. */
export function cipherToRaw(der: Uint8Array, form: RawForm = 'prefixed'): Uint8Array {
  const { point, hash, body } = decodeCipher(der)
  return concat(form === 'prefixed' ? Uint8Array.of(4) : new Uint8Array(), point, hash, body)
}

/** C1‖C3‖C2 → DER. The order cannot be seen here; {@link decryptWith} names the other one. */
export function cipherFromRaw(raw: Uint8Array, form: RawForm = 'prefixed'): Uint8Array {
  const start = form === 'prefixed' ? 1 : 0
  if (form === 'prefixed' && raw[0] !== 4) throw new CryptoError('CIPHERTEXT_MALFORMED', 'no 04 before the point')
  if (raw.length <= start + 96) throw new CryptoError('CIPHERTEXT_MALFORMED', `${raw.length} bytes`)
  return encodeCipher({
    point: requireC1(raw.subarray(start, start + 64)),
    hash: raw.subarray(start + 64, start + 96),
    body: raw.subarray(start + 96)
  })
}

function encodeCipher({ point, hash, body }: Cipher): Uint8Array {
  return encodeSequence(
    encodeUnsigned(point.subarray(0, 32)),
    encodeUnsigned(point.subarray(32)),
    encode(tags.octetString, hash),
    encode(tags.octetString, body)
  )
}

function decodeCipher(der: Uint8Array): Cipher {
  try {
    const outer = new DerReader(der)
    const inner = outer.sequence()
    outer.end()
    const x = inner.unsigned32()
    const y = inner.unsigned32()
    const hash = inner.read(tags.octetString)
    const body = inner.read(tags.octetString)
    inner.end()
    if (hash.length !== 32) throw new DerError('hash is not 32 bytes')
    if (body.length === 0 || body.length > MAX_PLAIN_BYTES) throw new DerError(`body of ${body.length} bytes`)
    return { point: requireC1(concat(x, y)), hash, body }
  } catch (error) {
    if (error instanceof DerError) throw new CryptoError('CIPHERTEXT_MALFORMED', error.message)
    throw error
  }
}

/** A point off the curve would let the sender learn the private key bit by bit. */
function requireC1(bytes: Uint8Array): Uint8Array {
  try {
    return requirePublicKey(bytes)
  } catch {
    throw new CryptoError('CIPHERTEXT_POINT_INVALID')
  }
}

function pointOf(bytes: Uint8Array) {
  return ProjectivePoint.fromAffine({ x: toNumber(bytes.subarray(0, 32)), y: toNumber(bytes.subarray(32)) })
}

/**
 * Regulators and buyers read document after document. A table of a key's multiples costs about two multiplications without one,
 * and makes each further one seven times as fast: a key that comes again has it. A few kilobytes each, for those used last.
 */
const READERS_KEPT = 256
const readers = new Map<string, { point: ReturnType<typeof pointOf>; hasTable: boolean }>()

function readerOf(publicKey: Uint8Array): ReturnType<typeof pointOf> {
  const name = toHex(publicKey)
  const reader = readers.get(name) ?? { point: pointOf(publicKey), hasTable: false }
  if (readers.delete(name) && !reader.hasTable) {
    reader.point._setWindowSize(4)
    reader.hasTable = true
  }
  // The one used last stands last.
  readers.set(name, reader)
  if (readers.size > READERS_KEPT) readers.delete(readers.keys().next().value!)
  return reader.point
}

function bytesOf(point: ReturnType<typeof pointOf>): Uint8Array {
  const { x, y } = point.toAffine()
  if (x >= SM2_P || y >= SM2_P) throw new RangeError('coordinate out of range')
  return concat(to32Bytes(x), to32Bytes(y))
}

/** KDF of GB/T 32918.4 §5.4.3: SM3(shared‖counter) from counter 1 on. */
function keyStream(shared: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(Math.ceil(length / 32) * 32)
  const input = concat(shared, new Uint8Array(4))
  const view = new DataView(input.buffer)
  for (let i = 0; i * 32 < length; i++) {
    view.setUint32(64, i + 1)
    out.set(sm3(input), i * 32)
  }
  return out.subarray(0, length)
}

function hashOf(shared: Uint8Array, plain: Uint8Array): Uint8Array {
  return sm3(concat(shared.subarray(0, 32), plain, shared.subarray(32)))
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]!)
}

/** Looks at every byte, whatever the first ones are. */
function isZero(bytes: Uint8Array): boolean {
  return bytes.reduce((sum, byte) => sum | byte, 0) === 0
}
