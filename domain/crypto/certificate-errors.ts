/** Why a certificate or a request is refused. A client acts on the code. */
export const certificateErrors = {
  CERT_MALFORMED: 'The certificate is not in the form that was expected',
  CERT_ALGORITHM: 'The certificate is not of an SM2 key signed SM2 with SM3',
  CERT_EXTENSION_UNKNOWN: 'The certificate has a critical extension that is not understood',
  CERT_EXPIRED: 'The certificate was no longer valid',
  CERT_NOT_YET_VALID: 'The certificate was not yet valid',
  CERT_USAGE: 'The certificate is not for this use',
  CERT_CA_REQUIRED: 'The issuer is no authority',
  CERT_PATH_LENGTH: 'The issuer may not have so many authorities below it',
  CERT_UNTRUSTED: 'No chain leads to a trust anchor',
  CERT_SIGNATURE_INVALID: "The signature of the certificate is not its issuer's"
} as const
export type CertificateErrorCode = keyof typeof certificateErrors

export class CertificateError extends Error {
  override readonly name = 'CertificateError'
  readonly code: CertificateErrorCode

  constructor(code: CertificateErrorCode, detail?: string) {
    super(detail === undefined ? certificateErrors[code] : `${certificateErrors[code]}: ${detail}`)
    this.code = code
  }
}
