import { describe, expect, it } from 'vitest'
import { CryptoError } from '../../../domain/crypto/errors.ts'
import { selfTest, selfTests } from '../../../domain/crypto/self-test.ts'

describe('the self-test at start', () => {
  it('passes on this Node', () => {
    expect(() => selfTest()).not.toThrow()
    expect(selfTests.length).toBe(12)
  })

  it.each(selfTests.map(([name]) => name))('refuses to go on when this check is wrong: %s', (name) => {
    const broken = selfTests.map(([other, check]) => [other, other === name ? () => false : check] as const)
    expect(() => selfTest(broken)).toThrow(`as the standards say: ${name}`)
  })

  it('refuses with its code when a check throws, and tells no more', () => {
    const throws = (): boolean => {
      throw new Error('secret')
    }
    expect(() => selfTest([['a check', throws]])).toThrow(CryptoError)
    expect(() => selfTest([['a check', throws]])).not.toThrow(/secret/)
  })
})
