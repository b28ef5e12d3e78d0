import { getAddress, isAddress as isAddressOf, getCreateAddress } from 'ethers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checksummed, isAddress } from '../../../domain/chain/address.ts'
import * as browser from '../../../domain/chain/keccak-browser.ts'
import * as node from '../../../domain/chain/keccak.ts'
import { registryAddresses } from '../../../domain/chain/registries.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')

test('an address is spelled as the library spells it', () => {
  fc.assert(
    fc.property(bytes(20), (value) => {
      const address = getAddress(`0x${hex(value)}`)
      expect(checksummed(`0x${hex(value)}`)).toBe(address)
      expect(checksummed(`0x${hex(value).toUpperCase()}`)).toBe(address)
      expect(isAddress(address)).toBe(true)
    })
  )
})

test.each([
  ['with a letter in the other case', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD'],
  ['that is too short', '0x5aaeb6053f3e94c9b9a09f33669435e7ef1bea'],
  ['that is too long', '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed00'],
  ['of no hex', '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg'],
  ['after a capital X', '0X5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED'],
  ['with a line after it', '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed\n']
])('an address %s is none, to the library neither', (_, value) => {
  expect(isAddress(value)).toBe(false)
  expect(isAddressOf(value)).toBe(false)
})

test.each([[undefined], [null], [0], [{}]])('%s is no address', (value) => {
  expect(isAddress(value)).toBe(false)
})

test('an address in one case is one', () => {
  expect(isAddress('0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed')).toBe(true)
  expect(isAddress('0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED')).toBe(true)
})

test('registry versions stand where the library says that a creation stands', () => {
  fc.assert(
    fc.property(bytes(20), (value) => {
      const from = getAddress(`0x${hex(value)}`)
      const expected = Array.from({ length: 127 }, (_, i) => getCreateAddress({ from, nonce: i + 1 }))
      expect(registryAddresses(from)).toEqual(expected)
    }),
    { numRuns: 10 }
  )
})

test('a browser’s hash is Node’s', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (value) => {
      expect(browser.keccakOf(value)).toBe(node.keccakOf(value))
      expect(browser.keccakOfHex(hex(value))).toBe(node.keccakOfHex(hex(value)))
      expect(hex(browser.keccakBytes(value))).toBe(hex(node.keccakBytes(value)))
    })
  )
})
