/** Fingerprint keys in force. While one follows another, a document has a fingerprint under each. */
import { fingerprintOf, hexOf } from './fingerprint.ts'
import type { Identity } from './identity.ts'

/** As many fingerprints as a receivable may claim. Equal to `_MAX_FINGERPRINTS` in contracts/receivables/Registration.sol. */
export const MAX_KEYS = 4

export interface FingerprintKey {
  readonly key: Uint8Array
  readonly epoch: number
}

/** Newest first. The first is the current one; the others are those under which claims may still live. */
export type KeyRing = readonly [FingerprintKey, ...FingerprintKey[]]

/**
 * Throws `RangeError` on no key or more than four, an epoch or a key given twice, or one that `fingerprintOf` refuses. The message names
 * epochs, never a key.
 */
export function keyRingOf(keys: readonly FingerprintKey[]): KeyRing {
  const [current, ...others] = [...keys].sort((one, other) => other.epoch - one.epoch)
  if (!current || keys.length > MAX_KEYS)
    throw new RangeError(`there must be 1 to ${MAX_KEYS} keys, not ${keys.length}`)
  keys.forEach(({ key, epoch }, index) => {
    fingerprintOf(['R'], key, epoch)
    const earlier = keys.slice(0, index)
    if (earlier.some((one) => one.epoch === epoch)) throw new RangeError(`epoch ${epoch} has two keys`)
    const twin = earlier.find((one) => hexOf(one.key) === hexOf(key))
    if (twin) throw new RangeError(`epochs ${twin.epoch} and ${epoch} have the same key`)
  })
  return [current, ...others]
}

/** Of every identity under every key, those under the current one first. */
export function fingerprintsOf(identities: readonly [Identity, ...Identity[]], ring: KeyRing): [string, ...string[]] {
  const under = ({ key, epoch }: FingerprintKey): string[] =>
    identities.map((identity) => fingerprintOf(identity, key, epoch))
  return ring.flatMap(under) as [string, ...string[]]
}

export function epochOf(fingerprint: string): number {
  return Number.parseInt(fingerprint.slice(2, 6), 16)
}
