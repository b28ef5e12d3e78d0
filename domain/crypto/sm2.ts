/**
 * SM2 signatures (GB/T 32918.2-2016, user id and Z as in GM/T 0009-2012 §10), by the native provider. A signature is
 * r‖s, 64 bytes; DER where a format wants it. Keys are validated by ours before they are imported.
 */
import { latin1Of } from '#encoding'
import { signNative, verifyNative, type NativeKey } from '#native'
import { concat, fromHex, toNumber, utf8 } from './bytes.ts'
import { DerError, DerReader, encodeSequence, encodeUnsigned } from './der.ts'
import { CryptoError } from './errors.ts'
import { sm3 } from './hash.ts'
import { SM2_N } from './sm2-curve.ts'
import { importValidPrivate, importValidPublic, publicKeyOf, requirePrivateKey, requirePublicKey } from './sm2-keys.ts'

export { compress, newPrivateKey, publicKeyOf, requirePrivateKey, requirePublicKey } from './sm2-keys.ts'

/** GM/T 0009-2012 §10: the user id where the parties agreed on none. */
export const DEFAULT_USER_ID = '1234567812345678'
/** ENTL counts bits in two bytes. */
export const MAX_USER_ID_BYTES = 8191

export interface UserIdOptions {
  /** Who signs, part of what is hashed; text is UTF-8. {@link DEFAULT_USER_ID} when left out. */
  readonly userId?: string | Uint8Array
  /** An empty id is a mistake more often than a wish, so it must be asked for. */
  readonly allowsEmptyUserId?: boolean
}

/** a‖b‖Gx‖Gy, which Z binds. */
const curveBytes = fromHex(
  'fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc' +
    '28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93' +
    '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7' +
    'bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0'
)

/**
 * Z = SM3(ENTL‖id‖a‖b‖Gx‖Gy‖x‖y), 32 bytes.
 * @throws CryptoError PUBLIC_KEY_INVALID, USER_ID_INVALID
 */
export function zOf(publicKey: Uint8Array, options: UserIdOptions = {}): Uint8Array {
  return hashZ(requirePublicKey(publicKey), userIdBytes(options))
}

/** e = SM3(Z‖message), the 32 bytes that the equation of the signature is about. */
export function eOf(publicKey: Uint8Array, message: Uint8Array, options: UserIdOptions = {}): Uint8Array {
  return sm3(concat(zOf(publicKey, options), message))
}

function userIdBytes({ userId = DEFAULT_USER_ID, allowsEmptyUserId = false }: UserIdOptions): Uint8Array {
  const id = typeof userId === 'string' ? utf8(userId) : userId
  if (id.length > MAX_USER_ID_BYTES || (id.length === 0 && !allowsEmptyUserId)) {
    throw new CryptoError('USER_ID_INVALID', `${id.length} bytes`)
  }
  return id
}

function hashZ(point: Uint8Array, id: Uint8Array): Uint8Array {
  const bits = id.length * 8
  return sm3(concat(Uint8Array.of(bits >> 8, bits), id, curveBytes, point))
}

/** The imported form of a key and its Z for the default user id. */
abstract class ImportedKey {
  /** 64 bytes x‖y. */
  readonly publicKey: Uint8Array
  readonly #z: Uint8Array

  constructor(publicKey: Uint8Array) {
    this.publicKey = publicKey
    this.#z = hashZ(publicKey, utf8(DEFAULT_USER_ID))
  }

  zOf(options: UserIdOptions): Uint8Array {
    return options.userId === undefined ? this.#z : hashZ(this.publicKey, userIdBytes(options))
  }
}

/**
 * A private key that is imported once and signs many times. Shows its public key only, whoever prints it.
 */
export class SigningKey extends ImportedKey {
  readonly #key: NativeKey

  /** @throws CryptoError PRIVATE_KEY_INVALID */
  constructor(privateKey: Uint8Array) {
    const publicKey = publicKeyOf(requirePrivateKey(privateKey))
    super(publicKey)
    this.#key = importValidPrivate(privateKey, publicKey)
  }

