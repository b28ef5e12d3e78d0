/**
 * Messages of GM/T 0010-2012: SignedData and EnvelopedData with SM2, SM3 and SM4. A signature is the GB/T form, over
 * e = SM3(Z‖signed attributes); openssl 3.0 cannot check it (`cms -verify` leaves Z out), nor can it make one. Read is DER
 * only, by the strict reader: what is signed has one form.
 */
import { bytesOfHex, compareBytes, latin1Of } from '#encoding'
import { cbcDecrypt, equalBytes, randomBytes, sm4CbcEncrypt } from '#native'
import { concat, toHex } from './bytes.ts'
import { parseCertificate, type Certificate } from './x509-parse.ts'
import {
  DerError,
  DerReader,
  encode,
  encodeOid,
  encodeSequence,
  encodeSmallUnsigned,
  encodeTime,
  encodeUnsigned,
  tags
} from './der.ts'
import { CryptoError } from './errors.ts'
import type { Unwrap } from './envelope.ts'
import { sm3 } from './hash.ts'
import { oids } from './oids.ts'
import { hasOtherUserId, signatureFromDer, signatureToDer, verify } from './sm2.ts'
import { encryptTo } from './sm2-encryption.ts'
import type { Signer } from './x509-build.ts'

const none = new Uint8Array()
const nameOf = (oid: string): string => toHex(encodeOid(oid).subarray(2))
const sm3Algorithm = encodeSequence(encodeOid(oids.sm3))
const signatureAlgorithms = [nameOf(oids.sm2Sign), nameOf(oids.sm2WithSm3)]

export interface SignOptions {
  /** The content stays outside. */
  readonly isDetached?: boolean
  /** What the signer says; only an anchored log proves it. Whole seconds. */
  readonly signingTime?: Date
  /** Certificates between the signer's and an anchor. */
  readonly intermediates?: readonly Uint8Array[]
}

export interface VerifiedMessage {
  readonly content: Uint8Array
  /** The signer's. Not yet trusted: {@link verifyChain} does that. */
  readonly certificate: Certificate
  readonly intermediates: readonly Uint8Array[]
  readonly signingTime: Date | undefined
  /** Whether the signer named the certificates in what it signed: else anybody may have exchanged them. */
  readonly hasBoundCertificates: boolean
}

/**
 * SignedData by one signer, with its certificate; DER.
 * @throws CryptoError KEY_PAIR_MISMATCH when the certificate is about another key than the signer's
 */
export async function signMessage(
  content: Uint8Array,
  certificateDer: Uint8Array,
  signer: Signer,
  options: SignOptions = {}
): Promise<Uint8Array> {
  const certificate = parseCertificate(certificateDer)
  if (!equalBytes(certificate.publicKey, signer.publicKey)) throw new CryptoError('KEY_PAIR_MISMATCH')
  const attributes = setOf([
    attribute(oids.contentType, encodeOid(oids.gmData)),
    attribute(oids.messageDigest, encode(tags.octetString, sm3(content))),
    attribute(oids.signingCertificate, certificateIds([certificateDer, ...(options.intermediates ?? [])])),
    ...(options.signingTime ? [attribute(oids.signingTime, encodeTime(options.signingTime))] : [])
  ])
  const signature = signatureToDer(await signer.sign(encode(tags.set, attributes)))
  const signerInfo = encodeSequence(
    encodeSmallUnsigned(1),
    issuerAndSerial(certificate),
    sm3Algorithm,
    encode(tags.context0, attributes),
    encodeSequence(encodeOid(oids.sm2Sign)),
    encode(tags.octetString, signature)
  )
  const inner = options.isDetached ? none : encode(tags.context0, encode(tags.octetString, content))
  return contentInfo(
    oids.gmSignedData,
    encodeSequence(
      encodeSmallUnsigned(1),
      encode(tags.set, sm3Algorithm),
      encodeSequence(encodeOid(oids.gmData), inner),
      encode(tags.context0, certificateDer, ...(options.intermediates ?? [])),
      encode(tags.set, signerInfo)
    )
  )
}

/**
 * Checks a SignedData of one signer against its own certificate. `content` is needed when it is detached, and compared
 * when it is not.
 * @throws CryptoError CMS_*, SIGNATURE_MALFORMED, USER_ID_WRONG; CertificateError
 */
