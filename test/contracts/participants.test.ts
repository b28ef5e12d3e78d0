import { expect } from 'chai'
import { ZeroAddress, ZeroHash, type BaseContract } from 'ethers'
import { beforeEach, describe, it } from 'vitest'
import { roleBits } from '../../domain/participant/roles.ts'
import { ethers, hashOf, suspend, worldOf, type Signer, type World } from './world.ts'

const newcomer = '0x00000000000000000000000000000000000000aa'
const allRoles = 63
const status = { none: 0, active: 1, suspended: 2 }

let world: World
beforeEach(async () => {
  world = await worldOf('plain account')
})

function as(signer: Signer): BaseContract {
  return world.participants.connect(signer) as BaseContract
}

describe('admission', () => {
  it('is refused to everybody but the registrar', async () => {
    for (const signer of [world.relayer, await ethers.getSigner(world.debtor.address)]) {
      const attempts = [
        as(signer).getFunction('admit')(newcomer, roleBits.supplier, ZeroHash, ZeroHash),
        as(signer).getFunction('setRoles')(world.debtor.id, roleBits.factor),
        as(signer).getFunction('setStatus')(world.debtor.id, status.suspended)
      ]
      for (const attempt of attempts) {
        await expect(attempt)
          .to.be.revertedWithCustomError(world.participants, 'AccessManagedUnauthorized')
          .withArgs(signer.address)
      }
    }
  })

  it('is refused to the zero account and to the directory itself', async () => {
    for (const account of [ZeroAddress, await world.participants.getAddress()]) {
      await expect(as(world.registrar).getFunction('admit')(account, roleBits.supplier, ZeroHash, ZeroHash))
        .to.be.revertedWithCustomError(world.participants, 'ParticipantAccountInvalid')
        .withArgs(account)
    }
  })

  it('is refused to an account that is admitted already', async () => {
    await expect(as(world.registrar).getFunction('admit')(world.factor.address, roleBits.factor, ZeroHash, ZeroHash))
      .to.be.revertedWithCustomError(world.participants, 'ParticipantExists')
      .withArgs(world.factor.address, world.factor.id)
  })

  it.each([0, allRoles + 1, 0xffff])('is refused with the unknown roles %i', async (roles) => {
    await expect(as(world.registrar).getFunction('admit')(newcomer, roles, ZeroHash, ZeroHash))
      .to.be.revertedWithCustomError(world.participants, 'ParticipantRolesInvalid')
      .withArgs(roles, allRoles)
  })

  it('gives the next number and records the hashes of identity and certificate', async () => {
    const next = Number(await world.participants.getFunction('count')()) + 1
    const admitted = as(world.registrar).getFunction('admit')(newcomer, allRoles, hashOf('identity'), hashOf('cert'))
    await expect(admitted)
      .to.emit(world.participants, 'ParticipantAdmitted')
      .withArgs(next, ethers.getAddress(newcomer), allRoles, hashOf('identity'), hashOf('cert'))
    expect(await world.participants.getFunction('accountOf')(next)).to.equal(ethers.getAddress(newcomer))
    const stored = await world.participants.getFunction('participantOf')(newcomer)
    expect([...stored]).to.deep.equal([BigInt(next), BigInt(allRoles), BigInt(status.active)])
  })
})

describe('roles and status', () => {
  it('of an unknown number cannot be changed', async () => {
    for (const change of [
      as(world.registrar).getFunction('setRoles')(99, roleBits.factor),
      as(world.registrar).getFunction('setStatus')(99, status.suspended),
      as(world.registrar).getFunction('setRoles')(0, roleBits.factor)
    ]) {
      await expect(change).to.be.revertedWithCustomError(world.participants, 'ParticipantIdUnknown')
    }
  })

  it('cannot become unknown bits or no status', async () => {
    await expect(as(world.registrar).getFunction('setRoles')(world.factor.id, 0))
      .to.be.revertedWithCustomError(world.participants, 'ParticipantRolesInvalid')
      .withArgs(0, allRoles)
    await expect(as(world.registrar).getFunction('setStatus')(world.factor.id, status.none))
      .to.be.revertedWithCustomError(world.participants, 'ParticipantNotActive')
      .withArgs(world.factor.id, status.none, status.active)
  })

  it('decide what requireRole and requireRoleOf let pass', async () => {
    const { participants, factor, outsider } = world
    const requireRole = participants.getFunction('requireRole')
    const requireRoleOf = participants.getFunction('requireRoleOf')
    await expect(requireRole(outsider.address, allRoles))
      .to.be.revertedWithCustomError(participants, 'ParticipantUnknown')
      .withArgs(outsider.address)
    await expect(requireRoleOf(99, allRoles))
      .to.be.revertedWithCustomError(participants, 'ParticipantIdUnknown')
      .withArgs(99)
    await expect(requireRole(factor.address, roleBits.supplier))
      .to.be.revertedWithCustomError(participants, 'ParticipantRoleMissing')
      .withArgs(factor.id, roleBits.factor, roleBits.supplier)
    expect(await requireRole(factor.address, roleBits.factor | roleBits.supplier)).to.equal(BigInt(factor.id))
    await suspend(world, factor)
    for (const asked of [requireRole(factor.address, roleBits.factor), requireRoleOf(factor.id, roleBits.factor)]) {
      await expect(asked)
        .to.be.revertedWithCustomError(participants, 'ParticipantNotActive')
        .withArgs(factor.id, status.suspended, status.active)
    }
  })

  it('change by the registrar with an event each, and a suspended participant comes back', async () => {
    const { participants, factor } = world
    await expect(as(world.registrar).getFunction('setRoles')(factor.id, roleBits.supplier))
      .to.emit(participants, 'ParticipantRolesChanged')
      .withArgs(factor.id, roleBits.supplier)
    for (const next of [status.suspended, status.active]) {
      await expect(as(world.registrar).getFunction('setStatus')(factor.id, next))
        .to.emit(participants, 'ParticipantStatusChanged')
        .withArgs(factor.id, next)
    }
    expect(await participants.getFunction('requireRole')(factor.address, roleBits.supplier)).to.equal(BigInt(factor.id))
  })
})
