import { expect } from 'chai'
import { ZeroAddress, ZeroHash } from 'ethers'
import { beforeEach, describe, it } from 'vitest'
import { roleBits } from '../../domain/participant/roles.ts'
import { refused } from './notes.ts'
import { as, ethers, hashOf, status, suspend, worldOf, type World } from './world.ts'

const newcomer = '0x00000000000000000000000000000000000000aa'
const allRoles = 127

let world: World
beforeEach(async () => {
  world = await worldOf('plain account')
})

const admit = (account: string, roles: number) =>
  as(world.participants, world.registrar)('admit')(account, roles, ZeroHash, ZeroHash)

describe('admission', () => {
  it('is refused to everybody but the registrar, governance included', async () => {
    const { participants, debtor, relayer, admin } = world
    for (const signer of [relayer, admin, await ethers.getSigner(debtor.address)]) {
      const attempts = [
        as(participants, signer)('admit')(newcomer, roleBits.supplier, ZeroHash, ZeroHash),
        as(participants, signer)('setRoles')(debtor.id, roleBits.factor),
        as(participants, signer)('setStatus')(debtor.id, status.suspended)
      ]
      for (const attempt of attempts) {
        await refused(attempt, participants, 'AccessManagedUnauthorized', signer.address)
      }
    }
  })

  it('is refused to the zero account and to the directory itself', async () => {
    for (const account of [ZeroAddress, await world.participants.getAddress()]) {
      await refused(admit(account, roleBits.supplier), world.participants, 'ParticipantAccountInvalid', account)
    }
  })

  it('is refused to an account that is admitted already, suspended or not', async () => {
    const { factor, participants } = world
    await refused(admit(factor.address, 4), participants, 'ParticipantExists', factor.address, factor.id)
    await suspend(world, factor)
    await refused(admit(factor.address, 4), participants, 'ParticipantExists', factor.address, factor.id)
  })

  it.each([0, allRoles + 1, 0xffff])('is refused with the unknown roles %i', async (roles) => {
    await refused(admit(newcomer, roles), world.participants, 'ParticipantRolesInvalid', roles, allRoles)
  })

  it('gives the next number and records the hashes of identity and certificate', async () => {
    const { participants, registrar } = world
    const next = Number(await participants.getFunction('participantCount')()) + 1
    await expect(as(participants, registrar)('admit')(newcomer, allRoles, hashOf('identity'), hashOf('cert')))
      .to.emit(participants, 'ParticipantAdmitted')
      .withArgs(next, ethers.getAddress(newcomer), allRoles, hashOf('identity'), hashOf('cert'))
    expect(await participants.getFunction('accountOf')(next)).to.equal(ethers.getAddress(newcomer))
    expect(await participants.getFunction('participantCount')()).to.equal(BigInt(next))
    const stored = await participants.getFunction('participantOf')(newcomer)
    expect([...stored]).to.deep.equal([BigInt(next), BigInt(allRoles), BigInt(status.active)])
  })
})

describe('roles and status', () => {
  it('of an unknown number cannot be changed', async () => {
    const { participants, registrar } = world
    for (const id of [0, 99]) {
      const roles = as(participants, registrar)('setRoles')(id, roleBits.factor)
      await refused(roles, participants, 'ParticipantIdUnknown', id)
      const suspension = as(participants, registrar)('setStatus')(id, status.suspended)
      await refused(suspension, participants, 'ParticipantIdUnknown', id)
    }
  })

  it('cannot become unknown bits or no status', async () => {
    const { participants, registrar, factor } = world
    for (const roles of [0, allRoles + 1]) {
      const attempt = as(participants, registrar)('setRoles')(factor.id, roles)
      await refused(attempt, participants, 'ParticipantRolesInvalid', roles, allRoles)
    }
    const attempt = as(participants, registrar)('setStatus')(factor.id, status.none)
    await refused(attempt, participants, 'ParticipantNotActive', factor.id, status.none, status.active)
  })

  it('change by the registrar with an event each, and a suspended participant comes back', async () => {
    const { participants, registrar, factor } = world
    await expect(as(participants, registrar)('setRoles')(factor.id, roleBits.supplier))
      .to.emit(participants, 'ParticipantRolesChanged')
      .withArgs(factor.id, roleBits.supplier)
    for (const next of [status.suspended, status.active]) {
      await expect(as(participants, registrar)('setStatus')(factor.id, next))
        .to.emit(participants, 'ParticipantStatusChanged')
        .withArgs(factor.id, next)
    }
    const id = await participants.getFunction('requireAccountRole')(factor.address, roleBits.supplier)
    expect(id).to.equal(BigInt(factor.id))
  })

  it('of a suspended participant change without waking it', async () => {
    const { participants, registrar, factor } = world
    await suspend(world, factor)
    await as(participants, registrar)('setRoles')(factor.id, roleBits.supplier)
    const attempt = participants.getFunction('requireAccountRole')(factor.address, roleBits.supplier)
    await refused(attempt, participants, 'ParticipantNotActive', factor.id, status.suspended, status.active)
  })
})

