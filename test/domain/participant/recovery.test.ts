import { describe, expect, it } from 'vitest'
import { legalIdentityHashOf } from '../../../domain/participant/identity-hash.ts'
import { finishableAt, recoveryStates, recoveryWordsOf } from '../../../domain/participant/recovery.ts'
import { readKeys } from '../../../web/registrar/read-keys.ts'

describe('a recovery', () => {
  const pending = { state: 'pending', readyAt: 1_000, lastAt: 2_000 } as const

  it.each([
    [999, 'early'],
    [1_000, 'yes'],
    [2_000, 'yes'],
    [2_001, 'late']
  ] as const)('at %i can be finished: %s', (at, finishable) => {
    expect(finishableAt(pending, at)).toBe(finishable)
  })

  it('can be finished in no other state, and has words for each', () => {
    const words = recoveryStates.map((state) => {
      if (state !== 'pending') expect(finishableAt({ ...pending, state }, 1_500)).toBe('no')
      return recoveryWordsOf({ ...pending, state }, 3 * 86_400, 1_500)
    })
    expect(new Set(words.map(({ en }) => en)).size).toBe(recoveryStates.length)
    expect(new Set(words.map(({ zh }) => zh)).size).toBe(recoveryStates.length)
    expect(recoveryWordsOf({ ...pending, state: 'proposed' }, 3 * 86_400, 0).en).toContain('delay of 3 days')
    expect(recoveryWordsOf(pending, 3 * 86_400, 0).zh).toContain('1970-01-01 00:16 UTC 前参与方可用现有密钥否决')
  })
})

describe('the hash of a legal identity', () => {
  const key = new Uint8Array(32).fill(7)
  it('is of all identifiers in whatever order, and of the key', () => {
    const one = legalIdentityHashOf(['VAT:DE1', 'LEI:2'], key)
    expect(one).toMatch(/^0x[0-9a-f]{64}$/)
    expect(legalIdentityHashOf(['LEI:2', 'VAT:DE1', 'LEI:2'], key)).toBe(one)
    expect(legalIdentityHashOf(['VAT:DE1'], key)).not.toBe(one)
    expect(legalIdentityHashOf(['VAT:DE1', 'LEI:2'], new Uint8Array(32))).not.toBe(one)
  })
})

describe('keys as a firm sends them', () => {
  it('are read line by line, and a line that is none is named', () => {
    const key = `0x${'Ab'.repeat(20)}`
    const long = `0x${'cd'.repeat(84)}`
    expect(readKeys(`maker ${key}\n\n  checker: ${long}  \n`)).toEqual({
      signers: [
        { duty: 'maker', signer: key },
        { duty: 'checker', signer: long }
      ],
      faults: []
    })
    const { signers, faults } = readKeys(`boss ${key}\nmaker 0x12\nmaker ${key} twice`)
    expect(signers).toEqual([])
    expect(faults.map(({ line }) => line)).toEqual([1, 2, 3])
  })
})
