/** Who stands for a certificate: the registry's operator. The facts need no signature; names, accounts and completeness do. */
import type { TrustAnchors } from '../anchors.ts'
import { EvidenceError } from '../errors.ts'
import { requireCertified, signAs, signerOfValue, type CertifiedSigner, type SignedBy } from '../signed.ts'
import type { CertificateSignature, Statement } from './statement.ts'

const KIND = 'tallystick certificate v1'

/** Signs a statement with the operator's SM2 key for certificates, which is another one than the log's. */
export async function signStatement(statement: Statement, signer: CertifiedSigner): Promise<CertificateSignature> {
  return { algorithm: 'sm2-cms', signature: await signAs(KIND, statement, signer) }
}

/**
 * Who signed the statement: a key for certificates by the trust anchors, with a certificate that was valid when it was
 * issued where they name authorities. Without anchors any key is accepted, and the caller has to say so.
 * @throws EvidenceError SIGNATURE_INVALID, USER_ID_WRONG, CERT_*
 */
export function requireSignedStatement(
  statement: Statement,
  { signature }: CertificateSignature,
  anchors?: Pick<TrustAnchors, 'certificateKeys' | 'authorities'>
): SignedBy {
  const signer = signerOfValue(KIND, statement, signature, 'SIGNATURE_INVALID')
  if (anchors && !anchors.certificateKeys.includes(signer.publicKey)) {
    throw new EvidenceError('SIGNATURE_INVALID', 'the statement is not signed by a key for certificates', {
      presented: signer.publicKey,
      required: anchors.certificateKeys.join()
    })
  }
  if (anchors?.authorities) {
    const { certificate, intermediates } = signer
    const title = "certificate of the operator's key"
    requireCertified(title, certificate.der, intermediates, anchors.authorities, statement.issuedAt)
  }
  return signer
}
