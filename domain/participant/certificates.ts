/** What the chain keeps of a participant's certificates. */
import { hexlify } from 'ethers'
import { fromHex } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'

/**
 * `certificateHash` of an admission: SHA-256 over the SHA-256 digests of the certificates' DER, in ascending order and each
 * once; zero for who has none. 0x-hex.
 */
export function certificateHashOf(certificates: readonly Uint8Array[]): string {
  const digests = new Set(certificates.map((der) => hexlify(sha256(der)).slice(2)))
  if (digests.size === 0) return `0x${'0'.repeat(64)}`
  return hexlify(sha256(fromHex([...digests].sort().join(''))))
}
