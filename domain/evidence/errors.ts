/**
 * Why evidence was refused. Codes are stable: a client acts on `code`, the message is for people. `CERTIFICATE_*` are about a
 * certificate of ours, which states something about the chain; `CERT_*` about an X.509 certificate, which says whose a key is.
 */
import { certificateErrors, type CertificateErrorCode } from '../crypto/certificate-errors.ts'

export const evidenceErrorCodes = [
  'PACKAGE_UNREADABLE',
  'PACKAGE_TRUNCATED',
  'PACKAGE_LIMIT',
  'PACKAGE_STALE',
  'MANIFEST_MALFORMED',
  'MANIFEST_VERSION_UNKNOWN',
  'MEMBER_MISSING',
  'MEMBER_UNDECLARED',
  'MEMBER_DUPLICATE',
  'SUBJECT_MISMATCH',
  'DIGEST_MISMATCH',
  'RECORD_MALFORMED',
  'LEAF_NOT_IN_LOG',
  'LOG_NOT_CONSISTENT',
  'HEAD_FORKED',
  'HEAD_SIGNATURE_INVALID',
  'USER_ID_WRONG',
  'HEAD_NOT_ANCHORED',
  'DEPLOYMENT_MISMATCH',
  'SIGNATURE_INVALID',
  'SIGNER_UNKNOWN',
  'COMMAND_MISMATCH',
  'STATE_MISMATCH',
  'LINEAGE_INCOMPLETE',
  'DOCUMENT_MISMATCH',
  'QUOTE_MISMATCH',
  'READER_NOT_ENTITLED',
  'ANCHORS_MALFORMED',
  'HEAD_MALFORMED',
  'CERTIFICATE_MALFORMED',
  'CERTIFICATE_STALE',
  'STATE_PROOF_INVALID',
  'HEADER_MISMATCH',
  'BLOCK_NOT_TRUSTED',
  'FACTS_MISMATCH',
  'SPANS_INCOMPLETE',
  'CERT_MISSING',
  'CERT_MISMATCH',
  ...(Object.keys(certificateErrors) as CertificateErrorCode[])
] as const
export type EvidenceErrorCode = (typeof evidenceErrorCodes)[number]

/** A refusal with its code; `presented` and `required` are there when there is a value to show. */
export class EvidenceError extends Error {
  override readonly name = 'EvidenceError'
  readonly code: EvidenceErrorCode
  readonly presented: string | undefined
  readonly required: string | undefined

  constructor(code: EvidenceErrorCode, message: string, values: { presented?: unknown; required?: unknown } = {}) {
    super(message)
    this.code = code
    this.presented = values.presented === undefined ? undefined : String(values.presented)
    this.required = values.required === undefined ? undefined : String(values.required)
  }
}
