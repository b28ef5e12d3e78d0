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
  refused,
  settle,
  type Confirmed
} from './notes.ts'
import {
  DAY,
  actorKinds,
  hashOf,
  maxFreeze,
  networkHelpers,
  nextAt,
  now,
  suspend,
  worldOf,
  type World
} from './world.ts'

const order = hashOf('order')
const lifting = hashOf('lifting order')
const unfreeze = (noteId: bigint) => ({ kind: 'unfreeze', noteId, order: lifting }) as const

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  let first: Confirmed
  beforeEach(async () => {
    world = await worldOf(kind)
    first = await confirmed(world)
  })

  async function storedFreeze(noteId: bigint): Promise<unknown[]> {
    return [...(await world.receivables.getFunction('freezeOf')(noteId))]
  }

  describe('a freeze', () => {
    it('is refused to everybody but a regulator', async () => {
      const freeze = await freezeOf(world, first.noteId, 1n)
      const { participants, outsider, regulator } = world
      for (const name of ['supplier', 'debtor', 'factor', 'clearing', 'evidence'] as const) {
        const missing = [world[name].id, roleBits[name], roleBits.regulator]
        await refused(world[name].act(freeze), participants, 'ParticipantRoleMissing', ...missing)
      }
      await refused(outsider.act(freeze), participants, 'ParticipantUnknown', outsider.address)
      await suspend(world, regulator)
      await refused(regulator.act(freeze), participants, 'ParticipantNotActive', regulator.id, 2, 1)
    })

    it('is refused with an escrow that is not an active participant', async () => {
      const { regulator, secondSupplier, participants } = world
      for (const escrow of [0, 99]) {
        const attempt = regulator.act(await freezeOf(world, first.noteId, 1n, { escrow }))
        await refused(attempt, participants, 'ParticipantIdUnknown', escrow)
      }
      await suspend(world, secondSupplier)
      const attempt = regulator.act(await freezeOf(world, first.noteId, 1n))
      await refused(attempt, participants, 'ParticipantNotActive', secondSupplier.id, 2, 1)
    })

    it.each([0n, 10_001n])('is refused with the amount %s of a note of 10000', async (amount) => {
      const attempt = world.regulator.act(await freezeOf(world, first.noteId, amount))
      await refused(attempt, world.receivables, 'NoteAmountInvalid', first.noteId, amount, 10_000)
    })

    it('is refused when it ends in this very second or a second beyond three years', async () => {
      const at = (await now()) + 100
      for (const until of [0, at, at + maxFreeze + 1]) {
        const freeze = await freezeOf(world, first.noteId, 1n, { until })
        const snapshot = await networkHelpers.takeSnapshot()
        await nextAt(at)
        const required = [first.noteId, until, at + 1, at + maxFreeze]
        await refused(world.regulator.act(freeze), world.receivables, 'NoteFreezeInvalid', ...required)
        await snapshot.restore()
      }
      for (const [i, until] of [at + 1, at + 1 + maxFreeze].entries()) {
        const freeze = await freezeOf(world, first.noteId, 1n, { until })
        await nextAt(at + i)
        await world.regulator.act(freeze)
      }
    })

    it('is refused while one is in force, whoever asks, in whole and in part', async () => {
      const freeze = await freezeOf(world, first.noteId, 10_000n)
      await world.regulator.act(freeze)
      for (const regulator of [world.regulator, world.otherRegulator]) {
        for (const amount of [10_000n, 1n]) {
          const attempt = regulator.act({ ...freeze, amount })
          await refused(attempt, world.receivables, 'NoteFreezePending', first.noteId, freeze.until)
        }
      }
    })

    it('holds its amount and leaves the rest free', async () => {
      const { supplier, regulator, secondSupplier, receivables } = world
      const freeze = await freezeOf(world, first.noteId, 3_000n)
      const frozen = { end: 10_000n, holder: supplier.id, frozenUntil: freeze.until, state: 'live' } as const
      const stored = [order, BigInt(secondSupplier.id), BigInt(regulator.id)]
      await moves(world, regulator.act(freeze), 'NoteFrozen', first.at(7_000n), frozen, stored)
      expect(await storedFreeze(first.at(7_000n))).to.deep.equal(stored)
      const rest = fieldsOf({ end: 7_000n, holder: supplier.id, state: 'live' })
      expect(await noteAt(world, first.noteId)).to.deep.equal(rest)
      await supplier.act(await offerOf(first.noteId, 7_000n, secondSupplier))
      const attempt = supplier.act(await offerOf(first.at(7_000n), 1n, secondSupplier))
      await refused(attempt, receivables, 'NoteFreezePending', first.at(7_000n), freeze.until)
    })

    it('of a part of an offer, a lock and a pledge follows the cut: both halves keep what they wait for', async () => {
      const { supplier, secondSupplier, factor, regulator } = world
      const deadline = (await now()) + 20 * DAY
      await supplier.act(await offerOf(first.noteId, 1_000n, secondSupplier, { deadline }))
      await supplier.act(await lockOf(first.noteId, 1_000n, factor, { deadline }))
      await financed(world, supplier, first.noteId, 1_000n, 'pledge')
      for (const start of [9_000n, 8_000n, 7_000n]) {
        const before = await noteAt(world, first.at(start))
        const freeze = await freezeOf(world, first.at(start), 400n)
        await regulator.act(freeze)
        const cut = start + 600n
        expect(await noteAt(world, first.at(start))).to.deep.equal({ ...before, end: cut })
        const frozen = { ...before, frozenUntil: freeze.until }
        expect(await noteAt(world, first.at(cut))).to.deep.equal(frozen)
      }
      await secondSupplier.act(accept(first.at(9_000n)))
      await factor.act(finance(first.at(8_000n)))
      await factor.act({ kind: 'release', noteId: first.at(7_000n), repayment: hashOf('repayment') })
    })

    it('lets an offer, a lock and a pledge go on afterwards if they are still in time', async () => {
      const { supplier, secondSupplier, factor, regulator, receivables } = world
      const [until, deadline] = [(await now()) + 5 * DAY, (await now()) + 10 * DAY]
      for (const name of ['offer', 'late offer', 'lock'] as const) {
        await supplier.act(
          name === 'lock'
            ? await lockOf(first.noteId, 1_000n, factor, { deadline })
            : await offerOf(first.noteId, 1_000n, secondSupplier, {
                deadline: name === 'offer' ? deadline : until - DAY
              })
        )
      }
      const [offer, late, lock] = [first.at(9_000n), first.at(8_000n), first.at(7_000n)]
      for (const noteId of [offer, late, lock]) await regulator.act(await freezeOf(world, noteId, 1_000n, { until }))
      await refused(secondSupplier.act(accept(offer)), receivables, 'NoteFreezePending', offer, until)
      await nextAt(until)
      await secondSupplier.act(accept(offer))
      expect(await noteAt(world, offer)).to.include({ holder: secondSupplier.id, frozenUntil: 0 })
      await factor.act(finance(lock))
      const attempt = secondSupplier.act(accept(late))
      await refused(attempt, receivables, 'NoteDeadlinePassed', late, until + 2, until - DAY)
    })

    it('is over in its last second: the note shows none, moves, and can be frozen anew', async () => {
      const { supplier, secondSupplier, regulator, otherRegulator, thirdSupplier, receivables } = world
      const until = (await now()) + DAY
      await regulator.act(await freezeOf(world, first.noteId, 10_000n, { until }))
      await nextAt(until - 1)
      const early = supplier.act(await offerOf(first.noteId, 1n, secondSupplier))
      await refused(early, receivables, 'NoteFreezePending', first.noteId, until)
      await nextAt(until)
      await supplier.act(await offerOf(first.noteId, 1n, secondSupplier))
      expect((await noteAt(world, first.noteId)).frozenUntil).to.equal(0)
      expect(await payeeOf(world, first.noteId)).to.equal(supplier.id)
      await otherRegulator.act(await freezeOf(world, first.noteId, 9_999n, { escrow: thirdSupplier.id }))
      const newest = [order, BigInt(thirdSupplier.id), BigInt(otherRegulator.id)]
      expect(await storedFreeze(first.noteId)).to.deep.equal(newest)
    })

    it('sends payment to its escrow while it is in force', async () => {
      const { supplier, regulator, secondSupplier, clearing } = world
      await regulator.act(await freezeOf(world, first.noteId, 10_000n, { until: first.terms.maturity + DAY }))
      expect(await payeeOf(world, first.noteId)).to.equal(secondSupplier.id)
      await nextAt(first.terms.maturity)
      const acting = clearing.act(settle(first.noteId, 10_000n))
      const paid = { end: 10_000n, holder: supplier.id, counterparty: secondSupplier.id, state: 'settled' } as const
      await moves(world, acting, 'NoteSettled', first.noteId, paid, hashOf('payment'))
    })

    it('may come after maturity, and still directs the payment', async () => {
      await nextAt(first.terms.maturity)
      await world.regulator.act(await freezeOf(world, first.noteId, 4_000n, { until: first.terms.maturity + DAY }))
      expect(await payeeOf(world, first.at(6_000n))).to.equal(world.secondSupplier.id)
      expect(await payeeOf(world, first.noteId)).to.equal(world.supplier.id)
    })
  })

  describe('lifting a freeze', () => {
    it('is refused to everybody but the regulator who froze, another one included', async () => {
      await world.regulator.act(await freezeOf(world, first.noteId, 10_000n))
      const { otherRegulator, regulator, supplier, participants, receivables } = world
      const mismatch = [first.noteId, otherRegulator.id, regulator.id]
      await refused(otherRegulator.act(unfreeze(first.noteId)), receivables, 'NotePartyMismatch', ...mismatch)
      const missing = [supplier.id, roleBits.supplier, roleBits.regulator]
      await refused(supplier.act(unfreeze(first.noteId)), participants, 'ParticipantRoleMissing', ...missing)
    })

    it('is refused where no freeze is in force: never frozen, lifted, over, settled, not there', async () => {
      const { regulator, clearing, receivables } = world
      const missing = (noteId: bigint) =>
        refused(regulator.act(unfreeze(noteId)), receivables, 'NoteFreezeMissing', noteId)
      await missing(first.noteId)
      await missing(7n)
      const until = (await now()) + DAY
      await regulator.act(await freezeOf(world, first.noteId, 1_000n, { until }))
      await missing(first.noteId)
      await regulator.act(unfreeze(first.at(9_000n)))
      await missing(first.at(9_000n))
      await regulator.act(await freezeOf(world, first.at(9_000n), 1_000n, { until }))
      await nextAt(until)
      await missing(first.at(9_000n))
      await regulator.act(await freezeOf(world, first.noteId, 9_000n, { until: first.terms.maturity + DAY }))
      await nextAt(first.terms.maturity)
      await clearing.act({ kind: 'settleReceivable', receivableId: first.receivableId, payment: order })
      await missing(first.noteId)
    })

    it('makes the note move again at once', async () => {
      const { supplier, regulator, secondSupplier } = world
      await regulator.act(await freezeOf(world, first.noteId, 3_000n))
      const piece = first.at(7_000n)
      const live = { end: 10_000n, holder: supplier.id, state: 'live' } as const
      await moves(world, regulator.act(unfreeze(piece)), 'NoteUnfrozen', piece, live, lifting)
      expect(await payeeOf(world, piece)).to.equal(supplier.id)
      await supplier.act(await offerOf(piece, 3_000n, secondSupplier))
      expect((await noteAt(world, piece)).state).to.equal('offered')
    })
  })
})
