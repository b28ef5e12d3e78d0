/** Verification in the page, by the code of `tallystick verify`. */
import { hexlify } from 'ethers'
import { sha256, sm3 } from '../../domain/crypto/hash.ts'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import { verifyCertificate, type CertificateReport } from '../../domain/evidence/certificate/verify.ts'
import { openPackage } from '../../domain/evidence/package.ts'
import { verifyPackage, type Report } from '../../domain/evidence/verify.ts'
import { chainReader } from '../../client/chain-reader.ts'

export type Verified =
  | { kind: 'package'; name: string; report: Report; documents: readonly string[] }
  | { kind: 'certificate'; name: string; report: CertificateReport }
  | { kind: 'file'; name: string; bytes: number; sha256: string; sm3: string }

const ZIP = [0x50, 0x4b]
const BRACE = 0x7b

/** @param rpcUrl The reader's own node, asked as well; rejects when it does not answer. */
export async function verifyFile(
  name: string,
  bytes: Uint8Array,
  anchors: TrustAnchors | undefined,
  rpcUrl: string | undefined
): Promise<Verified> {
  const chain = rpcUrl === undefined ? undefined : chainReader(rpcUrl)
  if (bytes[0] === ZIP[0] && bytes[1] === ZIP[1]) {
    const report = await verifyPackage(bytes, anchors, chain)
    return { kind: 'package', name, report, documents: report.result === 'failed' ? [] : documentsOf(bytes) }
  }
  if (bytes[0] === BRACE && isCertificate(bytes)) {
    return { kind: 'certificate', name, report: await verifyCertificate(bytes, { anchors, chain }) }
  }
  return { kind: 'file', name, bytes: bytes.length, sha256: hexlify(sha256(bytes)), sm3: hexlify(sm3(bytes)) }
}

/** Any JSON with a statement and a proof is taken for one, so that a broken one is refused by name. */
function isCertificate(bytes: Uint8Array): boolean {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
    return 'statement' in value && 'proof' in value
  } catch {
    return false
  }
}

/** SHA-256 of the documents in a package, in clear or sealed. */
function documentsOf(bytes: Uint8Array): string[] {
  const { documents, sealed = [] } = openPackage(bytes).manifest
  const inClear = documents.map((path) => `0x${path.slice('documents/'.length, 'documents/'.length + 64)}`)
  return [...inClear, ...sealed.map((one) => one.sha256)]
}
