/**
 * SM2 signatures (GB/T 32918.2-2016) with user id and Z (GM/T 0009-2012), by Node's OpenSSL. It signs what it is handed
 * without a Z of its own, so `Z ‖ M` is handed to it; {@link selfTest} holds that against the standard's example, because a
 * later OpenSSL may add Z itself. Keys are imported from DER only: a generated key object would sign ECDSA without a word.
 */
import { createPrivateKey, createPublicKey, createSign, createVerify, randomBytes, type KeyObject } from 'node:crypto'
import { bytesToBigInt } from './bytes.ts'
import { sm3 } from './hash.ts'
import { derOfSignature, signatureOfDer } from './sm2-der.ts'
import { SM2_A, SM2_B, SM2_GX, SM2_GY, SM2_N, sm2Curve } from './sm2-curve.ts'

/** User id of GM/T 0009-2012 §10 where none is agreed on. */
export const DEFAULT_USER_ID = '1234567812345678'

/** A key that is none, or a user id that can't be. `code` is stable; no secret is in the message. */
export class Sm2Error extends Error {
  override readonly name = 'Sm2Error'
  readonly code: 'PRIVATE_KEY_INVALID' | 'PUBLIC_KEY_INVALID' | 'USER_ID_INVALID' | 'CRYPTO_SELF_TEST_FAILED'

