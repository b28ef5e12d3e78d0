/** Certification paths (RFC 5280 §6) of SM2 certificates, link by link. */
import { equalBytes } from '#native'
import { CertificateError } from './certificate-errors.ts'
import { isSignedBy, parseCertificate, type Certificate } from './x509-parse.ts'
import type { UserIdOptions } from './sm2.ts'

export interface ChainPolicy {
  /** The moment that counts: of signing, not of looking. */
  readonly at: Date
  readonly usage: 'digitalSignature' | 'keyEncipherment'
  /** Under which id the authorities signed, where it is not the default one. */
  readonly userId?: UserIdOptions
}

/** Authorities between the leaf and the anchor. */
const MAX_DEPTH = 8
/** Hostile intermediates must not make us search for long. */
const MAX_SIGNATURES = 64

interface Search {
  readonly policy: ChainPolicy
  readonly intermediates: readonly Certificate[]
  readonly anchors: readonly Certificate[]
  signaturesLeft: number
}

/**
 * The path from the leaf to an anchor, leaf first.
 * @throws CertificateError with the reason of the path that came furthest
 */
export function verifyChain(
  leafDer: Uint8Array,
  intermediates: readonly Uint8Array[],
  anchors: readonly Uint8Array[],
  policy: ChainPolicy
): Certificate[] {
  const leaf = parseCertificate(leafDer)
  requireValid(leaf, policy.at)
  if (!leaf.usages?.includes(policy.usage)) throw new CertificateError('CERT_USAGE', `not for ${policy.usage}`)
  const search: Search = {
    policy,
    intermediates: intermediates.flatMap(readable),
    anchors: anchors.map(parseCertificate),
    signaturesLeft: MAX_SIGNATURES
  }
  return pathFrom([leaf], search)
}

/** A stray intermediate that cannot be read leads nowhere; an anchor must be readable. */
function readable(der: Uint8Array): Certificate[] {
  try {
    return [parseCertificate(der)]
  } catch {
    return []
  }
}

function pathFrom(path: readonly Certificate[], search: Search): Certificate[] {
  const last = path.at(-1)!
  if (search.anchors.some(({ der }) => equalBytes(der, last.der))) return [...path]
  if (path.length > MAX_DEPTH) throw new CertificateError('CERT_UNTRUSTED', 'the chain is too long')
  let reason: CertificateError | undefined
  for (const issuer of [...search.anchors, ...search.intermediates]) {
    if (!mayBeIssuer(issuer, last) || path.some(({ der }) => equalBytes(der, issuer.der))) continue
    try {
      requireIssuer(issuer, path, search)
      return pathFrom([...path, issuer], search)
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error
      if (reason === undefined || reason.code === 'CERT_UNTRUSTED') reason = error
    }
  }
  throw reason ?? new CertificateError('CERT_UNTRUSTED', `nobody known issued for ${last.issuer.slice(0, 100)}`)
}

function mayBeIssuer(issuer: Certificate, of: Certificate): boolean {
  const { subjectKeyId } = issuer
  const { authorityKeyId } = of
  return (
    equalBytes(issuer.subjectDer, of.issuerDer) &&
    (!subjectKeyId || !authorityKeyId || equalBytes(subjectKeyId, authorityKeyId))
  )
}

function requireIssuer(issuer: Certificate, path: readonly Certificate[], search: Search): void {
  if (search.signaturesLeft-- <= 0) throw new CertificateError('CERT_UNTRUSTED', 'too many possible chains')
  if (!isSignedBy(path.at(-1)!, issuer, search.policy.userId)) throw new CertificateError('CERT_SIGNATURE_INVALID')
  if (!issuer.isAuthority || (issuer.usages && !issuer.usages.includes('keyCertSign'))) {
    throw new CertificateError('CERT_CA_REQUIRED', issuer.subject.slice(0, 100))
  }
  // Self-issued authorities (key rollover) do not count, the leaf neither.
  const below = path.slice(1).filter(({ subjectDer, issuerDer }) => !equalBytes(subjectDer, issuerDer)).length
  if (issuer.pathLength !== undefined && below > issuer.pathLength) {
    throw new CertificateError('CERT_PATH_LENGTH', `${below} of ${issuer.pathLength}`)
  }
  requireValid(issuer, search.policy.at)
}

function requireValid({ notBefore, notAfter, subject }: Certificate, at: Date): void {
  // No comparison with a date that is none is true.
  if (Number.isNaN(at.getTime())) throw new RangeError('the moment of verification is not a date')
  if (at < notBefore) throw new CertificateError('CERT_NOT_YET_VALID', subject.slice(0, 100))
  // The last second counts (RFC 5280 §4.1.2.5).
  if (at.getTime() >= notAfter.getTime() + 1000) throw new CertificateError('CERT_EXPIRED', subject.slice(0, 100))
}
