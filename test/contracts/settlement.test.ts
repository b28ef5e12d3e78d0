import { expect } from 'chai'
import { beforeEach, describe, it } from 'vitest'
import { roleBits } from '../../domain/participant/roles.ts'
import {
  accept,
  confirmed,
  dilutionOf,
  fieldsOf,
  financed,
  freezeOf,
  lockOf,
  moves,
  noteAt,
  offerOf,
  payeeOf,
  receivableState,
  receivableStateOf,
  refused,
  settle,
  state,
  transferred,
  type Confirmed
} from './notes.ts'
import { DAY, actorKinds, hashOf, nextAt, now, suspend, worldOf, type Actor, type World } from './world.ts'

const payment = hashOf('payment')

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  let first: Confirmed
  beforeEach(async () => {
    world = await worldOf(kind)
    first = await confirmed(world)
  })

  const settleAll = () => ({ kind: 'settleReceivable', receivableId: first.receivableId, payment }) as const
  const close = () => ({ kind: 'close', receivableId: first.receivableId }) as const
  const mature = () => nextAt(first.terms.maturity)

  async function refusedToOthers(attempt: (actor: Actor) => Promise<unknown>): Promise<void> {
    const { participants, clearing, outsider } = world
    for (const name of ['supplier', 'debtor', 'factor', 'regulator', 'evidence'] as const) {
      const missing = [world[name].id, roleBits[name], roleBits.clearing]
      await refused(attempt(world[name]), participants, 'ParticipantRoleMissing', ...missing)
    }
    await refused(attempt(outsider), participants, 'ParticipantUnknown', outsider.address)
    await suspend(world, clearing)
    await refused(attempt(clearing), participants, 'ParticipantNotActive', clearing.id, 2, 1)
  }

  describe('settle', () => {
    it('is refused to everybody but a clearing agent', async () => {
      await mature()
      await refusedToOthers((actor) => actor.act(settle(first.noteId, 10_000n)))
    })

    it('is refused a second before maturity, and goes through at maturity', async () => {
      const { maturity } = first.terms
      await nextAt(maturity - 1)
      const early = world.clearing.act(settle(first.noteId, 10_000n))
      await refused(early, world.receivables, 'NoteNotMatured', first.noteId, maturity - 1, maturity)
      await world.clearing.act(settle(first.noteId, 10_000n))
    })

    it.each([0n, 10_001n, 2n ** 64n - 1n])('is refused with the amount %s of a note of 10000', async (amount) => {
      await mature()
      const attempt = world.clearing.act(settle(first.noteId, amount))
      await refused(attempt, world.receivables, 'NoteAmountInvalid', first.noteId, amount, 10_000)
    })

    it.each([0n, 4_001n])('is refused with the amount %s of a piece of 4000', async (amount) => {
      const piece = await transferred(world, world.supplier, first.noteId, 4_000n, world.secondSupplier)
      await mature()
      const attempt = world.clearing.act(settle(piece, amount))
      await refused(attempt, world.receivables, 'NoteAmountInvalid', piece, amount, 4_000)
    })

    it.each(['the root note', 'a piece'])('is refused a second time of %s', async (what) => {
      const piece = await transferred(world, world.supplier, first.noteId, 4_000n, world.secondSupplier)
      const [noteId, amount] = what === 'a piece' ? [piece, 4_000n] : [first.noteId, 6_000n]
      await mature()
      await world.clearing.act(settle(noteId, amount))
      for (const again of [amount, 1n]) {
        const required = [noteId, state('settled'), state('settled')]
        const attempt = world.clearing.act(settle(noteId, again))
        await refused(attempt, world.receivables, 'NoteTransitionForbidden', ...required)
      }
    })

    it('of the whole root note pays its holder, whether it has a word of its own or not', async () => {
      const second = await confirmed(world)
      // An offer that was recalled leaves the second root note with a word of its own.
      await world.supplier.act(await offerOf(second.noteId, 10_000n, world.secondSupplier))
      await world.supplier.act({ kind: 'recall', noteId: second.noteId, tradeFingerprint: `0x${'00'.repeat(32)}` })
      await nextAt(second.terms.maturity)
      for (const { noteId } of [first, second]) {
        const paid = {
          end: 10_000n,
          holder: world.supplier.id,
          counterparty: world.supplier.id,
          state: 'settled'
        } as const
        await moves(world, world.clearing.act(settle(noteId, 10_000n)), 'NoteSettled', noteId, paid, payment)
        expect(await payeeOf(world, noteId)).to.equal(0)
      }
    })

    it.each(['in the word of its receivable', 'in a word of its own'])(
      'of a part cuts it off the end of the root note %s, piece by piece',
      async (where) => {
        const { supplier, clearing, factor } = world
        const noteId = first.noteId
        if (where === 'in a word of its own') {
          await supplier.act(await lockOf(noteId, 10_000n, factor))
          await factor.act({ kind: 'unlock', noteId })
        }
        await mature()
        const paid = { holder: supplier.id, counterparty: supplier.id, state: 'settled' } as const
        const part = { ...paid, end: 10_000n }
        await moves(world, clearing.act(settle(noteId, 2_500n)), 'NoteSettled', first.at(7_500n), part, payment)
        const rest = fieldsOf({ end: 7_500n, holder: supplier.id, state: 'live' })
        expect(await noteAt(world, noteId)).to.deep.equal(rest)
        const next = { ...paid, end: 7_500n }
        await moves(world, clearing.act(settle(noteId, 500n)), 'NoteSettled', first.at(7_000n), next, payment)
        const last = { ...paid, end: 7_000n }
        await moves(world, clearing.act(settle(noteId, 7_000n)), 'NoteSettled', noteId, last, payment)
        expect(await receivableStateOf(world, first.receivableId)).to.equal('confirmed')
        await clearing.act(close())
      }
    )

    it('pays the holder of what is offered or locked, and ends offer and lock', async () => {
      const { supplier, secondSupplier, factor, clearing } = world
      await supplier.act(await offerOf(first.noteId, 1_000n, secondSupplier))
      await supplier.act(await lockOf(first.noteId, 2_000n, factor))
      await mature()
      for (const [start, end] of [
        [9_000n, 10_000n],
        [7_000n, 9_000n]
      ] as const) {
        const paid = { end, holder: supplier.id, counterparty: supplier.id, state: 'settled' } as const
        const noteId = first.at(start)
        await moves(world, clearing.act(settle(noteId, end - start)), 'NoteSettled', noteId, paid, payment)
      }
      const late = secondSupplier.act(accept(first.at(9_000n)))
      const required = [first.at(9_000n), state('settled'), state('offered')]
      await refused(late, world.receivables, 'NoteTransitionForbidden', ...required)
    })

    it('pays the lender of a pledged note, and a part of it leaves the rest pledged', async () => {
      const { supplier, factor, clearing } = world
      const piece = await financed(world, supplier, first.noteId, 4_000n, 'pledge')
      await mature()
      const paid = { end: 10_000n, holder: supplier.id, counterparty: factor.id, state: 'settled' } as const
      await moves(world, clearing.act(settle(piece, 1_000n)), 'NoteSettled', first.at(9_000n), paid, payment)
      const rest = { end: 9_000n, holder: supplier.id, counterparty: factor.id, state: 'pledged', purpose: 'pledge' }
      expect(await noteAt(world, piece)).to.deep.equal(fieldsOf(rest as never))
      await factor.act({ kind: 'foreclose', noteId: piece })
    })

    it('pays the escrow of a frozen note, pledged or not, and the holder once the freeze is over', async () => {
      const { supplier, factor, clearing, regulator, secondSupplier, thirdSupplier } = world
      const pledged = await financed(world, supplier, first.noteId, 4_000n, 'pledge')
      const until = first.terms.maturity + DAY
      await regulator.act(await freezeOf(world, pledged, 1_000n, { until, escrow: thirdSupplier.id }))
      await regulator.act(await freezeOf(world, first.noteId, 2_000n, { until }))
      await mature()
      for (const [start, end, escrow] of [
        [9_000n, 10_000n, thirdSupplier],
        [5_000n, 6_000n, secondSupplier]
      ] as const) {
        const noteId = first.at(start)
        const frozen = start === 9_000n ? noteId : first.at(4_000n)
        const paid = { end, holder: supplier.id, counterparty: escrow.id, state: 'settled' } as const
        await moves(world, clearing.act(settle(frozen, 1_000n)), 'NoteSettled', noteId, paid, payment)
      }
      await nextAt(until)
      const after = { end: 5_000n, holder: supplier.id, counterparty: supplier.id, state: 'settled' } as const
      const acting = clearing.act(settle(first.at(4_000n), 1_000n))
      await moves(world, acting, 'NoteSettled', first.at(4_000n), after, payment)
      expect(await payeeOf(world, pledged)).to.equal(factor.id)
    })

    it('pays a suspended holder all the same', async () => {
      await suspend(world, world.supplier)
      await mature()
      await world.clearing.act(settle(first.noteId, 10_000n))
      expect(await noteAt(world, first.noteId)).to.include({ state: 'settled' })
    })
  })

  describe('settleReceivable', () => {
    it('is refused to everybody but a clearing agent', async () => {
      await mature()
      await refusedToOthers((actor) => actor.act(settleAll()))
    })

    it('is refused a second before maturity, and goes through at maturity', async () => {
      const { maturity } = first.terms
      await nextAt(maturity - 1)
      const required = [first.receivableId, maturity - 1, maturity]
      await refused(world.clearing.act(settleAll()), world.receivables, 'ReceivableNotMatured', ...required)
      await expect(world.clearing.act(settleAll()))
        .to.emit(world.receivables, 'ReceivableSettled')
        .withArgs(first.receivableId, payment)
    })

    it('settles every open note and leaves the other fields, the settled and the cancelled ones', async () => {
      const { supplier, secondSupplier, factor, clearing, debtor, regulator } = world
      await supplier.act(await offerOf(first.noteId, 1_000n, secondSupplier))
      await supplier.act(await lockOf(first.noteId, 1_000n, factor))
      const pledged = await financed(world, supplier, first.noteId, 1_000n, 'pledge')
      await supplier.act(await dilutionOf(first.noteId, 1_000n))
      await debtor.act({ kind: 'acceptDilution', noteId: first.at(6_000n) })
      const paid = await transferred(world, supplier, first.noteId, 1_000n, secondSupplier)
      await regulator.act(await freezeOf(world, first.noteId, 500n, { until: first.terms.maturity + DAY }))
      await mature()
      await clearing.act(settle(paid, 1_000n))
      const ids = [9_000n, 8_000n, 7_000n, 6_000n, 5_000n, 4_500n, 0n].map(first.at)
      const before = await Promise.all(ids.map((id) => noteAt(world, id)))
      await clearing.act(settleAll())
      for (const [i, note] of before.entries()) {
        const after = note.state === 'cancelled' ? note : { ...note, state: 'settled' }
        expect(await noteAt(world, ids[i]!)).to.deep.equal(after)
        expect(await payeeOf(world, ids[i]!)).to.equal(0)
      }
      expect(await receivableStateOf(world, first.receivableId)).to.equal('settled')
      for (const noteId of [first.noteId, pledged]) {
        const attempt = clearing.act(settle(noteId, 1n))
        const required = [noteId, state('settled'), state('settled')]
        await refused(attempt, world.receivables, 'NoteTransitionForbidden', ...required)
      }
    })

    it('is not stopped by a dispute', async () => {
      await world.debtor.act({ kind: 'dispute', receivableId: first.receivableId, reason: payment })
      await mature()
      await world.clearing.act(settleAll())
      expect((await noteAt(world, first.noteId)).state).to.equal('settled')
    })
  })

  describe('close', () => {
    it('is refused while a note is open, and names the first one and its state', async () => {
      const { supplier, secondSupplier, clearing, receivables } = world
      const piece = await transferred(world, supplier, first.noteId, 4_000n, secondSupplier)
      await supplier.act(await offerOf(first.noteId, 1_000n, secondSupplier))
      await supplier.act(await lockOf(first.noteId, 1_000n, world.factor))
      const pledged = await financed(world, supplier, first.noteId, 1_000n, 'pledge')
      await mature()
      for (const [noteId, amount, presented] of [
        [first.noteId, 3_000n, 'live'],
        [pledged, 1_000n, 'pledged'],
        [first.at(4_000n), 1_000n, 'locked'],
        [first.at(5_000n), 1_000n, 'offered'],
        [piece, 4_000n, 'live']
      ] as const) {
        const open = [first.receivableId, noteId, state(presented)]
        await refused(clearing.act(close()), receivables, 'ReceivableNoteOpen', ...open)
        await clearing.act(settle(noteId, amount))
      }
      await expect(world.outsider.act(close())).to.emit(receivables, 'ReceivableClosed').withArgs(first.receivableId)
      expect(await receivableStateOf(world, first.receivableId)).to.equal('settled')
    })

    it('ends a receivable that was cancelled whole, before its maturity', async () => {
      const { supplier, debtor, outsider } = world
      await supplier.act(await dilutionOf(first.noteId, 10_000n, (await now()) + DAY))
      await debtor.act({ kind: 'acceptDilution', noteId: first.noteId })
      await outsider.act(close())
      expect(await receivableStateOf(world, first.receivableId)).to.equal('settled')
      expect((await noteAt(world, first.noteId)).state).to.equal('cancelled')
    })

    it('and settlement at once are refused of what is settled', async () => {
      await mature()
      await world.clearing.act(settleAll())
      const settled = receivableState('settled')
      for (const command of [close(), settleAll()]) {
        const required = [first.receivableId, settled, settled]
        const attempt = world.clearing.act(command)
        await refused(attempt, world.receivables, 'ReceivableTransitionForbidden', ...required)
      }
    })
  })
})
