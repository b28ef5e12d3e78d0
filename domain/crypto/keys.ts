/**
 * SM2 keys in files: PKCS#8 plain and encrypted (RFC 5958, RFC 8018), SEC 1 (RFC 5915, also under OpenSSL 3.0's header
 * `SM2 PRIVATE KEY`), SubjectPublicKeyInfo (RFC 5480). Read by our own strict reader and validated, so that no key that
 * OpenSSL would accept and should not comes further.
 */
import { equalBytes } from '#native'
import { toHex } from './bytes.ts'
import { DerError, DerReader, encode, encodeOid, encodeSequence, encodeSmallUnsigned, tags } from './der.ts'
import { CryptoError } from './errors.ts'
import { oids } from './oids.ts'
import { decryptPbes2, encryptPbes2, type Pbes2Options } from './pbes2.ts'
import { fromPem, toPem } from './pem.ts'
import { pkcs8Of, publicKeyOf, requirePrivateKey, requirePublicKey, spkiOf } from './sm2-keys.ts'

export { fromPem, toPem } from './pem.ts'

const curve = toHex(encodeOid(oids.sm2Curve).subarray(2))
/** Some issuers name the curve where the algorithm belongs. */
const algorithms = [toHex(encodeOid(oids.ecPublicKey).subarray(2)), curve]

/** PKCS#8 DER, unencrypted: for the inside of something sealed. */
export function exportPkcs8(privateKey: Uint8Array): Uint8Array {
  return pkcs8Of(requirePrivateKey(privateKey), publicKeyOf(privateKey))
}

export function exportPkcs8Pem(privateKey: Uint8Array): string {
  return toPem('PRIVATE KEY', exportPkcs8(privateKey))
}

/** PKCS#8 encrypted by PBES2 with SM4-CBC, DER. */
export function exportPkcs8Encrypted(privateKey: Uint8Array, passphrase: string, options?: Pbes2Options): Uint8Array {
  return encryptPbes2(exportPkcs8(privateKey), passphrase, options)
}

export function exportPkcs8EncryptedPem(privateKey: Uint8Array, passphrase: string, options?: Pbes2Options): string {
  return toPem('ENCRYPTED PRIVATE KEY', exportPkcs8Encrypted(privateKey, passphrase, options))
}

/** SEC 1 DER with curve and public key. */
export function exportSec1(privateKey: Uint8Array): Uint8Array {
  return encodeSequence(
    encodeSmallUnsigned(1),
    encode(tags.octetString, requirePrivateKey(privateKey)),
    encode(tags.context0, encodeOid(oids.sm2Curve)),
    encode(tags.context1, encode(tags.bitString, Uint8Array.of(0, 4), publicKeyOf(privateKey)))
  )
}

export function exportSpki(publicKey: Uint8Array): Uint8Array {
  return spkiOf(requirePublicKey(publicKey))
}

export function exportSpkiPem(publicKey: Uint8Array): string {
  return toPem('PUBLIC KEY', exportSpki(publicKey))
}

/**
 * The 32 bytes of a private key in PEM or DER, whichever of the forms above it has.
 * @throws CryptoError KEY_MALFORMED, KEY_NOT_SM2, KEY_PAIR_MISMATCH, PRIVATE_KEY_INVALID, KEY_PASSPHRASE_MISSING, KEY_PASSPHRASE_WRONG
 */
export function importPrivateKey(file: string | Uint8Array, passphrase?: string): Uint8Array {
  if (typeof file !== 'string') return privateFromDer(file, passphrase)
  const block = fromPem(file).find(({ label }) => label.endsWith('PRIVATE KEY'))
  if (!block) throw new CryptoError('KEY_MALFORMED', 'no private key in the text')
  return privateFromDer(block.der, passphrase)
}

/**
 * The 64 bytes x‖y of a public key in PEM or DER (SubjectPublicKeyInfo).
 * @throws CryptoError KEY_MALFORMED, KEY_NOT_SM2, PUBLIC_KEY_INVALID
 */
export function importPublicKey(file: string | Uint8Array): Uint8Array {
  if (typeof file !== 'string') return publicFromSpki(file)
  const block = fromPem(file).find(({ label }) => label === 'PUBLIC KEY')
  if (!block) throw new CryptoError('KEY_MALFORMED', 'no public key in the text')
  return publicFromSpki(block.der)
}

/** The public key of a SubjectPublicKeyInfo, as certificates hold it. */
export function publicFromSpki(spki: Uint8Array): Uint8Array {
  return strictly(() => {
    const outer = new DerReader(spki)
    const inner = outer.sequence()
    outer.end()
    requireAlgorithm(inner.sequence())
    const point = bitString(inner)
    inner.end()
    // Infinity is one zero byte here; OpenSSL takes it and then anybody can sign for it.
    return requirePublicKey(point.length === 64 ? Uint8Array.of() : point).slice()
  })
}

function privateFromDer(der: Uint8Array, passphrase: string | undefined): Uint8Array {
  return strictly(() => {
    const outer = new DerReader(der)
    const inner = outer.sequence()
    outer.end()
    if (inner.nextTag === tags.sequence) {
      if (passphrase === undefined) throw new CryptoError('KEY_PASSPHRASE_MISSING')
      return privateFromDer(decryptPbes2(inner, passphrase), undefined)
    }
    const version = inner.smallUnsigned()
    if (inner.nextTag === tags.octetString) return sec1(inner, version, true)
    if (version > 1) throw new CryptoError('KEY_MALFORMED', `version ${version}`)
    requireAlgorithm(inner.sequence())
    const key = new DerReader(inner.read(tags.octetString))
    // Attributes and a second public key (RFC 5958) may follow; they are not used.
    const content = key.sequence()
    key.end()
    return sec1(content, content.smallUnsigned(), false)
  })
}

function sec1(reader: DerReader, version: number, needsCurve: boolean): Uint8Array {
  if (version !== 1) throw new CryptoError('KEY_MALFORMED', `version ${version}`)
  const privateKey = requirePrivateKey(reader.read(tags.octetString).slice())
  if (reader.nextTag === tags.context0) requireCurve(reader.sequence(tags.context0))
  else if (needsCurve) throw new CryptoError('KEY_NOT_SM2', 'no curve is named')
  if (reader.nextTag === tags.context1) {
    const content = reader.sequence(tags.context1)
    const named = requirePublicKey(bitString(content))
    if (!equalBytes(named, publicKeyOf(privateKey))) throw new CryptoError('KEY_PAIR_MISMATCH')
  }
  reader.end()
  return privateKey
}

function requireAlgorithm(reader: DerReader): void {
  if (!algorithms.includes(toHex(reader.read(tags.oid)))) throw new CryptoError('KEY_NOT_SM2')
  requireCurve(reader)
}

function requireCurve(reader: DerReader): void {
  if (reader.nextTag !== tags.oid || toHex(reader.read(tags.oid)) !== curve) throw new CryptoError('KEY_NOT_SM2')
  reader.end()
}

function bitString(reader: DerReader): Uint8Array {
  const content = reader.read(tags.bitString)
  if (content[0] !== 0) throw new DerError('bits left over')
  return content.subarray(1)
}

function strictly<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof DerError) throw new CryptoError('KEY_MALFORMED', error.message)
    throw error
  }
}
