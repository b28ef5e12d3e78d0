import { encodeRlp, id, keccak256, computeAddress, concat, toBeHex } from 'ethers'
import { describe, expect, it } from 'vitest'
import { decodeHeader } from '../../../../domain/evidence/proof/header.ts'
import { qbftHash, qbftQuorum, qbftSealers } from '../../../../domain/evidence/proof/qbft.ts'
import { qbftHeader, validatorKeys } from './sealed.ts'

const addresses = validatorKeys.map((key) => computeAddress(key.publicKey).toLowerCase())
const mismatch = expect.objectContaining({ code: 'HEADER_MISMATCH' })

describe('a header sealed by QBFT', () => {
  it('names who sealed it, whatever the round', () => {
    for (const round of [0, 1, 300]) {
      const header = decodeHeader(qbftHeader({ round, sealers: validatorKeys.slice(0, 3) }))
      expect(qbftSealers(header)).toEqual(addresses.slice(0, 3))
    }
  })

  it('has one hash, whoever sealed it in whichever round', () => {
    const hashes = [
      qbftHeader({ round: 0, sealers: [] }),
      qbftHeader({ round: 2, sealers: validatorKeys }),
      qbftHeader({ round: 0, sealers: validatorKeys.slice(1) })
    ].map((rlp) => qbftHash(decodeHeader(rlp)))
    expect(new Set(hashes).size).toBe(1)
    // Without seals and in round 0 it is the hash of the header as it is.
    expect(hashes[0]).toBe(keccak256(qbftHeader({ round: 0, sealers: [] })))
  })

  it('sealed for another round or another state names others', () => {
    const sealed = decodeHeader(qbftHeader({ round: 1, sealers: validatorKeys, sealedRound: 0 }))
    expect(qbftSealers(sealed).some((one) => addresses.includes(one))).toBe(false)
    const other = decodeHeader(
      qbftHeader({ round: 0, sealers: validatorKeys, stateRoot: id('other'), sealedRoot: id('one') })
    )
    expect(qbftSealers(other).some((one) => addresses.includes(one))).toBe(false)
  })

  it('counts a validator that sealed twice once', () => {
    const header = decodeHeader(qbftHeader({ round: 0, sealers: [validatorKeys[0]!, validatorKeys[0]!] }))
    expect(qbftSealers(header)).toEqual([addresses[0]])
  })

  it('keeps the hash of block 0 as it is', () => {
    const genesis = decodeHeader(qbftHeader({ round: 0, sealers: validatorKeys, number: 0 }))
    expect(qbftHash(genesis)).toBe(genesis.hash)
  })

  it.each([
    ['no list', '0x1234'],
    ['four parts', encodeRlp(['0x', [], [], '0x'])],
    ['a validator of 19 bytes', encodeRlp(['0x', [`0x${'11'.repeat(19)}`], [], '0x', []])],
    ['a seal of 64 bytes', encodeRlp(['0x', [], [], '0x', [`0x${'11'.repeat(64)}`]])],
    ['a round with zeros', encodeRlp(['0x', [], [], '0x0001', []])],
    ['a seal with an unknown recovery id', encodeRlp(['0x', [], [], '0x', [concat([id('r'), toBeHex(1, 32), '0x1b'])]])]
  ])('is refused with extra data of %s', (_, extraData) => {
    const header = decodeHeader(qbftHeader({ round: 0, sealers: [], extraData }))
    expect(() => qbftSealers(header)).toThrow(mismatch)
  })

  it.each([
    [1, 1],
    [3, 2],
    [4, 3],
    [6, 4],
    [7, 5]
  ])('of %i validators needs %i', (validators, quorum) => {
    expect(qbftQuorum(validators)).toBe(quorum)
  })
})
