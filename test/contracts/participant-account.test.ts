import { expect } from 'chai'
import { MaxUint256, ZeroAddress, ZeroHash, id } from 'ethers'
import { beforeEach, describe, it } from 'vitest'
import { callOf, type Call, type Command } from '../../domain/intent/commands.ts'
import { digestOfTypedData, encodeMultiSignature, isValidPart, nonceOfIntent } from '../../domain/intent/typed-data.ts'
import { noteIdOf } from '../../domain/note/span.ts'
import { rolesToBits } from '../../domain/participant/roles.ts'
import { receivableIdOf } from '../../domain/receivable/terms.ts'
import { lockOf, noteAt, offerOf, recall, refused, state, termsOf } from './notes.ts'
import { carry, eoaKey, freshNonce, sign, typedDataOf, type Key } from './signing.ts'
import { as, createAccount, ethers, fingerprintOf, nextAt, now, worldOf } from './world.ts'
import type { Deployed, Signer, World } from './world.ts'

let world: World
let account: Deployed
let twin: Deployed
let wallet: Signer
let maker: Key
let stranger: Key
let strangerWallet: Signer
let receivableId: bigint
let noteId: bigint
const amount = 10_000n

/** `account` is a supplier's with one key, `twin` another's with the same key. */
beforeEach(async () => {
  world = await worldOf('plain account')
  ;[wallet, strangerWallet] = (await ethers.getSigners()).slice(-2) as [Signer, Signer]
  ;[maker, stranger] = [eoaKey(wallet), eoaKey(strangerWallet)]
  account = await createAccount(world.accountFactory, [maker])
  twin = await createAccount(world.accountFactory, [maker], [], { salt: id('twin') })
  for (const admitted of [account, twin]) {
    await as(world.participants, world.registrar)('admit')(admitted, rolesToBits(['supplier']), ZeroHash, ZeroHash)
  }
  const creditor = Number((await world.participants.getFunction('participantOf')(account)).id)
  const terms = await termsOf(world, { creditor, amount })
  const fingerprints = [fingerprintOf('account')]
  await world.debtor.act({ kind: 'issue', terms, fingerprints })
  receivableId = receivableIdOf(terms, fingerprints)
  noteId = noteIdOf(receivableId, 0n)
})

async function call(command: Command): Promise<Call> {
  return callOf(command, {
    receivables: await world.receivables.getAddress(),
    fingerprints: await world.fingerprints.getAddress()
  })
}

async function offer(part = 1_000n): Promise<Call> {
  return call(await offerOf(noteId, part, world.secondSupplier))
}

async function isUntouched(): Promise<boolean> {
  const note = await noteAt(world, noteId)
  return note.state === 'live' && note.end === amount
}

describe('the digest', () => {
  it('of the account equals the one that the domain has signed', async () => {
    const batches = [
      [],
      [await offer()],
      [await offer(), await offer(2n), { target: account.target as string, data: '0x' }]
    ]
    for (const calls of batches) {
      for (const nonce of [0n, freshNonce(), MaxUint256]) {
        const data = await typedDataOf(account, calls, { nonce, deadline: 2 ** 48 - 1 })
        const digest = await account.getFunction('digestOf')(calls, nonce, 2 ** 48 - 1)
        expect(digest).to.equal(digestOfTypedData(data))
      }
    }
  })

  it('signed by a key counts as that key’s in the domain', async () => {
    const data = await typedDataOf(account, [await offer()])
    const signature = await maker.sign(data)
    const verifiers = { p256Verifier: ZeroAddress, sm2Verifier: ZeroAddress }
    expect(isValidPart(digestOfTypedData(data), { signer: wallet.address, signature }, verifiers)).to.equal(true)
  })
})

