import { expect } from 'chai'
import { ZeroAddress } from 'ethers'
import { beforeEach, describe, it } from 'vitest'
import { claimReasons, decodeClaimWord, releaseReasons } from '../../domain/fingerprint/claim-word.ts'
import { roleBits } from '../../domain/participant/roles.ts'
import { confirmed, eventsOf, refused, register, termsOf } from './notes.ts'
import {
  actorKinds,
  as,
  bounds,
  claimWordOf,
  creationCodeOf,
  deployRegistry,
  ethers,
  fingerprintOf,
  networkHelpers,
  setRoles,
  suspend,
  worldOf,
  type Deployed,
  type Signer,
  type World
} from './world.ts'

const document = fingerprintOf('invoice 1')
const free = [0n, 0n, 0n, 0n]

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  beforeEach(async () => {
    world = await worldOf(kind)
  })

  const claim = (reason: (typeof claimReasons)[number] = 'assigned-elsewhere', fingerprint = document) =>
    ({ kind: 'claim', fingerprint, subject: 77n, reason }) as const
  const release = (reason: (typeof releaseReasons)[number] = 'repaid', fingerprint = document) =>
    ({ kind: 'releaseClaim', fingerprint, reason }) as const
  const claimOf = async (fingerprint: string) => [...(await world.fingerprints.getFunction('claimOf')(fingerprint))]

  describe('a claim by a factor', () => {
    it('is refused to everybody else', async () => {
      const { participants, outsider, factor } = world
      for (const name of ['supplier', 'debtor', 'clearing', 'regulator', 'evidence'] as const) {
        const missing = [world[name].id, roleBits[name], roleBits.factor]
        await refused(world[name].act(claim()), participants, 'ParticipantRoleMissing', ...missing)
        await refused(world[name].act(release()), participants, 'ParticipantRoleMissing', ...missing)
      }
      await refused(outsider.act(claim()), participants, 'ParticipantUnknown', outsider.address)
      await suspend(world, factor)
      await refused(factor.act(claim()), participants, 'ParticipantNotActive', factor.id, 2, 1)
    })

    it.each(['none', 'receivable', 'trade-document'] as const)('is refused for the reason %s', async (reason) => {
      const presented = claimReasons.indexOf(reason)
      await refused(world.factor.act(claim(reason)), world.fingerprints, 'ClaimReasonInvalid', presented)
    })

    it('is refused without a key epoch', async () => {
      const withoutEpoch = fingerprintOf('invoice 1', 0)
      const attempt = world.factor.act(claim('pledged-elsewhere', withoutEpoch))
      await refused(attempt, world.fingerprints, 'FingerprintEpochInvalid', withoutEpoch, 0, 1)
    })

    it('is refused a second time, to itself and to another, and names the first claimant', async () => {
      await world.factor.act(claim())
      for (const factor of [world.factor, world.otherFactor]) {
        const first = [document, world.factor.id, 0, 77]
        await refused(factor.act(claim()), world.fingerprints, 'FingerprintAlreadyClaimed', ...first)
      }
    })

    it('is refused of what is registered, and registering is refused of what it claimed', async () => {
      const first = await register(world)
      const attempt = world.factor.act(claim('assigned-elsewhere', first.fingerprints[0]))
      const registered = [first.fingerprints[0], world.supplier.id, 1, first.receivableId]
      await refused(attempt, world.fingerprints, 'FingerprintAlreadyClaimed', ...registered)
      await world.factor.act(claim())
      const terms = await termsOf(world)
      for (const by of ['register', 'issue'] as const) {
        const actor = by === 'register' ? world.supplier : world.debtor
        const second = actor.act({ kind: by, terms, fingerprints: [document] })
        const claimed = [document, world.factor.id, 0, 77]
        await refused(second, world.fingerprints, 'FingerprintAlreadyClaimed', ...claimed)
      }
    })

    it.each(['assigned-elsewhere', 'pledged-elsewhere', 'reserved-elsewhere'] as const)(
      'stands with subject, claimant and the reason %s',
      async (reason) => {
        const sent = await world.factor.act(claim(reason))
        const [claimed] = await eventsOf(world.fingerprints, sent, 'FingerprintClaimed')
        expect(claimed!.args['fingerprint']).to.equal(document)
        const fields = { subject: 77n, claimant: world.factor.id, registry: 0, reason }
        expect(decodeClaimWord(claimed!.args['claim'])).to.deep.equal(fields)
        const stored = [77n, BigInt(world.factor.id), 0n, BigInt(claimReasons.indexOf(reason))]
        expect(await claimOf(document)).to.deep.equal(stored)
      }
    )
  })

  describe('a release by a factor', () => {
    it.each(['none', 'closed'] as const)('is refused for the reason %s', async (reason) => {
      await world.factor.act(claim())
      const presented = releaseReasons.indexOf(reason)
      await refused(world.factor.act(release(reason)), world.fingerprints, 'ReleaseReasonInvalid', presented)
    })

    it('is refused of what is free, of what another factor and of what a registry claimed', async () => {
      const { factor, otherFactor, fingerprints, supplier } = world
      await refused(factor.act(release()), fingerprints, 'FingerprintClaimMismatch', document, 0, 0, 0)
      await factor.act(claim())
      const claimed = [document, factor.id, 0, 77]
      await refused(otherFactor.act(release()), fingerprints, 'FingerprintClaimMismatch', ...claimed)
      const first = await confirmed(world)
      // Not even the claimant itself frees what backs a receivable.
      await setRoles(world, supplier, ['supplier', 'factor'])
      const attempt = supplier.act(release('repaid', first.fingerprints[0]))
      const registered = [first.fingerprints[0], supplier.id, 1, first.receivableId]
      await refused(attempt, fingerprints, 'FingerprintClaimMismatch', ...registered)
    })

    it.each(['repaid', 'declined', 'claimed-in-error'] as const)('as %s frees it for anybody', async (reason) => {
      await world.factor.act(claim())
      const sent = await world.factor.act(release(reason))
      const [released] = await eventsOf(world.fingerprints, sent, 'FingerprintReleased')
      const { fingerprint, claim: word, reason: given } = released!.args as unknown as Record<string, bigint>
      expect([fingerprint, given]).to.deep.equal([document, BigInt(releaseReasons.indexOf(reason))])
      expect(decodeClaimWord(word!)).to.include({ subject: 77n, claimant: world.factor.id })
      expect(await claimOf(document)).to.deep.equal(free)
      await world.otherFactor.act(claim())
    })
  })

  describe('a document in one registry version', () => {
    it('cannot be registered in another one, and not released from there', async () => {
      const { supplier, fingerprints } = world
      const second = await deployRegistry(world)
      const first = await register(world)
      const { terms, fingerprints: claims, receivableId } = first
      const again = supplier.act({ kind: 'register', terms, fingerprints: claims }, second)
      const claimed = [claims[0], supplier.id, 1, receivableId]
      await refused(again, fingerprints, 'FingerprintAlreadyClaimed', ...claimed)
      const withdrawal = supplier.act({ kind: 'withdraw', terms, fingerprints: claims }, second)
      await refused(withdrawal, second, 'ReceivableTransitionForbidden', receivableId, 0, 4)
    })

    it('can be registered in another one once the first let go', async () => {
      const { supplier, fingerprints } = world
      const second = await deployRegistry(world)
      const { terms, fingerprints: claims, receivableId } = await register(world)
      await supplier.act({ kind: 'withdraw', terms, fingerprints: claims })
      const sent = await supplier.act({ kind: 'register', terms, fingerprints: claims }, second)
      const [claimed] = await eventsOf(fingerprints, sent, 'FingerprintClaimed')
      const fields = { subject: receivableId, claimant: supplier.id, registry: 2, reason: 'receivable' }
      expect(decodeClaimWord(claimed!.args['claim'])).to.deep.equal(fields)
      expect(await fingerprints.getFunction('claimWordOf')(claims[0])).to.equal(claimed!.args['claim'])
    })

    it('cannot be registered by a registry that was not created by Fingerprints, nor released', async () => {
      const { supplier, participants, fingerprints } = world
      const rogue = await ethers.deployContract('Receivables', [participants, fingerprints, bounds])
      const terms = await termsOf(world)
      const attempt = supplier.act({ kind: 'register', terms, fingerprints: [document] }, rogue)
      // It took the next number to be its own.
      await refused(attempt, fingerprints, 'RegistryUnauthorised', await rogue.getAddress(), 2)
    })
  })
})

