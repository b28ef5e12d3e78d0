import { expect } from 'chai'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { AMOUNT_MAX, cutNoteId, noteIdOf } from '../../domain/note/span.ts'
import { receivableIdOf, type Terms } from '../../domain/receivable/terms.ts'
import { confirmed, lockOf, noteAt, offerOf, settle, termsOf } from './notes.ts'
import { ethers, fingerprintOf, hashOf, nextAt, worldOf } from './world.ts'

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

  it.each(['register', 'issue', 'confirm', 'withdraw'] as const)(
    '%s is refused with a field beyond its type',
    async (name) => {
      const world = await worldOf('plain account')
      const { supplier, debtor, receivables } = world
      const args = [await termsOf(world), [fingerprintOf('a')]]
      await supplier.act({ kind: 'register', terms: args[0] as Terms, fingerprints: args[1] as string[] })
      const data = receivables.interface.encodeFunctionData(name, args)
      const by = await ethers.getSigner(name === 'issue' || name === 'confirm' ? debtor.address : supplier.address)
      const to = await receivables.getAddress()
      // The words of creditor, debtor, amount, currency and maturity begin after the selector.
      for (const index of [0, 1, 2, 3, 4]) {
        const at = 10 + 64 * index
        const spoilt = `${data.slice(0, at)}ff${data.slice(at + 2)}`
        const sent = by.sendTransaction({ to, data: spoilt, gasLimit: 500_000 })
        await expect(sent, `word ${index}`).to.be.revert(ethers)
      }
    }
  )

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

  it('the piece of a transfer, a lock and a settlement has the id that the domain foretells', async () => {
    const world = await worldOf('plain account')
    const { noteId, terms } = await confirmed(world, { amount: AMOUNT_MAX })
    await world.supplier.act(await offerOf(noteId, 2_500n, world.secondSupplier))
    const offered = cutNoteId(noteId, AMOUNT_MAX, 2_500n)
    expect(await noteAt(world, offered)).to.include({ end: AMOUNT_MAX, state: 'offered' })
    await world.supplier.act(await lockOf(noteId, 500n, world.factor))
    const locked = cutNoteId(noteId, AMOUNT_MAX - 2_500n, 500n)
    expect(await noteAt(world, locked)).to.include({ end: AMOUNT_MAX - 2_500n, state: 'locked' })
    await nextAt(terms.maturity)
    await world.clearing.act(settle(noteId, AMOUNT_MAX - 3_001n))
    const settled = cutNoteId(noteId, AMOUNT_MAX - 3_000n, AMOUNT_MAX - 3_001n)
    expect(await noteAt(world, settled)).to.include({ end: AMOUNT_MAX - 3_000n, state: 'settled' })
    expect(await noteAt(world, noteId)).to.include({ end: 1n, state: 'live' })
  })
})
