import { expect } from 'chai'
import { beforeEach, describe, it } from 'vitest'
import {
  accept,
  confirmed,
  dilutionOf,
  fieldsOf,
  finance,
  financed,
  freezeOf,
  lockOf,
  moves,
  noteAt,
  offerOf,
  recall,
  refused,
  state,
  transferred,
  type Confirmed
} from './notes.ts'
import { DAY, actorKinds, nextAt, now, worldOf, type Actor, type World } from './world.ts'

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  let first: Confirmed
  beforeEach(async () => {
    world = await worldOf(kind)
    first = await confirmed(world)
  })

  const merge = (noteId: bigint, nextId: bigint) => ({ kind: 'merge', noteId, nextId }) as const

  /** Cuts pieces off the end that stay with the holder; returns where they start, the last first. */
  async function cut(holder: Actor, noteId: bigint, ...amounts: bigint[]): Promise<bigint[]> {
    const pieces: bigint[] = []
    for (const amount of amounts) {
      const { end } = await noteAt(world, noteId)
      await holder.act(await offerOf(noteId, amount, world.thirdSupplier))
      pieces.push(((noteId >> 64n) << 64n) + end - amount)
      await holder.act(recall(pieces.at(-1)!))
    }
    return pieces
  }

  it('is refused to everybody but the holder', async () => {
    const [next] = await cut(world.supplier, first.noteId, 1_000n)
    for (const other of [world.secondSupplier, world.debtor, world.factor]) {
      const attempt = other.act(merge(first.noteId, next!))
      const required = [first.noteId, other.id, world.supplier.id]
      await refused(attempt, world.receivables, 'NotePartyMismatch', ...required)
    }
  })

  it('is refused of notes that are no neighbours, in the wrong order, and of a note with itself', async () => {
    const [last, middle] = await cut(world.supplier, first.noteId, 1_000n, 2_000n)
    const other = await confirmed(world)
    for (const [noteId, nextId] of [
      [first.noteId, last!],
      [last!, middle!],
      [first.noteId, first.noteId],
      [first.noteId, other.noteId]
    ] as const) {
      const attempt = world.supplier.act(merge(noteId, nextId))
      await refused(attempt, world.receivables, 'NotesUnlike', noteId, nextId)
    }
  })

  it('is refused with a note that is not there', async () => {
    const attempt = world.supplier.act(merge(first.noteId, first.at(10_000n)))
    const required = [first.at(10_000n), state('none'), state('live')]
    await refused(attempt, world.receivables, 'NoteTransitionForbidden', ...required)
  })

  it('is refused of notes with different holders', async () => {
    const piece = await transferred(world, world.supplier, first.noteId, 1_000n, world.secondSupplier)
    const attempt = world.supplier.act(merge(first.noteId, piece))
    await refused(attempt, world.receivables, 'NotesUnlike', first.noteId, piece)
  })

  it('is refused of notes of one holder that differ in tier, assignor or recourse', async () => {
    const { supplier, secondSupplier, factor } = world
    // Its own note back from an assignee: two tiers deeper.
    const back = await transferred(world, supplier, first.noteId, 1_000n, secondSupplier)
    await transferred(world, secondSupplier, back, 1_000n, supplier)
    await refused(supplier.act(merge(first.noteId, back)), world.receivables, 'NotesUnlike', first.noteId, back)
    const plain = await financed(world, supplier, first.noteId, 1_000n, 'assignment')
    const recourse = await financed(world, supplier, first.noteId, 1_000n, 'recourse-assignment')
    await refused(factor.act(merge(recourse, plain)), world.receivables, 'NotesUnlike', recourse, plain)
    const second = await confirmed(world)
    const own = await transferred(world, supplier, second.noteId, 1_000n, secondSupplier)
    await secondSupplier.act(await lockOf(own, 1_000n, factor))
    await factor.act(finance(own))
    const fromSupplier = await financed(world, supplier, second.noteId, 1_000n, 'assignment')
    await refused(factor.act(merge(fromSupplier, own)), world.receivables, 'NotesUnlike', fromSupplier, own)
  })

  it('is refused while either is offered, locked or cancelled', async () => {
    const { supplier, secondSupplier, factor, receivables } = world
    await supplier.act(await offerOf(first.noteId, 1_000n, secondSupplier))
    await supplier.act(await lockOf(first.noteId, 1_000n, factor))
    await supplier.act(await dilutionOf(first.noteId, 1_000n))
    await world.debtor.act({ kind: 'acceptDilution', noteId: first.at(7_000n) })
    for (const [start, presented] of [
      [9_000n, 'offered'],
      [8_000n, 'locked'],
      [7_000n, 'cancelled']
    ] as const) {
      const required = [first.at(start), state(presented), state('live')]
      const asNext = supplier.act(merge(first.noteId, first.at(start)))
      await refused(asNext, receivables, 'NoteTransitionForbidden', ...required)
      const asFirst = supplier.act(merge(first.at(start), first.noteId))
      await refused(asFirst, receivables, 'NoteTransitionForbidden', ...required)
    }
  })

  it('is refused while either is frozen, and goes through once both freezes are over', async () => {
    const [next] = await cut(world.supplier, first.noteId, 1_000n)
    const until = (await now()) + 10 * DAY
    await world.regulator.act(await freezeOf(world, next!, 1_000n, { until }))
    const unlike = world.supplier.act(merge(first.noteId, next!))
    await refused(unlike, world.receivables, 'NotesUnlike', first.noteId, next)
    await world.regulator.act(await freezeOf(world, first.noteId, 9_000n, { until }))
    const frozen = world.supplier.act(merge(first.noteId, next!))
    await refused(frozen, world.receivables, 'NoteFreezePending', first.noteId, until)
    await nextAt(until)
    await world.supplier.act(merge(first.noteId, next!))
    expect(await noteAt(world, first.noteId)).to.include({ end: 10_000n, frozenUntil: 0, state: 'live' })
  })

  it('is refused from the second of maturity on', async () => {
    const [next] = await cut(world.supplier, first.noteId, 1_000n)
    const { maturity } = first.terms
    await nextAt(maturity)
    const attempt = world.supplier.act(merge(first.noteId, next!))
    await refused(attempt, world.receivables, 'NoteMatured', first.noteId, maturity, maturity)
  })

  it.each(['the root note', 'two pieces'])('joins %s with the next one, whose id is gone', async (which) => {
    const [last, middle] = await cut(world.supplier, first.noteId, 1_000n, 2_000n)
    const [noteId, nextId, end] = which === 'two pieces' ? [middle!, last!, 10_000n] : [first.noteId, middle!, 9_000n]
    const joined = { end, holder: world.supplier.id, state: 'live' } as const
    await moves(world, world.supplier.act(merge(noteId, nextId)), 'NotesMerged', noteId, joined, nextId)
    expect(await noteAt(world, nextId)).to.deep.equal(fieldsOf())
    const gone = world.supplier.act(await offerOf(nextId, 1n, world.secondSupplier))
    await refused(gone, world.receivables, 'NoteTransitionForbidden', nextId, state('none'), state('live'))
  })

  it('joins pieces that an assignee took, and a later cut at the same place opens the id again', async () => {
    const { supplier, secondSupplier, thirdSupplier } = world
    const right = await transferred(world, supplier, first.noteId, 1_000n, secondSupplier)
    const left = await transferred(world, supplier, first.noteId, 500n, secondSupplier)
    const joined = { end: 10_000n, holder: secondSupplier.id, assignor: supplier.id, tier: 1, state: 'live' } as const
    await moves(world, secondSupplier.act(merge(left, right)), 'NotesMerged', left, joined, right)
    await secondSupplier.act(await offerOf(left, 1_000n, thirdSupplier))
    expect(await noteAt(world, right)).to.include({ end: 10_000n, holder: secondSupplier.id, state: 'offered' })
    await thirdSupplier.act(accept(right))
    expect(await noteAt(world, left)).to.deep.equal(fieldsOf({ ...joined, end: 9_000n }))
  })
})
