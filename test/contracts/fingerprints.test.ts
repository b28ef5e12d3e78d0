import { expect } from 'chai'
import type { BaseContract } from 'ethers'
import { beforeEach, describe, it } from 'vitest'
import {
  deployRegistry,
  ethers,
  fingerprintOf,
  now,
  register,
  termsOf,
  worldOf,
  type Signer,
  type World
} from './world.ts'

let world: World
let registry: Signer
let otherRegistry: Signer

/** Two plain accounts stand in for registry versions, so that every call can be made directly. */
beforeEach(async () => {
  world = await worldOf('plain account')
  const signers = await ethers.getSigners()
  registry = signers.at(-1)!
  otherRegistry = signers.at(-2)!
  await world.fingerprints.getFunction('authorise')(registry)
  await world.fingerprints.getFunction('authorise')(otherRegistry)
})

function as(signer: Signer): BaseContract {
  return world.fingerprints.connect(signer) as BaseContract
}

const document = fingerprintOf('invoice 1')

describe('authorising a registry', () => {
  it('is refused to everybody but the administrator, the registrar included', async () => {
    for (const signer of [world.registrar, world.relayer]) {
      await expect(as(signer).getFunction('authorise')(world.relayer))
        .to.be.revertedWithCustomError(world.fingerprints, 'AccessManagedUnauthorized')
        .withArgs(signer.address)
    }
  })

  it('is refused a second time', async () => {
    const number = await world.fingerprints.getFunction('registryNumberOf')(registry)
    await expect(world.fingerprints.getFunction('authorise')(registry))
      .to.be.revertedWithCustomError(world.fingerprints, 'RegistryExists')
      .withArgs(registry.address, number)
  })

  it('numbers registries from 1', async () => {
    expect(await world.fingerprints.getFunction('registryNumberOf')(world.receivables)).to.equal(1n)
    const count: bigint = await world.fingerprints.getFunction('registryCount')()
    await expect(world.fingerprints.getFunction('authorise')(world.relayer))
      .to.emit(world.fingerprints, 'RegistryAuthorised')
      .withArgs(count + 1n, world.relayer.address)
  })
})

describe('a claim', () => {
  it('is refused to whoever is no registry', async () => {
    for (const signer of [world.relayer, world.registrar, world.admin]) {
      for (const call of ['claim', 'release']) {
        await expect(as(signer).getFunction(call)(document, 7))
          .to.be.revertedWithCustomError(world.fingerprints, 'RegistryUnauthorised')
          .withArgs(signer.address)
      }
    }
  })

  it('is refused without a key epoch', async () => {
    const withoutEpoch = fingerprintOf('invoice 1', 0)
    await expect(as(registry).getFunction('claim')(withoutEpoch, 7))
      .to.be.revertedWithCustomError(world.fingerprints, 'FingerprintEpochInvalid')
      .withArgs(withoutEpoch, 0, 1)
  })

  it('is refused a second time, to the same and to another registry, and names the first', async () => {
    await as(registry).getFunction('claim')(document, 7)
    const number = await world.fingerprints.getFunction('registryNumberOf')(registry)
    for (const signer of [registry, otherRegistry]) {
      for (const subject of [7, 8]) {
        await expect(as(signer).getFunction('claim')(document, subject))
          .to.be.revertedWithCustomError(world.fingerprints, 'FingerprintAlreadyClaimed')
          .withArgs(document, number, 7)
      }
    }
  })

  it('stands with its registry, subject and time', async () => {
    const number = await world.fingerprints.getFunction('registryNumberOf')(registry)
    await expect(as(registry).getFunction('claim')(document, 7))
      .to.emit(world.fingerprints, 'FingerprintClaimed')
      .withArgs(document, number, 7)
    const stored = await world.fingerprints.getFunction('claimOf')(document)
    expect([...stored]).to.deep.equal([7n, number, BigInt(await now())])
  })
})

describe('a release', () => {
  it('is refused of what nobody claimed, of another subject, and by a foreign registry', async () => {
    await expect(as(registry).getFunction('release')(document, 7))
      .to.be.revertedWithCustomError(world.fingerprints, 'FingerprintClaimMismatch')
      .withArgs(document, 7, 0)
    await as(registry).getFunction('claim')(document, 7)
    await expect(as(registry).getFunction('release')(document, 8))
      .to.be.revertedWithCustomError(world.fingerprints, 'FingerprintClaimMismatch')
      .withArgs(document, 8, 7)
    await expect(as(otherRegistry).getFunction('release')(document, 7))
      .to.be.revertedWithCustomError(world.fingerprints, 'FingerprintClaimMismatch')
      .withArgs(document, 7, 7)
  })

  it('frees the fingerprint for anybody', async () => {
    await as(registry).getFunction('claim')(document, 7)
    await expect(as(registry).getFunction('release')(document, 7)).to.emit(world.fingerprints, 'FingerprintReleased')
    expect([...(await world.fingerprints.getFunction('claimOf')(document))]).to.deep.equal([0n, 0n, 0n])
    await as(otherRegistry).getFunction('claim')(document, 9)
  })
})

describe('a document financed in one registry version', () => {
  it('cannot be registered in another one, and not released from there', async () => {
    const { supplier, fingerprints } = world
    const second = await deployRegistry(world)
    const first = await register(world)
    await expect(supplier.act({ kind: 'register', terms: first.terms, fingerprints: first.fingerprints }, second))
      .to.be.revertedWithCustomError(fingerprints, 'FingerprintAlreadyClaimed')
      .withArgs(first.fingerprints[0], 1, first.receivableId)
    const release = { kind: 'withdraw', ...first, contentCommitment: first.terms.contentCommitment } as const
    await expect(supplier.act(release, second))
      .to.be.revertedWithCustomError(second, 'ReceivableTransitionForbidden')
      .withArgs(first.receivableId, 0, 4)
  })

  it('can be registered in another one once the first let go', async () => {
    const { supplier, fingerprints } = world
    const second = await deployRegistry(world)
    const first = await register(world)
    await supplier.act({ kind: 'withdraw', ...first, contentCommitment: first.terms.contentCommitment })
    const terms = await termsOf(world)
    const number = await fingerprints.getFunction('registryNumberOf')(second)
    await expect(supplier.act({ kind: 'register', terms, fingerprints: first.fingerprints }, second))
      .to.emit(fingerprints, 'FingerprintClaimed')
      .withArgs(first.fingerprints[0], number, (subject: bigint) => subject !== first.receivableId)
  })

  it('cannot be registered by a registry version that nobody authorised', async () => {
    const { supplier, participants, fingerprints } = world
    const rogue = await ethers.deployContract('Receivables', [participants, fingerprints, 1000, 1, 1])
    const terms = await termsOf(world, { maturity: (await now()) + 900 })
    await expect(supplier.act({ kind: 'register', terms, fingerprints: [document] }, rogue))
      .to.be.revertedWithCustomError(fingerprints, 'RegistryUnauthorised')
      .withArgs(await rogue.getAddress())
  })
})
