import { expect } from 'chai'
import { beforeEach, describe, it } from 'vitest'
import { noteStates, type NoteState } from '../../domain/note/note-states.ts'
import { cutNoteId, noteIdOf } from '../../domain/note/span.ts'
import { roleBits } from '../../domain/participant/roles.ts'
import { receivableIdOf } from '../../domain/receivable/terms.ts'
import {
  DAY,
  actorKinds,
  bounds,
  confirmed,
  deployRegistry,
  fingerprintOf,
  hashOf,
  lockOf,
  networkHelpers,
  nextAt,
  noteAt,
  now,
  offerOf,
  register,
  setRoles,
  suspend,
  termsOf,
  worldOf,
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

  /** The supplier's note with 4000 of its 10000 on offer to the second supplier. */
  async function offered() {
    await world.supplier.act(await offerOf(first.noteId, 4_000n, world.secondSupplier))
    const offeredId = cutNoteId(first.noteId, 10_000n, 4_000n)
    return { offeredId, deadline: (await noteAt(world, offeredId)).deadline }
  }

  describe('transfer', () => {
    it('is refused of a note that was never opened', async () => {
      const unconfirmed = noteIdOf((await register(world)).receivableId, 0n)
      for (const noteId of [7n, first.noteId + 1n, unconfirmed]) {
        await expect(world.supplier.act(await offerOf(noteId, 1n, world.secondSupplier)))
          .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
          .withArgs(noteId, state('none'), state('live'))
      }
    })

    it('is refused of an offered, a locked and a settled note', async () => {
      const { offeredId } = await offered()
      await expect(world.supplier.act(await offerOf(offeredId, 1n, world.thirdSupplier)))
        .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
        .withArgs(offeredId, state('offered'), state('live'))
      await world.supplier.act(await lockOf(first.noteId, 6_000n, world.factor))
      await expect(world.supplier.act(await offerOf(first.noteId, 1n, world.secondSupplier)))
        .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
        .withArgs(first.noteId, state('locked'), state('live'))
      await nextAt(first.terms.maturity)
      await world.clearing.act({ kind: 'settle', noteId: offeredId, payment: hashOf('payment') })
      await expect(world.supplier.act(await offerOf(offeredId, 1n, world.secondSupplier)))
        .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
        .withArgs(offeredId, state('settled'), state('live'))
    })

    it('is refused to everybody but the holder', async () => {
      const offer = await offerOf(first.noteId, 1n, world.thirdSupplier)
      for (const other of [world.secondSupplier, world.factor, world.debtor]) {
        await expect(other.act(offer))
          .to.be.revertedWithCustomError(world.receivables, 'NotePartyMismatch')
          .withArgs(first.noteId, other.id, world.supplier.id)
      }
      for (const neutral of [world.regulator, world.clearing, world.evidence]) {
        await expect(neutral.act(offer)).to.be.revertedWithCustomError(world.participants, 'ParticipantRoleMissing')
      }
      await expect(world.outsider.act(offer))
        .to.be.revertedWithCustomError(world.participants, 'ParticipantUnknown')
        .withArgs(world.outsider.address)
    })

    it('is refused to a suspended holder', async () => {
      await suspend(world, world.supplier)
      await expect(world.supplier.act(await offerOf(first.noteId, 1n, world.secondSupplier)))
        .to.be.revertedWithCustomError(world.participants, 'ParticipantNotActive')
        .withArgs(world.supplier.id, 2, 1)
    })

    it.each([0n, 10_001n, 2n ** 64n - 1n])('is refused with the amount %s of a note of 10000', async (amount) => {
      await expect(world.supplier.act(await offerOf(first.noteId, amount, world.secondSupplier)))
        .to.be.revertedWithCustomError(world.receivables, 'NoteAmountInvalid')
        .withArgs(first.noteId, amount, 10_000)
    })

    it('is refused with more than a rest still holds', async () => {
      await offered()
      await expect(world.supplier.act(await offerOf(first.noteId, 6_001n, world.secondSupplier)))
        .to.be.revertedWithCustomError(world.receivables, 'NoteAmountInvalid')
        .withArgs(first.noteId, 6_001, 6_000)
    })

    it('is refused with the holder itself or the debtor as assignee', async () => {
      for (const assignee of [world.supplier, world.debtor]) {
        await expect(world.supplier.act(await offerOf(first.noteId, 1n, assignee)))
          .to.be.revertedWithCustomError(world.receivables, 'NoteCounterpartyInvalid')
          .withArgs(first.noteId, assignee.id)
      }
    })

    it('is refused with an unknown, a suspended or a roleless assignee', async () => {
      for (const id of [0, 99]) {
        const offer = await offerOf(first.noteId, 1n, world.secondSupplier)
        await expect(world.supplier.act({ ...offer, assignee: id }))
          .to.be.revertedWithCustomError(world.participants, 'ParticipantIdUnknown')
          .withArgs(id)
      }
      await expect(world.supplier.act(await offerOf(first.noteId, 1n, world.clearing)))
        .to.be.revertedWithCustomError(world.participants, 'ParticipantRoleMissing')
        .withArgs(world.clearing.id, roleBits.clearing, roleBits.supplier | roleBits.factor | roleBits.debtor)
      await suspend(world, world.secondSupplier)
      await expect(world.supplier.act(await offerOf(first.noteId, 1n, world.secondSupplier)))
        .to.be.revertedWithCustomError(world.participants, 'ParticipantNotActive')
        .withArgs(world.secondSupplier.id, 2, 1)
    })

    it('is refused from the second of maturity on', async () => {
      const { maturity } = first.terms
      const offer = await offerOf(first.noteId, 1n, world.secondSupplier, maturity)
      await nextAt(maturity)
      await expect(world.supplier.act(offer))
        .to.be.revertedWithCustomError(world.receivables, 'NoteMatured')
        .withArgs(first.noteId, maturity, maturity)
    })

    it('is refused when the deadline is a second too early or a second after maturity', async () => {
      const at = (await now()) + 100
      const { maturity } = first.terms
      for (const deadline of [at + bounds.minAcceptanceWindow - 1, maturity + 1]) {
        const offer = await offerOf(first.noteId, 1n, world.secondSupplier, deadline)
        const snapshot = await networkHelpers.takeSnapshot()
        await nextAt(at)
        await expect(world.supplier.act(offer))
          .to.be.revertedWithCustomError(world.receivables, 'NoteDeadlineInvalid')
          .withArgs(first.noteId, deadline, at + bounds.minAcceptanceWindow, maturity)
        await snapshot.restore()
      }
    })

    it('goes through with the earliest and with the latest deadline', async () => {
      const at = (await now()) + 100
      const earliest = await offerOf(first.noteId, 1n, world.secondSupplier, at + bounds.minAcceptanceWindow)
      await nextAt(at)
      await world.supplier.act(earliest)
      await world.supplier.act(await offerOf(first.noteId, 1n, world.secondSupplier, first.terms.maturity))
    })

    it('is refused one tier beyond the highest', async () => {
      const shallow = await deployRegistry(world, { ...bounds, maxTier: 1 })
      const shallowWorld = { ...world, receivables: shallow }
      const terms = await termsOf(world)
      const fingerprints = [fingerprintOf('shallow')]
      await world.debtor.act({ kind: 'issue', terms, fingerprints }, shallow)
      const noteId = noteIdOf(receivableIdOf(terms, fingerprints), 0n)
      await world.supplier.act(await offerOf(noteId, 10_000n, world.secondSupplier), shallow)
      await world.secondSupplier.act({ kind: 'accept', noteId }, shallow)
      expect((await noteAt(shallowWorld, noteId)).tier).to.equal(1)
      await expect(world.secondSupplier.act(await offerOf(noteId, 1n, world.thirdSupplier), shallow))
        .to.be.revertedWithCustomError(shallow, 'NoteTierExceeded')
        .withArgs(noteId, 2, 1)
    })

    it('cuts the amount off the end and leaves the rest live with its holder', async () => {
      const deadline = (await now()) + DAY
      const offer = await offerOf(first.noteId, 4_000n, world.secondSupplier, deadline)
      const offeredId = noteIdOf(first.receivableId, 6_000n)
      await expect(world.supplier.act(offer))
        .to.emit(world.receivables, 'NoteOffered')
        .withArgs(
          offeredId,
          first.noteId,
          10_000,
          world.supplier.id,
          world.secondSupplier.id,
          deadline,
          hashOf('trade')
        )
      const rest = { holder: world.supplier.id, counterparty: 0, assignor: 0, deadline: 0, tier: 0 }
      expect(await noteAt(world, first.noteId)).to.deep.equal({ ...rest, end: 6_000n, state: state('live') })
      expect(await noteAt(world, offeredId)).to.deep.equal({
        ...rest,
        end: 10_000n,
        counterparty: world.secondSupplier.id,
        deadline,
        state: state('offered')
      })
    })

    it('of the whole amount keeps the note and opens no other', async () => {
      await world.supplier.act(await offerOf(first.noteId, 10_000n, world.secondSupplier))
      expect(await noteAt(world, first.noteId)).to.include({ end: 10_000n, state: state('offered') })
    })
  })

  describe('accept', () => {
    it('is refused of a note that is not on offer', async () => {
      await expect(world.secondSupplier.act({ kind: 'accept', noteId: first.noteId }))
        .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
        .withArgs(first.noteId, state('live'), state('offered'))
      await world.supplier.act(await lockOf(first.noteId, 10_000n, world.factor))
      await expect(world.factor.act({ kind: 'accept', noteId: first.noteId }))
        .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
        .withArgs(first.noteId, state('locked'), state('offered'))
    })

    it('is refused to everybody but the assignee, the holder included', async () => {
      const { offeredId } = await offered()
      for (const other of [world.supplier, world.thirdSupplier, world.debtor]) {
        await expect(other.act({ kind: 'accept', noteId: offeredId }))
          .to.be.revertedWithCustomError(world.receivables, 'NotePartyMismatch')
          .withArgs(offeredId, other.id, world.secondSupplier.id)
      }
    })

    it('is refused to an assignee suspended or stripped of its role meanwhile', async () => {
      const { offeredId } = await offered()
      await setRoles(world, world.secondSupplier, ['regulator'])
      await expect(world.secondSupplier.act({ kind: 'accept', noteId: offeredId })).to.be.revertedWithCustomError(
        world.participants,
        'ParticipantRoleMissing'
      )
      await suspend(world, world.secondSupplier)
      await expect(world.secondSupplier.act({ kind: 'accept', noteId: offeredId })).to.be.revertedWithCustomError(
        world.participants,
        'ParticipantNotActive'
      )
    })

    it('is refused a second after the deadline', async () => {
      const { offeredId, deadline } = await offered()
      await nextAt(deadline + 1)
      await expect(world.secondSupplier.act({ kind: 'accept', noteId: offeredId }))
        .to.be.revertedWithCustomError(world.receivables, 'NoteDeadlinePassed')
        .withArgs(offeredId, deadline + 1, deadline)
    })

    it('is refused from the second of maturity on, though the deadline be that second', async () => {
      const { maturity } = first.terms
      await world.supplier.act(await offerOf(first.noteId, 10_000n, world.secondSupplier, maturity))
      await nextAt(maturity)
      await expect(world.secondSupplier.act({ kind: 'accept', noteId: first.noteId }))
        .to.be.revertedWithCustomError(world.receivables, 'NoteMatured')
        .withArgs(first.noteId, maturity, maturity)
    })

    it('goes through at the very second of the deadline, changes the holder and raises the tier', async () => {
      const { offeredId, deadline } = await offered()
      await nextAt(deadline)
      await expect(world.secondSupplier.act({ kind: 'accept', noteId: offeredId }))
        .to.emit(world.receivables, 'NoteAccepted')
        .withArgs(offeredId, world.secondSupplier.id, world.supplier.id, 1)
      expect(await noteAt(world, offeredId)).to.deep.equal({
        end: 10_000n,
        holder: world.secondSupplier.id,
        counterparty: 0,
        assignor: world.supplier.id,
        deadline: 0,
        tier: 1,
        state: state('live')
      })
      await expect(world.supplier.act(await offerOf(offeredId, 1n, world.thirdSupplier)))
        .to.be.revertedWithCustomError(world.receivables, 'NotePartyMismatch')
        .withArgs(offeredId, world.supplier.id, world.secondSupplier.id)
    })

    it('lets a debtor of other receivables hold a note and pass a part of it on', async () => {
      await world.supplier.act(await offerOf(first.noteId, 10_000n, world.otherDebtor))
      await world.otherDebtor.act({ kind: 'accept', noteId: first.noteId })
      await world.otherDebtor.act(await offerOf(first.noteId, 1n, world.thirdSupplier))
      const piece = noteIdOf(first.receivableId, 9_999n)
      await world.thirdSupplier.act({ kind: 'accept', noteId: piece })
      expect(await noteAt(world, piece)).to.include({
        holder: world.thirdSupplier.id,
        assignor: world.otherDebtor.id,
        tier: 2
      })
    })
  })

  describe.each(['refuse', 'recall'] as const)('%s', (move) => {
    const commandOf = (noteId: bigint) =>
      move === 'refuse' ? { kind: move, noteId, reason: hashOf('reason') } : { kind: move, noteId }
    const entitled = () => (move === 'refuse' ? world.secondSupplier : world.supplier)

    it('is refused of a note that is not on offer', async () => {
      await expect(entitled().act(commandOf(first.noteId)))
        .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
        .withArgs(first.noteId, state('live'), state('offered'))
      await world.supplier.act(await lockOf(first.noteId, 10_000n, world.factor))
      await expect(entitled().act(commandOf(first.noteId)))
        .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
        .withArgs(first.noteId, state('locked'), state('offered'))
    })

    it('is refused to everybody else, the other side included', async () => {
      const { offeredId } = await offered()
      const otherSide = move === 'refuse' ? world.supplier : world.secondSupplier
      for (const other of [otherSide, world.thirdSupplier]) {
        await expect(other.act(commandOf(offeredId)))
          .to.be.revertedWithCustomError(world.receivables, 'NotePartyMismatch')
          .withArgs(offeredId, other.id, entitled().id)
      }
    })

    it.each(['in time', 'after the deadline', 'after maturity'])('%s frees the note for its holder', async (time) => {
      const { offeredId, deadline } = await offered()
      if (time !== 'in time') await nextAt(time === 'after maturity' ? first.terms.maturity + 1 : deadline + 1)
      await expect(entitled().act(commandOf(offeredId)))
        .to.emit(world.receivables, move === 'refuse' ? 'NoteRefused' : 'NoteRecalled')
        .withArgs(...Object.values(commandOf(offeredId)).slice(1))
      expect(await noteAt(world, offeredId)).to.deep.equal({
        end: 10_000n,
        holder: world.supplier.id,
        counterparty: 0,
        assignor: 0,
        deadline: 0,
        tier: 0,
        state: state('live')
      })
      await expect(world.secondSupplier.act({ kind: 'accept', noteId: offeredId }))
        .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
        .withArgs(offeredId, state('live'), state('offered'))
    })
  })
})
