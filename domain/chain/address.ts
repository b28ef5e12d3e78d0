/** Spelling of addresses. */
import { keccakOf } from '#keccak'

const checksums = new Map<string, string>()

/** EIP-55 spelling of an address in any; the same few come with every log. */
export function checksummed(address: string): string {
  let known = checksums.get(address)
  if (known === undefined) {
    known = spell(address.slice(2).toLowerCase())
    if (checksums.size < 4_096) checksums.set(address, known)
  }
  return known
}

/** Whether a value is an address: 0x and 40 hex digits, all in one case or by EIP-55. */
export function isAddress(value: unknown): value is string {
  if (typeof value !== 'string' || !/^0x[\da-fA-F]{40}$/.test(value)) return false
  const digits = value.slice(2)
  return digits === digits.toLowerCase() || digits === digits.toUpperCase() || value === checksummed(value)
}

/** A letter is a capital where the hash of the digits has 8 or more at its place (EIP-55). */
function spell(digits: string): string {
  const hash = keccakOf(new TextEncoder().encode(digits))
  let text = '0x'
  for (let i = 0; i < digits.length; i++) text += hash[i]! >= '8' ? digits[i]!.toUpperCase() : digits[i]
  return text
}
