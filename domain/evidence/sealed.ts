/** Sealed documents of a package: opened by a reader, on its own machine. */
import { getBytes, hexlify } from 'ethers'
import { utf8 } from '../crypto/bytes.ts'
import { openSealed, type Unwrap } from '../crypto/envelope.ts'
import { CryptoError } from '../crypto/errors.ts'
import { sha256 } from '../crypto/hash.ts'
import { EvidenceError } from './errors.ts'
import { buildPackage, callsOf, openPackage, proofOf } from './package.ts'

/** What a document is sealed with, beside its bytes: its digest in clear, so that no other document can stand in for it. */
export function sealingContext(sha256OfDocument: string): Uint8Array {
  return utf8(`tallystick document ${sha256OfDocument}`)
}

/**
 * The same package with its documents in clear, for a court.
 * @param keyId Of the reader; `unwrap` uses its private key.
 * @throws EvidenceError READER_NOT_ENTITLED when a document is not sealed to the key, DOCUMENT_MISMATCH when one does not open
 * to what the manifest says
 */
export async function unsealPackage(bytes: Uint8Array, keyId: string, unwrap: Unwrap): Promise<Uint8Array> {
  const sealed = openPackage(bytes)
  const { manifest, members } = sealed
  const opened: { bytes: Uint8Array; extension: string }[] = []
  for (const { path, sha256: digest, extension, keys } of manifest.sealed ?? []) {
    const key = keys.find((one) => one.keyId === keyId)
    if (!key) {
      const required = keys.map((one) => one.keyId).join()
      throw new EvidenceError('READER_NOT_ENTITLED', `${path} is not sealed to this key`, {
        presented: keyId,
        required
      })
    }
    const clear = await openedBy(members.get(path) as Uint8Array, getBytes(key.wrapped), unwrap, digest, path)
    opened.push({ bytes: clear, extension })
  }
  const clear = manifest.documents.map((path) => ({
    bytes: members.get(path) as Uint8Array,
    extension: path.slice(path.lastIndexOf('.') + 1)
  }))
  return buildPackage({
    subject: manifest.subject,
    deployment: manifest.deployment,
    records: manifest.records.map((record) => ({
      leafIndex: record.leafIndex,
      bytes: members.get(record.path) as Uint8Array,
      proof: proofOf(record)
    })),
    calls: [...callsOf(sealed).values()],
    certificates: (manifest.certificates ?? []).map((path) => members.get(path) as Uint8Array),
    head: manifest.head,
    ...(manifest.extends && {
      extends: { ...manifest.extends, proof: manifest.extends.proof.map((hash) => getBytes(hash)) }
    }),
    ...(manifest.anchor && { anchor: manifest.anchor }),
    documents: [...clear, ...opened]
  })
}

async function openedBy(
  sealed: Uint8Array,
  wrapped: Uint8Array,
  unwrap: Unwrap,
  digest: string,
  path: string
): Promise<Uint8Array> {
  try {
    const clear = await openSealed(sealed, wrapped, unwrap, sealingContext(digest))
    if (hexlify(sha256(clear)) === digest) return clear
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    throw new EvidenceError('DOCUMENT_MISMATCH', `${path} does not open: ${error.message}`, { required: digest })
  }
  throw new EvidenceError('DOCUMENT_MISMATCH', `${path} opens to another document`, { required: digest })
}
