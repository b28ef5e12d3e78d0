/**
 * Registry versions: version n of `Receivables` is the contract that Fingerprints created with its nonce n, so that all
 * addresses are known before any of them exists (docs/adr/0008-fingerprints-creates-its-registries.md).
 */
import { keccakOfHex } from '#keccak'
import { checksummed } from './address.ts'

/** `Fingerprints.MAX_REGISTRIES`: nonces that are one byte in RLP. */
const MAX_REGISTRIES = 127

const derived = new Map<string, readonly string[]>()

/** Addresses of the registry versions 1 to 127 that a Fingerprints contract creates, in EIP-55 spelling. */
export function registryAddresses(fingerprints: string): readonly string[] {
  const from = fingerprints.toLowerCase()
  let addresses = derived.get(from)
  if (!addresses) {
    addresses = Array.from({ length: MAX_REGISTRIES }, (_, i) => createdAddress(from.slice(2), i + 1))
    // A process knows one deployment, a verifier of many packages perhaps some more.
    if (derived.size >= 16) derived.clear()
    derived.set(from, addresses)
  }
  return addresses
}

/** The address that a contract's nonce gives: the hash of both in RLP (Yellow Paper, §7), where a nonce below 128 is one byte. */
function createdAddress(digits: string, nonce: number): string {
  return checksummed(`0x${keccakOfHex(`d694${digits}${nonce.toString(16).padStart(2, '0')}`).slice(24)}`)
}

/** Number of the registry version at an address, in whatever case; undefined for one that Fingerprints can't have created. */
export function registryNumberOf(fingerprints: string, address: string): number | undefined {
  const wanted = address.toLowerCase()
  const index = registryAddresses(fingerprints).findIndex((one) => one.toLowerCase() === wanted)
  return index === -1 ? undefined : index + 1
}