export function verifyMessage(message: Uint8Array, content?: Uint8Array): VerifiedMessage {
  return strictly(() => {
    const signed = readContentInfo(message, oids.gmSignedData)
    requireVersion(signed)
    const digests = signed.sequence(tags.set)
    requireAlgorithm(digests.sequence(), [nameOf(oids.sm3)])
    digests.end()
    const attached = readEncapsulated(signed.sequence())
    const certificates = signed.nextTag === tags.context0 ? elements(signed.read(tags.context0)) : []
    // Revocation lists are not used.
    if (signed.nextTag === tags.context1) signed.read(tags.context1)
    const signers = signed.sequence(tags.set)
    signed.end()
    if (signers.isAtEnd) throw new CryptoError('CMS_SIGNER_MISSING')
    const info = signers.sequence()
    if (!signers.isAtEnd) throw new CryptoError('CMS_SIGNER_MISSING', 'several signers')
    if (attached && content && !equalBytes(attached, content)) throw new CryptoError('CMS_CONTENT_MISMATCH')
    const signedContent = attached ?? content
    if (!signedContent) throw new CryptoError('CMS_CONTENT_MISSING')

    requireVersion(info)
    const name = encodeSequence(info.read(tags.sequence))
    const found = certificates.find((der) => equalBytes(issuerAndSerial(parseCertificate(der)), name))
    if (!found) throw new CryptoError('CMS_SIGNER_MISSING', 'its certificate is not in the message')
    const certificate = parseCertificate(found)
    requireAlgorithm(info.sequence(), [nameOf(oids.sm3)])
    const attributes = info.nextTag === tags.context0 ? info.read(tags.context0) : undefined
    requireAlgorithm(info.sequence(), signatureAlgorithms)
    const signature = signatureFromDer(info.read(tags.octetString))
    if (!info.isAtEnd) info.read(tags.context1)
    info.end()
    const said = attributes && readAttributes(attributes, signedContent)
    const bound = said?.certificates
    if (bound && !equalBytes(bound, certificateIds(certificates))) throw new CryptoError('CMS_CERTIFICATES_MISMATCH')
    const input = attributes ? encode(tags.set, attributes) : signedContent
    if (!verify(certificate.publicKey, input, signature)) {
      const isOther = hasOtherUserId(certificate.publicKey, input, signature)
      throw new CryptoError(isOther ? 'USER_ID_WRONG' : 'CMS_SIGNATURE_INVALID')
    }
    const intermediates = certificates.filter((der) => der !== found)
    const signingTime = said?.signingTime
    return {
      content: signedContent,
      certificate,
      intermediates,
      signingTime,
      hasBoundCertificates: bound !== undefined
    }
  })
}

/**
 * EnvelopedData for the holders of the certificates: SM4-CBC under a fresh key that is encrypted to each. It hides, it
 * does not authenticate (GM/T 0010 has no tag): sign inside. What we store ourselves is sealed, not enveloped.
 */
export function envelopMessage(content: Uint8Array, recipients: readonly Uint8Array[]): Uint8Array {
  if (recipients.length === 0) throw new CryptoError('READERS_INVALID', '0 readers')
  const key = randomBytes(16)
  const iv = randomBytes(16)
  const infos = recipients.map((der) => {
    const certificate = parseCertificate(der)
    return encodeSequence(
      encodeSmallUnsigned(1),
      issuerAndSerial(certificate),
      encodeSequence(encodeOid(oids.sm2Encrypt)),
      encode(tags.octetString, encryptTo(certificate.publicKey, key))
    )
  })
  const algorithm = encodeSequence(encodeOid(oids.sm4Cbc), encode(tags.octetString, iv))
  const body = encode(0x80, sm4CbcEncrypt(key, iv, content))
  return contentInfo(
    oids.gmEnvelopedData,
    encodeSequence(
      encodeSmallUnsigned(1),
      encode(tags.set, setOf(infos)),
      encodeSequence(encodeOid(oids.gmData), algorithm, body)
    )
  )
}

/**
 * Opens an EnvelopedData with the key of one recipient's certificate.
 * @throws CryptoError CMS_RECIPIENT_UNKNOWN, CMS_MALFORMED, CMS_ALGORITHM_REFUSED and those of `unwrap`
 */
export async function openMessage(
  message: Uint8Array,
  certificateDer: Uint8Array,
  unwrap: Unwrap
): Promise<Uint8Array> {
  const own = issuerAndSerial(parseCertificate(certificateDer))
  const { wrapped, iv, body } = strictly(() => {
    const enveloped = readContentInfo(message, oids.gmEnvelopedData)
    enveloped.smallUnsigned()
    const infos = enveloped.sequence(tags.set)
    const encrypted = enveloped.sequence()
    enveloped.end()
    return { wrapped: readRecipient(infos, own), ...readEncrypted(encrypted) }
  })
  const key = await unwrap(wrapped)
  try {
    return cbcDecrypt('sm4-cbc', key, iv, body)
  } catch {
    throw new CryptoError('CMS_MALFORMED', 'the content does not decrypt')
  }
}

function readRecipient(infos: DerReader, own: Uint8Array): Uint8Array {
  while (!infos.isAtEnd) {
    const info = infos.sequence()
    info.smallUnsigned()
    const name = encodeSequence(info.read(tags.sequence))
    requireAlgorithm(info.sequence(), [nameOf(oids.sm2Encrypt)])
    const wrapped = info.read(tags.octetString)
    info.end()
    if (equalBytes(name, own)) return wrapped
  }
  throw new CryptoError('CMS_RECIPIENT_UNKNOWN')
}

