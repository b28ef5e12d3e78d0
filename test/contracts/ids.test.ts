import { anyValue } from '@nomicfoundation/hardhat-ethers-chai-matchers/withArgs'
import { expect } from 'chai'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { AMOUNT_MAX, cutNoteId, noteIdOf } from '../../domain/note/span.ts'
import { receivableIdOf, type Terms } from '../../domain/receivable/terms.ts'
import { confirmed, ethers, fingerprintOf, hashOf, lockOf, offerOf, termsOf, worldOf } from './world.ts'

const runs = { numRuns: 40 }
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const word = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => ethers.hexlify(bytes))
const anyTerms: fc.Arbitrary<Terms> = fc.record({
  creditor: uint32,
  debtor: uint32,
  amount: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  currency: fc.integer({ min: 0, max: 65_535 }),
  maturity: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
  contentCommitment: word
})

describe('ids', () => {
  it('the contract and the domain give the same terms the same receivable id', async () => {
    const { receivables } = await worldOf('plain account')
    const idByContract = receivables.getFunction('receivableIdOf')
    await fc.assert(
      fc.asyncProperty(anyTerms, fc.array(word, { maxLength: 5 }), async (terms, fingerprints) => {
        expect(await idByContract(terms, fingerprints)).to.equal(receivableIdOf(terms, fingerprints))
      }),
      runs
    )
  })

  it('one changed term or one fingerprint less is another id', async () => {
    const world = await worldOf('plain account')
    const terms = await termsOf(world)
    const fingerprints = [fingerprintOf('a'), fingerprintOf('b')]
    const changes: Partial<Terms>[] = [
      { creditor: 9 },
      { debtor: 9 },
      { amount: terms.amount + 1n },
      { currency: 840 },
      { maturity: terms.maturity + 1 },
      { contentCommitment: hashOf('other content') }
    ]
    const ids = changes.map((change) => receivableIdOf({ ...terms, ...change }, fingerprints))
    ids.push(receivableIdOf(terms, fingerprints), receivableIdOf(terms, fingerprints.slice(0, 1)))
    ids.push(receivableIdOf(terms, fingerprints.toReversed()))
    expect(new Set(ids).size).to.equal(changes.length + 3)
  })

  it('the contract and the domain give the same start the same note id', async () => {
    const harness = await ethers.deployContract('StatesHarness')
    const receivableId = fc.bigInt({ min: 0n, max: 2n ** 192n - 1n })
    const start = fc.bigInt({ min: 0n, max: AMOUNT_MAX })
    await fc.assert(
      fc.asyncProperty(receivableId, start, async (id, from) => {
        expect(await harness.getFunction('noteIdOf')(id, from)).to.equal(noteIdOf(id, from))
      }),
      runs
    )
    expect(await harness.getFunction('amountMax')()).to.equal(AMOUNT_MAX)
  })

  it('the piece of a transfer and of a lock has the id that the domain foretells', async () => {
    const world = await worldOf('plain account')
    const { noteId, terms } = await confirmed(world)
    const offered = cutNoteId(noteId, terms.amount, 2_500n)
    await expect(world.supplier.act(await offerOf(noteId, 2_500n, world.secondSupplier)))
      .to.emit(world.receivables, 'NoteOffered')
      .withArgs(offered, noteId, 10_000n, world.supplier.id, world.secondSupplier.id, anyValue, hashOf('trade'))
    const locked = cutNoteId(noteId, 7_500n, 500n)
    await expect(world.supplier.act(await lockOf(noteId, 500n, world.factor)))
      .to.emit(world.receivables, 'NoteLocked')
      .withArgs(locked, noteId, 7_500n, world.supplier.id, world.factor.id, anyValue, hashOf('quote'))
    await expect(world.supplier.act(await lockOf(noteId, 7_000n, world.factor)))
      .to.emit(world.receivables, 'NoteLocked')
      .withArgs(noteId, noteId, 7_000n, world.supplier.id, world.factor.id, anyValue, hashOf('quote'))
  })
})
