import { expect } from 'chai'
import { beforeEach, describe, it } from 'vitest'
import { receivableIdOfNote } from '../../domain/note/span.ts'
import { receivableIdOf } from '../../domain/receivable/terms.ts'
import {
  confirmed,
  fieldsOf,
  financed,
  freezeOf,
  noteAt,
  offerOf,
  payeeOf,
  register,
  transferred,
  type Confirmed
} from './notes.ts'
import {
  DAY,
  actorKinds,
  bounds,
  creationCodeOf,
  deployRegistry,
  ethers,
  nextAt,
  now,
  worldOf,
  type World
} from './world.ts'

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  let first: Confirmed
  beforeEach(async () => {
    world = await worldOf(kind)
    first = await confirmed(world)
  })

  async function page(receivableId: bigint, start: bigint, limit: number): Promise<[bigint[], bigint]> {
    const [ids, next] = await world.receivables.getFunction('notesOf')(receivableId, start, limit)
    return [[...ids], next]
  }

  describe('notesOf', () => {
    beforeEach(async () => {
      for (const amount of [1_000n, 2_000n, 3_000n]) {
        await world.supplier.act(await offerOf(first.noteId, amount, world.secondSupplier))
      }
    })

    it('gives the notes in the order of their spans, which cover the amount without a gap', async () => {
      const [ids, next] = await page(first.receivableId, 0n, 10)
      expect(ids).to.deep.equal([0n, 4_000n, 7_000n, 9_000n].map(first.at))
      expect(next).to.equal(10_000n)
      for (const [i, id] of ids.entries()) {
        expect((await noteAt(world, id)).end).to.equal(i + 1 < ids.length ? ids[i + 1]! - first.noteId : next)
      }
    })

    it.each([1, 2, 3, 4])('pages by %i without leaving one out', async (limit) => {
      const all: bigint[] = []
      let next = 0n
      while (next < first.terms.amount) {
        const [ids, following] = await page(first.receivableId, next, limit)
        expect(ids.length).to.be.within(1, limit)
        all.push(...ids)
        next = following
      }
      expect(all).to.deep.equal([0n, 4_000n, 7_000n, 9_000n].map(first.at))
      expect(await page(first.receivableId, next, limit)).to.deep.equal([[], 10_000n])
    })

    it('gives none where no note starts, for a limit of none, and where nothing was confirmed', async () => {
      expect(await page(first.receivableId, 1n, 10)).to.deep.equal([[], 1n])
      expect(await page(first.receivableId, 0n, 0)).to.deep.equal([[], 0n])
      expect(await page(first.receivableId, 10_001n, 10)).to.deep.equal([[], 10_001n])
      const registered = await register(world)
      expect(await page(registered.receivableId, 0n, 10)).to.deep.equal([[], 0n])
      await world.debtor.act({ kind: 'reject', ...registered, reason: registered.fingerprints[0]! })
      expect(await page(registered.receivableId, 0n, 10)).to.deep.equal([[], 0n])
      expect(await page(7n, 0n, 10)).to.deep.equal([[], 0n])
    })

    it('gives the same after the receivable was settled at once', async () => {
      const before = await page(first.receivableId, 0n, 10)
      await nextAt(first.terms.maturity)
      const { receivableId } = first
      await world.clearing.act({ kind: 'settleReceivable', receivableId, payment: first.fingerprints[0]! })
      expect(await page(first.receivableId, 0n, 10)).to.deep.equal(before)
    })
  })

  it('payeeOf gives holder, lender and escrow of open notes, and nobody for what is none', async () => {
    const { supplier, secondSupplier, thirdSupplier, factor, regulator } = world
    const passed = await transferred(world, supplier, first.noteId, 1_000n, secondSupplier)
    const pledged = await financed(world, supplier, first.noteId, 1_000n, 'pledge')
    const until = (await now()) + DAY
    await regulator.act(await freezeOf(world, pledged, 400n, { until, escrow: thirdSupplier.id }))
    const payees = [first.noteId, passed, pledged, first.at(8_600n), first.at(1n), 7n]
    const expected = [supplier.id, secondSupplier.id, factor.id, thirdSupplier.id, 0, 0]
    expect(await Promise.all(payees.map((id) => payeeOf(world, id)))).to.deep.equal(expected)
  })

  it('receivableIdOf gives what register returns and what a note id begins with', async () => {
    const { terms, fingerprints, receivableId, noteId } = first
    const id = await world.receivables.getFunction('receivableIdOf')(terms, fingerprints)
    expect(id).to.equal(receivableId)
    expect(id).to.equal(receivableIdOf(terms, fingerprints))
    expect(id).to.equal(receivableIdOfNote(noteId))
  })

  it('freezeOf and noteOf give zero for what was never there', async () => {
    const freeze = [...(await world.receivables.getFunction('freezeOf')(first.noteId))]
    expect(freeze).to.deep.equal([`0x${'00'.repeat(32)}`, 0n, 0n])
    for (const noteId of [7n, first.at(1n), first.at(10_000n)]) {
      expect(await noteAt(world, noteId)).to.deep.equal(fieldsOf())
    }
  })
})

describe('a registry version', () => {
  it('says its bounds, its peers and its number', async () => {
    const world = await worldOf('plain account')
    const strict = { maxTenor: 1_000, minAcceptanceWindow: 999, maxTier: 1, requiresTradeClaim: true }
    const second = await deployRegistry(world, strict)
    for (const [registry, policy, number] of [
      [world.receivables, bounds, 1n],
      [second, strict, 2n]
    ] as const) {
      const { maxTenor, minAcceptanceWindow, maxTier, requiresTradeClaim } = policy
      const expected = [...[maxTenor, minAcceptanceWindow, maxTier].map(BigInt), requiresTradeClaim]
      expect([...(await registry.getFunction('policy')())]).to.deep.equal(expected)
      const peers = [await world.participants.getAddress(), await world.fingerprints.getAddress(), number]
      expect([...(await registry.getFunction('peers')())]).to.deep.equal(peers)
    }
  })

  it.each([
    [{ maxTenor: 0 }, [0, 1, 366 * DAY]],
    [{ maxTenor: 366 * DAY + 1 }, [366 * DAY + 1, 1, 366 * DAY]],
    [{ maxTier: 0 }, [0, 1, 255]],
    [{ minAcceptanceWindow: bounds.maxTenor }, [bounds.maxTenor, 0, bounds.maxTenor - 1]]
  ])('is not created with the policy %o', async (changed, required) => {
    const { participants, fingerprints, receivables } = await worldOf('plain account')
    const policy = { ...bounds, ...changed }
    const attempt = ethers.deployContract('Receivables', [participants, fingerprints, policy])
    await expect(attempt)
      .to.be.revertedWithCustomError(receivables, 'PolicyInvalid')
      .withArgs(...required)
    // Fingerprints tells a registry that fails from one that is there, and counts only that one.
    const code = await creationCodeOf({ participants, fingerprints }, policy)
    await expect(fingerprints.getFunction('create')(code))
      .to.be.revertedWithCustomError(fingerprints, 'RegistryCreationFailed')
      .withArgs(2)
    await deployRegistry({ participants, fingerprints }, { ...bounds, maxTenor: 366 * DAY, maxTier: 255 })
  })
})
