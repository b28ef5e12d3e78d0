import { expect } from 'chai'
import { beforeEach, describe, it } from 'vitest'
import type { Command } from '../../domain/intent/commands.ts'
import { canNoteMove, noteStates, type NoteState } from '../../domain/note/note-states.ts'
import { canReceivableMove, receivableStates, type ReceivableState } from '../../domain/receivable/receivable-states.ts'
import {
  confirmed,
  fieldsOf,
  noteAt,
  payeeOf,
  receivableState,
  refused,
  register,
  settle,
  state,
  termsOf,
  type Confirmed,
  type Registered
} from './notes.ts'
import { notes, notesInEachState, verbs, type NoteName } from './verbs.ts'
import {
  actorKinds,
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
import { receivableIdOf } from '../../domain/receivable/terms.ts'
import { rolesToBits } from '../../domain/participant/roles.ts'

const noteNames = Object.keys(notes) as NoteName[]
const reason = hashOf('reason')
/** Starts beyond the largest amount, of ids that are no notes'. */
const keys = [
  ['the key that the receivable is stored at', 2n ** 64n - 1n],
  ['an id just beyond the largest amount', 2n ** 63n]
] as const

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  let first: Confirmed

  /** A world and its receivable with a note in each state, made once and restored for each test. */
  const prepared = async () => {
    const made = await worldOf(kind)
    return { made, receivable: await notesInEachState(made) }
  }
  const prepare = async () => {
    const { made, receivable } = await networkHelpers.loadFixture(prepared)
    world = made
    first = receivable
  }

  describe('each note', () => {
    beforeEach(prepare)

    it('is in the state that its name says, and every state occurs', async () => {
      for (const name of noteNames) {
        expect((await noteAt(world, first.at(notes[name].start))).state, name).to.equal(notes[name].state)
      }
      expect(new Set(noteNames.map((name) => notes[name].state))).to.deep.equal(new Set(noteStates))
    })
  })

  describe.each(Object.keys(verbs))('%s', (name) => {
    const verb = verbs[name]!
    beforeEach(prepare)

    const isRight = (presented: NoteState) =>
      verb.requires === 'settled' ? canNoteMove(presented, 'settled') : presented === verb.requires
    const wrong = noteNames.filter((note) => !isRight(notes[note].state))

    it.each(wrong)('is refused of the note "%s"', async (note) => {
      const noteId = first.at(notes[note].start)
      const command = await verb.command(world, noteId, first.at(notes.next.start))
      const required = [noteId, state(notes[note].state), state(verb.requires)]
      await refused(world[verb.by].act(command), world.receivables, 'NoteTransitionForbidden', ...required)
    })

    it.each(keys)('is refused of %s, which is no note', async (_, startOf) => {
      const noteId = first.noteId + startOf
      const command = await verb.command(world, noteId, first.at(notes.next.start))
      const required = [noteId, state('none'), state(verb.requires)]
      await refused(world[verb.by].act(command), world.receivables, 'NoteTransitionForbidden', ...required)
    })

    it('is refused to whoever is not admitted, suspended, without a role or not the party', async () => {
      const { participants, receivables, outsider } = world
      const noteId = first.at(notes[verb.on].start)
      const command = await verb.command(world, noteId, first.at(notes.next.start))
      await refused(outsider.act(command), participants, 'ParticipantUnknown', outsider.address)
      const entitled = world[verb.by]
      if (verb.stranger) {
        const stranger = world[verb.stranger]
        const mismatch = [noteId, stranger.id, entitled.id]
        await refused(stranger.act(command), receivables, 'NotePartyMismatch', ...mismatch)
      }
      await setRoles(world, entitled, ['evidence'])
      const missing = [entitled.id, rolesToBits(['evidence']), rolesToBits(verb.roles)]
      await refused(entitled.act(command), participants, 'ParticipantRoleMissing', ...missing)
      await suspend(world, entitled)
      await refused(entitled.act(command), participants, 'ParticipantNotActive', entitled.id, 2, 1)
    })

    // A frozen note is settled to its escrow.
    const itIfFreezable = name === 'settle' ? undefined : it
    itIfFreezable?.('is refused of a frozen note', async () => {
      const noteId = first.at(notes[verb.on].start)
      const { end } = await noteAt(world, noteId)
      const until = (await now()) + 1_000
      const freeze = { kind: 'freeze', until, escrow: world.supplier.id, order: reason } as const
      for (const start of name === 'merge' ? [notes.live.start, notes.next.start] : [notes[verb.on].start]) {
        await world.regulator.act({ ...freeze, noteId: first.at(start), amount: end - notes[verb.on].start })
      }
      const command = await verb.command(world, noteId, first.at(notes.next.start))
      await refused(world[verb.by].act(command), world.receivables, 'NoteFreezePending', noteId, until)
    })

    it('is refused of every note once the whole receivable is settled', async () => {
      const payment = { kind: 'settleReceivable', receivableId: first.receivableId, payment: reason } as const
      await world.clearing.act(payment)
      if (verb.readsOwnWord) {
        // The offer or lock stands in the note's word for ever, but its time was over before the settlement.
        const noteId = first.at(notes[verb.on].start)
        const { deadline } = await noteAt(world, noteId)
        const at = (await now()) + 100
        await nextAt(at)
        const attempt = world[verb.by].act(await verb.command(world, noteId, 0n))
        await refused(attempt, world.receivables, 'NoteDeadlinePassed', noteId, at, deadline)
        return
      }
      for (const note of noteNames.filter((each) => isRight(notes[each].state))) {
        const noteId = first.at(notes[note].start)
        const command = await verb.command(world, noteId, first.at(notes.next.start))
        const required = [noteId, state('settled'), state(verb.requires)]
        await refused(world[verb.by].act(command), world.receivables, 'NoteTransitionForbidden', ...required)
      }
    })
  })

  describe('an id that is no note', () => {
    beforeEach(prepare)

    it.each(keys)('reads as nothing: %s', async (_, start) => {
      const id = first.noteId + start
      expect(await noteAt(world, id)).to.deep.equal(fieldsOf())
      expect(await payeeOf(world, id)).to.equal(0)
      const [ids] = await world.receivables.getFunction('notesOf')(first.receivableId, start, 1)
      expect([...ids]).to.deep.equal([])
      const unfreezing = world.regulator.act({ kind: 'unfreeze', noteId: id, order: reason })
      await refused(unfreezing, world.receivables, 'NoteFreezeMissing', id)
    })
  })

  describe('merge', () => {
    beforeEach(prepare)

    it.each(noteNames.filter((note) => notes[note].state !== 'live'))(
      'is refused with "%s" as the next',
      async (note) => {
        const nextId = first.at(notes[note].start)
        const command = { kind: 'merge', noteId: first.at(notes.live.start), nextId } as const
        const required = [nextId, state(notes[note].state), state('live')]
        await refused(world.supplier.act(command), world.receivables, 'NoteTransitionForbidden', ...required)
      }
    )
  })

  describe('a receivable', () => {
    type Move = 'dispute' | 'liftDispute' | 'confirm' | 'reject' | 'withdraw' | 'settleReceivable' | 'close'
    const moves: Record<Move, { to: ReceivableState; by: 'debtor' | 'supplier' | 'clearing' }> = {
      dispute: { to: 'confirmed', by: 'debtor' },
      liftDispute: { to: 'confirmed', by: 'debtor' },
      confirm: { to: 'confirmed', by: 'debtor' },
      reject: { to: 'rejected', by: 'debtor' },
      withdraw: { to: 'withdrawn', by: 'supplier' },
      settleReceivable: { to: 'settled', by: 'clearing' },
      close: { to: 'settled', by: 'clearing' }
    }

    function commandOf(kindOfMove: Move, { terms, fingerprints, receivableId }: Registered): Command {
      switch (kindOfMove) {
        case 'confirm':
        case 'withdraw':
          return { kind: kindOfMove, terms, fingerprints }
        case 'reject':
          return { kind: kindOfMove, terms, fingerprints, reason }
        case 'settleReceivable':
          return { kind: kindOfMove, receivableId, payment: reason }
        case 'close':
          return { kind: kindOfMove, receivableId }
        default:
          return { kind: kindOfMove, receivableId, reason }
      }
    }

    async function receivableIn(wanted: ReceivableState): Promise<Registered> {
      if (wanted === 'none') {
        const [terms, fingerprints] = [await termsOf(world), [fingerprintOf('never registered')]]
        return { terms, fingerprints, receivableId: receivableIdOf(terms, fingerprints) }
      }
      if (wanted === 'confirmed' || wanted === 'settled') {
        const receivable = await confirmed(world)
        if (wanted === 'settled') {
          await nextAt(receivable.terms.maturity)
          await world.clearing.act(settle(receivable.noteId, 10_000n))
          await world.clearing.act(commandOf('close', receivable))
        }
        return receivable
      }
      const registered = await register(world)
      if (wanted === 'rejected') await world.debtor.act(commandOf('reject', registered))
      if (wanted === 'withdrawn') await world.supplier.act(commandOf('withdraw', registered))
      return registered
    }

    beforeEach(async () => {
      world = await worldOf(kind)
    })

    describe.each(Object.keys(moves) as Move[])('%s', (move) => {
      const { to, by } = moves[move]
      const isRight = (from: ReceivableState) =>
        move === 'dispute' || move === 'liftDispute' ? from === 'confirmed' : canReceivableMove(from, to)
      // `none → confirmed` is the edge of {issue}, not of {confirm}.
      const wrong = receivableStates.filter((from) => !isRight(from) || (move === 'confirm' && from === 'none'))

      it.each(wrong)('is refused of one that is %s', async (from) => {
        const receivable = await receivableIn(from)
        // Who restates no terms is told that nothing is stored: a registered receivable is only its claims.
        const isStored = ['confirm', 'reject', 'withdraw'].includes(move) || from !== 'registered'
        const presented = receivableState(isStored ? from : 'none')
        const attempt = world[by].act(commandOf(move, receivable))
        const required = [receivable.receivableId, presented, receivableState(to)]
        await refused(attempt, world.receivables, 'ReceivableTransitionForbidden', ...required)
      })
    })
  })
})