describe('creating a registry', () => {
  let world: World
  let code: string
  beforeEach(async () => {
    world = await worldOf('plain account')
    code = await creationCodeOf(world)
  })

  it('is refused to everybody but governance, the registrar included', async () => {
    for (const signer of [world.registrar, world.relayer, await ethers.getSigner(world.regulator.address)]) {
      const attempt = as(world.fingerprints, signer)('create')(code)
      await refused(attempt, world.fingerprints, 'AccessManagedUnauthorized', signer.address)
    }
  })

  it.each([
    ['that is empty', '0x'],
    ['that returns no code', '0x5f5ff3'],
    ['that reverts', '0x5f5ffd']
  ])('is refused with creation code %s, and no number is used up', async (_, broken) => {
    const { fingerprints } = world
    await refused(fingerprints.getFunction('create')(broken), fingerprints, 'RegistryCreationFailed', 2)
    expect(await fingerprints.getFunction('registryCount')()).to.equal(1n)
    await fingerprints.getFunction('create')(code)
    expect(await fingerprints.getFunction('registryCount')()).to.equal(2n)
  })

  it('numbers versions from 1 and puts each where registryOf foretold it', async () => {
    const { fingerprints, receivables } = world
    const registryOf = fingerprints.getFunction('registryOf')
    expect(await registryOf(1)).to.equal(await receivables.getAddress())
    for (const number of [2, 3]) {
      const foretold = await registryOf(number)
      expect(await ethers.provider.getCode(foretold)).to.equal('0x')
      await expect(fingerprints.getFunction('create')(code))
        .to.emit(fingerprints, 'RegistryAuthorised')
        .withArgs(number, foretold)
      const registry = await ethers.getContractAt('Receivables', foretold)
      expect((await registry.getFunction('peers')())[2]).to.equal(BigInt(number))
    }
  })

  it('ends with version 127, whose claims are taken still', async () => {
    const { fingerprints } = world
    const registryOf = fingerprints.getFunction('registryOf')
    // Code of one byte stands for a registry: what counts is who created it.
    for (let number = 2; number <= 127; number++) await fingerprints.getFunction('create')('0x60015ff3')
    const last = await impersonated(await registryOf(127))
    await as(fingerprints, last)('claimFor')(document, claimWordOf(7, 1, 127, 1))
    await refused(fingerprints.getFunction('create')(code), fingerprints, 'RegistryLimitReached', 127)
    expect(await fingerprints.getFunction('registryCount')()).to.equal(127n)
  })
})

