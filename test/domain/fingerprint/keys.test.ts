import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fingerprintOf } from '../../../domain/fingerprint/fingerprint.ts'
import { epochOf, fingerprintsOf, keyRingOf, MAX_KEYS } from '../../../domain/fingerprint/keys.ts'

const keyOf = (byte: number, epoch: number) => ({ key: new Uint8Array(32).fill(byte), epoch })
const identity = ['R', 'VAT:DE900551209', 'AF1', '2026']

describe('a ring of keys', () => {
  it('begins with the highest epoch, however it is given', () => {
    const ring = keyRingOf([keyOf(1, 1), keyOf(9, 300), keyOf(2, 2)])
    expect(ring.map(({ epoch }) => epoch)).toEqual([300, 2, 1])
    const fingerprints = fingerprintsOf([identity], ring)
    expect(fingerprints.map(epochOf)).toEqual([300, 2, 1])
    expect(fingerprints).toEqual(ring.map(({ key, epoch }) => fingerprintOf(identity, key, epoch)))
  })

  it('gives a document the fingerprint under the old key that it had before', () => {
    const [, old] = fingerprintsOf([identity], keyRingOf([keyOf(1, 1), keyOf(2, 2)]))
    expect(fingerprintsOf([identity], keyRingOf([keyOf(1, 1)]))).toEqual([old])
  })

  it('gives a document of two identities a fingerprint of each under each', () => {
    const ring = keyRingOf([keyOf(1, 1), keyOf(2, 2)])
    const other = ['CN-VAT', '031001900511', '04875996']
    const fingerprints = fingerprintsOf([identity, other], ring)
    expect(fingerprints.map(epochOf)).toEqual([2, 2, 1, 1])
    const alone = [fingerprintsOf([identity], ring), fingerprintsOf([other], ring)]
    expect(new Set(fingerprints)).toEqual(new Set(alone.flat()))
  })

  it.each([
    ['no key', []],
    ['five keys', [1, 2, 3, 4, 5].map((n) => keyOf(n, n))],
    ['an epoch twice', [keyOf(1, 1), keyOf(2, 1)]],
    ['a key twice', [keyOf(1, 1), keyOf(1, 2)]],
    ['epoch 0', [keyOf(1, 0)]],
    ['half an epoch', [keyOf(1, 1.5)]],
    ['a short key', [{ key: new Uint8Array(15), epoch: 1 }]]
  ])('is not made of %s', (_what, keys) => {
    expect(() => keyRingOf(keys)).toThrow(RangeError)
  })

  it('is no longer than what a receivable may claim', () => {
    const source = readFileSync(new URL('../../../contracts/receivables/Registration.sol', import.meta.url), 'utf8')
    expect(source).toContain(`_MAX_FINGERPRINTS = ${MAX_KEYS};`)
  })
})
