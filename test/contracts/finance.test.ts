import { expect } from 'chai'
import { beforeEach, describe, it } from 'vitest'
import { noteStates, type NoteState } from '../../domain/note/note-states.ts'
import { cutNoteId, noteIdOf } from '../../domain/note/span.ts'
import { roleBits } from '../../domain/participant/roles.ts'
import {
  DAY,
  actorKinds,
  bounds,
  confirmed,
  hashOf,
  lockOf,
  nextAt,
  networkHelpers,
  noteAt,
  now,
  offerOf,
  register,
  setRoles,
  suspend,
  worldOf,
  type Actor,
  type Confirmed,
  type World
} from './world.ts'

const state = (name: NoteState) => noteStates.indexOf(name)

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  let first: Confirmed
  beforeEach(async () => {
    world = await worldOf(kind)
    first = await confirmed(world)
  })

  /** The supplier's note with 4000 of its 10000 locked for the factor. */
  async function locked() {
    await world.supplier.act(await lockOf(first.noteId, 4_000n, world.factor))
    const lockedId = cutNoteId(first.noteId, 10_000n, 4_000n)
    return { lockedId, deadline: (await noteAt(world, lockedId)).deadline }
  }

  async function finance(noteId: bigint, factor: Actor) {
    return factor.act({ kind: 'finance', noteId, disbursement: hashOf('disbursement') })
  }

  describe('lock', () => {
    it('is refused of a note that was never opened', async () => {
      const unconfirmed = noteIdOf((await register(world)).receivableId, 0n)
      for (const noteId of [7n, unconfirmed]) {
        await expect(world.supplier.act(await lockOf(noteId, 1n, world.factor)))
          .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
          .withArgs(noteId, state('none'), state('live'))
      }
    })

    it('is refused a second time, for the same and for another factor', async () => {
      const { lockedId } = await locked()
      for (const factor of [world.factor, world.otherFactor]) {
        for (const amount of [1n, 4_000n]) {
          await expect(world.supplier.act(await lockOf(lockedId, amount, factor)))
            .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
            .withArgs(lockedId, state('locked'), state('live'))
        }
      }
    })

    it('is refused of an offered and of a settled note', async () => {
      await world.supplier.act(await offerOf(first.noteId, 10_000n, world.secondSupplier))
      await expect(world.supplier.act(await lockOf(first.noteId, 1n, world.factor)))
        .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
        .withArgs(first.noteId, state('offered'), state('live'))
      await nextAt(first.terms.maturity)
      await world.clearing.act({ kind: 'settle', noteId: first.noteId, payment: hashOf('payment') })
      await expect(world.supplier.act(await lockOf(first.noteId, 1n, world.factor)))
        .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
        .withArgs(first.noteId, state('settled'), state('live'))
    })

    it('is refused to everybody but the holder, the factor included', async () => {
      const lock = await lockOf(first.noteId, 1n, world.factor)
      for (const other of [world.secondSupplier, world.factor, world.debtor]) {
        await expect(other.act(lock))
          .to.be.revertedWithCustomError(world.receivables, 'NotePartyMismatch')
          .withArgs(first.noteId, other.id, world.supplier.id)
      }
      await expect(world.outsider.act(lock)).to.be.revertedWithCustomError(world.participants, 'ParticipantUnknown')
    })

    it.each([0n, 10_001n])('is refused with the amount %s of a note of 10000', async (amount) => {
      await expect(world.supplier.act(await lockOf(first.noteId, amount, world.factor)))
        .to.be.revertedWithCustomError(world.receivables, 'NoteAmountInvalid')
        .withArgs(first.noteId, amount, 10_000)
    })

    it('is refused for the holder, the debtor, and for whoever is no active factor', async () => {
      for (const factor of [world.supplier, world.debtor]) {
        await expect(world.supplier.act(await lockOf(first.noteId, 1n, factor)))
          .to.be.revertedWithCustomError(world.receivables, 'NoteCounterpartyInvalid')
          .withArgs(first.noteId, factor.id)
      }
      await expect(world.supplier.act(await lockOf(first.noteId, 1n, world.secondSupplier)))
        .to.be.revertedWithCustomError(world.participants, 'ParticipantRoleMissing')
        .withArgs(world.secondSupplier.id, roleBits.supplier, roleBits.factor)
      const unknown = { ...(await lockOf(first.noteId, 1n, world.factor)), factor: 99 }
      await expect(world.supplier.act(unknown))
        .to.be.revertedWithCustomError(world.participants, 'ParticipantIdUnknown')
        .withArgs(99)
      await suspend(world, world.factor)
      await expect(world.supplier.act(await lockOf(first.noteId, 1n, world.factor)))
        .to.be.revertedWithCustomError(world.participants, 'ParticipantNotActive')
        .withArgs(world.factor.id, 2, 1)
    })

    it('is refused from the second of maturity on', async () => {
      const { maturity } = first.terms
      const lock = await lockOf(first.noteId, 1n, world.factor, maturity)
      await nextAt(maturity)
      await expect(world.supplier.act(lock))
        .to.be.revertedWithCustomError(world.receivables, 'NoteMatured')
        .withArgs(first.noteId, maturity, maturity)
    })

    it('is refused when the deadline is a second too early or a second after maturity', async () => {
      const at = (await now()) + 100
      const { maturity } = first.terms
      for (const deadline of [at + bounds.minAcceptanceWindow - 1, maturity + 1]) {
        const lock = await lockOf(first.noteId, 1n, world.factor, deadline)
        const snapshot = await networkHelpers.takeSnapshot()
        await nextAt(at)
        await expect(world.supplier.act(lock))
          .to.be.revertedWithCustomError(world.receivables, 'NoteDeadlineInvalid')
          .withArgs(first.noteId, deadline, at + bounds.minAcceptanceWindow, maturity)
        await snapshot.restore()
      }
    })

    it('binds the end of the note to the factor and leaves the rest live', async () => {
      const deadline = (await now()) + DAY
      const lockedId = noteIdOf(first.receivableId, 6_000n)
      await expect(world.supplier.act(await lockOf(first.noteId, 4_000n, world.factor, deadline)))
        .to.emit(world.receivables, 'NoteLocked')
        .withArgs(lockedId, first.noteId, 10_000, world.supplier.id, world.factor.id, deadline, hashOf('quote'))
      expect(await noteAt(world, first.noteId)).to.include({ end: 6_000n, state: state('live') })
      expect(await noteAt(world, lockedId)).to.deep.equal({
        end: 10_000n,
        holder: world.supplier.id,
        counterparty: world.factor.id,
        assignor: 0,
        deadline,
        tier: 0,
        state: state('locked')
      })
    })
  })

  describe('unlock', () => {
    it('is refused of a note that is not locked', async () => {
      await expect(world.supplier.act({ kind: 'unlock', noteId: first.noteId }))
        .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
        .withArgs(first.noteId, state('live'), state('locked'))
      await world.supplier.act(await offerOf(first.noteId, 10_000n, world.factor))
      await expect(world.factor.act({ kind: 'unlock', noteId: first.noteId }))
        .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
        .withArgs(first.noteId, state('offered'), state('locked'))
    })

    it('is refused to everybody but factor and holder', async () => {
      const { lockedId, deadline } = await locked()
      await nextAt(deadline + 1)
      for (const other of [world.otherFactor, world.debtor, world.secondSupplier]) {
        await expect(other.act({ kind: 'unlock', noteId: lockedId }))
          .to.be.revertedWithCustomError(world.receivables, 'NotePartyMismatch')
          .withArgs(lockedId, other.id, world.factor.id)
      }
      await expect(world.clearing.act({ kind: 'unlock', noteId: lockedId })).to.be.revertedWithCustomError(
        world.participants,
        'ParticipantRoleMissing'
      )
    })

    it('is refused to the holder up to the very second of the deadline', async () => {
      const { lockedId, deadline } = await locked()
      await nextAt(deadline)
      await expect(world.supplier.act({ kind: 'unlock', noteId: lockedId }))
        .to.be.revertedWithCustomError(world.receivables, 'NoteDeadlinePending')
        .withArgs(lockedId, deadline, deadline)
    })

    it('by the holder goes through a second after the deadline, and after maturity', async () => {
      const { lockedId, deadline } = await locked()
      await world.supplier.act(await lockOf(first.noteId, 6_000n, world.factor))
      await nextAt(deadline + 1)
      await expect(world.supplier.act({ kind: 'unlock', noteId: lockedId }))
        .to.emit(world.receivables, 'NoteUnlocked')
        .withArgs(lockedId)
      await nextAt(first.terms.maturity + 1)
      await world.supplier.act({ kind: 'unlock', noteId: first.noteId })
      const free = { holder: world.supplier.id, counterparty: 0, assignor: 0, deadline: 0, tier: 0 }
      expect(await noteAt(world, lockedId)).to.deep.equal({ ...free, end: 10_000n, state: state('live') })
    })

    it('by the factor goes through at once, and the note can be locked for another', async () => {
      const { lockedId } = await locked()
      await world.factor.act({ kind: 'unlock', noteId: lockedId })
      await world.supplier.act(await lockOf(lockedId, 4_000n, world.otherFactor))
      await expect(finance(lockedId, world.factor))
        .to.be.revertedWithCustomError(world.receivables, 'NotePartyMismatch')
        .withArgs(lockedId, world.factor.id, world.otherFactor.id)
    })
  })

  describe('finance', () => {
    it('is refused of a note that is not locked', async () => {
      await expect(finance(first.noteId, world.factor))
        .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
        .withArgs(first.noteId, state('live'), state('locked'))
      await world.supplier.act(await offerOf(first.noteId, 10_000n, world.factor))
      await expect(finance(first.noteId, world.factor))
        .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
        .withArgs(first.noteId, state('offered'), state('locked'))
    })

    it('is refused to another factor and to the holder', async () => {
      const { lockedId } = await locked()
      await expect(finance(lockedId, world.otherFactor))
        .to.be.revertedWithCustomError(world.receivables, 'NotePartyMismatch')
        .withArgs(lockedId, world.otherFactor.id, world.factor.id)
      await expect(finance(lockedId, world.supplier))
        .to.be.revertedWithCustomError(world.participants, 'ParticipantRoleMissing')
        .withArgs(world.supplier.id, roleBits.supplier, roleBits.factor)
    })

    it('is refused to a factor suspended or without its role meanwhile', async () => {
      const { lockedId } = await locked()
      await setRoles(world, world.factor, ['supplier'])
      await expect(finance(lockedId, world.factor)).to.be.revertedWithCustomError(
        world.participants,
        'ParticipantRoleMissing'
      )
      await suspend(world, world.factor)
      await expect(finance(lockedId, world.factor)).to.be.revertedWithCustomError(
        world.participants,
        'ParticipantNotActive'
      )
    })

    it('is refused a second after the deadline', async () => {
      const { lockedId, deadline } = await locked()
      await nextAt(deadline + 1)
      await expect(finance(lockedId, world.factor))
        .to.be.revertedWithCustomError(world.receivables, 'NoteDeadlinePassed')
        .withArgs(lockedId, deadline + 1, deadline)
    })

    it('is refused from the second of maturity on, though the deadline be that second', async () => {
      const { maturity } = first.terms
      await world.supplier.act(await lockOf(first.noteId, 10_000n, world.factor, maturity))
      await nextAt(maturity)
      await expect(finance(first.noteId, world.factor))
        .to.be.revertedWithCustomError(world.receivables, 'NoteMatured')
        .withArgs(first.noteId, maturity, maturity)
    })

    it('is refused twice, and the old holder has nothing left to finance', async () => {
      const { lockedId } = await locked()
      await finance(lockedId, world.factor)
      for (const factor of [world.factor, world.otherFactor]) {
        await expect(finance(lockedId, factor))
          .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
          .withArgs(lockedId, state('live'), state('locked'))
      }
      for (const command of [
        await lockOf(lockedId, 4_000n, world.otherFactor),
        await offerOf(lockedId, 4_000n, world.secondSupplier)
      ]) {
        await expect(world.supplier.act(command))
          .to.be.revertedWithCustomError(world.receivables, 'NotePartyMismatch')
          .withArgs(lockedId, world.supplier.id, world.factor.id)
      }
      // The rest is all that is left: one unit more than it holds is refused.
      await expect(world.supplier.act(await lockOf(first.noteId, 6_001n, world.otherFactor)))
        .to.be.revertedWithCustomError(world.receivables, 'NoteAmountInvalid')
        .withArgs(first.noteId, 6_001, 6_000)
    })

    it('goes through at the very second of the deadline: the factor holds, the tier stays', async () => {
      const { lockedId, deadline } = await locked()
      await nextAt(deadline)
      await expect(finance(lockedId, world.factor))
        .to.emit(world.receivables, 'NoteFinanced')
        .withArgs(lockedId, world.factor.id, world.supplier.id, hashOf('disbursement'))
      expect(await noteAt(world, lockedId)).to.deep.equal({
        end: 10_000n,
        holder: world.factor.id,
        counterparty: 0,
        assignor: world.supplier.id,
        deadline: 0,
        tier: 0,
        state: state('live')
      })
    })

    it('lets the new holder have its note financed again by another factor', async () => {
      const { lockedId } = await locked()
      await finance(lockedId, world.factor)
      await world.factor.act(await lockOf(lockedId, 4_000n, world.otherFactor))
      await finance(lockedId, world.otherFactor)
      expect(await noteAt(world, lockedId)).to.include({ holder: world.otherFactor.id, assignor: world.factor.id })
    })
  })
})