/** The registry's own account as a signer, so that every call can be made directly. */
async function impersonated(address: string): Promise<Signer> {
  await networkHelpers.setBalance(address, 10n ** 20n)
  await networkHelpers.impersonateAccount(address)
  return ethers.getSigner(address)
}

describe('a claim by a registry', () => {
  let fingerprints: Deployed
  let world: World
  let registry: Signer
  let otherRegistry: Signer
  beforeEach(async () => {
    world = await worldOf('plain account')
    fingerprints = world.fingerprints
    registry = await impersonated(await world.receivables.getAddress())
    otherRegistry = await impersonated(await (await deployRegistry(world)).getAddress())
  })

  it('is refused to whoever is no registry, under any number', async () => {
    for (const signer of [world.relayer, world.registrar, world.admin, await ethers.getSigner(world.factor.address)]) {
      for (const number of [0, 1, 2, 127, 128, 255]) {
        const claim = as(fingerprints, signer)('claimFor')(document, claimWordOf(7, 1, number, 1))
        await refused(claim, fingerprints, 'RegistryUnauthorised', signer.address, number)
        const release = as(fingerprints, signer)('releaseFor')(document, 7, number)
        await refused(release, fingerprints, 'RegistryUnauthorised', signer.address, number)
      }
    }
  })

  it('is refused to a registry under the number of another one', async () => {
    for (const number of [0, 2, 3, 128]) {
      const claim = as(fingerprints, registry)('claimFor')(document, claimWordOf(7, 1, number, 1))
      await refused(claim, fingerprints, 'RegistryUnauthorised', registry.address, number)
    }
  })

  it('is refused a second time, to the same and to another registry, and names the first', async () => {
    await as(fingerprints, registry)('claimFor')(document, claimWordOf(7, 42, 1, 1))
    for (const [signer, number] of [
      [registry, 1],
      [otherRegistry, 2]
    ] as const) {
      for (const subject of [7, 8]) {
        const attempt = as(fingerprints, signer)('claimFor')(document, claimWordOf(subject, 43, number, 2))
        await refused(attempt, fingerprints, 'FingerprintAlreadyClaimed', document, 42, 1, 7)
      }
    }
  })

  it('is released by nobody else, for no other subject, and not twice', async () => {
    const release = (signer: Signer, subject: number, number: number) =>
      as(fingerprints, signer)('releaseFor')(document, subject, number)
    await refused(release(registry, 7, 1), fingerprints, 'FingerprintClaimMismatch', document, 0, 0, 0)
    await as(fingerprints, registry)('claimFor')(document, claimWordOf(7, 42, 1, 1))
    const claimed = [document, 42, 1, 7]
    await refused(release(registry, 8, 1), fingerprints, 'FingerprintClaimMismatch', ...claimed)
    await refused(release(otherRegistry, 7, 2), fingerprints, 'FingerprintClaimMismatch', ...claimed)
    await release(registry, 7, 1)
    expect([...(await fingerprints.getFunction('claimOf')(document))]).to.deep.equal(free)
    await refused(release(registry, 7, 1), fingerprints, 'FingerprintClaimMismatch', document, 0, 0, 0)
    await as(fingerprints, otherRegistry)('claimFor')(document, claimWordOf(9, 43, 2, 1))
  })

  it('of a free fingerprint is nobody’s', async () => {
    expect(await fingerprints.getFunction('claimWordOf')(document)).to.equal(0n)
    expect(await fingerprints.getFunction('registryOf')(1)).to.not.equal(ZeroAddress)
  })
})
