import { expect } from 'chai'
import { beforeEach, describe, it } from 'vitest'
import { callOf, type Command } from '../../domain/intent/commands.ts'
import { digestOfTypedData, encodeMultiSignature } from '../../domain/intent/typed-data.ts'
import { receivableIdOf } from '../../domain/receivable/terms.ts'
import { noteIdOf } from '../../domain/note/span.ts'
import { accept, confirmed, finance, lockOf, noteAt, offerOf, receivableStateOf, refused, termsOf } from './notes.ts'
import { settle, type Confirmed } from './notes.ts'
import { carry, eoaKey, p256Key, sign, typedDataOf, type Key } from './signing.ts'
import { createAccount, ethers, fingerprintOf, nextAt, twoKeyKinds, worldOf, type Actor, type World } from './world.ts'

/** Every participant acts through an account that asks for a maker's and a checker's signature. */
let world: World

describe.each(twoKeyKinds)('a life of a receivable, each step signed by maker and checker: %s', (kind) => {
  beforeEach(async () => {
    world = await worldOf(kind)
  })

  it('registers, confirms, splits, transfers, accepts, locks, finances, settles and closes', async () => {
    const { supplier, debtor, secondSupplier, factor, clearing } = world
    const [terms, fingerprints] = [await termsOf(world), [fingerprintOf('invoice')]]
    const receivableId = receivableIdOf(terms, fingerprints)
    const [root, passed, taken] = [0n, 6_000n, 9_000n].map((start) => noteIdOf(receivableId, start)) as [
      bigint,
      bigint,
      bigint
    ]
    await supplier.act({ kind: 'register', terms, fingerprints })
    await debtor.act({ kind: 'confirm', terms, fingerprints })
    await supplier.act(await offerOf(root, 4_000n, secondSupplier))
    await secondSupplier.act(accept(passed))
    await secondSupplier.act(await lockOf(passed, 1_000n, factor))
    await factor.act(finance(taken))
    expect(await noteAt(world, taken)).to.include({ holder: factor.id, assignor: secondSupplier.id, tier: 1 })
    await nextAt(terms.maturity)
    for (const [noteId, amount] of [
      [taken, 1_000n],
      [passed, 3_000n],
      [root, 6_000n]
    ] as const) {
      await clearing.act(settle(noteId, amount))
    }
    await clearing.act({ kind: 'close', receivableId })
    expect(await receivableStateOf(world, receivableId)).to.equal('settled')
  })
})

describe.each(twoKeyKinds)('the quorum: %s', (kind) => {
  let first: Confirmed
  beforeEach(async () => {
    world = await worldOf(kind)
    first = await confirmed(world)
  })

  async function callsOf(command: Command) {
    const [receivables, fingerprints] = await Promise.all([
      world.receivables.getAddress(),
      world.fingerprints.getAddress()
    ])
    return [callOf(command, { receivables, fingerprints })]
  }

  async function attemptBy({ account }: Actor, keys: readonly Key[]): Promise<void> {
    const data = await typedDataOf(account!, await callsOf(await offerOf(first.noteId, 1n, world.secondSupplier)))
    const attempt = carry(account!, data, await sign(data, keys), world.relayer)
    await refused(attempt, account!, 'SignatureInvalid', digestOfTypedData(data))
  }

  it('is not met by the maker alone, by the checker alone, or by one of them twice', async () => {
    const [maker, checker] = world.supplier.keys as [Key, Key]
    for (const keys of [[maker], [checker], [maker, maker], [checker, checker], []]) {
      await attemptBy(world.supplier, keys)
    }
    expect((await noteAt(world, first.noteId)).end).to.equal(10_000n)
  })

  it('is not met by the keys of another participant, one or both', async () => {
    const [maker, checker] = world.supplier.keys as [Key, Key]
    const [otherMaker, otherChecker] = world.secondSupplier.keys as [Key, Key]
    for (const keys of [
      [maker, otherChecker],
      [otherMaker, checker],
      [otherMaker, otherChecker],
      [maker, checker, otherMaker]
    ]) {
      await attemptBy(world.supplier, keys)
    }
  })

  it('is not met by two makers, nor by two checkers, where one of each is required', async () => {
    const verifier = await world.p256Verifier.getAddress()
    const wallets = (await ethers.getSigners()).slice(-2)
    const makers = [eoaKey(wallets[0]!), p256Key(verifier, 'second maker')]
    const checkers = [p256Key(verifier, 'first checker'), eoaKey(wallets[1]!)]
    const quorum = { makers: 1, checkers: 1 }
    const account = await createAccount(world.accountFactory, makers, checkers, { quorum })
    const actor = { ...world.supplier, account }
    await attemptBy(actor, makers)
    await attemptBy(actor, checkers)
    // Any pair of the two duties meets it, in whichever order they signed.
    for (const keys of [
      [makers[0]!, checkers[0]!],
      [checkers[1]!, makers[1]!],
      [...makers, ...checkers]
    ]) {
      const target = await world.participants.getAddress()
      const data = world.participants.interface.encodeFunctionData('participantCount')
      const batch = await typedDataOf(account, [{ target, data }])
      await expect(carry(account, batch, await sign(batch, keys), world.relayer)).to.emit(account, 'Executed')
    }
  })

  it("is not met when one key's signature stands under the other's name", async () => {
    const { account, keys } = world.supplier
    const [maker, checker] = keys as [Key, Key]
    const data = await typedDataOf(account!, await callsOf(await offerOf(first.noteId, 1n, world.secondSupplier)))
    const [byMaker, byChecker] = [await maker.sign(data), await checker.sign(data)]
    const swapped = encodeMultiSignature([
      { signer: maker.signer, signature: byChecker },
      { signer: checker.signer, signature: byMaker }
    ])
    const attempt = carry(account!, data, swapped, world.relayer)
    await refused(attempt, account!, 'SignatureInvalid', digestOfTypedData(data))
  })
})
