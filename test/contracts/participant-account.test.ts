import { expect } from 'chai'
import { MaxUint256, ZeroHash, type BaseContract } from 'ethers'
import { beforeEach, describe, it } from 'vitest'
import { callOf, type Call, type Command } from '../../domain/intent/commands.ts'
import {
  digestOfTypedData,
  encodeMultiSignature,
  nonceOfIntent,
  recoverSigner
} from '../../domain/intent/typed-data.ts'
import { noteIdOf } from '../../domain/note/span.ts'
import { noteStates } from '../../domain/note/note-states.ts'
import { rolesToBits } from '../../domain/participant/roles.ts'
import { receivableIdOf } from '../../domain/receivable/terms.ts'
import {
  carry,
  confirmed,
  ethers,
  fingerprintOf,
  freshNonce,
  lockOf,
  nextAt,
  noteAt,
  now,
  offerOf,
  sign,
  termsOf,
  typedDataOf,
  worldOf,
  type Confirmed,
  type Deployed,
  type Signer,
  type World
} from './world.ts'

let world: World
let account: Deployed
let twin: Deployed
let pair: Deployed
let maker: Signer
let checker: Signer
let stranger: Signer
let first: Confirmed

/** `account` is a supplier's with one key, `twin` another's with the same key, `pair` a third's with two. */
beforeEach(async () => {
  world = await worldOf('plain account')
  ;[maker, checker, stranger] = (await ethers.getSigners()).slice(-3) as [Signer, Signer, Signer]
  account = await ethers.deployContract('ParticipantAccount', [[maker.address], 1])
  twin = await ethers.deployContract('ParticipantAccount', [[maker.address], 1])
  pair = await ethers.deployContract('ParticipantAccount', [[maker.address, checker.address], 2])
  const directory = world.participants.connect(world.registrar) as BaseContract
  for (const admitted of [account, twin, pair]) {
    await directory.getFunction('admit')(admitted, rolesToBits(['supplier']), ZeroHash, ZeroHash)
  }
  const creditor = Number((await world.participants.getFunction('participantOf')(account)).id)
  const terms = await termsOf(world, { creditor })
  const fingerprints = [fingerprintOf('account')]
  await world.debtor.act({ kind: 'issue', terms, fingerprints })
  const receivableId = receivableIdOf(terms, fingerprints)
  first = { terms, fingerprints, receivableId, noteId: noteIdOf(receivableId, 0n) }
})

async function call(command: Command): Promise<Call> {
  return callOf(command, { receivables: await world.receivables.getAddress() })
}

async function offer(amount = 1_000n): Promise<Call> {
  return call(await offerOf(first.noteId, amount, world.secondSupplier))
}

