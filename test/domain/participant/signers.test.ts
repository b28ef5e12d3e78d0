import { describe, expect, it } from 'vitest'
import { isQuorumReached } from '../../../domain/participant/signers.ts'

describe('a quorum', () => {
  const signers = [
    { signer: '0xaa', duty: 'maker' },
    { signer: '0xab', duty: 'maker' },
    { signer: '0xbb', duty: 'checker' }
  ] as const
  it.each([
    [['0xaa'], { makers: 1, checkers: 1 }, false],
    [['0xaa', '0xab'], { makers: 1, checkers: 1 }, false],
    [['0xbb'], { makers: 1, checkers: 0 }, false],
    [['0xaa', '0xaa'], { makers: 2, checkers: 0 }, false],
    [['0xaa', '0xcc'], { makers: 1, checkers: 1 }, false],
    [['0xAA', '0xbb'], { makers: 1, checkers: 1 }, true],
    [['0xaa'], { makers: 1, checkers: 0 }, true]
  ])('of %j for %j is reached: %s', (signed, quorum, expected) => {
    expect(isQuorumReached(signed, signers, quorum)).toBe(expected)
  })
})
