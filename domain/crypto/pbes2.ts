/** PBES2 of RFC 8018 §6.2: PBKDF2 and a block cipher in CBC mode. Written with SM4, read with AES as well. */
import { cbcDecrypt, pbkdf2, randomBytes, sm4CbcEncrypt, type CbcCipher } from '#native'
import { toHex } from './bytes.ts'
import { DerReader, encode, encodeOid, encodeSequence, encodeSmallUnsigned, tags } from './der.ts'
import { CryptoError } from './errors.ts'
import { oids } from './oids.ts'

export interface Pbes2Options {
  /** {@link PBKDF2_ITERATIONS} when left out. */
  readonly iterations?: number
  /** `sha256` when left out: openssl 3.0 reads it. `sm3` keeps the file within Guomi. */
  readonly prf?: 'sm3' | 'sha256'
}

/** A few tenths of a second for one guess on a desktop computer. */
export const PBKDF2_ITERATIONS = 210_000
/** A file must not decide how long we compute. */
const MAX_ITERATIONS = 5_000_000
const MIN_ITERATIONS = 1_000

const bodyOf = (oid: string): string => toHex(encodeOid(oid).subarray(2))
const prfs: Record<string, 'sm3' | 'sha256'> = {
  [bodyOf(oids.hmacSha256)]: 'sha256',
  [bodyOf(oids.hmacSm3)]: 'sm3',
  [bodyOf(oids.hmacSm3OfOpenssl)]: 'sm3'
}
const ciphers: Record<string, { readonly name: CbcCipher; readonly keyBytes: number }> = {
  [bodyOf(oids.sm4Cbc)]: { name: 'sm4-cbc', keyBytes: 16 },
  [bodyOf(oids.aes128Cbc)]: { name: 'aes-128-cbc', keyBytes: 16 },
  [bodyOf(oids.aes256Cbc)]: { name: 'aes-256-cbc', keyBytes: 32 }
}

/** EncryptedPrivateKeyInfo, DER. */
export function encryptPbes2(plain: Uint8Array, passphrase: string, options: Pbes2Options = {}): Uint8Array {
  const { iterations = PBKDF2_ITERATIONS, prf = 'sha256' } = options
  requireIterations(iterations)
  const salt = randomBytes(16)
  const iv = randomBytes(16)
  const key = pbkdf2(passphrase, salt, iterations, 16, prf)
  const prfOid = encodeOid(prf === 'sm3' ? oids.hmacSm3OfOpenssl : oids.hmacSha256)
  const derivation = encodeSequence(
    encodeOid(oids.pbkdf2),
    encodeSequence(
      encode(tags.octetString, salt),
      encodeSmallUnsigned(iterations),
      encodeSequence(prfOid, encode(tags.null))
    )
  )
  const scheme = encodeSequence(encodeOid(oids.sm4Cbc), encode(tags.octetString, iv))
  return encodeSequence(
    encodeSequence(encodeOid(oids.pbes2), encodeSequence(derivation, scheme)),
    encode(tags.octetString, sm4CbcEncrypt(key, iv, plain))
  )
}

/**
 * Reads the content of an EncryptedPrivateKeyInfo and decrypts it.
 * @throws CryptoError KEY_PARAMETERS_REFUSED, KEY_PASSPHRASE_WRONG; DerError
 */
export function decryptPbes2(reader: DerReader, passphrase: string): Uint8Array {
  const algorithm = reader.sequence()
  requireOid(algorithm, oids.pbes2)
  const parameters = algorithm.sequence()
  const derivation = parameters.sequence()
  requireOid(derivation, oids.pbkdf2)
  const kdf = derivation.sequence()
  const salt = kdf.read(tags.octetString)
  const iterations = kdf.smallUnsigned()
  requireIterations(iterations)
  if (kdf.nextTag === tags.integer) kdf.smallUnsigned()
  // Without a name the function is HMAC-SHA-1, which is not accepted.
  const prf = kdf.isAtEnd ? undefined : prfs[toHex(kdf.sequence().read(tags.oid))]
  const scheme = parameters.sequence()
  const cipher = ciphers[toHex(scheme.read(tags.oid))]
  const iv = scheme.read(tags.octetString)
  if (!prf || !cipher || iv.length !== 16) throw new CryptoError('KEY_PARAMETERS_REFUSED')
  const encrypted = reader.read(tags.octetString)
  reader.end()
  const key = pbkdf2(passphrase, salt, iterations, cipher.keyBytes, prf)
  try {
    const plain = cbcDecrypt(cipher.name, key, iv, encrypted)
    // One wrong passphrase in 256 leaves valid padding; what comes out then is no structure.
    new DerReader(plain).sequence()
    return plain
  } catch {
    throw new CryptoError('KEY_PASSPHRASE_WRONG')
  }
}

function requireOid(reader: DerReader, oid: string): void {
  if (toHex(reader.read(tags.oid)) !== bodyOf(oid)) throw new CryptoError('KEY_PARAMETERS_REFUSED')
}

function requireIterations(iterations: number): void {
  if (!Number.isInteger(iterations) || iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
    throw new CryptoError('KEY_PARAMETERS_REFUSED', `${iterations} iterations`)
  }
}
