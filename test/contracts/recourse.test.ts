import { expect } from 'chai'
import { ZeroHash } from 'ethers'
import { beforeEach, describe, it } from 'vitest'
import { roleBits } from '../../domain/participant/roles.ts'
import {
  accept,
  confirmed,
  finance,
  financed,
  freezeOf,
  lockOf,
  moves,
  noteAt,
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
import { DAY, actorKinds, bounds, hashOf, networkHelpers, nextAt, now, suspend, worldOf, type World } from './world.ts'

const demand = hashOf('demand')
const returnNote = (noteId: bigint, deadline: number) => ({ kind: 'returnNote', noteId, deadline, demand }) as const
const acceptReturn = (noteId: bigint) => ({ kind: 'acceptReturn', noteId }) as const

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  let first: Confirmed
  let piece: bigint
  /** The second supplier had it from the first and assigned it to the factor with recourse. */
  beforeEach(async () => {
    world = await worldOf(kind)
    first = await confirmed(world)
    const { supplier, secondSupplier } = world
    piece = await transferred(world, supplier, first.noteId, 4_000n, secondSupplier)
    await financed(world, secondSupplier, piece, 4_000n, 'recourse-assignment')
  })

  async function offered() {
    const deadline = first.terms.maturity + DAY
    await nextAt(first.terms.maturity)
    await world.factor.act(returnNote(piece, deadline))
    return deadline
  }

  describe('a return', () => {
    it('is refused a second before maturity', async () => {
      const { maturity } = first.terms
      await nextAt(maturity - 1)
      const early = world.factor.act(returnNote(piece, maturity + DAY))
      await refused(early, world.receivables, 'NoteNotMatured', piece, maturity - 1, maturity)
    })

    it('is refused to everybody but the holder', async () => {
      await nextAt(first.terms.maturity)
      const deadline = first.terms.maturity + DAY
      const { otherFactor, factor, secondSupplier, participants, receivables } = world
      const mismatch = [piece, otherFactor.id, factor.id]
      await refused(otherFactor.act(returnNote(piece, deadline)), receivables, 'NotePartyMismatch', ...mismatch)
      const missing = [secondSupplier.id, roleBits.supplier, roleBits.factor]
      await refused(secondSupplier.act(returnNote(piece, deadline)), participants, 'ParticipantRoleMissing', ...missing)
    })

    it('is refused of a note that was assigned without recourse, foreclosed or transferred', async () => {
      const { supplier, factor, receivables } = world
      const plain = await financed(world, supplier, first.noteId, 1_000n, 'assignment')
      const pledged = await financed(world, supplier, first.noteId, 1_000n, 'pledge')
      const bought = await transferred(world, supplier, first.noteId, 1_000n, factor)
      await nextAt(first.terms.maturity)
      await factor.act({ kind: 'foreclose', noteId: pledged })
      for (const noteId of [plain, pledged, bought]) {
        const attempt = factor.act(returnNote(noteId, first.terms.maturity + DAY))
        await refused(attempt, receivables, 'NoteRecourseMissing', noteId)
      }
    })

    it('is refused while frozen', async () => {
      const until = first.terms.maturity + DAY
      await world.regulator.act(await freezeOf(world, piece, 4_000n, { until }))
      await nextAt(first.terms.maturity)
      const attempt = world.factor.act(returnNote(piece, until))
      await refused(attempt, world.receivables, 'NoteFreezePending', piece, until)
    })

    it('is refused with a deadline that is too early or beyond the longest tenor', async () => {
      const at = first.terms.maturity
      const [earliest, latest] = [at + bounds.minAcceptanceWindow, at + bounds.maxTenor]
      for (const deadline of [earliest - 1, latest + 1]) {
        const snapshot = await networkHelpers.takeSnapshot()
        await nextAt(at)
        const attempt = world.factor.act(returnNote(piece, deadline))
        await refused(attempt, world.receivables, 'NoteDeadlineInvalid', piece, deadline, earliest, latest)
        await snapshot.restore()
      }
      await nextAt(at)
      await world.factor.act(returnNote(piece, latest))
    })

    it('waits for the assignor and changes no payee', async () => {
      const deadline = first.terms.maturity + bounds.minAcceptanceWindow
      await nextAt(first.terms.maturity)
      const waiting = {
        end: 10_000n,
        holder: world.factor.id,
        counterparty: world.secondSupplier.id,
        assignor: world.secondSupplier.id,
        deadline,
        tier: 1,
        state: 'offered',
        purpose: 'return',
        hasRecourse: true
      } as const
      await moves(world, world.factor.act(returnNote(piece, deadline)), 'NoteReturnOffered', piece, waiting, demand)
      expect(await payeeOf(world, piece)).to.equal(world.factor.id)
    })
  })

  describe('its acceptance', () => {
    it('is refused to everybody but the assignor', async () => {
      await offered()
      for (const other of [world.supplier, world.factor, world.debtor]) {
        const required = [piece, other.id, world.secondSupplier.id]
        await refused(other.act(acceptReturn(piece)), world.receivables, 'NotePartyMismatch', ...required)
      }
      await suspend(world, world.secondSupplier)
      const attempt = world.secondSupplier.act(acceptReturn(piece))
      await refused(attempt, world.participants, 'ParticipantNotActive', world.secondSupplier.id, 2, 1)
    })

    it('is refused of an offer for another purpose, and no other acceptance takes a return', async () => {
      const { supplier, secondSupplier, receivables } = world
      await supplier.act({
        ...(await lockOf(first.noteId, 1n, world.factor)),
        kind: 'transfer',
        assignee: secondSupplier.id,
        purpose: 'transfer',
        tradeDocument: ZeroHash
      })
      const [offer, required] = [first.at(5_999n), purpose('return')]
      const wrong = secondSupplier.act(acceptReturn(offer))
      await refused(wrong, receivables, 'NotePurposeMismatch', offer, purpose('transfer'), required)
      await offered()
      const attempt = secondSupplier.act(accept(piece))
      await refused(attempt, receivables, 'NotePurposeMismatch', piece, required, purpose('transfer'))
    })

    it('is refused a second after the deadline, and goes through at that second', async () => {
      const deadline = await offered()
      const snapshot = await networkHelpers.takeSnapshot()
      await nextAt(deadline + 1)
      const late = world.secondSupplier.act(acceptReturn(piece))
      await refused(late, world.receivables, 'NoteDeadlinePassed', piece, deadline + 1, deadline)
      await snapshot.restore()
      await nextAt(deadline)
      await world.secondSupplier.act(acceptReturn(piece))
      expect((await noteAt(world, piece)).holder).to.equal(world.secondSupplier.id)
    })

    it.each(['its note', 'its receivable'])('is refused once %s was settled meanwhile', async (what) => {
      await offered()
      const { clearing, secondSupplier, receivables } = world
      await (what === 'its note'
        ? clearing.act(settle(piece, 4_000n))
        : clearing.act({ kind: 'settleReceivable', receivableId: first.receivableId, payment: hashOf('payment') }))
      const required = [piece, state('settled'), state('offered')]
      await refused(secondSupplier.act(acceptReturn(piece)), receivables, 'NoteTransitionForbidden', ...required)
    })

    it('gives the note back to the assignor at its old tier, without recourse, and makes it the payee', async () => {
      await offered()
      const back = {
        end: 10_000n,
        holder: world.secondSupplier.id,
        assignor: world.factor.id,
        tier: 1,
        state: 'live'
      } as const
      await moves(world, world.secondSupplier.act(acceptReturn(piece)), 'NoteReturned', piece, back)
      expect(await payeeOf(world, piece)).to.equal(world.secondSupplier.id)
    })
  })

  it('is refused by the assignor or recalled by the factor, and can be offered again', async () => {
    await offered()
    const live = {
      end: 10_000n,
      holder: world.factor.id,
      assignor: world.secondSupplier.id,
      tier: 1,
      state: 'live',
      hasRecourse: true
    } as const
    const refusal = world.secondSupplier.act(refuse(piece))
    await moves(world, refusal, 'NoteRefused', piece, live, hashOf('reason'))
    await world.factor.act(returnNote(piece, (await now()) + DAY))
    await moves(world, world.factor.act(recall(piece)), 'NoteRecalled', piece, live)
  })

  it('goes back one factor at a time along a re-factored note', async () => {
    const { factor, otherFactor, secondSupplier, receivables } = world
    await factor.act(await lockOf(piece, 4_000n, otherFactor, { purpose: 'recourse-assignment' }))
    await otherFactor.act(finance(piece))
    await nextAt(first.terms.maturity)
    await otherFactor.act(returnNote(piece, first.terms.maturity + DAY))
    const stranger = secondSupplier.act(acceptReturn(piece))
    await refused(stranger, receivables, 'NotePartyMismatch', piece, secondSupplier.id, factor.id)
    await factor.act(acceptReturn(piece))
    expect(await noteAt(world, piece)).to.include({ holder: factor.id, assignor: otherFactor.id, hasRecourse: false })
    // A word holds one assignor: the recourse to the supplier ended when the factor passed the note on.
    const further = factor.act(returnNote(piece, first.terms.maturity + 2 * DAY))
    await refused(further, receivables, 'NoteRecourseMissing', piece)
  })
})