  constructor(code: Sm2Error['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** A private key ready to sign: imported once, its Z made once. Shows nothing of the key. */
export class Sm2SigningKey {
  /** x ‖ y, 64 bytes. */
  readonly publicKey: Uint8Array
  readonly #key: KeyObject
  readonly #z: Uint8Array

  /**
   * @param privateKey 32 bytes, in [1, n − 2].
   * @throws Sm2Error PRIVATE_KEY_INVALID, USER_ID_INVALID
   */
  constructor(privateKey: Uint8Array, userId: string = DEFAULT_USER_ID) {
    this.publicKey = publicKeyOf(privateKey)
    this.#key = createPrivateKey({ key: pkcs8Of(privateKey, this.publicKey), format: 'der', type: 'pkcs8' })
    this.#z = zOf(this.publicKey, userId)
  }

  /** Signature r ‖ s, 64 bytes. */
  sign(message: Uint8Array): Uint8Array {
    const der = createSign('sm3').update(this.#z).update(message).sign(this.#key)
    const signature = signatureOfDer(new Uint8Array(der))
    if (!signature) throw new Error('OpenSSL made a signature that is not DER')
    return signature
  }
}

/** 32 random bytes in [1, n − 2]: with d = n − 1 the scheme divides by zero, and OpenSSL never returns. */
export function newPrivateKey(): Uint8Array {
  for (;;) {
    const key = new Uint8Array(randomBytes(32))
    if (isPrivateKey(key)) return key
  }
}

/** x ‖ y, 64 bytes. Throws Sm2Error PRIVATE_KEY_INVALID. */
export function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  if (!isPrivateKey(privateKey)) {
    throw new Sm2Error('PRIVATE_KEY_INVALID', 'a private key is 32 bytes in [1, n - 2]')
  }
  return sm2Curve.ProjectivePoint.BASE.multiply(bytesToBigInt(privateKey)).toRawBytes(false).slice(1)
}

/**
 * The key as x ‖ y. Takes that, the point uncompressed (04) or compressed (02, 03); refuses the hybrid forms, infinity, and
 * what is not on the curve. Throws Sm2Error PUBLIC_KEY_INVALID.
 */
export function requirePublicKey(bytes: Uint8Array): Uint8Array {
  const encoded = bytes.length === 64 ? Uint8Array.of(4, ...bytes) : bytes
  const isCompressed = encoded.length === 33 && (encoded[0] === 2 || encoded[0] === 3)
  if (!isCompressed && !(encoded.length === 65 && encoded[0] === 4)) {
    throw new Sm2Error('PUBLIC_KEY_INVALID', `no public key has this form (${bytes.length} bytes)`)
  }
  try {
    const point = sm2Curve.ProjectivePoint.fromHex(encoded)
    point.assertValidity()
    return point.toRawBytes(false).slice(1)
  } catch {
    throw new Sm2Error('PUBLIC_KEY_INVALID', 'the point is not on the curve of SM2')
  }
}

const text = new TextEncoder()
const curveBytes = [SM2_A, SM2_B, SM2_GX, SM2_GY].flatMap((value) => [...bytes32(value)])

/**
 * Z of a key and user id (GM/T 0009-2012 §8.1), 32 bytes. The id is 1 to 8,191 bytes of UTF-8: its length in bits is told in
 * 16 bits. Throws Sm2Error USER_ID_INVALID.
 */
export function zOf(publicKey: Uint8Array, userId: string = DEFAULT_USER_ID): Uint8Array {
  const id = text.encode(userId)
  if (id.length === 0 || id.length > 8_191) {
    throw new Sm2Error('USER_ID_INVALID', `a user id is 1 to 8191 bytes, not ${id.length}`)
  }
  const bits = id.length * 8
  return sm3(Uint8Array.of(bits >> 8, bits & 0xff, ...id, ...curveBytes, ...publicKey))
}

/**
 * Whether the key signed the message. Never throws: a key or signature that is none has signed nothing.
 * @param publicKey In any form of {@link requirePublicKey}.
 * @param signature r ‖ s, 64 bytes.
 */
export function verify(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  userId: string = DEFAULT_USER_ID
): boolean {
  if (signature.length !== 64) return false
  const [r, s] = [bytesToBigInt(signature.subarray(0, 32)), bytesToBigInt(signature.subarray(32))]
  if (r === 0n || r >= SM2_N || s === 0n || s >= SM2_N || r + s === SM2_N) return false
  try {
    const { key, point } = imported(publicKey)
    return createVerify('sm3').update(zOf(point, userId)).update(message).verify(key, derOfSignature(signature))
  } catch (error) {
    if (error instanceof Sm2Error) return false
    throw error
  }
}

/** Throws Sm2Error CRYPTO_SELF_TEST_FAILED unless this OpenSSL signs and verifies as the standards' example says. */
export function selfTest(): void {
  // GB/T 32918.5-2017 A.2: `message digest`, signed by a known key with a known nonce.
  const key = bytes32(0x3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8n)
  const signature = Uint8Array.of(
    ...bytes32(0xf5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3n),
    ...bytes32(0xb1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aan)
  )
  const message = text.encode('message digest')
  const signer = new Sm2SigningKey(key)
  const isRight =
    bytesToBigInt(zOf(signer.publicKey)) === 0xb2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3n &&
    verify(signer.publicKey, message, signature) &&
    verify(signer.publicKey, message, signer.sign(message)) &&
    !verify(signer.publicKey, text.encode('message digesT'), signature)
  if (!isRight) throw new Sm2Error('CRYPTO_SELF_TEST_FAILED', 'SM2 of this Node is not that of GB/T 32918')
}

function isPrivateKey(bytes: Uint8Array): boolean {
  const d = bytes.length === 32 ? bytesToBigInt(bytes) : 0n
  return d >= 1n && d <= SM2_N - 2n
}

function bytes32(value: bigint): Uint8Array {
  return new Uint8Array(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'))
}

/** id-ecPublicKey (RFC 5480) with the curve sm2p256v1, 1.2.156.10197.1.301 (GM/T 0006). */
const algorithm = [
  0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x82, 0x2d
]

/** SubjectPublicKeyInfo (RFC 5480), DER. */
function spkiOf(point: Uint8Array): Buffer {
  return Buffer.from([0x30, 0x59, ...algorithm, 0x03, 0x42, 0, 4, ...point])
}

/** PKCS#8 (RFC 5958) around an ECPrivateKey (RFC 5915), DER. */
function pkcs8Of(privateKey: Uint8Array, point: Uint8Array): Buffer {
  const ecPrivateKey = [0x30, 0x6b, 2, 1, 1, 4, 0x20, ...privateKey, 0xa1, 0x44, 3, 0x42, 0, 4, ...point]
  return Buffer.from([0x30, 0x81, 0x87, 2, 1, 0, ...algorithm, 4, 0x6d, ...ecPrivateKey])
}

/** Importing costs more than verifying: the keys used last are kept. */
const keptKeys = new Map<string, { key: KeyObject; point: Uint8Array }>()
const KEPT_KEYS = 1_024

function imported(publicKey: Uint8Array): { key: KeyObject; point: Uint8Array } {
  const name = Buffer.from(publicKey).toString('latin1')
  const known = keptKeys.get(name)
  if (known) return known
  const point = requirePublicKey(publicKey)
  const fresh = { key: createPublicKey({ key: spkiOf(point), format: 'der', type: 'spki' }), point }
  if (keptKeys.size >= KEPT_KEYS) keptKeys.delete(keptKeys.keys().next().value as string)
  keptKeys.set(name, fresh)
  return fresh
}
