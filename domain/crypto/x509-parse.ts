/**
 * Reads X.509 v3 certificates and requests signed SM2 with SM3, and verifies chains to given trust anchors. pkijs reads
 * the structure; what was signed is taken as it came, and the signature is checked natively over Z‖tbs. Not checked:
 * revocation (the registry suspends a participant's key itself), name constraints (refused when critical).
 */
import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'
import { toHex } from './bytes.ts'
import { CertificateError } from './certificate-errors.ts'
import { CryptoError } from './errors.ts'
import { sm3 } from './hash.ts'
import { publicFromSpki } from './keys.ts'
import { oids } from './oids.ts'
import { signatureFromDer, verify, type UserIdOptions } from './sm2.ts'

/** RFC 5280 §4.2.1.3, in the order of the bits. */
export const keyUsages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign'
] as const
export type KeyUsage = (typeof keyUsages)[number]

export interface Certificate {
  readonly der: Uint8Array
  /** SM3 of the DER, lower case hex: names the certificate. */
  readonly fingerprint: string
  /** Lower case hex without leading zero bytes. */
  readonly serial: string
  /** For people: `C=CN, O=…, CN=…`. Compared are the bytes. */
  readonly subject: string
  readonly issuer: string
  readonly subjectDer: Uint8Array
  readonly issuerDer: Uint8Array
  readonly commonName: string | undefined
  readonly organizationIdentifier: string | undefined
  readonly notBefore: Date
  readonly notAfter: Date
  /** 64 bytes x‖y, validated. */
  readonly publicKey: Uint8Array
  readonly isAuthority: boolean
  readonly pathLength: number | undefined
  /** Undefined when the certificate does not say. */
  readonly usages: readonly KeyUsage[] | undefined
  readonly subjectKeyId: Uint8Array | undefined
  readonly authorityKeyId: Uint8Array | undefined
  /** What the issuer signed, as it came. */
  readonly tbs: Uint8Array
  /** r‖s */
  readonly signature: Uint8Array
}

const shortNames: Record<string, string> = {
  [oids.commonName]: 'CN',
  [oids.country]: 'C',
  [oids.organization]: 'O',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.11': 'OU'
}

/** @throws CertificateError CERT_MALFORMED, CERT_ALGORITHM, CERT_EXTENSION_UNKNOWN */
export function parseCertificate(der: Uint8Array): Certificate {
  return reading(() => {
    const certificate = new pkijs.Certificate({ schema: onlyValueOf(der) })
    requireSm2(certificate.signature)
    requireSm2(certificate.signatureAlgorithm)
    const extensions = readExtensions(certificate.extensions ?? [])
    const notBefore = certificate.notBefore.value
    const notAfter = certificate.notAfter.value
    if (!(notBefore <= notAfter)) throw new CertificateError('CERT_MALFORMED', 'validity')
    return {
      der: der.slice(),
      fingerprint: toHex(sm3(der)),
      serial: toHex(certificate.serialNumber.valueBlock.valueHexView).replace(/^(00)+(?=..)/, ''),
      subject: textOf(certificate.subject),
      issuer: textOf(certificate.issuer),
      subjectDer: nameBytes(certificate.subject),
      issuerDer: nameBytes(certificate.issuer),
      commonName: partOf(certificate.subject, oids.commonName),
      organizationIdentifier: partOf(certificate.subject, oids.organizationIdentifier),
      notBefore,
      notAfter,
      publicKey: publicFromSpki(new Uint8Array(certificate.subjectPublicKeyInfo.toSchema().toBER())),
      ...extensions,
      tbs: certificate.tbsView.slice(),
      signature: signatureFromDer(certificate.signatureValue.valueBlock.valueHexView)
    }
  })
}

export interface ParsedRequest {
  readonly subject: string
  readonly subjectDer: Uint8Array
  readonly commonName: string | undefined
  readonly publicKey: Uint8Array
}

/**
 * Reads a PKCS#10 request whose signature shows possession of the key.
 * @throws CertificateError CERT_MALFORMED, CERT_ALGORITHM, CERT_SIGNATURE_INVALID
 */
export function parseRequest(der: Uint8Array, userId: UserIdOptions = {}): ParsedRequest {
  return reading(() => {
    const request = new pkijs.CertificationRequest({ schema: onlyValueOf(der) })
    requireSm2(request.signatureAlgorithm)
    const publicKey = publicFromSpki(new Uint8Array(request.subjectPublicKeyInfo.toSchema().toBER()))
    const signature = signatureFromDer(request.signatureValue.valueBlock.valueHexView)
    if (!verify(publicKey, request.tbsView, signature, userId)) throw new CertificateError('CERT_SIGNATURE_INVALID')
    const { subject } = request
    const commonName = partOf(subject, oids.commonName)
    return { subject: textOf(subject), subjectDer: nameBytes(subject), commonName, publicKey }
  })
}

