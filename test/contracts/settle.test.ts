import { expect } from 'chai'
import { beforeEach, describe, it } from 'vitest'
import { noteStates, type NoteState } from '../../domain/note/note-states.ts'
import { noteIdOf } from '../../domain/note/span.ts'
import { roleBits } from '../../domain/participant/roles.ts'
import { receivableStates } from '../../domain/receivable/receivable-states.ts'
import {
  actorKinds,
  confirmed,
  hashOf,
  lockOf,
  nextAt,
  noteAt,
  offerOf,
  register,
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

  async function settle(noteId: bigint, actor: Actor = world.clearing) {
    return actor.act({ kind: 'settle', noteId, payment: hashOf('payment') })
  }

  async function receivable() {
    return world.receivables.getFunction('receivableOf')(first.receivableId)
  }

  describe('settle', () => {
    it('is refused a second before maturity', async () => {
      const { maturity } = first.terms
      await nextAt(maturity - 1)
      await expect(settle(first.noteId))
        .to.be.revertedWithCustomError(world.receivables, 'NoteNotMatured')
        .withArgs(first.noteId, maturity - 1, maturity)
    })

    it('is refused to everybody but an active clearing agent', async () => {
      await nextAt(first.terms.maturity)
      for (const other of [world.debtor, world.supplier, world.factor, world.regulator, world.evidence]) {
        await expect(settle(first.noteId, other)).to.be.revertedWithCustomError(
          world.participants,
          'ParticipantRoleMissing'
        )
      }
      await expect(settle(first.noteId, world.supplier))
        .to.be.revertedWithCustomError(world.participants, 'ParticipantRoleMissing')
        .withArgs(world.supplier.id, roleBits.supplier, roleBits.clearing)
      await expect(settle(first.noteId, world.outsider)).to.be.revertedWithCustomError(
        world.participants,
        'ParticipantUnknown'
      )
      await suspend(world, world.clearing)
      await expect(settle(first.noteId)).to.be.revertedWithCustomError(world.participants, 'ParticipantNotActive')
    })

    it('is refused of a note that was never opened, also of an unconfirmed receivable', async () => {
      const unconfirmed = await register(world)
      await nextAt(unconfirmed.terms.maturity)
      for (const noteId of [7n, first.noteId + 5n, noteIdOf(unconfirmed.receivableId, 0n)]) {
        await expect(settle(noteId))
          .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
          .withArgs(noteId, state('none'), state('settled'))
      }
    })

    it('is refused twice', async () => {
      await nextAt(first.terms.maturity)
      await settle(first.noteId)
      await expect(settle(first.noteId))
        .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
        .withArgs(first.noteId, state('settled'), state('settled'))
      expect((await receivable()).settled).to.equal(10_000n)
    })

    it('is final: nobody moves a settled note', async () => {
      await world.supplier.act(await offerOf(first.noteId, 10_000n, world.secondSupplier))
      await nextAt(first.terms.maturity)
      await settle(first.noteId)
      const moves = [
        [world.secondSupplier.act({ kind: 'accept', noteId: first.noteId }), 'offered'],
        [world.secondSupplier.act({ kind: 'refuse', noteId: first.noteId, reason: hashOf('reason') }), 'offered'],
        [world.supplier.act({ kind: 'recall', noteId: first.noteId }), 'offered'],
        [world.supplier.act({ kind: 'unlock', noteId: first.noteId }), 'locked']
      ] as const
      for (const [move, required] of moves) {
        await expect(move)
          .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
          .withArgs(first.noteId, state('settled'), state(required))
      }
    })

    it('goes through at the very second of maturity and closes the receivable', async () => {
      await nextAt(first.terms.maturity)
      const settled = settle(first.noteId)
      await expect(settled)
        .to.emit(world.receivables, 'NoteSettled')
        .withArgs(first.noteId, world.supplier.id, 10_000, hashOf('payment'))
      await expect(settled).to.emit(world.receivables, 'ReceivableSettled').withArgs(first.receivableId)
      expect((await receivable()).state).to.equal(BigInt(receivableStates.indexOf('settled')))
    })

    it('pays the holder of an offered and of a locked note, and frees neither', async () => {
      await world.supplier.act(await offerOf(first.noteId, 1_000n, world.secondSupplier))
      await world.supplier.act(await lockOf(first.noteId, 2_000n, world.factor))
      const [offeredId, lockedId] = [9_000n, 7_000n].map((start) => noteIdOf(first.receivableId, start))
      await nextAt(first.terms.maturity)
      for (const [noteId, amount] of [
        [offeredId!, 1_000n],
        [lockedId!, 2_000n]
      ] as const) {
        await expect(settle(noteId))
          .to.emit(world.receivables, 'NoteSettled')
          .withArgs(noteId, world.supplier.id, amount, hashOf('payment'))
        expect(await noteAt(world, noteId)).to.include({ counterparty: 0, deadline: 0, state: state('settled') })
      }
    })

    it('closes the receivable with the last unit, in any order, and not before', async () => {
      await world.supplier.act(await offerOf(first.noteId, 3_333n, world.secondSupplier))
      await world.secondSupplier.act({ kind: 'accept', noteId: noteIdOf(first.receivableId, 6_667n) })
      await world.supplier.act(await lockOf(first.noteId, 1n, world.factor))
      await world.factor.act({
        kind: 'finance',
        noteId: noteIdOf(first.receivableId, 6_666n),
        disbursement: hashOf('disbursement')
      })
      await nextAt(first.terms.maturity)
      const open = receivableStates.indexOf('confirmed')
      for (const [start, settledSoFar, after] of [
        [6_667n, 3_333n, open],
        [0n, 9_999n, open],
        [6_666n, 10_000n, receivableStates.indexOf('settled')]
      ] as const) {
        await settle(noteIdOf(first.receivableId, start))
        const { settled, state: now } = await receivable()
        expect([settled, now]).to.deep.equal([settledSoFar, BigInt(after)])
      }
    })

    it('pays a suspended holder all the same', async () => {
      await suspend(world, world.supplier)
      await nextAt(first.terms.maturity)
      await expect(settle(first.noteId))
        .to.emit(world.receivables, 'NoteSettled')
        .withArgs(first.noteId, world.supplier.id, 10_000, hashOf('payment'))
    })
  })
})
