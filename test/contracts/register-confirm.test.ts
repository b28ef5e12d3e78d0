import { expect } from 'chai'
import { beforeEach, describe, it } from 'vitest'
import { AMOUNT_MAX, noteIdOf } from '../../domain/note/span.ts'
import { noteStates } from '../../domain/note/note-states.ts'
import { roleBits } from '../../domain/participant/roles.ts'
import { receivableStates, type ReceivableState } from '../../domain/receivable/receivable-states.ts'
import { receivableIdOf, type Terms } from '../../domain/receivable/terms.ts'
import {
  actorKinds,
  bounds,
  confirmed,
  fingerprintOf,
  hashOf,
  networkHelpers,
  nextAt,
  noteAt,
  now,
  register,
  setRoles,
  suspend,
  termsOf,
  worldOf,
  type Actor,
  type Registered,
  type World
} from './world.ts'

const state = (name: ReceivableState) => receivableStates.indexOf(name)
const document = fingerprintOf('invoice')

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  beforeEach(async () => {
    world = await worldOf(kind)
  })

  async function create(by: 'register' | 'issue', changed: Partial<Terms> = {}, fingerprints = [document]) {
    const terms = await termsOf(world, changed)
    return actorOf(by).act({ kind: by, terms, fingerprints })
  }

  function actorOf(by: 'register' | 'issue'): Actor {
    return by === 'register' ? world.supplier : world.debtor
  }

  async function stateOf(receivableId: bigint): Promise<number> {
    return Number((await world.receivables.getFunction('receivableOf')(receivableId)).state)
  }

  describe.each(['register', 'issue'] as const)('%s', (by) => {
    it('is refused to whoever is not the party that the terms name', async () => {
      const terms = await termsOf(world)
      const other = by === 'register' ? world.secondSupplier : world.otherDebtor
      const required = by === 'register' ? terms.creditor : terms.debtor
      await expect(other.act({ kind: by, terms, fingerprints: [document] }))
        .to.be.revertedWithCustomError(world.receivables, 'TermsPartyMismatch')
        .withArgs(other.id, required)
    })

    it('is refused to an account not admitted, without the role, and suspended', async () => {
      const terms = await termsOf(world)
      const command = { kind: by, terms, fingerprints: [document] }
      const [actor, role] = [actorOf(by), by === 'register' ? roleBits.supplier : roleBits.debtor]
      await expect(world.outsider.act(command))
        .to.be.revertedWithCustomError(world.participants, 'ParticipantUnknown')
        .withArgs(world.outsider.address)
      await setRoles(world, actor, ['factor'])
      await expect(actor.act(command))
        .to.be.revertedWithCustomError(world.participants, 'ParticipantRoleMissing')
        .withArgs(actor.id, roleBits.factor, role)
      await suspend(world, actor)
      await expect(actor.act(command))
        .to.be.revertedWithCustomError(world.participants, 'ParticipantNotActive')
        .withArgs(actor.id, 2, 1)
    })

    it('is refused when the other party is unknown, suspended or without its role', async () => {
      const other = by === 'register' ? 'debtor' : 'creditor'
      for (const id of [0, 99]) {
        await expect(create(by, { [other]: id }))
          .to.be.revertedWithCustomError(world.participants, 'ParticipantIdUnknown')
          .withArgs(id)
      }
      const role = by === 'register' ? roleBits.debtor : roleBits.supplier
      await expect(create(by, { [other]: world.factor.id }))
        .to.be.revertedWithCustomError(world.participants, 'ParticipantRoleMissing')
        .withArgs(world.factor.id, roleBits.factor, role)
      const suspended = by === 'register' ? world.debtor : world.supplier
      await suspend(world, suspended)
      await expect(create(by))
        .to.be.revertedWithCustomError(world.participants, 'ParticipantNotActive')
        .withArgs(suspended.id, 2, 1)
    })

    it.each([0n, AMOUNT_MAX + 1n, 2n ** 64n - 1n])('is refused with the amount %s', async (amount) => {
      await expect(create(by, { amount }))
        .to.be.revertedWithCustomError(world.receivables, 'TermsAmountInvalid')
        .withArgs(amount, AMOUNT_MAX)
    })

    it('is refused when debtor and creditor are one', async () => {
      const terms = await termsOf(world, { creditor: world.otherDebtor.id, debtor: world.otherDebtor.id })
      await expect(world.otherDebtor.act({ kind: by, terms, fingerprints: [document] }))
        .to.be.revertedWithCustomError(world.receivables, 'TermsPartiesEqual')
        .withArgs(world.otherDebtor.id)
    })

    it('is refused without a currency', async () => {
      await expect(create(by, { currency: 0 })).to.be.revertedWithCustomError(world.receivables, 'TermsCurrencyMissing')
    })

    it('is refused when it matures in this very second or a second beyond the longest tenor', async () => {
      const at = (await now()) + 100
      for (const maturity of [at, at + bounds.maxTenor + 1]) {
        const terms = await termsOf(world, { maturity })
        const snapshot = await networkHelpers.takeSnapshot()
        await nextAt(at)
        await expect(actorOf(by).act({ kind: by, terms, fingerprints: [document] }))
          .to.be.revertedWithCustomError(world.receivables, 'TermsMaturityInvalid')
          .withArgs(maturity, at + 1, at + bounds.maxTenor)
        await snapshot.restore()
      }
    })

    it('goes through with the shortest and with the longest tenor', async () => {
      for (const tenor of [1, bounds.maxTenor]) {
        const at = (await now()) + 100
        const terms = await termsOf(world, { maturity: at + tenor })
        await nextAt(at)
        await actorOf(by).act({ kind: by, terms, fingerprints: [fingerprintOf(`tenor ${tenor}`)] })
      }
    })

    it('is refused with no fingerprint and with five', async () => {
      const five = ['a', 'b', 'c', 'd', 'e'].map((text) => fingerprintOf(text))
      for (const fingerprints of [[], five]) {
        await expect(create(by, {}, fingerprints))
          .to.be.revertedWithCustomError(world.receivables, 'TermsFingerprintsInvalid')
          .withArgs(fingerprints.length, 4)
      }
      await create(by, {}, five.slice(0, 4))
    })

    it('is refused with a fingerprint without key epoch', async () => {
      await expect(create(by, {}, [fingerprintOf('invoice', 0)])).to.be.revertedWithCustomError(
        world.fingerprints,
        'FingerprintEpochInvalid'
      )
    })

    it('is refused when one of its fingerprints is claimed, also twice within itself', async () => {
      const first = await register(world)
      await expect(create(by, {}, [document, first.fingerprints[0]!]))
        .to.be.revertedWithCustomError(world.fingerprints, 'FingerprintAlreadyClaimed')
        .withArgs(first.fingerprints[0], 1, first.receivableId)
      const terms = await termsOf(world)
      await expect(actorOf(by).act({ kind: by, terms, fingerprints: [document, document] }))
        .to.be.revertedWithCustomError(world.fingerprints, 'FingerprintAlreadyClaimed')
        .withArgs(document, 1, receivableIdOf(terms, [document, document]))
      expect((await world.fingerprints.getFunction('claimOf')(document)).registry).to.equal(0n)
    })

    it('is refused for terms that were registered before, whatever became of them', async () => {
      const first = await register(world)
      const again = { kind: by, terms: first.terms, fingerprints: first.fingerprints }
      const to = state(by === 'register' ? 'registered' : 'confirmed')
      await expect(actorOf(by).act(again))
        .to.be.revertedWithCustomError(world.receivables, 'ReceivableTransitionForbidden')
        .withArgs(first.receivableId, state('registered'), to)
      await world.supplier.act({ kind: 'withdraw', ...first, contentCommitment: first.terms.contentCommitment })
      await expect(actorOf(by).act(again))
        .to.be.revertedWithCustomError(world.receivables, 'ReceivableTransitionForbidden')
        .withArgs(first.receivableId, state('withdrawn'), to)
    })
  })

  describe('register', () => {
    it('is refused to another creditor with the same document', async () => {
      const first = await register(world)
      const terms = await termsOf(world, { creditor: world.secondSupplier.id, debtor: world.otherDebtor.id })
      await expect(world.secondSupplier.act({ kind: 'register', terms, fingerprints: first.fingerprints }))
        .to.be.revertedWithCustomError(world.fingerprints, 'FingerprintAlreadyClaimed')
        .withArgs(first.fingerprints[0], 1, first.receivableId)
    })

    it('records the terms and opens no note', async () => {
      const terms = await termsOf(world)
      const receivableId = receivableIdOf(terms, [document])
      await expect(world.supplier.act({ kind: 'register', terms, fingerprints: [document] }))
        .to.emit(world.receivables, 'ReceivableRegistered')
        .withArgs(receivableId, Object.values(order(terms)), [document])
      expect(await stateOf(receivableId)).to.equal(state('registered'))
      expect((await noteAt(world, noteIdOf(receivableId, 0n))).state).to.equal(noteStates.indexOf('none'))
    })
  })

  describe('issue', () => {
    it('registers, confirms and opens the first note in one step', async () => {
      const terms = await termsOf(world)
      const receivableId = receivableIdOf(terms, [document])
      const issued = world.debtor.act({ kind: 'issue', terms, fingerprints: [document] })
      await expect(issued).to.emit(world.receivables, 'ReceivableIssued')
      await expect(issued)
        .to.emit(world.receivables, 'NoteOpened')
        .withArgs(noteIdOf(receivableId, 0n), terms.amount, terms.creditor)
      expect(await stateOf(receivableId)).to.equal(state('confirmed'))
    })
  })

  describe('confirm', () => {
    it('is refused of a receivable that was never registered', async () => {
      await expect(world.debtor.act({ kind: 'confirm', receivableId: 7n }))
        .to.be.revertedWithCustomError(world.receivables, 'ReceivableTransitionForbidden')
        .withArgs(7, state('none'), state('confirmed'))
    })

    it('is refused a second time and after rejection or withdrawal', async () => {
      const { receivableId } = await confirmed(world)
      await expect(world.debtor.act({ kind: 'confirm', receivableId }))
        .to.be.revertedWithCustomError(world.receivables, 'ReceivableTransitionForbidden')
        .withArgs(receivableId, state('confirmed'), state('confirmed'))
      for (const end of ['reject', 'withdraw'] as const) {
        const other = await register(world)
        await ending(end, other)
        await expect(world.debtor.act({ kind: 'confirm', receivableId: other.receivableId }))
          .to.be.revertedWithCustomError(world.receivables, 'ReceivableTransitionForbidden')
          .withArgs(other.receivableId, state(end === 'reject' ? 'rejected' : 'withdrawn'), state('confirmed'))
      }
    })

    it('is refused to everybody but its debtor', async () => {
      const { receivableId } = await register(world)
      await expect(world.otherDebtor.act({ kind: 'confirm', receivableId }))
        .to.be.revertedWithCustomError(world.receivables, 'ReceivablePartyMismatch')
        .withArgs(receivableId, world.otherDebtor.id, world.debtor.id)
      await expect(world.supplier.act({ kind: 'confirm', receivableId }))
        .to.be.revertedWithCustomError(world.participants, 'ParticipantRoleMissing')
        .withArgs(world.supplier.id, roleBits.supplier, roleBits.debtor)
      await suspend(world, world.debtor)
      await expect(world.debtor.act({ kind: 'confirm', receivableId })).to.be.revertedWithCustomError(
        world.participants,
        'ParticipantNotActive'
      )
    })

    it('is refused from the second of maturity on', async () => {
      const { receivableId, terms } = await register(world)
      await nextAt(terms.maturity)
      await expect(world.debtor.act({ kind: 'confirm', receivableId }))
        .to.be.revertedWithCustomError(world.receivables, 'TermsMaturityInvalid')
        .withArgs(terms.maturity, terms.maturity + 1, terms.maturity + bounds.maxTenor)
    })

    it('goes through in the last second before maturity and opens the first note for the creditor', async () => {
      const { receivableId, terms } = await register(world)
      await nextAt(terms.maturity - 1)
      const noteId = noteIdOf(receivableId, 0n)
      await expect(world.debtor.act({ kind: 'confirm', receivableId }))
        .to.emit(world.receivables, 'NoteOpened')
        .withArgs(noteId, terms.amount, terms.creditor)
      expect(await noteAt(world, noteId)).to.deep.equal({
        end: terms.amount,
        holder: terms.creditor,
        counterparty: 0,
        assignor: 0,
        deadline: 0,
        tier: 0,
        state: noteStates.indexOf('live')
      })
    })
  })

  describe.each(['reject', 'withdraw'] as const)('%s', (end) => {
    it('is refused of a confirmed receivable, a second time, and of one never registered', async () => {
      const to = state(end === 'reject' ? 'rejected' : 'withdrawn')
      const first = await confirmed(world)
      await expect(ending(end, first))
        .to.be.revertedWithCustomError(world.receivables, 'ReceivableTransitionForbidden')
        .withArgs(first.receivableId, state('confirmed'), to)
      const second = await register(world)
      await ending(end, second)
      await expect(ending(end, second))
        .to.be.revertedWithCustomError(world.receivables, 'ReceivableTransitionForbidden')
        .withArgs(second.receivableId, to, to)
      await expect(ending(end, { ...second, receivableId: 7n }))
        .to.be.revertedWithCustomError(world.receivables, 'ReceivableTransitionForbidden')
        .withArgs(7, state('none'), to)
    })

    it('is refused to everybody else', async () => {
      const registered = await register(world)
      const [other, required] =
        end === 'reject' ? [world.otherDebtor, world.debtor] : [world.secondSupplier, world.supplier]
      await expect(ending(end, registered, other))
        .to.be.revertedWithCustomError(world.receivables, 'ReceivablePartyMismatch')
        .withArgs(registered.receivableId, other.id, required.id)
    })

    it('is refused when the fingerprints are not restated as registered', async () => {
      const terms = await termsOf(world)
      const fingerprints = [fingerprintOf('invoice'), fingerprintOf('contract')]
      await world.supplier.act({ kind: 'register', terms, fingerprints })
      const receivableId = receivableIdOf(terms, fingerprints)
      for (const restated of [
        [],
        fingerprints.slice(0, 1),
        fingerprints.toReversed(),
        [...fingerprints, fingerprintOf('other')]
      ]) {
        await expect(ending(end, { terms, receivableId, fingerprints: restated }))
          .to.be.revertedWithCustomError(world.receivables, 'ReceivableTermsMismatch')
          .withArgs(receivableId, receivableIdOf(terms, restated))
      }
      const otherTerms = { ...terms, contentCommitment: hashOf('other content') }
      await expect(ending(end, { terms: otherTerms, receivableId, fingerprints }))
        .to.be.revertedWithCustomError(world.receivables, 'ReceivableTermsMismatch')
        .withArgs(receivableId, receivableIdOf(otherTerms, fingerprints))
    })

    it('frees every fingerprint for another receivable', async () => {
      const registered = await register(world)
      const event = end === 'reject' ? 'ReceivableRejected' : 'ReceivableWithdrawn'
      const args = end === 'reject' ? [registered.receivableId, hashOf('reason')] : [registered.receivableId]
      await expect(ending(end, registered))
        .to.emit(world.receivables, event)
        .withArgs(...args)
      expect(await stateOf(registered.receivableId)).to.equal(state(end === 'reject' ? 'rejected' : 'withdrawn'))
      const terms = await termsOf(world, { creditor: world.secondSupplier.id })
      await world.secondSupplier.act({ kind: 'register', terms, fingerprints: registered.fingerprints })
    })
  })

  async function ending(end: 'reject' | 'withdraw', registered: Registered, actor?: Actor) {
    const { receivableId, fingerprints, terms } = registered
    const restated = { receivableId, fingerprints, contentCommitment: terms.contentCommitment }
    if (end === 'withdraw') return (actor ?? world.supplier).act({ kind: end, ...restated })
    return (actor ?? world.debtor).act({ kind: end, ...restated, reason: hashOf('reason') })
  }
})

/** Terms in the order of the contract's struct, as event arguments come. */
function order({ creditor, debtor, amount, currency, maturity, contentCommitment }: Terms): Terms {
  return { creditor, debtor, amount, currency, maturity, contentCommitment }
}
