import { expect } from 'chai'
import { ZeroHash, hexlify, toUtf8Bytes } from 'ethers'
import fc from 'fast-check'
import { beforeEach, describe, it } from 'vitest'
import { MemoryLog, leafHash, verifyConsistency } from '../../domain/evidence/merkle.ts'
import { roleBits } from '../../domain/participant/roles.ts'
import { refused } from './notes.ts'
import { actorKinds, hashOf, networkHelpers, suspend, worldOf, type Actor, type World } from './world.ts'

/** As many leaves as JavaScript counts exactly. */
const largest = 2n ** 53n - 1n

/** A log of `size` leaves, as the domain keeps it. */
async function logOf(size: number): Promise<MemoryLog> {
  const log = new MemoryLog()
  for (let i = 0; i < size; i++) await log.append(leafHash(toUtf8Bytes(`leaf ${i}`)))
  return log
}

const hex = (hashes: readonly Uint8Array[]): string[] => hashes.map((hash) => hexlify(hash))

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  beforeEach(async () => {
    world = await worldOf(kind)
  })

  const append = (actor: Actor, size: bigint, root: string) => actor.call(world.evidenceLog, 'append', size, root)

  describe('anchoring a head', () => {
    it('is refused to accounts not admitted, without the evidence role, or suspended', async () => {
      const { participants, outsider, clearing, evidence, evidenceLog } = world
      const attempts = (actor: Actor) => [
        append(actor, 1n, hashOf('root')),
        actor.call(evidenceLog, 'appendProven', 1n, hashOf('root'), [])
      ]
      for (const attempt of attempts(outsider)) {
        await refused(attempt, participants, 'ParticipantUnknown', outsider.address)
      }
      const missing = [clearing.id, roleBits.clearing, roleBits.evidence]
      for (const attempt of attempts(clearing)) {
        await refused(attempt, participants, 'ParticipantRoleMissing', ...missing)
      }
      await suspend(world, evidence)
      for (const attempt of attempts(evidence)) {
        await refused(attempt, participants, 'ParticipantNotActive', evidence.id, 2, 1)
      }
    })

    it('is refused for a size that is not larger than the last', async () => {
      const { evidenceLog, evidence } = world
      await refused(append(evidence, 0n, hashOf('root')), evidenceLog, 'HeadNotLarger', 0, 1)
      await append(evidence, 5n, hashOf('root 5'))
      for (const size of [4n, 5n]) {
        await refused(append(evidence, size, hashOf('another root')), evidenceLog, 'HeadNotLarger', size, 6)
      }
      expect(await evidenceLog.getFunction('rootOf')(5)).to.equal(hashOf('root 5'))
    })

    it('is refused without a root', async () => {
      await refused(append(world.evidence, 1n, ZeroHash), world.evidenceLog, 'HeadRootMissing')
    })

    it('is refused beyond the largest size there is, which is the last that goes through', async () => {
      const { evidenceLog, evidence } = world
      for (const size of [largest + 1n, 2n ** 64n - 1n]) {
        await refused(append(evidence, size, hashOf('root')), evidenceLog, 'HeadTooLarge', size, largest)
        const proven = evidence.call(evidenceLog, 'appendProven', size, hashOf('root'), [])
        await refused(proven, evidenceLog, 'HeadTooLarge', size, largest)
      }
      await append(evidence, largest, hashOf('last'))
      const again = append(evidence, largest, hashOf('one more'))
      await refused(again, evidenceLog, 'HeadNotLarger', largest, largest + 1n)
    })

    it('keeps every earlier head', async () => {
      const { evidenceLog, evidence } = world
      for (const size of [1n, 2n, 70n]) {
        await expect(append(evidence, size, hashOf(`root ${size}`)))
          .to.emit(evidenceLog, 'HeadAnchored')
          .withArgs(size, hashOf(`root ${size}`))
      }
      expect(await evidenceLog.getFunction('size')()).to.equal(70n)
      expect(await evidenceLog.getFunction('rootOf')(1)).to.equal(hashOf('root 1'))
      expect(await evidenceLog.getFunction('rootOf')(3)).to.equal(ZeroHash)
    })
  })

  describe('anchoring a proven head', () => {
    const proven = (size: number, root: string, proof: readonly string[]) =>
      world.evidence.call(world.evidenceLog, 'appendProven', size, root, proof)

    it('is refused with a proof for the first head, which nothing precedes', async () => {
      await refused(proven(1, hashOf('root'), [hashOf('node')]), world.evidenceLog, 'HeadInconsistent', 0, 1)
    })

    it('is refused for a head that does not extend the newest one, and the newest stays', async () => {
      const log = await logOf(9)
      await proven(5, hexlify(await log.root(5)), [])
      const proof = hex(await log.consistencyProof(5, 9))
      const root = hexlify(await log.root(9))
      const attempts: [string, string[]][] = [
        [hashOf('another root'), proof],
        [root, []],
        [root, proof.slice(1)],
        [root, proof.slice(0, -1)],
        [root, [...proof, ZeroHash]],
        [root, proof.toReversed()],
        [root, hex(await log.consistencyProof(4, 9))]
      ]
      for (const [presented, wrong] of attempts) {
        await refused(proven(9, presented, wrong), world.evidenceLog, 'HeadInconsistent', 5, 9)
      }
      expect(await world.evidenceLog.getFunction('size')()).to.equal(5n)
      expect(await world.evidenceLog.getFunction('rootOf')(9)).to.equal(ZeroHash)
    })

    it.each([4, 5])('is refused when the newest head, of %i leaves, is not of the log that is proven', async (size) => {
      const log = await logOf(9)
      await proven(size, hashOf('another log'), [])
      const proof = hex(await log.consistencyProof(size, 9))
      const attempt = proven(9, hexlify(await log.root(9)), proof)
      await refused(attempt, world.evidenceLog, 'HeadInconsistent', size, 9)
    })

    it('goes through head by head with the proofs that the domain makes', async () => {
      const log = await logOf(40)
      let previous = 0
      for (const size of [1, 2, 3, 7, 8, 13, 32, 33, 40]) {
        const proof = previous === 0 ? [] : hex(await log.consistencyProof(previous, size))
        await expect(proven(size, hexlify(await log.root(size)), proof))
          .to.emit(world.evidenceLog, 'HeadAnchored')
          .withArgs(size, hexlify(await log.root(size)))
        previous = size
      }
    })
  })
})

