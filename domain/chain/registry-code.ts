/** Whether code on a chain is that of `Receivables` as this version of Tallystick knows it. */
import { keccak256 } from 'ethers/crypto'
import { dataLength, dataSlice, getBytes } from 'ethers/utils'
import type { Deployment } from './contracts.ts'
import { registryCodeBytes, registryCodeHash, registryImmutables } from './registry-code.generated.ts'

const WORD = 32

/**
 * What is wrong with a registry version's runtime code, in words; undefined when it is ours. Versions differ in their
 * immutables alone: the policy is the version's own, but directory, Fingerprints and number must be as given.
 * @param code 0x-hex
 */
export function registryCodeFault(
  code: string,
  number: number,
  { participants, fingerprints }: Pick<Deployment, 'participants' | 'fingerprints'>
): string | undefined {
  if (dataLength(code) !== registryCodeBytes) return `it has ${dataLength(code)} bytes, required ${registryCodeBytes}`
  const bytes = getBytes(code)
  for (const places of Object.values(registryImmutables)) {
    for (const at of places) bytes.fill(0, at, at + WORD)
  }
  const hash = keccak256(bytes)
  if (hash !== registryCodeHash) return `its hash without immutables is ${hash}, required ${registryCodeHash}`
  const required = { _participants: participants, _fingerprints: fingerprints, _registryNumber: number } as const
  for (const name of Object.keys(registryImmutables) as (keyof typeof registryImmutables)[]) {
    const words = new Set(registryImmutables[name].map((at) => dataSlice(code, at, at + WORD).toLowerCase()))
    // One immutable in two places has one value in any code that a compiler made.
    if (words.size !== 1) return `${name} has ${words.size} values`
    if (!(name in required)) continue
    const [presented] = words as unknown as [string]
    const wanted = required[name as keyof typeof required]
    if (BigInt(presented) !== BigInt(wanted)) return `${name} is ${presented}, required ${wanted}`
  }
  return undefined
}
