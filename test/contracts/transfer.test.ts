import { expect } from 'chai'
import { ZeroHash } from 'ethers'
import { beforeEach, describe, it } from 'vitest'
import type { Command } from '../../domain/intent/commands.ts'
import { noteIdOf } from '../../domain/note/span.ts'
import { roleBits } from '../../domain/participant/roles.ts'
import { receivableIdOf } from '../../domain/receivable/terms.ts'
import {
  accept,
  confirmed,
  dilutionOf,
  fieldsOf,
  moves,
  noteAt,
  offerOf,
  purpose,
  recall,
  refuse,
  refused,
  register,
  state,
  termsOf,
  type Confirmed
} from './notes.ts'
import {
  DAY,
  actorKinds,
  bounds,
  deployRegistry,
  fingerprintOf,
  hashOf,
  networkHelpers,
  nextAt,
  now,
  setRoles,
  suspend,
  worldOf,
  type World
} from './world.ts'

const holders = roleBits.supplier | roleBits.factor | roleBits.debtor

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  let first: Confirmed
  beforeEach(async () => {
    world = await worldOf(kind)
    first = await confirmed(world)
  })

  /** The supplier's note with 4000 of its 10000 on offer to the second supplier. */
  async function offered() {
    const deadline = (await now()) + DAY
    await world.supplier.act(await offerOf(first.noteId, 4_000n, world.secondSupplier, { deadline }))
    return { offeredId: first.at(6_000n), deadline }
  }

  describe('transfer', () => {
    it('is refused of a note that was never opened', async () => {
      const unconfirmed = noteIdOf((await register(world)).receivableId, 0n)
      for (const noteId of [7n, first.noteId + 1n, first.at(9_999n), unconfirmed]) {
        const attempt = world.supplier.act(await offerOf(noteId, 1n, world.secondSupplier))
        await refused(attempt, world.receivables, 'NoteTransitionForbidden', noteId, state('none'), state('live'))
      }
    })

    it('is refused to everybody but the holder', async () => {
      const offer = await offerOf(first.noteId, 1n, world.thirdSupplier)
      const { supplier, participants, outsider } = world
      for (const other of [world.secondSupplier, world.factor, world.debtor]) {
        await refused(other.act(offer), world.receivables, 'NotePartyMismatch', first.noteId, other.id, supplier.id)
      }
      for (const neutral of ['regulator', 'clearing', 'evidence'] as const) {
        const missing = [world[neutral].id, roleBits[neutral], holders]
        await refused(world[neutral].act(offer), participants, 'ParticipantRoleMissing', ...missing)
      }
      await refused(outsider.act(offer), participants, 'ParticipantUnknown', outsider.address)
      await suspend(world, supplier)
      await refused(supplier.act(offer), participants, 'ParticipantNotActive', supplier.id, 2, 1)
    })

    it.each([0n, 10_001n, 2n ** 64n - 1n])('is refused with the amount %s of a note of 10000', async (amount) => {
      const attempt = world.supplier.act(await offerOf(first.noteId, amount, world.secondSupplier))
      await refused(attempt, world.receivables, 'NoteAmountInvalid', first.noteId, amount, 10_000)
    })

    it('is refused with more than a rest still holds, or than a piece in the middle spans', async () => {
      const { offeredId } = await offered()
      const rest = world.supplier.act(await offerOf(first.noteId, 6_001n, world.secondSupplier))
      await refused(rest, world.receivables, 'NoteAmountInvalid', first.noteId, 6_001, 6_000)
      await world.secondSupplier.act(accept(offeredId))
      for (const amount of [0n, 4_001n]) {
        const piece = world.secondSupplier.act(await offerOf(offeredId, amount, world.thirdSupplier))
        await refused(piece, world.receivables, 'NoteAmountInvalid', offeredId, amount, 4_000)
      }
    })

    it('is refused with the holder itself or the debtor as assignee', async () => {
      for (const assignee of [world.supplier, world.debtor]) {
        const attempt = world.supplier.act(await offerOf(first.noteId, 1n, assignee))
        await refused(attempt, world.receivables, 'NoteCounterpartyInvalid', first.noteId, assignee.id)
      }
    })

    it('is refused with an unknown, a suspended or a roleless assignee', async () => {
      const { supplier, secondSupplier, clearing, participants } = world
      const offer = await offerOf(first.noteId, 1n, secondSupplier)
      for (const id of [0, 99]) {
        await refused(supplier.act({ ...offer, assignee: id }), participants, 'ParticipantIdUnknown', id)
      }
      const roleless = supplier.act({ ...offer, assignee: clearing.id })
      await refused(roleless, participants, 'ParticipantRoleMissing', clearing.id, roleBits.clearing, holders)
      await suspend(world, secondSupplier)
      await refused(supplier.act(offer), participants, 'ParticipantNotActive', secondSupplier.id, 2, 1)
    })

    it.each(['none', 'dilution', 'return', 'assignment', 'recourse-assignment', 'pledge'] as const)(
      'is refused for the purpose %s',
      async (other) => {
        const offer = await offerOf(first.noteId, 1n, world.secondSupplier, { purpose: other as never })
        const required = [first.noteId, purpose(other), purpose('trade-transfer')]
        await refused(world.supplier.act(offer), world.receivables, 'NotePurposeMismatch', ...required)
      }
    )

    it('is refused from the second of maturity on', async () => {
      const { maturity } = first.terms
      const offer = await offerOf(first.noteId, 1n, world.secondSupplier, { deadline: maturity + DAY })
      await nextAt(maturity)
      await refused(world.supplier.act(offer), world.receivables, 'NoteMatured', first.noteId, maturity, maturity)
    })

    it('is refused when the deadline is a second too early, or the second of maturity', async () => {
      const at = (await now()) + 100
      const { maturity } = first.terms
      for (const deadline of [0, at + bounds.minAcceptanceWindow - 1, maturity, 2 ** 40 - 1]) {
        const offer = await offerOf(first.noteId, 1n, world.secondSupplier, { deadline })
        const snapshot = await networkHelpers.takeSnapshot()
        await nextAt(at)
        const required = [first.noteId, deadline, at + bounds.minAcceptanceWindow, maturity - 1]
        await refused(world.supplier.act(offer), world.receivables, 'NoteDeadlineInvalid', ...required)
        await snapshot.restore()
      }
    })

    it('goes through with the earliest and with the latest deadline', async () => {
      const at = (await now()) + 100
      for (const [i, deadline] of [at + bounds.minAcceptanceWindow, first.terms.maturity - 1].entries()) {
        const offer = await offerOf(first.noteId, 1n, world.secondSupplier, { deadline })
        await nextAt(at + i)
        await world.supplier.act(offer)
      }
    })

    it('is refused one tier beyond the highest', async () => {
      const shallow = await deployRegistry(world, { ...bounds, maxTier: 1 })
      const terms = await termsOf(world)
      const fingerprints = [fingerprintOf('shallow')]
      await world.debtor.act({ kind: 'issue', terms, fingerprints }, shallow)
      const noteId = noteIdOf(receivableIdOf(terms, fingerprints), 0n)
      await world.supplier.act(await offerOf(noteId, 10_000n, world.secondSupplier), shallow)
      await world.secondSupplier.act(accept(noteId), shallow)
      expect((await noteAt({ receivables: shallow }, noteId)).tier).to.equal(1)
      const deeper = world.secondSupplier.act(await offerOf(noteId, 1n, world.thirdSupplier), shallow)
      await refused(deeper, shallow, 'NoteTierExceeded', noteId, 1, 1)
    })

    it('cuts the amount off the end and leaves the rest live with its holder', async () => {
      const deadline = (await now()) + DAY
      const offer = await offerOf(first.noteId, 4_000n, world.secondSupplier, { deadline })
      await moves(
        world,
        world.supplier.act(offer),
        'NoteOffered',
        first.at(6_000n),
        {
          end: 10_000n,
          holder: world.supplier.id,
          counterparty: world.secondSupplier.id,
          deadline,
          state: 'offered',
          purpose: 'transfer'
        },
        hashOf('trade')
      )
      const rest = fieldsOf({ end: 6_000n, holder: world.supplier.id, state: 'live' })
      expect(await noteAt(world, first.noteId)).to.deep.equal(rest)
    })

    it('of the whole amount keeps the note and opens no other', async () => {
      await world.supplier.act(await offerOf(first.noteId, 10_000n, world.secondSupplier))
      expect(await noteAt(world, first.noteId)).to.include({ end: 10_000n, state: 'offered' })
      const [ids, next] = await world.receivables.getFunction('notesOf')(first.receivableId, 0, 10)
      expect([[...ids], next]).to.deep.equal([[first.noteId], 10_000n])
    })
  })

  describe('accept', () => {
    it('is refused to everybody but the assignee, the holder included', async () => {
      const { offeredId } = await offered()
      for (const other of [world.supplier, world.thirdSupplier, world.debtor, world.factor]) {
        const required = [offeredId, other.id, world.secondSupplier.id]
        await refused(other.act(accept(offeredId)), world.receivables, 'NotePartyMismatch', ...required)
      }
    })

    it('is refused to an assignee suspended or stripped of its role meanwhile', async () => {
      const { offeredId } = await offered()
      const { secondSupplier, participants } = world
      await setRoles(world, secondSupplier, ['regulator'])
      const missing = [secondSupplier.id, roleBits.regulator, holders]
      await refused(secondSupplier.act(accept(offeredId)), participants, 'ParticipantRoleMissing', ...missing)
      await suspend(world, secondSupplier)
      const attempt = secondSupplier.act(accept(offeredId))
      await refused(attempt, participants, 'ParticipantNotActive', secondSupplier.id, 2, 1)
    })

    it('is refused of an offer to cancel', async () => {
      await world.supplier.act(await dilutionOf(first.noteId, 100n))
      const required = [first.at(9_900n), purpose('dilution'), purpose('transfer')]
      const attempt = world.debtor.act(accept(first.at(9_900n)))
      await refused(attempt, world.receivables, 'NotePurposeMismatch', ...required)
    })

    it('is refused a second after the deadline', async () => {
      const { offeredId, deadline } = await offered()
      await nextAt(deadline + 1)
      const attempt = world.secondSupplier.act(accept(offeredId))
      await refused(attempt, world.receivables, 'NoteDeadlinePassed', offeredId, deadline + 1, deadline)
    })

    it('goes through at the very second of the deadline, changes the holder and raises the tier', async () => {
      const { offeredId, deadline } = await offered()
      const { supplier, secondSupplier } = world
      await nextAt(deadline)
      await moves(world, secondSupplier.act(accept(offeredId)), 'NoteAccepted', offeredId, {
        end: 10_000n,
        holder: secondSupplier.id,
        assignor: supplier.id,
        tier: 1,
        state: 'live'
      })
      const late = supplier.act(await offerOf(offeredId, 1n, world.thirdSupplier))
      await refused(late, world.receivables, 'NotePartyMismatch', offeredId, supplier.id, secondSupplier.id)
    })

    it('goes through in the last second before maturity, and not from maturity on', async () => {
      const deadline = first.terms.maturity - 1
      for (const amount of [1n, 2n]) {
        await world.supplier.act(await offerOf(first.noteId, amount, world.secondSupplier, { deadline }))
      }
      await nextAt(deadline)
      await world.secondSupplier.act(accept(first.at(9_999n)))
      const late = world.secondSupplier.act(accept(first.at(9_997n)))
      await refused(late, world.receivables, 'NoteDeadlinePassed', first.at(9_997n), deadline + 1, deadline)
    })

    it('lets a debtor of other receivables hold a note and pass a part of it on', async () => {
      const { supplier, otherDebtor, thirdSupplier } = world
      await supplier.act(await offerOf(first.noteId, 10_000n, otherDebtor))
      await otherDebtor.act(accept(first.noteId))
      await otherDebtor.act(await offerOf(first.noteId, 1n, thirdSupplier))
      await moves(world, thirdSupplier.act(accept(first.at(9_999n))), 'NoteAccepted', first.at(9_999n), {
        end: 10_000n,
        holder: thirdSupplier.id,
        assignor: otherDebtor.id,
        tier: 2,
        state: 'live'
      })
    })
  })

  describe.each(['refuse', 'recall'] as const)('%s', (move) => {
    const commandOf = (noteId: bigint, restated: string = ZeroHash): Command =>
      move === 'refuse' ? refuse(noteId, restated) : recall(noteId, restated)
    const entitled = () => (move === 'refuse' ? world.secondSupplier : world.supplier)

    it('is refused to everybody else, the other side included', async () => {
      const { offeredId } = await offered()
      const otherSide = move === 'refuse' ? world.supplier : world.secondSupplier
      for (const other of [otherSide, world.thirdSupplier, world.debtor]) {
        const required = [offeredId, other.id, entitled().id]
        await refused(other.act(commandOf(offeredId)), world.receivables, 'NotePartyMismatch', ...required)
      }
    })

    it('is refused when it names a trade document that the offer did not claim', async () => {
      const { offeredId } = await offered()
      const attempt = entitled().act(commandOf(offeredId, fingerprintOf('trade')))
      await refused(attempt, world.receivables, 'NoteTradeMismatch', offeredId, fingerprintOf('trade'))
    })

    it.each(['in time', 'after the deadline', 'after maturity'])('%s frees the note for its holder', async (time) => {
      const { offeredId, deadline } = await offered()
      if (time !== 'in time') await nextAt(time === 'after maturity' ? first.terms.maturity + 1 : deadline + 1)
      const free = { end: 10_000n, holder: world.supplier.id, state: 'live' } as const
      const acting = entitled().act(commandOf(offeredId))
      const more = move === 'refuse' ? [hashOf('reason')] : []
      await moves(world, acting, move === 'refuse' ? 'NoteRefused' : 'NoteRecalled', offeredId, free, ...more)
      const late = world.secondSupplier.act(accept(offeredId))
      await refused(late, world.receivables, 'NoteTransitionForbidden', offeredId, state('live'), state('offered'))
    })
  })
})