/** Whether `issuer`'s key signed `certificate`; says nothing about validity, names or use. */
export function isSignedBy(certificate: Certificate, issuer: Certificate, userId: UserIdOptions = {}): boolean {
  return verify(issuer.publicKey, certificate.tbs, certificate.signature, userId)
}

/** One DER value and nothing behind it. */
function onlyValueOf(der: Uint8Array): asn1js.AsnType {
  const { offset, result } = asn1js.fromBER(der.slice())
  if (offset !== der.length) throw new CertificateError('CERT_MALFORMED', 'bytes after the end, or too few')
  return result
}

/** The parameters are absent or NULL; both occur. */
function requireSm2({ algorithmId, algorithmParams }: pkijs.AlgorithmIdentifier): void {
  const hasParameters = algorithmParams !== undefined && !(algorithmParams instanceof asn1js.Null)
  if (algorithmId !== oids.sm2WithSm3 || hasParameters) throw new CertificateError('CERT_ALGORITHM', algorithmId)
}

type Extensions = Pick<Certificate, 'isAuthority' | 'pathLength' | 'usages' | 'subjectKeyId' | 'authorityKeyId'>

function readExtensions(list: readonly pkijs.Extension[]): Extensions {
  const found = new Map<string, unknown>()
  const known: readonly string[] = [oids.basicConstraints, oids.keyUsage, oids.subjectKeyIdentifier]
  for (const { extnID, critical, parsedValue } of list) {
    if (found.has(extnID)) throw new CertificateError('CERT_MALFORMED', `extension ${extnID} twice`)
    found.set(extnID, parsedValue)
    if (critical && !known.includes(extnID)) throw new CertificateError('CERT_EXTENSION_UNKNOWN', extnID)
  }
  const constraints = found.get(oids.basicConstraints)
  const authority = constraints instanceof pkijs.BasicConstraints && constraints.cA
  const limit = constraints instanceof pkijs.BasicConstraints ? constraints.pathLenConstraint : undefined
  const subjectKey = found.get(oids.subjectKeyIdentifier)
  const authorityKey = found.get(oids.authorityKeyIdentifier)
  const issuerKey = authorityKey instanceof pkijs.AuthorityKeyIdentifier ? authorityKey.keyIdentifier : undefined
  return {
    isAuthority: authority,
    pathLength: authority && limit !== undefined ? requireNumber(limit) : undefined,
    usages: found.has(oids.keyUsage) ? readUsages(found.get(oids.keyUsage)) : undefined,
    subjectKeyId: subjectKey instanceof asn1js.OctetString ? subjectKey.valueBlock.valueHexView.slice() : undefined,
    authorityKeyId: issuerKey?.valueBlock.valueHexView.slice()
  }
}

function requireNumber(limit: number | asn1js.Integer): number {
  const number = typeof limit === 'number' ? limit : limit.valueBlock.valueDec
  if (!Number.isInteger(number) || number < 0) throw new CertificateError('CERT_MALFORMED', 'path length')
  return number
}

function readUsages(value: unknown): KeyUsage[] {
  if (!(value instanceof asn1js.BitString)) throw new CertificateError('CERT_MALFORMED', 'key usage')
  const bytes = value.valueBlock.valueHexView
  return keyUsages.filter((_, bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0)
}

function nameBytes(name: pkijs.RelativeDistinguishedNames): Uint8Array {
  return new Uint8Array(name.toSchema().toBER())
}

function partOf(name: pkijs.RelativeDistinguishedNames, oid: string): string | undefined {
  const part = name.typesAndValues.find(({ type }) => type === oid)
  return part === undefined ? undefined : String(part.value.valueBlock.value)
}

function textOf(name: pkijs.RelativeDistinguishedNames): string {
  return name.typesAndValues
    .map(({ type, value }) => `${shortNames[type] ?? type}=${String(value.valueBlock.value)}`)
    .join(', ')
}

/** What pkijs throws is not for callers. */
function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof CertificateError) throw error
    if (error instanceof CryptoError) {
      const isOther = error.code === 'KEY_NOT_SM2'
      throw new CertificateError(isOther ? 'CERT_ALGORITHM' : 'CERT_MALFORMED', error.message)
    }
    throw new CertificateError('CERT_MALFORMED')
  }
}
