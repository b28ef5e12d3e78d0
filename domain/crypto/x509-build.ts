/**
 * Writes X.509 certificates (RFC 5280, GM/T 0015) and requests (PKCS#10, RFC 2986) signed SM2 with SM3. Whoever signs is
 * a {@link Signer}: a key in memory, a key store, an HSM.
 */
import { equalBytes, randomBytes } from '#native'
import { concat, utf8 } from './bytes.ts'
import { parseCertificate, keyUsages, type Certificate, type KeyUsage } from './x509-parse.ts'
import { encode, encodeOid, encodeSequence, encodeSmallUnsigned, encodeTime, encodeUnsigned, tags } from './der.ts'
import { sm3 } from './hash.ts'
import { oids } from './oids.ts'
import { exportSpki } from './keys.ts'
import { signatureToDer } from './sm2.ts'

/** Signs SM3(Z‖message) under the default user id; 64 bytes r‖s. */
export interface Signer {
  readonly publicKey: Uint8Array
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>
}

export interface Name {
  readonly commonName: string
  readonly organization?: string
  /** Two letters. */
  readonly country?: string
  /** The number of the legal person, in China the unified social credit code. */
  readonly organizationIdentifier?: string
}

export interface CertificateRequest {
  readonly subject: Name | Uint8Array
  readonly publicKey: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
  readonly usages: readonly KeyUsage[]
  /** Makes it an authority; the path length is how many authorities may stand below it. */
  readonly authority?: { readonly pathLength?: number }
}

/** SEQUENCE { sm2-with-sm3 } without parameters, as GM/T 0015 has it. */
const algorithm = encodeSequence(encodeOid(oids.sm2WithSm3))
const UTF8_STRING = 0x0c
const PRINTABLE_STRING = 0x13
const BOOLEAN = 0x01

/** A root: signed by the key it is about. */
export async function issueRoot(
  subject: Name,
  signer: Signer,
  validity: { readonly notBefore: Date; readonly notAfter: Date; readonly pathLength?: number }
): Promise<Uint8Array> {
  const { pathLength, ...times } = validity
  const authority = pathLength === undefined ? {} : { pathLength }
  const usages = ['keyCertSign', 'cRLSign'] as const
  const request = { subject, publicKey: signer.publicKey, ...times, usages, authority }
  return write(request, encodeName(subject), subjectKeyId(signer.publicKey), signer)
}

/**
 * A certificate below `issuer`, whose key `signer` holds: an issuing authority when the request says so, else a leaf.
 * @throws RangeError when the issuer is not the signer's, or no authority
 */
export async function issueCertificate(
  request: CertificateRequest,
  issuerDer: Uint8Array,
  signer: Signer
): Promise<Uint8Array> {
  const issuer: Certificate = parseCertificate(issuerDer)
  if (!equalBytes(issuer.publicKey, signer.publicKey)) throw new RangeError("the signer is not the issuer's key")
  if (!issuer.isAuthority) throw new RangeError('the issuer is no authority')
  return write(request, issuer.subjectDer, issuer.subjectKeyId ?? subjectKeyId(issuer.publicKey), signer)
}

/** PKCS#10: asks an authority for a certificate and proves possession of the key. */
export async function requestCertificate(subject: Name, signer: Signer): Promise<Uint8Array> {
  const info = encodeSequence(
    encodeSmallUnsigned(0),
    encodeName(subject),
    exportSpki(signer.publicKey),
    encode(tags.context0)
  )
  return signed(info, signer)
}

async function write(
  request: CertificateRequest,
  issuerName: Uint8Array,
  issuerKeyId: Uint8Array,
  signer: Signer
): Promise<Uint8Array> {
  const { subject, publicKey, authority, usages } = request
  if (!(request.notBefore < request.notAfter)) throw new RangeError('a certificate must end after it begins')
  const constraints = authority
    ? encodeSequence(
        encode(BOOLEAN, Uint8Array.of(0xff)),
        authority.pathLength === undefined ? new Uint8Array() : encodeSmallUnsigned(authority.pathLength)
      )
    : encodeSequence()
  const extensions = encodeSequence(
    extension(oids.basicConstraints, true, constraints),
    extension(oids.keyUsage, true, usageBits(usages)),
    extension(oids.subjectKeyIdentifier, false, encode(tags.octetString, subjectKeyId(publicKey))),
    extension(oids.authorityKeyIdentifier, false, encodeSequence(encode(0x80, issuerKeyId)))
  )
  const tbs = encodeSequence(
    encode(tags.context0, encodeSmallUnsigned(2)),
    newSerial(),
    algorithm,
    issuerName,
    encodeSequence(encodeTime(request.notBefore), encodeTime(request.notAfter)),
    subject instanceof Uint8Array ? subject : encodeName(subject),
    exportSpki(publicKey),
    encode(0xa3, extensions)
  )
  return signed(tbs, signer)
}

async function signed(tbs: Uint8Array, signer: Signer): Promise<Uint8Array> {
  const signature = signatureToDer(await signer.sign(tbs))
  return encodeSequence(tbs, algorithm, encode(tags.bitString, Uint8Array.of(0), signature))
}

/** 16 random bytes, positive and not zero (RFC 5280 §4.1.2.2). */
function newSerial(): Uint8Array {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return encodeUnsigned(bytes)
}

/** The first 20 bytes of SM3 of the point, in the manner of RFC 7093 §2. */
function subjectKeyId(publicKey: Uint8Array): Uint8Array {
  return sm3(concat(Uint8Array.of(4), publicKey)).subarray(0, 20)
}

function extension(oid: string, isCritical: boolean, value: Uint8Array): Uint8Array {
  const critical = isCritical ? encode(BOOLEAN, Uint8Array.of(0xff)) : new Uint8Array()
  return encodeSequence(encodeOid(oid), critical, encode(tags.octetString, value))
}

/** A named bit list without trailing zeros (X.690 §11.2.2). */
function usageBits(usages: readonly KeyUsage[]): Uint8Array {
  if (usages.length === 0) throw new RangeError('a certificate needs a key usage')
  const bits = usages.map((usage) => keyUsages.indexOf(usage))
  const bytes = new Uint8Array(Math.floor(Math.max(...bits) / 8) + 1)
  for (const bit of bits) bytes[bit >> 3]! |= 0x80 >> (bit & 7)
  return encode(tags.bitString, Uint8Array.of(7 - (Math.max(...bits) & 7)), bytes)
}

function encodeName({ commonName, organization, country, organizationIdentifier }: Name): Uint8Array {
  const parts: Uint8Array[] = []
  const add = (oid: string, value: string | undefined, tag: number): void => {
    if (value === undefined) return
    if (value.length === 0 || value.length > 64) throw new RangeError('a part of a name has 1 to 64 characters')
    parts.push(encode(tags.set, encodeSequence(encodeOid(oid), encode(tag, utf8(value)))))
  }
  if (country !== undefined && !/^[A-Z]{2}$/.test(country)) throw new RangeError('a country is two capital letters')
  add(oids.country, country, PRINTABLE_STRING)
  add(oids.organization, organization, UTF8_STRING)
  add(oids.organizationIdentifier, organizationIdentifier, UTF8_STRING)
  add(oids.commonName, commonName, UTF8_STRING)
  return encodeSequence(...parts)
}
