/** The verifier as a library: what others need to check our evidence without our servers. */
export { parseTrustAnchors, type TrustAnchors } from './anchors.ts'
export type { ChainReader } from './chain-check.ts'
export { EvidenceError, evidenceErrorCodes, type EvidenceErrorCode } from './errors.ts'
export { unsealPackage } from './sealed.ts'
export { verifyPackage, type Check, type Report } from './verify.ts'
export {
  verifyCertificate,
  type CertificateChain,
  type CertificateReport,
  type CertificateTrust
} from './certificate/verify.ts'
export type { Certificate, Statement } from './certificate/statement.ts'