  sign(message: Uint8Array, options: UserIdOptions = {}): Uint8Array {
    return signatureFromDer(signNative(this.#key, this.zOf(options), message))
  }
}

class VerifyingKey extends ImportedKey {
  readonly #key: NativeKey

  constructor(publicKey: Uint8Array) {
    super(publicKey)
    this.#key = importValidPublic(publicKey)
  }

  verify(message: Uint8Array, der: Uint8Array, options: UserIdOptions): boolean {
    return verifyNative(this.#key, this.zOf(options), message, der)
  }

  verifyWithoutZ(message: Uint8Array, der: Uint8Array): boolean {
    return verifyNative(this.#key, new Uint8Array(), message, der)
  }
}

/** Public keys stay imported; the oldest goes first. */
const imported = new Map<string, VerifyingKey>()
const MAX_IMPORTED = 1024

function verifyingKey(publicKey: Uint8Array): VerifyingKey {
  const name = latin1Of(publicKey)
  const known = imported.get(name)
  if (known) return known
  const key = new VerifyingKey(requirePublicKey(publicKey).slice())
  if (imported.size >= MAX_IMPORTED) imported.delete(imported.keys().next().value!)
  imported.set(name, key)
  return key
}

/**
 * Signs SM3(Z‖message); 64 bytes r‖s. The nonce is the provider's and random, so two signatures of one message differ.
 * With a {@link SigningKey} the key is imported once; bytes are imported each time and kept nowhere.
 * @throws CryptoError PRIVATE_KEY_INVALID, USER_ID_INVALID
 */
export function sign(key: Uint8Array | SigningKey, message: Uint8Array, options: UserIdOptions = {}): Uint8Array {
  return (key instanceof SigningKey ? key : new SigningKey(key)).sign(message, options)
}

/**
 * Whether r‖s is a signature of SM3(Z‖message) by the key. Anything malformed (key, signature, user id) is false.
 */
export function verify(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  options: UserIdOptions = {}
): boolean {
  try {
    requireScalars(signature)
    return verifyingKey(publicKey).verify(message, signatureToDer(signature), options)
  } catch (error) {
    if (error instanceof CryptoError) return false
    throw error
  }
}

/**
 * Whether a signature that does not verify was made under no user id: the empty one, or over SM3(message) without Z. For
 * telling the signer what is wrong, never for accepting.
 */
export function hasOtherUserId(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    requireScalars(signature)
    const key = verifyingKey(publicKey)
    const der = signatureToDer(signature)
    return (
      key.verify(message, der, { userId: new Uint8Array(), allowsEmptyUserId: true }) ||
      key.verifyWithoutZ(message, der)
    )
  } catch (error) {
    if (error instanceof CryptoError) return false
    throw error
  }
}

/** r and s in [1, n - 1] and t = r + s not zero modulo n (GB/T 32918.2 §7.1 B1, B2, B5). */
function requireScalars(signature: Uint8Array): void {
  if (!(signature instanceof Uint8Array) || signature.length !== 64) throw new CryptoError('SIGNATURE_MALFORMED')
  const r = toNumber(signature.subarray(0, 32))
  const s = toNumber(signature.subarray(32))
  if (r === 0n || s === 0n || r >= SM2_N || s >= SM2_N || r + s === SM2_N) throw new CryptoError('SIGNATURE_MALFORMED')
}

/**
 * r‖s → SEQUENCE { r INTEGER, s INTEGER } (GM/T 0009-2012 §7.3).
 * @throws CryptoError SIGNATURE_MALFORMED
 */
export function signatureToDer(signature: Uint8Array): Uint8Array {
  if (!(signature instanceof Uint8Array) || signature.length !== 64) throw new CryptoError('SIGNATURE_MALFORMED')
  return encodeSequence(encodeUnsigned(signature.subarray(0, 32)), encodeUnsigned(signature.subarray(32)))
}

/**
 * SEQUENCE { r INTEGER, s INTEGER } → r‖s. Strict: one signature has one encoding.
 * @throws CryptoError SIGNATURE_MALFORMED
 */
export function signatureFromDer(der: Uint8Array): Uint8Array {
  try {
    const outer = new DerReader(der)
    const inner = outer.sequence()
    outer.end()
    const signature = concat(inner.unsigned32(), inner.unsigned32())
    inner.end()
    return signature
  } catch (error) {
    if (error instanceof DerError) throw new CryptoError('SIGNATURE_MALFORMED', error.message)
    throw error
  }
}