describe('what registries ask', () => {
  /** Three ways to ask for one participant; `requireParties` for the caller and for its counterparty. */
  const asks = {
    requireAccountRole: (who: { id: number; address: string }, roles: number) =>
      world.participants.getFunction('requireAccountRole')(who.address, roles),
    requireRoleOf: (who: { id: number; address: string }, roles: number) =>
      world.participants.getFunction('requireRoleOf')(who.id, roles),
    'requireParties for the caller': (who: { id: number; address: string }, roles: number) =>
      world.participants.getFunction('requireParties')(who.address, roles, world.debtor.id, allRoles),
    'requireParties for the counterparty': (who: { id: number; address: string }, roles: number) =>
      world.participants.getFunction('requireParties')(world.debtor.address, allRoles, who.id, roles)
  }

  it.each(Object.keys(asks) as (keyof typeof asks)[])(
    '%s refuses strangers, missing roles and suspension',
    async (ask) => {
      const { participants, outsider, factor } = world
      const isByNumber = ask === 'requireRoleOf' || ask === 'requireParties for the counterparty'
      const stranger = asks[ask]({ id: 99, address: outsider.address }, allRoles)
      await (isByNumber
        ? refused(stranger, participants, 'ParticipantIdUnknown', 99)
        : refused(stranger, participants, 'ParticipantUnknown', outsider.address))
      if (isByNumber) {
        const nobody = asks[ask]({ id: 0, address: ZeroAddress }, allRoles)
        await refused(nobody, participants, 'ParticipantIdUnknown', 0)
      }
      for (const roles of [roleBits.supplier, allRoles & ~roleBits.factor, 0]) {
        const missing = [factor.id, roleBits.factor, roles]
        await refused(asks[ask](factor, roles), participants, 'ParticipantRoleMissing', ...missing)
      }
      for (const roles of [roleBits.factor, roleBits.factor | roleBits.supplier, allRoles])
        await asks[ask](factor, roles)
      await suspend(world, factor)
      const suspended = [factor.id, status.suspended, status.active]
      await refused(asks[ask](factor, roleBits.factor), participants, 'ParticipantNotActive', ...suspended)
    }
  )

  it('each role lets its own bit pass and no other', async () => {
    const { participants, registrar, factor } = world
    for (const granted of Object.values(roleBits)) {
      await as(participants, registrar)('setRoles')(factor.id, granted)
      for (const asked of Object.values(roleBits)) {
        const answer = participants.getFunction('requireAccountRole')(factor.address, asked)
        if (asked === granted) expect(await answer).to.equal(BigInt(factor.id))
        else await refused(answer, participants, 'ParticipantRoleMissing', factor.id, granted, asked)
      }
    }
  })

  it('nobody is found by an account or a number that was never admitted', async () => {
    const { participants } = world
    expect([...(await participants.getFunction('participantOf')(newcomer))]).to.deep.equal([0n, 0n, 0n])
    expect(await participants.getFunction('accountOf')(99)).to.equal(ZeroAddress)
  })
})
