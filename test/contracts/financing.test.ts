import { expect } from 'chai'
import { beforeEach, describe, it } from 'vitest'
import { roleBits } from '../../domain/participant/roles.ts'
import {
  accept,
  confirmed,
  fieldsOf,
  finance,
  financed,
  freezeOf,
  lockOf,
  moves,
  noteAt,
  offerOf,
  payeeOf,
  purpose,
  recall,
  refused,
  register,
  state,
  type Confirmed
} from './notes.ts'
import {
  DAY,
  actorKinds,
  bounds,
  hashOf,
  networkHelpers,
  nextAt,
  now,
  setRoles,
  suspend,
  worldOf,
  type World
} from './world.ts'
import { noteIdOf } from '../../domain/note/span.ts'

const disbursement = hashOf('disbursement')
const ways = ['assignment', 'recourse-assignment', 'pledge'] as const
const unlock = (noteId: bigint) => ({ kind: 'unlock', noteId }) as const
const release = (noteId: bigint) => ({ kind: 'release', noteId, repayment: hashOf('repayment') }) as const
const foreclose = (noteId: bigint) => ({ kind: 'foreclose', noteId }) as const

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  let first: Confirmed
  beforeEach(async () => {
    world = await worldOf(kind)
    first = await confirmed(world)
  })

  /** The supplier's note with 4000 of its 10000 locked for the factor. */
  async function locked(way: (typeof ways)[number] = 'assignment') {
    const deadline = (await now()) + DAY
    await world.supplier.act(await lockOf(first.noteId, 4_000n, world.factor, { deadline, purpose: way }))
    return { lockedId: first.at(6_000n), deadline }
  }

  describe('lock', () => {
    it('is refused of a note that was never opened', async () => {
      const unconfirmed = noteIdOf((await register(world)).receivableId, 0n)
      for (const noteId of [7n, first.at(1n), unconfirmed]) {
        const attempt = world.supplier.act(await lockOf(noteId, 1n, world.factor))
        await refused(attempt, world.receivables, 'NoteTransitionForbidden', noteId, state('none'), state('live'))
      }
    })

    it('is refused a second time, for the same and for another factor, in whole and in part', async () => {
      const { lockedId } = await locked()
      for (const factor of [world.factor, world.otherFactor]) {
        for (const amount of [1n, 4_000n]) {
          const attempt = world.supplier.act(await lockOf(lockedId, amount, factor))
          const required = [lockedId, state('locked'), state('live')]
          await refused(attempt, world.receivables, 'NoteTransitionForbidden', ...required)
        }
      }
    })

    it('is refused to everybody but the holder, the factor included', async () => {
      const lock = await lockOf(first.noteId, 1n, world.factor)
      for (const other of [world.secondSupplier, world.otherFactor, world.debtor]) {
        const required = [first.noteId, other.id, world.supplier.id]
        await refused(other.act(lock), world.receivables, 'NotePartyMismatch', ...required)
      }
      await refused(world.outsider.act(lock), world.participants, 'ParticipantUnknown', world.outsider.address)
    })

    it.each([0n, 10_001n])('is refused with the amount %s of a note of 10000', async (amount) => {
      const attempt = world.supplier.act(await lockOf(first.noteId, amount, world.factor))
      await refused(attempt, world.receivables, 'NoteAmountInvalid', first.noteId, amount, 10_000)
    })

    it.each(['none', 'transfer', 'trade-transfer', 'dilution', 'return'] as const)(
      'is refused for the purpose %s',
      async (other) => {
        const lock = await lockOf(first.noteId, 1n, world.factor, { purpose: other as never })
        const required = [first.noteId, purpose(other), purpose('assignment')]
        await refused(world.supplier.act(lock), world.receivables, 'NotePurposeMismatch', ...required)
      }
    )

    it('is refused for whoever is no active factor, and for the holder itself', async () => {
      const { supplier, factor, secondSupplier, participants, receivables } = world
      const lock = await lockOf(first.noteId, 1n, factor)
      const roleless = supplier.act({ ...lock, factor: secondSupplier.id })
      const missing = [secondSupplier.id, roleBits.supplier, roleBits.factor]
      await refused(roleless, participants, 'ParticipantRoleMissing', ...missing)
      await refused(supplier.act({ ...lock, factor: 99 }), participants, 'ParticipantIdUnknown', 99)
      await setRoles(world, supplier, ['supplier', 'factor'])
      const itself = supplier.act({ ...lock, factor: supplier.id })
      await refused(itself, receivables, 'NoteCounterpartyInvalid', first.noteId, supplier.id)
      await suspend(world, factor)
      await refused(supplier.act(lock), participants, 'ParticipantNotActive', factor.id, 2, 1)
    })

    it('is refused for the debtor, though it be a factor', async () => {
      await setRoles(world, world.debtor, ['debtor', 'factor'])
      const attempt = world.supplier.act(await lockOf(first.noteId, 1n, world.debtor))
      await refused(attempt, world.receivables, 'NoteCounterpartyInvalid', first.noteId, world.debtor.id)
    })

    it('is refused from the second of maturity on', async () => {
      const { maturity } = first.terms
      const lock = await lockOf(first.noteId, 1n, world.factor, { deadline: maturity + DAY })
      await nextAt(maturity)
      await refused(world.supplier.act(lock), world.receivables, 'NoteMatured', first.noteId, maturity, maturity)
    })

    it('is refused when the deadline is a second too early, or the second of maturity', async () => {
      const at = (await now()) + 100
      const { maturity } = first.terms
      for (const deadline of [at + bounds.minAcceptanceWindow - 1, maturity]) {
        const lock = await lockOf(first.noteId, 1n, world.factor, { deadline })
        const snapshot = await networkHelpers.takeSnapshot()
        await nextAt(at)
        const required = [first.noteId, deadline, at + bounds.minAcceptanceWindow, maturity - 1]
        await refused(world.supplier.act(lock), world.receivables, 'NoteDeadlineInvalid', ...required)
        await snapshot.restore()
      }
    })

    it.each(ways)('for %s cuts the amount off the end and leaves the rest live', async (way) => {
      const deadline = (await now()) + DAY
      const lock = await lockOf(first.noteId, 4_000n, world.factor, { deadline, purpose: way })
      const waiting = {
        end: 10_000n,
        holder: world.supplier.id,
        counterparty: world.factor.id,
        deadline,
        state: 'locked',
        purpose: way
      } as const
      await moves(world, world.supplier.act(lock), 'NoteLocked', first.at(6_000n), waiting, hashOf('quote'))
      const rest = fieldsOf({ end: 6_000n, holder: world.supplier.id, state: 'live' })
      expect(await noteAt(world, first.noteId)).to.deep.equal(rest)
    })
  })

  describe('unlock', () => {
    it('is refused to the holder until the deadline is over', async () => {
      const { lockedId, deadline } = await locked()
      await nextAt(deadline)
      const early = world.supplier.act(unlock(lockedId))
      await refused(early, world.receivables, 'NoteDeadlinePending', lockedId, deadline, deadline)
    })

    it('is refused to everybody but factor and holder', async () => {
      const { lockedId, deadline } = await locked()
      await nextAt(deadline + 1)
      for (const other of [world.secondSupplier, world.otherFactor, world.debtor]) {
        const required = [lockedId, other.id, world.factor.id]
        await refused(other.act(unlock(lockedId)), world.receivables, 'NotePartyMismatch', ...required)
      }
    })

    it.each(['factor', 'supplier'] as const)('by the %s frees the note for another factor', async (name) => {
      const { lockedId, deadline } = await locked()
      if (name === 'supplier') await nextAt(deadline + 1)
      const live = { end: 10_000n, holder: world.supplier.id, state: 'live' } as const
      await moves(world, world[name].act(unlock(lockedId)), 'NoteUnlocked', lockedId, live)
      await world.supplier.act(await lockOf(lockedId, 4_000n, world.otherFactor))
    })
  })

  describe('finance', () => {
    it('is refused to everybody but the factor that the note is locked for', async () => {
      const { lockedId } = await locked()
      const { otherFactor, factor, supplier, participants, receivables } = world
      const mismatch = [lockedId, otherFactor.id, factor.id]
      await refused(otherFactor.act(finance(lockedId)), receivables, 'NotePartyMismatch', ...mismatch)
      const missing = [supplier.id, roleBits.supplier, roleBits.factor]
      await refused(supplier.act(finance(lockedId)), participants, 'ParticipantRoleMissing', ...missing)
      await suspend(world, factor)
      await refused(factor.act(finance(lockedId)), participants, 'ParticipantNotActive', factor.id, 2, 1)
    })

    it('is refused a second after the deadline, and goes through at that second', async () => {
      const { lockedId, deadline } = await locked()
      const snapshot = await networkHelpers.takeSnapshot()
      await nextAt(deadline + 1)
      const late = world.factor.act(finance(lockedId))
      await refused(late, world.receivables, 'NoteDeadlinePassed', lockedId, deadline + 1, deadline)
      await snapshot.restore()
      await nextAt(deadline)
      await world.factor.act(finance(lockedId))
      expect((await noteAt(world, lockedId)).holder).to.equal(world.factor.id)
    })

    it.each(['assignment', 'recourse-assignment', 'pledge'] as const)(
      'is refused a second time after %s',
      async (way) => {
        const piece = await financed(world, world.supplier, first.noteId, 4_000n, way)
        const presented = state(way === 'pledge' ? 'pledged' : 'live')
        const required = [piece, presented, state('locked')]
        await refused(world.factor.act(finance(piece)), world.receivables, 'NoteTransitionForbidden', ...required)
      }
    )

    it.each([
      ['assignment', false],
      ['recourse-assignment', true]
    ] as const)('by %s makes the factor the holder at the same tier', async (way, hasRecourse) => {
      const { lockedId } = await locked(way)
      const taken = {
        end: 10_000n,
        holder: world.factor.id,
        assignor: world.supplier.id,
        state: 'live',
        hasRecourse
      } as const
      await moves(world, world.factor.act(finance(lockedId)), 'NoteFinanced', lockedId, taken, disbursement)
      expect(await payeeOf(world, lockedId)).to.equal(world.factor.id)
    })

    it('by pledge leaves the holder and makes the factor the lender and payee', async () => {
      const { lockedId } = await locked('pledge')
      const pledged = {
        end: 10_000n,
        holder: world.supplier.id,
        counterparty: world.factor.id,
        state: 'pledged',
        purpose: 'pledge'
      } as const
      await moves(world, world.factor.act(finance(lockedId)), 'NoteFinanced', lockedId, pledged, disbursement)
      expect(await payeeOf(world, lockedId)).to.equal(world.factor.id)
    })
  })

  describe('a financed note', () => {
    it('is financed again by another factor, transferred on, and split: re-factoring', async () => {
      const { supplier, factor, otherFactor, thirdSupplier } = world
      const piece = await financed(world, supplier, first.noteId, 4_000n, 'recourse-assignment')
      await factor.act(await lockOf(piece, 3_000n, otherFactor, { purpose: 'recourse-assignment' }))
      const again = first.at(7_000n)
      const taken = { end: 10_000n, holder: otherFactor.id, assignor: factor.id, state: 'live', hasRecourse: true }
      await moves(world, otherFactor.act(finance(again)), 'NoteFinanced', again, taken as never, disbursement)
      await factor.act(await offerOf(piece, 1_000n, thirdSupplier))
      // Who takes it by transfer has no recourse: that was between assignor and factor.
      const passed = { end: 7_000n, holder: thirdSupplier.id, assignor: factor.id, tier: 1, state: 'live' } as const
      await moves(world, thirdSupplier.act(accept(piece)), 'NoteAccepted', piece, passed)
    })

    it('leaves its old holder nothing to finance', async () => {
      const piece = await financed(world, world.supplier, first.noteId, 4_000n, 'assignment')
      for (const attempt of [
        await lockOf(piece, 1n, world.otherFactor),
        await offerOf(piece, 1n, world.secondSupplier)
      ]) {
        const required = [piece, world.supplier.id, world.factor.id]
        await refused(world.supplier.act(attempt), world.receivables, 'NotePartyMismatch', ...required)
      }
    })

    it('keeps its recourse when an offer of it is recalled or a lock lapses', async () => {
      const piece = await financed(world, world.supplier, first.noteId, 4_000n, 'recourse-assignment')
      const before = await noteAt(world, piece)
      await world.factor.act(await offerOf(piece, 4_000n, world.secondSupplier))
      expect((await noteAt(world, piece)).hasRecourse).to.equal(true)
      await world.factor.act(recall(piece))
      await world.factor.act(await lockOf(piece, 4_000n, world.otherFactor))
      await world.otherFactor.act(unlock(piece))
      expect(await noteAt(world, piece)).to.deep.equal(before)
    })
  })

  describe('a pledged note', () => {
    let piece: bigint
    beforeEach(async () => {
      piece = await financed(world, world.supplier, first.noteId, 4_000n, 'pledge')
    })

    it.each([
      ['release', release],
      ['foreclose', foreclose]
    ] as const)('%s is refused to everybody but the lender', async (_, commandOf) => {
      const { otherFactor, factor, supplier, participants, receivables } = world
      await nextAt(first.terms.maturity)
      const mismatch = [piece, otherFactor.id, factor.id]
      await refused(otherFactor.act(commandOf(piece)), receivables, 'NotePartyMismatch', ...mismatch)
      const missing = [supplier.id, roleBits.supplier, roleBits.factor]
      await refused(supplier.act(commandOf(piece)), participants, 'ParticipantRoleMissing', ...missing)
    })

    it('is not foreclosed a second before maturity', async () => {
      const { maturity } = first.terms
      await nextAt(maturity - 1)
      const early = world.factor.act(foreclose(piece))
      await refused(early, world.receivables, 'NoteNotMatured', piece, maturity - 1, maturity)
    })

    it('is neither released nor foreclosed while frozen', async () => {
      const until = first.terms.maturity + DAY
      await world.regulator.act(await freezeOf(world, piece, 4_000n, { until }))
      await refused(world.factor.act(release(piece)), world.receivables, 'NoteFreezePending', piece, until)
      await nextAt(first.terms.maturity)
      await refused(world.factor.act(foreclose(piece)), world.receivables, 'NoteFreezePending', piece, until)
    })

    it.each(['before', 'after'])('is released %s maturity and live again in the hands of its holder', async (time) => {
      if (time === 'after') await nextAt(first.terms.maturity + 1)
      const live = { end: 10_000n, holder: world.supplier.id, state: 'live' } as const
      await moves(world, world.factor.act(release(piece)), 'NoteReleased', piece, live, hashOf('repayment'))
      expect(await payeeOf(world, piece)).to.equal(world.supplier.id)
    })

    it('is foreclosed from the second of maturity on, which changes no payee', async () => {
      expect(await payeeOf(world, piece)).to.equal(world.factor.id)
      await nextAt(first.terms.maturity)
      const taken = { end: 10_000n, holder: world.factor.id, assignor: world.supplier.id, state: 'live' } as const
      await moves(world, world.factor.act(foreclose(piece)), 'NoteForeclosed', piece, taken)
      expect(await payeeOf(world, piece)).to.equal(world.factor.id)
    })

    it('is pledged anew once it was released', async () => {
      await world.factor.act(release(piece))
      await world.supplier.act(await lockOf(piece, 4_000n, world.otherFactor, { purpose: 'pledge' }))
      await world.otherFactor.act(finance(piece))
      expect(await payeeOf(world, piece)).to.equal(world.otherFactor.id)
    })
  })
})