function readEncrypted(reader: DerReader): { iv: Uint8Array; body: Uint8Array } {
  reader.read(tags.oid)
  const algorithm = reader.sequence()
  if (toHex(algorithm.read(tags.oid)) !== nameOf(oids.sm4Cbc)) throw new CryptoError('CMS_ALGORITHM_REFUSED')
  const iv = algorithm.read(tags.octetString)
  if (iv.length !== 16) throw new DerError('initialisation vector')
  const body = reader.read(0x80)
  reader.end()
  return { iv, body }
}

interface Said {
  signingTime: Date | undefined
  /** As {@link certificateIds} writes them. */
  certificates: Uint8Array | undefined
}

/** Content type and digest are about this content (RFC 5652 §11); the signing time and the certificates, where named. */
function readAttributes(bytes: Uint8Array, content: Uint8Array): Said {
  const values = new Map<string, DerReader>()
  const reader = new DerReader(bytes)
  while (!reader.isAtEnd) {
    const one = reader.sequence()
    const type = toHex(one.read(tags.oid))
    if (values.has(type)) throw new DerError('attribute twice')
    values.set(type, one.sequence(tags.set))
    one.end()
  }
  if (!values.has(nameOf(oids.contentType))) throw new DerError('no content type')
  const digest = values.get(nameOf(oids.messageDigest))?.read(tags.octetString)
  if (!digest || !equalBytes(digest, sm3(content))) throw new CryptoError('CMS_DIGEST_MISMATCH')
  const signingTime = values.get(nameOf(oids.signingTime))
  const certificates = values.get(nameOf(oids.signingCertificate))?.read(tags.sequence)
  return {
    signingTime: signingTime && readTime(signingTime),
    certificates: certificates && encodeSequence(certificates)
  }
}

/** SigningCertificateV2 (RFC 5035 §3) with SM3: the certificates of the message in their order, the signer's first. */
function certificateIds(certificates: readonly Uint8Array[]): Uint8Array {
  const ids = certificates.map((der) => encodeSequence(sm3Algorithm, encode(tags.octetString, sm3(der))))
  return encodeSequence(encodeSequence(...ids))
}

/** GM/T 0010 knows 1 only. */
function requireVersion(reader: DerReader): void {
  if (reader.smallUnsigned() !== 1) throw new DerError('version')
}

function readTime(reader: DerReader): Date {
  const isLong = reader.nextTag === tags.generalizedTime
  const text = latin1Of(reader.read(isLong ? tags.generalizedTime : tags.utcTime))
  const digits = isLong ? text : `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}`
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits)
  const date = new Date(parts ? `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z` : Number.NaN)
  if (Number.isNaN(date.getTime())) throw new DerError('time')
  return date
}

function contentInfo(type: string, content: Uint8Array): Uint8Array {
  return encodeSequence(encodeOid(type), encode(tags.context0, content))
}

function readContentInfo(message: Uint8Array, type: string): DerReader {
  const outer = new DerReader(message)
  const info = outer.sequence()
  outer.end()
  if (toHex(info.read(tags.oid)) !== nameOf(type)) throw new CryptoError('CMS_MALFORMED', 'another kind of message')
  const explicit = info.sequence(tags.context0)
  info.end()
  const content = explicit.sequence()
  explicit.end()
  return content
}

function readEncapsulated(reader: DerReader): Uint8Array | undefined {
  if (toHex(reader.read(tags.oid)) !== nameOf(oids.gmData)) throw new DerError('content type')
  if (reader.isAtEnd) return undefined
  const explicit = reader.sequence(tags.context0)
  reader.end()
  const content = explicit.read(tags.octetString)
  explicit.end()
  return content
}

/** Each with its own head again. */
function elements(bytes: Uint8Array): Uint8Array[] {
  const list: Uint8Array[] = []
  const reader = new DerReader(bytes)
  while (!reader.isAtEnd) list.push(encodeSequence(reader.read(tags.sequence)))
  return list
}

function requireAlgorithm(reader: DerReader, accepted: readonly string[]): void {
  if (!accepted.includes(toHex(reader.read(tags.oid)))) throw new CryptoError('CMS_ALGORITHM_REFUSED')
  if (!reader.isAtEnd && reader.read(tags.null).length !== 0) throw new DerError('NULL with content')
  reader.end()
}

function issuerAndSerial({ issuerDer, serial }: Certificate): Uint8Array {
  const digits = serial.length % 2 === 0 ? serial : `0${serial}`
  return encodeSequence(issuerDer, encodeUnsigned(bytesOfHex(digits)))
}

function attribute(oid: string, value: Uint8Array): Uint8Array {
  return encodeSequence(encodeOid(oid), encode(tags.set, value))
}

/** DER orders the elements of a SET OF by their bytes (X.690 §11.6). */
function setOf(list: readonly Uint8Array[]): Uint8Array {
  return concat(...list.toSorted(compareBytes))
}

function strictly<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof DerError) throw new CryptoError('CMS_MALFORMED', error.message)
    throw error
  }
}
