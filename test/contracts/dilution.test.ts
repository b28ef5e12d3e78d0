import { expect } from 'chai'
import { ZeroHash } from 'ethers'
import { beforeEach, describe, it } from 'vitest'
import { roleBits } from '../../domain/participant/roles.ts'
import {
  confirmed,
  dilutionOf,
  fieldsOf,
  financed,
  freezeOf,
  moves,
  noteAt,
  offerOf,
  payeeOf,
  purpose,
  recall,
  refuse,
  refused,
  settle,
  state,
  transferred,
  type Confirmed
} from './notes.ts'
import { DAY, actorKinds, bounds, hashOf, networkHelpers, nextAt, now, worldOf, type World } from './world.ts'

const creditNote = hashOf('credit note')
const acceptDilution = (noteId: bigint) => ({ kind: 'acceptDilution', noteId }) as const

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  let first: Confirmed
  beforeEach(async () => {
    world = await worldOf(kind)
    first = await confirmed(world)
  })

  /** 2000 of the creditor's 10000 offered to be cancelled. */
  async function offered() {
    const deadline = (await now()) + DAY
    await world.supplier.act(await dilutionOf(first.noteId, 2_000n, deadline))
    return { offeredId: first.at(8_000n), deadline }
  }

  describe('an offer to cancel', () => {
    it('is refused to everybody but the creditor', async () => {
      const dilution = await dilutionOf(first.noteId, 1n)
      const { supplier, secondSupplier, debtor, participants, receivables } = world
      const mismatch = [first.noteId, secondSupplier.id, supplier.id]
      await refused(secondSupplier.act(dilution), receivables, 'NotePartyMismatch', ...mismatch)
      const missing = [debtor.id, roleBits.debtor, roleBits.supplier]
      await refused(debtor.act(dilution), participants, 'ParticipantRoleMissing', ...missing)
    })

    it('is refused of what was sold, to the new holder and to the creditor that bought it back', async () => {
      const { supplier, secondSupplier, receivables } = world
      const sold = await transferred(world, supplier, first.noteId, 1_000n, secondSupplier)
      const byBuyer = secondSupplier.act(await dilutionOf(sold, 1n))
      await refused(byBuyer, receivables, 'NoteSold', sold, 1, supplier.id)
      await transferred(world, secondSupplier, sold, 1_000n, supplier)
      const byCreditor = supplier.act(await dilutionOf(sold, 1n))
      await refused(byCreditor, receivables, 'NoteSold', sold, 2, secondSupplier.id)
    })

    it('is refused of what came back by recourse', async () => {
      const { supplier, factor, receivables } = world
      const piece = await financed(world, supplier, first.noteId, 1_000n, 'recourse-assignment')
      await nextAt(first.terms.maturity)
      const deadline = first.terms.maturity + DAY
      await factor.act({ kind: 'returnNote', noteId: piece, deadline, demand: hashOf('demand') })
      await supplier.act({ kind: 'acceptReturn', noteId: piece })
      await refused(supplier.act(await dilutionOf(piece, 1n)), receivables, 'NoteSold', piece, 0, factor.id)
    })

    it('is refused while frozen', async () => {
      const freeze = await freezeOf(world, first.noteId, 10_000n)
      await world.regulator.act(freeze)
      const attempt = world.supplier.act(await dilutionOf(first.noteId, 1n))
      await refused(attempt, world.receivables, 'NoteFreezePending', first.noteId, freeze.until)
    })

    it.each([0n, 10_001n])('is refused with the amount %s of a note of 10000', async (amount) => {
      const attempt = world.supplier.act(await dilutionOf(first.noteId, amount))
      await refused(attempt, world.receivables, 'NoteAmountInvalid', first.noteId, amount, 10_000)
    })

    it('is refused from maturity on, and with a deadline too early or not before maturity', async () => {
      const { maturity } = first.terms
      const at = (await now()) + 100
      for (const deadline of [at + bounds.minAcceptanceWindow - 1, maturity]) {
        const snapshot = await networkHelpers.takeSnapshot()
        await nextAt(at)
        const required = [first.noteId, deadline, at + bounds.minAcceptanceWindow, maturity - 1]
        const attempt = world.supplier.act(await dilutionOf(first.noteId, 1n, deadline))
        await refused(attempt, world.receivables, 'NoteDeadlineInvalid', ...required)
        await snapshot.restore()
      }
      await nextAt(maturity)
      const late = world.supplier.act(await dilutionOf(first.noteId, 1n, maturity + DAY))
      await refused(late, world.receivables, 'NoteMatured', first.noteId, maturity, maturity)
    })

    it('cuts the amount off and waits for the debtor', async () => {
      const deadline = (await now()) + DAY
      const acting = world.supplier.act(await dilutionOf(first.noteId, 2_000n, deadline))
      const waiting = {
        end: 10_000n,
        holder: world.supplier.id,
        counterparty: world.debtor.id,
        deadline,
        state: 'offered',
        purpose: 'dilution'
      } as const
      await moves(world, acting, 'NoteDilutionOffered', first.at(8_000n), waiting, creditNote)
      const rest = fieldsOf({ end: 8_000n, holder: world.supplier.id, state: 'live' })
      expect(await noteAt(world, first.noteId)).to.deep.equal(rest)
    })
  })

  describe('its acceptance', () => {
    it('is refused to everybody but the debtor of the receivable', async () => {
      const { offeredId } = await offered()
      const { otherDebtor, debtor, supplier, participants, receivables } = world
      const mismatch = [offeredId, otherDebtor.id, debtor.id]
      await refused(otherDebtor.act(acceptDilution(offeredId)), receivables, 'NotePartyMismatch', ...mismatch)
      const missing = [supplier.id, roleBits.supplier, roleBits.debtor]
      await refused(supplier.act(acceptDilution(offeredId)), participants, 'ParticipantRoleMissing', ...missing)
    })

    it('is refused of an offer for another purpose', async () => {
      await world.supplier.act(await offerOf(first.noteId, 1n, world.otherDebtor))
      const attempt = world.otherDebtor.act(acceptDilution(first.at(9_999n)))
      const required = [first.at(9_999n), purpose('transfer'), purpose('dilution')]
      await refused(attempt, world.receivables, 'NotePurposeMismatch', ...required)
    })

    it('is refused a second after the deadline, and goes through at that second', async () => {
      const { offeredId, deadline } = await offered()
      const snapshot = await networkHelpers.takeSnapshot()
      await nextAt(deadline + 1)
      const late = world.debtor.act(acceptDilution(offeredId))
      await refused(late, world.receivables, 'NoteDeadlinePassed', offeredId, deadline + 1, deadline)
      await snapshot.restore()
      await nextAt(deadline)
      const cancelled = { end: 10_000n, holder: world.supplier.id, state: 'cancelled' } as const
      await moves(world, world.debtor.act(acceptDilution(offeredId)), 'NoteCancelled', offeredId, cancelled)
    })

    it('is final: what is cancelled is owed to nobody and never settled', async () => {
      const { offeredId } = await offered()
      await world.debtor.act(acceptDilution(offeredId))
      expect(await payeeOf(world, offeredId)).to.equal(0)
      await nextAt(first.terms.maturity)
      const required = [offeredId, state('cancelled'), state('settled')]
      const attempt = world.clearing.act(settle(offeredId, 2_000n))
      await refused(attempt, world.receivables, 'NoteTransitionForbidden', ...required)
      await world.clearing.act(settle(first.noteId, 8_000n))
      await world.clearing.act({ kind: 'close', receivableId: first.receivableId })
      expect((await noteAt(world, offeredId)).state).to.equal('cancelled')
    })
  })

  it('is refused by the debtor or recalled by the creditor: the note is live again', async () => {
    const { offeredId } = await offered()
    const live = { end: 10_000n, holder: world.supplier.id, state: 'live' } as const
    const refusal = world.debtor.act(refuse(offeredId, ZeroHash))
    await moves(world, refusal, 'NoteRefused', offeredId, live, hashOf('reason'))
    await world.supplier.act(await dilutionOf(offeredId, 2_000n))
    await moves(world, world.supplier.act(recall(offeredId)), 'NoteRecalled', offeredId, live)
  })
})
