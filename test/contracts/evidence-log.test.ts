import { expect } from 'chai'
import { ZeroHash, type BaseContract } from 'ethers'
import { beforeEach, describe, it } from 'vitest'
import { roleBits } from '../../domain/participant/roles.ts'
import { ethers, hashOf, suspend, worldOf, type Actor, type World } from './world.ts'

const largest = 2n ** 64n - 1n

let world: World
beforeEach(async () => {
  world = await worldOf('plain account')
})

async function append(actor: Actor, size: bigint, root: string) {
  const log = world.evidenceLog.connect(await ethers.getSigner(actor.address)) as BaseContract
  return log.getFunction('append')(size, root)
}

describe('anchoring a head', () => {
  it('is refused to accounts not admitted, without the evidence role, or suspended', async () => {
    const { participants, outsider, clearing, evidence } = world
    await expect(append(outsider, 1n, hashOf('root')))
      .to.be.revertedWithCustomError(participants, 'ParticipantUnknown')
      .withArgs(outsider.address)
    await expect(append(clearing, 1n, hashOf('root')))
      .to.be.revertedWithCustomError(participants, 'ParticipantRoleMissing')
      .withArgs(clearing.id, roleBits.clearing, roleBits.evidence)
    await suspend(world, evidence)
    await expect(append(evidence, 1n, hashOf('root')))
      .to.be.revertedWithCustomError(participants, 'ParticipantNotActive')
      .withArgs(evidence.id, 2, 1)
  })

  it('is refused for a size that is not larger than the last', async () => {
    const { evidenceLog, evidence } = world
    await expect(append(evidence, 0n, hashOf('root')))
      .to.be.revertedWithCustomError(evidenceLog, 'HeadNotLarger')
      .withArgs(0, 1)
    await append(evidence, 5n, hashOf('root 5'))
    for (const size of [4n, 5n]) {
      await expect(append(evidence, size, hashOf('another root')))
        .to.be.revertedWithCustomError(evidenceLog, 'HeadNotLarger')
        .withArgs(size, 6)
    }
    expect(await evidenceLog.getFunction('rootOf')(5)).to.equal(hashOf('root 5'))
  })

  it('is refused without a root', async () => {
    await expect(append(world.evidence, 1n, ZeroHash)).to.be.revertedWithCustomError(
      world.evidenceLog,
      'HeadRootMissing'
    )
  })

  it('is refused, with a bare overflow, after the largest size there is', async () => {
    await append(world.evidence, largest, hashOf('last'))
    await expect(append(world.evidence, largest, hashOf('one more'))).to.be.revertedWithPanic(0x11)
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