describe('execute', () => {
  it('is refused without a call', async () => {
    const data = await typedDataOf(account, [])
    await expect(carry(account, data, await sign(data, [maker]), world.relayer)).to.be.revertedWithCustomError(
      account,
      'CallsMissing'
    )
  })

  it('is refused when a call goes where no contract is: it would do nothing and use the intent up', async () => {
    const data = await typedDataOf(account, [{ target: wallet.address, data: '0x' }])
    await expect(carry(account, data, await sign(data, [maker]), world.relayer))
      .to.be.revertedWithCustomError(account, 'CallTargetWithoutCode')
      .withArgs(wallet.address)
  })

  it('is refused a second after its deadline, and goes through in that second', async () => {
    const deadline = (await now()) + 100
    for (const late of [1, 0]) {
      const data = await typedDataOf(account, [await offer()], { deadline: deadline + (late === 1 ? 0 : 100) })
      const signature = await sign(data, [maker])
      const at = data.message.deadline + late
      await nextAt(at)
      const carried = carry(account, data, signature, world.relayer)
      if (late === 1) {
        await expect(carried).to.be.revertedWithCustomError(account, 'DeadlinePassed').withArgs(at, deadline)
      } else await expect(carried).to.emit(account, 'Executed').withArgs(data.message.nonce)
    }
  })

  it('is refused with the signature of another key, also to that key itself and to the relayer', async () => {
    const data = await typedDataOf(account, [await offer()])
    const digest = digestOfTypedData(data)
    for (const signer of [strangerWallet, world.relayer]) {
      await expect(carry(account, data, await sign(data, [eoaKey(signer)]), signer))
        .to.be.revertedWithCustomError(account, 'SignatureInvalid')
        .withArgs(digest)
    }
    const own = await maker.sign(data)
    const forged = await stranger.sign(data)
    const misused = [
      encodeMultiSignature([{ signer: maker.signer, signature: forged }]),
      encodeMultiSignature([{ signer: stranger.signer, signature: own }]),
      encodeMultiSignature([]),
      '0x',
      '0x00',
      own
    ]
    for (const signature of misused) {
      await expect(carry(account, data, signature, wallet))
        .to.be.revertedWithCustomError(account, 'SignatureInvalid')
        .withArgs(digest)
    }
    expect(await isUntouched()).to.equal(true)
  })

  it('is refused with the call, nonce, deadline, chain or account changed after signing', async () => {
    const signed = await typedDataOf(account, [await offer(1_000n)])
    const signature = await sign(signed, [maker])
    const changes = [
      { ...signed.message, calls: [await offer(1_001n)] },
      { ...signed.message, calls: [{ ...signed.message.calls[0]!, target: world.relayer.address }] },
      { ...signed.message, calls: [...signed.message.calls, ...signed.message.calls] },
      { ...signed.message, nonce: freshNonce().toString() },
      { ...signed.message, deadline: signed.message.deadline + 1 }
    ]
    for (const message of changes) {
      const changed = { ...signed, message }
      const carried = carry(account, changed, signature, world.relayer)
      await refused(carried, account, 'SignatureInvalid', digestOfTypedData(changed))
    }
    // The twin has the same key: only the domain tells the two apart.
    const { calls, nonce, deadline } = signed.message
    const forTwin = await twin.getFunction('digestOf')(calls, nonce, deadline)
    await refused(carry(twin, signed, signature, world.relayer), twin, 'SignatureInvalid', forTwin)
    const elsewhere = await typedDataOf(account, calls, { chainId: 31_338, nonce: BigInt(nonce), deadline })
    const attempt = carry(account, elsewhere, await sign(elsewhere, [maker]), world.relayer)
    await refused(attempt, account, 'SignatureInvalid', digestOfTypedData(signed))
    expect(await isUntouched()).to.equal(true)
  })

  it('is refused a second time: an intent runs once', async () => {
    const nonce = nonceOfIntent('0193e2c4-7a10-7bbb-8ccc-00000000000a')
    const data = await typedDataOf(account, [await offer()], { nonce })
    const signature = await sign(data, [maker])
    expect(await account.getFunction('nonces(address,uint192)')(account, nonce >> 64n)).to.equal(nonce)
    await expect(carry(account, data, signature, world.relayer))
      .to.emit(account, 'Executed')
      .withArgs(nonce)
    await expect(carry(account, data, signature, world.relayer))
      .to.be.revertedWithCustomError(account, 'InvalidAccountNonce')
      .withArgs(await account.getAddress(), nonce + 1n)
    expect(await account.getFunction('nonces(address,uint192)')(account, nonce >> 64n)).to.equal(nonce + 1n)
  })

  it('is refused with a later sequence than the next of its key', async () => {
    const nonce = freshNonce()
    const data = await typedDataOf(account, [await offer()], { nonce: nonce + 1n })
    await expect(carry(account, data, await sign(data, [maker]), world.relayer))
      .to.be.revertedWithCustomError(account, 'InvalidAccountNonce')
      .withArgs(await account.getAddress(), nonce)
  })

  it('hands a refusal of the registry back unchanged, and the intent can run later', async () => {
    const data = await typedDataOf(account, [await call(recall(noteId))])
    const signature = await sign(data, [maker])
    await expect(carry(account, data, signature, world.relayer))
      .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
      .withArgs(noteId, state('live'), state('offered'))
    const offered = await typedDataOf(account, [await offer(amount)])
    await carry(account, offered, await sign(offered, [maker]), world.relayer)
    await carry(account, data, signature, world.relayer)
    expect(await isUntouched()).to.equal(true)
  })

  it('hands an empty refusal back empty', async () => {
    const unknown = { target: await world.receivables.getAddress(), data: '0x12345678' }
    const data = await typedDataOf(account, [unknown])
    await expect(carry(account, data, await sign(data, [maker]), world.relayer)).to.be.revertedWithoutReason(ethers)
  })

  it('carries out all calls of a batch or none', async () => {
    const tooMuch = await call(await lockOf(noteId, 9_001n, world.factor))
    const failing = await typedDataOf(account, [await offer(1_000n), tooMuch])
    await expect(carry(account, failing, await sign(failing, [maker]), world.relayer))
      .to.be.revertedWithCustomError(world.receivables, 'NoteAmountInvalid')
      .withArgs(noteId, 9_001, 9_000)
    expect(await isUntouched()).to.equal(true)
    const rest = await call(await lockOf(noteId, 9_000n, world.factor))
    const passing = await typedDataOf(account, [await offer(1_000n), rest])
    await carry(account, passing, await sign(passing, [maker]), world.relayer)
    expect(await noteAt(world, noteId)).to.include({ end: 9_000n, state: 'locked' })
    expect(await noteAt(world, noteIdOf(receivableId, 9_000n))).to.include({
      end: 10_000n,
      state: 'offered'
    })
  })

  it('lets one signed batch split a note and lock the piece, whose id is known beforehand', async () => {
    const until = (await now()) + 1_000
    const piece = noteIdOf(receivableId, 6_000n)
    const data = await typedDataOf(account, [
      await call(await offerOf(noteId, 4_000n, world.secondSupplier, { deadline: until })),
      await call(recall(piece)),
      await call(await lockOf(piece, 4_000n, world.factor, { deadline: until }))
    ])
    await carry(account, data, await sign(data, [maker]), world.relayer)
    expect((await noteAt(world, piece)).state).to.equal('locked')
  })

  it('runs intents in any order, whoever carries them', async () => {
    const earlier = await typedDataOf(account, [await offer(1n)])
    const later = await typedDataOf(account, [await offer(2n)])
    await carry(account, later, await sign(later, [maker]), strangerWallet)
    await carry(account, earlier, await sign(earlier, [maker]), world.relayer)
    expect((await noteAt(world, noteId)).end).to.equal(9_997n)
  })
  it('carries the calls of a batch out in the order in which they were signed', async () => {
    const piece = noteIdOf(receivableId, 6_000n)
    const inOrder = [await offer(4_000n), await call(recall(piece))]
    const reversed = await typedDataOf(account, inOrder.toReversed())
    const required = [piece, state('none'), state('offered')]
    const attempt = carry(account, reversed, await sign(reversed, [maker]), world.relayer)
    await refused(attempt, world.receivables, 'NoteTransitionForbidden', ...required)
    // Who signed one order did not sign the other.
    const signed = await typedDataOf(account, inOrder)
    const message = { ...signed.message, calls: inOrder.toReversed() }
    const swapped = { ...signed, message }
    const carried = carry(account, swapped, await sign(signed, [maker]), world.relayer)
    await refused(carried, account, 'SignatureInvalid', digestOfTypedData(swapped))
    await carry(account, signed, await sign(signed, [maker]), world.relayer)
    expect((await noteAt(world, piece)).state).to.equal('live')
  })

  it('is refused when a later call goes where no contract is, and undoes the earlier ones', async () => {
    const data = await typedDataOf(account, [await offer(), { target: wallet.address, data: '0x' }])
    const attempt = carry(account, data, await sign(data, [maker]), world.relayer)
    await refused(attempt, account, 'CallTargetWithoutCode', wallet.address)
    expect(await isUntouched()).to.equal(true)
  })

  it('is refused to carry itself out again from within: the nonce is used up before the calls', async () => {
    const inner = await typedDataOf(account, [await offer()])
    const signature = await sign(inner, [maker])
    const { calls, nonce, deadline } = inner.message
    const data = account.interface.encodeFunctionData('execute', [calls, nonce, deadline, signature])
    const again = { target: await account.getAddress(), data }
    const outer = await typedDataOf(account, [again, again])
    const attempt = carry(account, outer, await sign(outer, [maker]), world.relayer)
    await refused(attempt, account, 'InvalidAccountNonce', await account.getAddress(), BigInt(nonce) + 1n)
    expect(await isUntouched()).to.equal(true)
  })

  it('acts for its own participant only, whatever the batch says', async () => {
    const other = await typedDataOf(twin, [await offer()])
    const participantOf = world.participants.getFunction('participantOf')
    const [own, twins] = [await participantOf(account), await participantOf(twin)]
    const attempt = carry(twin, other, await sign(other, [maker]), world.relayer)
    await refused(attempt, world.receivables, 'NotePartyMismatch', noteId, twins.id, own.id)
  })
})
