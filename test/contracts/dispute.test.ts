import { expect } from 'chai'
import { beforeEach, describe, it } from 'vitest'
import { roleBits } from '../../domain/participant/roles.ts'
import { accept, confirmed, dilutionOf, finance, lockOf, moves, offerOf, refused, settle } from './notes.ts'
import type { Confirmed } from './notes.ts'
import { actorKinds, hashOf, nextAt, suspend, worldOf, type World } from './world.ts'

const reason = hashOf('reason')

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  let first: Confirmed
  beforeEach(async () => {
    world = await worldOf(kind)
    first = await confirmed(world)
  })

  const dispute = () => ({ kind: 'dispute', receivableId: first.receivableId, reason }) as const
  const lift = () => ({ kind: 'liftDispute', receivableId: first.receivableId, reason }) as const
  const isDisputed = async () => (await world.receivables.getFunction('receivableOf')(first.receivableId)).isDisputed

  it('a dispute is refused to everybody but the debtor of the receivable', async () => {
    const { otherDebtor, debtor, supplier, participants, receivables, outsider } = world
    const mismatch = [first.receivableId, otherDebtor.id, debtor.id]
    await refused(otherDebtor.act(dispute()), receivables, 'ReceivablePartyMismatch', ...mismatch)
    const missing = [supplier.id, roleBits.supplier, roleBits.debtor]
    await refused(supplier.act(dispute()), participants, 'ParticipantRoleMissing', ...missing)
    await refused(outsider.act(dispute()), participants, 'ParticipantUnknown', outsider.address)
    await suspend(world, debtor)
    await refused(debtor.act(dispute()), participants, 'ParticipantNotActive', debtor.id, 2, 1)
  })

  it('a dispute is refused while there is one', async () => {
    await world.debtor.act(dispute())
    await refused(world.debtor.act(dispute()), world.receivables, 'ReceivableDisputePending', first.receivableId)
  })

  it('lifting is refused to the creditor and to another debtor', async () => {
    await world.debtor.act(dispute())
    const { otherDebtor, supplier, participants } = world
    const other = [otherDebtor.id, roleBits.debtor | roleBits.supplier, roleBits.regulator]
    await refused(otherDebtor.act(lift()), participants, 'ParticipantRoleMissing', ...other)
    const creditor = [supplier.id, roleBits.supplier, roleBits.debtor | roleBits.regulator]
    await refused(supplier.act(lift()), participants, 'ParticipantRoleMissing', ...creditor)
    expect(await isDisputed()).to.equal(true)
  })

  it('lifting is refused where there is no dispute', async () => {
    for (const actor of [world.debtor, world.regulator]) {
      await refused(actor.act(lift()), world.receivables, 'ReceivableDisputeMissing', first.receivableId)
    }
  })

  it('stops new transfers and new locks, and nothing that is on its way', async () => {
    const { supplier, secondSupplier, factor, clearing, receivables } = world
    await supplier.act(await offerOf(first.noteId, 1_000n, secondSupplier))
    await supplier.act(await lockOf(first.noteId, 1_000n, factor))
    await world.debtor.act(dispute())
    for (const attempt of [await offerOf(first.noteId, 1n, secondSupplier), await lockOf(first.noteId, 1n, factor)]) {
      await refused(supplier.act(attempt), receivables, 'ReceivableDisputePending', first.receivableId)
    }
    await secondSupplier.act(accept(first.at(9_000n)))
    await factor.act(finance(first.at(8_000n)))
    // A credit note may be what ends the dispute.
    await supplier.act(await dilutionOf(first.noteId, 500n))
    await world.debtor.act({ kind: 'acceptDilution', noteId: first.at(7_500n) })
    await nextAt(first.terms.maturity)
    await moves(
      world,
      clearing.act(settle(first.noteId, 7_500n)),
      'NoteSettled',
      first.noteId,
      { end: 7_500n, holder: supplier.id, counterparty: supplier.id, state: 'settled' },
      hashOf('payment')
    )
  })

  it.each(['debtor', 'regulator'] as const)('is lifted by the %s, and notes move again', async (name) => {
    await expect(world.debtor.act(dispute()))
      .to.emit(world.receivables, 'ReceivableDisputed')
      .withArgs(first.receivableId, reason)
    expect(await isDisputed()).to.equal(true)
    await expect(world[name].act(lift()))
      .to.emit(world.receivables, 'ReceivableDisputeLifted')
      .withArgs(first.receivableId, reason)
    expect(await isDisputed()).to.equal(false)
    await world.supplier.act(await offerOf(first.noteId, 1n, world.secondSupplier))
  })
})
