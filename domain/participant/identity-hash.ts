/** What the chain keeps of a participant's legal identity. */
import { hexlify } from 'ethers'
import { utf8 } from '../crypto/bytes.ts'
import { hmacSm3 } from '../crypto/hash.ts'

/**
 * `legalIdentityHash` of an admission: HMAC-SM3 under the consortium's fingerprint key over all identifiers (`SCHEME:value`) in ascending
 * order. A plain hash of public identifiers would be guessed. 0x-hex.
 */
export function legalIdentityHashOf(identifiers: readonly string[], key: Uint8Array): string {
  return hexlify(hmacSm3(key, utf8(`legal identity\n${[...new Set(identifiers)].sort().join('\n')}`)))
}