describe('isConsistent', () => {
  const sizes = 33
  let world: World
  let log: MemoryLog
  /** Every head of a log of 33 leaves is anchored. */
  const anchored = async () => {
    const made = await worldOf('plain account')
    const kept = await logOf(sizes)
    for (let size = 1; size <= sizes; size++) {
      await made.evidence.call(made.evidenceLog, 'append', size, hexlify(await kept.root(size)))
    }
    return { made, kept }
  }
  beforeEach(async () => {
    const { made, kept } = await networkHelpers.loadFixture(anchored)
    world = made
    log = kept
  })

  const isConsistent = (oldSize: number, newSize: number, proof: readonly string[]): Promise<boolean> =>
    world.evidenceLog.getFunction('isConsistent')(oldSize, newSize, proof)

  it('is refused for a head that was not anchored', async () => {
    for (const [oldSize, newSize, unknown] of [
      [0, 5, 0],
      [5, sizes + 1, sizes + 1],
      [sizes + 2, 5, sizes + 2]
    ] as const) {
      await refused(isConsistent(oldSize, newSize, []), world.evidenceLog, 'HeadUnknown', unknown)
    }
  })

  it('says yes to each proof of the domain, for every two sizes up to 33', async () => {
    for (let newSize = 1; newSize <= sizes; newSize++) {
      for (let oldSize = 1; oldSize <= newSize; oldSize++) {
        const proof = hex(await log.consistencyProof(oldSize, newSize))
        expect(await isConsistent(oldSize, newSize, proof), `${oldSize} to ${newSize}`).to.equal(true)
      }
    }
  })

  it('says no when the greater head is named first', async () => {
    expect(await isConsistent(9, 5, hex(await log.consistencyProof(5, 9)))).to.equal(false)
  })

  it('says no to a head that was anchored under a greater size than its tree has', async () => {
    for (const [claimed, real] of [
      [sizes + 2, 2],
      [sizes + 10, 4],
      [sizes + 60, 8]
    ] as const) {
      const root = await log.root(real)
      await world.evidence.call(world.evidenceLog, 'append', claimed, hexlify(root))
      const proof = await log.consistencyProof(1, real)
      expect(verifyConsistency(1, claimed, await log.root(1), root, proof)).to.equal(false)
      expect(await isConsistent(1, claimed, hex(proof))).to.equal(false)
    }
  })

  it('says of a spoiled proof what the domain says: no', async () => {
    const size = fc.integer({ min: 1, max: sizes })
    const spoils = ['none', 'drop', 'add', 'flip', 'swap', 'other sizes'] as const
    await fc.assert(
      fc.asyncProperty(size, size, fc.constantFrom(...spoils), fc.nat(), async (a, b, spoil, seed) => {
        const [oldSize, newSize] = [Math.min(a, b), Math.max(a, b)]
        const proof = [...(await log.consistencyProof(oldSize, newSize))]
        const at = proof.length === 0 ? 0 : seed % proof.length
        if (spoil === 'drop') proof.splice(at, 1)
        if (spoil === 'add') proof.splice(at, 0, leafHash(toUtf8Bytes('spoilt')))
        if (spoil === 'flip' && proof[at]) proof[at] = proof[at].map((byte, i) => (i === 0 ? byte ^ 1 : byte))
        if (spoil === 'swap') proof.reverse()
        const [from, to] = spoil === 'other sizes' ? [(seed % newSize) + 1, newSize] : [oldSize, newSize]
        const roots = [await log.root(from), await log.root(to)] as const
        const expected = verifyConsistency(from, to, ...roots, proof)
        expect(await isConsistent(from, to, hex(proof))).to.equal(expected)
      }),
      { numRuns: 150 }
    )
  })
})
