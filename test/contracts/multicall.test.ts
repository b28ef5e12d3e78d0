import { expect } from 'chai'
import { beforeEach, describe, it } from 'vitest'
import { callOf, type Command } from '../../domain/intent/commands.ts'
import { rolesToBits } from '../../domain/participant/roles.ts'
import { confirmed, finance, lockOf, noteAt, offerOf, recall, refused, type Confirmed } from './notes.ts'
import { executeSigned } from './signing.ts'
import { REGISTRAR_ROLE, actorKinds, ethers, status, suspend, worldOf, type Actor, type World } from './world.ts'

/** How often a transaction called the contract at `address`, by whatever opcode. */
async function callsOf(hash: string, address: string): Promise<number> {
  const { structLogs } = await ethers.provider.send('debug_traceTransaction', [hash, { disableStorage: true }])
  const targets = structLogs
    .filter(({ op }: { op: string }) => op === 'STATICCALL' || op === 'CALL')
    .map(({ stack }: { stack: string[] }) => BigInt(stack.at(-2)!))
  return targets.filter((target: bigint) => target === BigInt(address)).length
}

describe.each(actorKinds)('with a %s', (kind) => {
  let world: World
  let first: Confirmed
  beforeEach(async () => {
    world = await worldOf(kind)
    first = await confirmed(world)
  })

  async function dataOf(command: Command): Promise<string> {
    const [receivables, fingerprints] = await Promise.all([
      world.receivables.getAddress(),
      world.fingerprints.getAddress()
    ])
    return callOf(command, { receivables, fingerprints }).data
  }

  async function together(actor: Actor, ...commands: Command[]) {
    return actor.call(world.receivables, 'multicall', await Promise.all(commands.map(dataOf)))
  }

  /** A multicall as a call of a multicall. */
  async function nested(...commands: Command[]): Promise<string> {
    return world.receivables.interface.encodeFunctionData('multicall', [await Promise.all(commands.map(dataOf))])
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

  it('checks each of two counterparties, whichever comes first, and a role of each', async () => {
    const { supplier, secondSupplier, thirdSupplier, factor, participants } = world
    const offers = [
      await offerOf(first.noteId, 100n, secondSupplier),
      await offerOf(first.noteId, 100n, thirdSupplier),
      await offerOf(first.noteId, 100n, secondSupplier)
    ] as const
    const lock = await lockOf(first.noteId, 100n, secondSupplier)
    const missing = [secondSupplier.id, rolesToBits(['supplier']), rolesToBits(['factor'])]
    await refused(together(supplier, offers[0], lock), participants, 'ParticipantRoleMissing', ...missing)
    await suspend(world, thirdSupplier)
    const suspended = [thirdSupplier.id, status.suspended, status.active]
    const batches = [offers, [offers[1], offers[0]], [await lockOf(first.noteId, 100n, factor), offers[1]]]
    for (const batch of batches) {
      await refused(together(supplier, ...batch), participants, 'ParticipantNotActive', ...suspended)
    }
  })

  it('keeps no answer for the next transaction: who was suspended since is refused', async () => {
    const { supplier, secondSupplier, participants } = world
    await together(supplier, await offerOf(first.noteId, 100n, secondSupplier))
    await suspend(world, secondSupplier)
    const suspended = [secondSupplier.id, status.suspended, status.active]
    const attempt = together(supplier, await offerOf(first.noteId, 100n, secondSupplier))
    await refused(attempt, participants, 'ParticipantNotActive', ...suspended)
  })

  it('asks the directory once for parties that come again', async () => {
    const { supplier, secondSupplier } = world
    const offers = await Promise.all(Array.from({ length: 5 }, () => offerOf(first.noteId, 100n, secondSupplier)))
    const sent = await together(supplier, ...offers)
    expect(await callsOf(sent.hash, await world.participants.getAddress())).to.equal(1)
    const single = await supplier.act(await offerOf(first.noteId, 100n, secondSupplier))
    expect(await callsOf(single.hash, await world.participants.getAddress())).to.equal(1)
  })

  it('may hold another one, and is refused with it', async () => {
    const { supplier, secondSupplier, thirdSupplier, receivables, participants } = world
    const inner = await nested(
      await offerOf(first.noteId, 100n, secondSupplier),
      await offerOf(first.noteId, 200n, thirdSupplier)
    )
    const own = await dataOf(await offerOf(first.noteId, 300n, secondSupplier))
    await supplier.call(receivables, 'multicall', [own, inner, own])
    for (const [start, assignee] of [
      [9_700n, secondSupplier],
      [9_600n, secondSupplier],
      [9_400n, thirdSupplier],
      [9_100n, secondSupplier]
    ] as const) {
      expect(await noteAt(world, first.at(start))).to.include({ counterparty: assignee.id, state: 'offered' })
    }
    await suspend(world, thirdSupplier)
    const attempt = supplier.call(receivables, 'multicall', [own, inner])
    await refused(attempt, participants, 'ParticipantNotActive', thirdSupplier.id, status.suspended, status.active)
    expect((await noteAt(world, first.noteId)).end).to.equal(9_100n)
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

it('an answer is forgotten with its multicall, also where the same transaction goes on and suspends the party', async () => {
  const world = await worldOf('participant account')
  const { noteId } = await confirmed(world)
  const { supplier, secondSupplier, participants, receivables, relayer } = world
  await world.manager.getFunction('grantRole')(REGISTRAR_ROLE, supplier.address, 0)
  const [target, fingerprints] = await Promise.all([receivables.getAddress(), world.fingerprints.getAddress()])
  const offer = callOf(await offerOf(noteId, 100n, secondSupplier), { receivables: target, fingerprints })
  const batch = [
    { target, data: receivables.interface.encodeFunctionData('multicall', [[offer.data]]) },
    {
      target: await participants.getAddress(),
      data: participants.interface.encodeFunctionData('setStatus', [secondSupplier.id, status.suspended])
    },
    offer
  ]
  const attempt = executeSigned(supplier.account!, batch, supplier.keys, relayer)
  const suspended = [secondSupplier.id, status.suspended, status.active]
  await refused(attempt, participants, 'ParticipantNotActive', ...suspended)
  // Only for the suspension: without it the same batch goes through.
  await executeSigned(supplier.account!, [batch[0]!, offer], supplier.keys, relayer)
})
