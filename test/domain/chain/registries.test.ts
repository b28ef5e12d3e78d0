import { concat, dataSlice, keccak256, toBeHex, zeroPadValue } from 'ethers'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { registryAddresses, registryNumberOf } from '../../../domain/chain/registries.ts'
import { registryCodeFault } from '../../../domain/chain/registry-code.ts'
import { registryImmutables } from '../../../domain/chain/registry-code.generated.ts'
import { artifactFileOf } from '../../../scripts/world/artifacts.ts'

const fingerprints = '0x00000000000000000000000000000000000f1a6e'
const participants = '0x0000000000000000000000000000000000ba5e00'

describe('addresses of registry versions', () => {
  it('are the hashes that Fingerprints.registryOf computes', () => {
    const addresses = registryAddresses(fingerprints)
    expect(addresses).toHaveLength(127)
    for (const number of [1, 2, 127]) {
      const hash = keccak256(concat(['0xd694', fingerprints, toBeHex(number)]))
      expect(addresses[number - 1]!.toLowerCase()).toBe(dataSlice(hash, 12))
    }
  })

  it('are found in whatever case, and others are not', () => {
    const [, second] = registryAddresses(fingerprints)
    expect(registryNumberOf(fingerprints.toUpperCase().replace('X', 'x'), second!.toLowerCase())).toBe(2)
    expect(registryNumberOf(participants, second!)).toBeUndefined()
  })
})

describe('code of a registry version', async () => {
  const { deployedBytecode } = JSON.parse(await readFile(artifactFileOf('Receivables'), 'utf8')) as {
    deployedBytecode: string
  }
  /** As the constructor leaves it. */
  function codeWith(values: Partial<Record<keyof typeof registryImmutables, string | number>>): string {
    let code = deployedBytecode
    for (const [name, value] of Object.entries({
      ...{ _participants: participants, _fingerprints: fingerprints, _registryNumber: 2 },
      ...values
    })) {
      const word = zeroPadValue(toBeHex(BigInt(value)), 32).slice(2)
      for (const at of registryImmutables[name as keyof typeof registryImmutables]) {
        code = code.slice(0, 2 + 2 * at) + word + code.slice(2 + 2 * (at + 32))
      }
    }
    return code
  }
  const faultOf = (code: string) => registryCodeFault(code, 2, { participants, fingerprints })

  it('is ours with any policy', () => {
    expect(faultOf(codeWith({}))).toBeUndefined()
    expect(faultOf(codeWith({ _maxTier: 3, _maxTenor: 86_400, _requiresTradeClaim: 1 }))).toBeUndefined()
  })

  it.each([
    ['of another directory', codeWith({ _participants: fingerprints }), '_participants is'],
    ['of another Fingerprints', codeWith({ _fingerprints: participants }), '_fingerprints is'],
    ['of another number', codeWith({ _registryNumber: 3 }), '_registryNumber is'],
    ['of no contract', '0x', 'it has 0 bytes'],
    ['that is longer', `${codeWith({})}00`, 'it has'],
    ['with another instruction', `0x00${codeWith({}).slice(4)}`, 'its hash without immutables'],
    [
      'with one immutable of two values',
      (() => {
        const [at] = registryImmutables._maxTier
        const code = codeWith({ _maxTier: 3 })
        return `${code.slice(0, 2 + 2 * (at + 31))}04${code.slice(2 + 2 * (at + 32))}`
      })(),
      '_maxTier has 2 values'
    ]
  ])('%s is refused', (_, code, why) => {
    expect(faultOf(code)).toContain(why)
  })
})