async function isUntouched(): Promise<boolean> {
  const note = await noteAt(world, first.noteId)
  return note.state === noteStates.indexOf('live') && note.end === first.terms.amount
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

  it('signed by a key is recovered to that key by the domain', async () => {
    const data = await typedDataOf(account, [await offer()])
    const signature = await maker.signTypedData(data.domain, data.types, data.message)
    expect(recoverSigner(data, signature)).to.equal(maker.address)
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
    const data = await typedDataOf(account, [{ target: maker.address, data: '0x' }])
    await expect(carry(account, data, await sign(data, [maker]), world.relayer))
      .to.be.revertedWithCustomError(account, 'CallTargetWithoutCode')
      .withArgs(maker.address)
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
    for (const signer of [stranger, checker, world.relayer]) {
      await expect(carry(account, data, await sign(data, [signer]), signer))
        .to.be.revertedWithCustomError(account, 'SignatureInvalid')
        .withArgs(digest)
    }
    const own = await maker.signTypedData(data.domain, data.types, data.message)
    const forged = await stranger.signTypedData(data.domain, data.types, data.message)
    const misused = [
      encodeMultiSignature([{ signer: maker.address, signature: forged }]),
      encodeMultiSignature([{ signer: stranger.address, signature: own }]),
      encodeMultiSignature([]),
      '0x',
      '0x00',
      own
    ]
    for (const signature of misused) {
      await expect(carry(account, data, signature, maker))
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
      const carried = carry(account, { ...signed, message }, signature, world.relayer)
      await expect(carried).to.be.revertedWithCustomError(account, 'SignatureInvalid')
    }
    // The twin has the same key: only the domain tells the two apart.
    await expect(carry(twin, signed, signature, world.relayer)).to.be.revertedWithCustomError(twin, 'SignatureInvalid')
    const elsewhere = await typedDataOf(account, [await offer()], { chainId: 31_338 })
    await expect(
      carry(account, elsewhere, await sign(elsewhere, [maker]), world.relayer)
    ).to.be.revertedWithCustomError(account, 'SignatureInvalid')
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
    const early = { kind: 'recall', noteId: first.noteId } as const
    const data = await typedDataOf(account, [await call(early)])
    const signature = await sign(data, [maker])
    const [live, required] = [noteStates.indexOf('live'), noteStates.indexOf('offered')]
    await expect(carry(account, data, signature, world.relayer))
      .to.be.revertedWithCustomError(world.receivables, 'NoteTransitionForbidden')
      .withArgs(first.noteId, live, required)
    const offered = await typedDataOf(account, [await offer(first.terms.amount)])
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
    const tooMuch = await call(await lockOf(first.noteId, 9_001n, world.factor))
    const failing = await typedDataOf(account, [await offer(1_000n), tooMuch])
    await expect(carry(account, failing, await sign(failing, [maker]), world.relayer))
      .to.be.revertedWithCustomError(world.receivables, 'NoteAmountInvalid')
      .withArgs(first.noteId, 9_001, 9_000)
    expect(await isUntouched()).to.equal(true)
    const rest = await call(await lockOf(first.noteId, 9_000n, world.factor))
    const passing = await typedDataOf(account, [await offer(1_000n), rest])
    await carry(account, passing, await sign(passing, [maker]), world.relayer)
    expect(await noteAt(world, first.noteId)).to.include({ end: 9_000n, state: noteStates.indexOf('locked') })
    expect(await noteAt(world, noteIdOf(first.receivableId, 9_000n))).to.include({
      end: 10_000n,
      state: noteStates.indexOf('offered')
    })
  })

  it('lets one signed batch split a note and lock the piece, whose id is known beforehand', async () => {
    const until = (await now()) + 1_000
    const piece = noteIdOf(first.receivableId, 6_000n)
    const data = await typedDataOf(account, [
      await call(await offerOf(first.noteId, 4_000n, world.secondSupplier, until)),
      await call({ kind: 'recall', noteId: piece }),
      await call(await lockOf(piece, 4_000n, world.factor, until))
    ])
    await carry(account, data, await sign(data, [maker]), world.relayer)
    expect((await noteAt(world, piece)).state).to.equal(noteStates.indexOf('locked'))
  })

  it('runs intents in any order, whoever carries them', async () => {
    const earlier = await typedDataOf(account, [await offer(1n)])
    const later = await typedDataOf(account, [await offer(2n)])
    await carry(account, later, await sign(later, [maker]), stranger)
    await carry(account, earlier, await sign(earlier, [maker]), world.relayer)
    expect((await noteAt(world, first.noteId)).end).to.equal(9_997n)
  })
})

describe('an account of maker and checker', () => {
  const harmless = async () => [await call({ kind: 'accept', noteId: first.noteId })]

  it('is refused with one signature, with one signer twice and with a stranger as second', async () => {
    const data = await typedDataOf(pair, await harmless())
    const part = async (signer: Signer) => ({
      signer: signer.address,
      signature: await signer.signTypedData(data.domain, data.types, data.message)
    })
    const attempts = [
      [await part(maker)],
      [await part(checker)],
      [await part(maker), await part(maker)],
      [await part(maker), await part(stranger)],
      [await part(maker), { ...(await part(maker)), signer: checker.address }]
    ]
    for (const parts of attempts) {
      await expect(carry(pair, data, encodeMultiSignature(parts), maker))
        .to.be.revertedWithCustomError(pair, 'SignatureInvalid')
        .withArgs(digestOfTypedData(data))
    }
  })

  it('acts when both signed, in whichever order they did', async () => {
    const { id } = await world.participants.getFunction('participantOf')(pair)
    const other = await confirmed(world)
    const offerToPair = { ...(await offerOf(other.noteId, 100n, world.secondSupplier)), assignee: Number(id) }
    for (const signers of [
      [maker, checker],
      [checker, maker]
    ]) {
      const { end } = await noteAt(world, other.noteId)
      await world.supplier.act(offerToPair)
      const offeredId = noteIdOf(other.receivableId, end - 100n)
      const data = await typedDataOf(pair, [await call({ kind: 'accept', noteId: offeredId })])
      await carry(pair, data, await sign(data, signers), world.relayer)
      expect((await noteAt(world, offeredId)).holder).to.equal(Number(id))
    }
  })

  it('cannot be made with a threshold of none, beyond its signers, or with a signer twice', async () => {
    const deploy = (signers: string[], threshold: number) =>
      ethers.deployContract('ParticipantAccount', [signers, threshold])
    await expect(deploy([maker.address], 0)).to.be.revertedWithCustomError(pair, 'MultiSignerERC7913ZeroThreshold')
    await expect(deploy([maker.address], 2))
      .to.be.revertedWithCustomError(pair, 'MultiSignerERC7913UnreachableThreshold')
      .withArgs(1, 2)
    await expect(deploy([maker.address, maker.address], 2))
      .to.be.revertedWithCustomError(pair, 'MultiSignerERC7913AlreadyExists')
      .withArgs(maker.address.toLowerCase())
  })
})
