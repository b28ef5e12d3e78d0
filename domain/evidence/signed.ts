/**
 * What the registry itself signs: a detached CMS SignedData (GM/T 0010) by an SM2 key over canonical JSON that begins with
 * what it is, so that no signature of one kind of thing can stand for another.
 */
import { getBytes, hexlify } from 'ethers'
import {
  CertificateError,
  parseCertificate,
  verifyChain,
  type Certificate,
  type Signer
} from '../crypto/certificate.ts'
import { signMessage, verifyMessage } from '../crypto/cms.ts'
import { CryptoError } from '../crypto/errors.ts'
import { EvidenceError, type EvidenceErrorCode } from './errors.ts'
import { canonicalBytes, unixSeconds } from './shape.ts'

/** A key with the certificate that says whose it is, and those between it and an authority that others trust. */
export interface CertifiedSigner extends Signer {
  readonly certificate: Uint8Array
  readonly intermediates: readonly Uint8Array[]
}

/** Who signed, not yet trusted. */
export interface SignedBy {
  /** x‖y, 0x-hex. */
  readonly publicKey: string
  readonly certificate: Certificate
  readonly intermediates: readonly Uint8Array[]
}

/** Kinds of signed things: the first member of what is signed. */
export type SignedKind = 'tallystick log head v1' | 'tallystick certificate v1'

function contentOf(kind: SignedKind, value: unknown): Uint8Array {
  return canonicalBytes({ kind, value })
}

/** The signature, 0x-hex of the DER. The nonce is random: twice is not the same bytes. */
export async function signAs(kind: SignedKind, value: unknown, signer: CertifiedSigner): Promise<string> {
  const { certificate, intermediates } = signer
  return hexlify(await signMessage(contentOf(kind, value), certificate, signer, { isDetached: true, intermediates }))
}

/**
 * Who signed the value, by the certificate in the signature.
 * @param code For a signature that does not verify.
 * @throws EvidenceError `code`, USER_ID_WRONG, CERT_*
 */
export function signerOfValue(kind: SignedKind, value: unknown, signature: string, code: EvidenceErrorCode): SignedBy {
  try {
    const message = verifyMessage(getBytes(signature), contentOf(kind, value))
    const { certificate, intermediates } = message
    // Names come from the certificate: without authorities to ask, only the signature says that it is the signer's choice.
    if (!message.hasBoundCertificates) throw new CryptoError('CMS_CERTIFICATES_MISMATCH')
    return { publicKey: hexlify(certificate.publicKey), certificate, intermediates }
  } catch (error) {
    if (error instanceof CertificateError) throw new EvidenceError(error.code, error.message)
    if (!(error instanceof CryptoError)) throw error
    throw new EvidenceError(error.code === 'USER_ID_WRONG' ? error.code : code, error.message)
  }
}

/**
 * Holds a certificate against the authorities that a verifier trusts, as of the moment of signing (RFC 3339 UTC). Gives the
 * path, the certificate first.
 * @param title Of the certificate, for the refusal.
 * @param authorities DER, 0x-hex.
 * @throws EvidenceError CERT_*
 */
export function requireCertified(
  title: string,
  certificate: Uint8Array,
  intermediates: readonly Uint8Array[],
  authorities: readonly string[],
  time: string
): Certificate[] {
  try {
    const at = new Date(unixSeconds(time) * 1000)
    return verifyChain(
      certificate,
      intermediates,
      authorities.map((der) => getBytes(der)),
      { at, usage: 'digitalSignature' }
    )
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new EvidenceError(error.code, `${title}: ${error.message}`, { presented: time })
  }
}

/** Throws CERT_MALFORMED for what is no certificate of an authority. */
export function requireAuthority(der: string): void {
  try {
    if (parseCertificate(getBytes(der)).isAuthority) return
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new EvidenceError('CERT_MALFORMED', error.message)
  }
  throw new EvidenceError('CERT_MALFORMED', 'the certificate is not of an authority')
}
