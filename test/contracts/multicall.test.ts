import { expect } from 'chai'
import { beforeEach, describe, it } from 'vitest'
import { callOf, type Command } from '../../domain/intent/commands.ts'
import { confirmed, finance, lockOf, noteAt, offerOf, recall, refused, type Confirmed } from './notes.ts'
import { actorKinds, worldOf, type Actor, type World } from './world.ts'

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  let first: Confirmed
  beforeEach(async () => {
    world = await worldOf(kind)
    first = await confirmed(world)
  })

  async function together(actor: Actor, ...commands: Command[]) {
    const [receivables, fingerprints] = await Promise.all([
      world.receivables.getAddress(),
      world.fingerprints.getAddress()
    ])
    const calls = commands.map((command) => callOf(command, { receivables, fingerprints }).data)
    return actor.call(world.receivables, 'multicall', calls)
  }

  it('is refused whole when one call is refused, with the refusal of that call', async () => {
    const offer = await offerOf(first.noteId, 1_000n, world.secondSupplier)
    const tooMuch = await lockOf(first.noteId, 9_001n, world.factor)
    const attempt = together(world.supplier, offer, tooMuch)
    await refused(attempt, world.receivables, 'NoteAmountInvalid', first.noteId, 9_001, 9_000)
    expect(await noteAt(world, first.noteId)).to.include({ end: 10_000n, state: 'live' })
    expect((await noteAt(world, first.at(9_000n))).state).to.equal('none')
  })

  it('calls as the participant who sent it: it lends nobody a right', async () => {
    const lock = await lockOf(first.noteId, 1_000n, world.factor)
    const required = [first.noteId, world.secondSupplier.id, world.supplier.id]
    await refused(together(world.secondSupplier, lock), world.receivables, 'NotePartyMismatch', ...required)
    const attempt = together(world.supplier, lock, finance(first.at(9_000n)))
    await refused(attempt, world.participants, 'ParticipantRoleMissing', world.supplier.id, 2, 4)
    await refused(together(world.outsider, lock), world.participants, 'ParticipantUnknown', world.outsider.address)
  })

  it('splits a note and locks the piece in one transaction', async () => {
    const piece = first.at(6_000n)
    await together(
      world.supplier,
      await offerOf(first.noteId, 4_000n, world.secondSupplier),
      recall(piece),
      await lockOf(piece, 3_000n, world.factor)
    )
    expect(await noteAt(world, piece)).to.include({ end: 7_000n, state: 'live' })
    expect(await noteAt(world, first.at(7_000n))).to.include({ end: 10_000n, state: 'locked' })
  })

  it('offers one note in many parts', async () => {
    const offers = await Promise.all(
      Array.from({ length: 20 }, () => offerOf(first.noteId, 100n, world.secondSupplier))
    )
    await together(world.supplier, ...offers)
    const [ids] = await world.receivables.getFunction('notesOf')(first.receivableId, 0, 100)
    expect(ids.length).to.equal(21)
    expect((await noteAt(world, first.noteId)).end).to.equal(8_000n)
  })
})
