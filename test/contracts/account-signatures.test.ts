import { expect } from 'chai'
import {
  Signature,
  TypedDataEncoder,
  ZeroHash,
  concat,
  dataLength,
  dataSlice,
  id,
  keccak256,
  toBeHex,
  toUtf8Bytes
} from 'ethers'
import { beforeEach, describe, it } from 'vitest'
import { digestOfTypedData, encodeMultiSignature } from '../../domain/intent/typed-data.ts'
import { refused } from './notes.ts'
import {
  carry,
  eoaKey,
  executeSigned,
  p256Key,
  sign,
  signersOf,
  typedDataOf,
  type Key,
  type Signable
} from './signing.ts'
import { createAccount, ethers, networkHelpers, worldOf, type Deployed, type Signer, type World } from './world.ts'

const secp256k1Order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const isValid = '0x1626ba7e'
const isInvalid = '0xffffffff'

let world: World
let maker: Key
let checker: Key
let account: Deployed
let twin: Deployed

/** Two accounts with the same two keys: an EOA maker and a P-256 checker. */
beforeEach(async () => {
  world = await worldOf('plain account')
  maker = eoaKey((await ethers.getSigners()).at(-1) as Signer)
  checker = p256Key(await world.p256Verifier.getAddress(), 'checker')
  account = await createAccount(world.accountFactory, [maker], [checker])
  twin = await createAccount(world.accountFactory, [maker], [checker], { salt: id('twin') })
})

/** A call that anybody may make and that changes nothing. */
async function harmless() {
  return {
    target: await world.participants.getAddress(),
    data: world.participants.interface.encodeFunctionData('participantCount')
  }
}

describe('a signature of a batch', () => {
  async function carriedWith(change: (byMaker: string, byChecker: string) => [string, string]) {
    const data = await typedDataOf(account, [await harmless()])
    const [byMaker, byChecker] = change(await maker.sign(data), await checker.sign(data))
    const signature = encodeMultiSignature([
      { signer: maker.signer, signature: byMaker },
      { signer: checker.signer, signature: byChecker }
    ])
    return { data, carried: carry(account, data, signature, world.relayer) }
  }

  it('is taken as the keys made it', async () => {
    const { data, carried } = await carriedWith((...both) => both)
    await expect(carried).to.emit(account, 'Executed').withArgs(data.message.nonce)
  })

  const withV = (signature: string, v: number) => concat([dataSlice(signature, 0, 64), toBeHex(v, 1)])
  const otherV = (signature: string) => (Signature.from(signature).v === 27 ? 28 : 27)
  const mirrored = (signature: string, order: bigint) =>
    concat([dataSlice(signature, 0, 32), toBeHex(order - BigInt(dataSlice(signature, 32, 64)), 32)])

  it.each<[string, (signature: string) => string]>([
    ['its mirror with s in the upper half', (own) => withV(mirrored(own, secp256k1Order), otherV(own))],
    ['the other v', (own) => withV(own, otherV(own))],
    ['v counted from 0', (own) => withV(own, Signature.from(own).v - 27)],
    ['v of another chain rule', (own) => withV(own, 31_337 % 256)],
    ['64 bytes, the compact form of EIP-2098', (own) => Signature.from(own).compactSerialized],
    ['a byte more', (own) => concat([own, '0x00'])],
    ['a byte less', (own) => dataSlice(own, 0, 64)],
    ['nothing', () => '0x'],
    ['zero r and s', () => withV(concat([ZeroHash, ZeroHash]), 27)]
  ])('of an EOA key is refused as %s', async (_, change) => {
    const { data, carried } = await carriedWith((own, other) => [change(own), other])
    await refused(carried, account, 'SignatureInvalid', digestOfTypedData(data))
  })

  it.each<[string, (signature: string) => string]>([
    ['its mirror with s in the upper half', (own) => mirrored(own, p256Order)],
    ['a byte more', (own) => concat([own, '0x00'])],
    ['a recovery byte more', (own) => concat([own, '0x1b'])],
    ['32 bytes more', (own) => concat([own, ZeroHash])],
    ['a byte less', (own) => dataSlice(own, 0, 63)],
    ['nothing', () => '0x'],
    ['zero r and s', () => concat([ZeroHash, ZeroHash])],
    ['r and s swapped', (own) => concat([dataSlice(own, 32, 64), dataSlice(own, 0, 32)])],
    ['r of the order', (own) => concat([toBeHex(p256Order, 32), dataSlice(own, 32, 64)])]
  ])('of a P-256 key is refused as %s', async (_, change) => {
    const { data, carried } = await carriedWith((other, own) => [other, change(own)])
    await refused(carried, account, 'SignatureInvalid', digestOfTypedData(data))
  })

  it('of an EOA key counts alone, also when code that says yes to everything came to stand at its address', async () => {
    const yes = concat(['0x63', isValid, '0x60e01b5f5260205ff3'])
    await networkHelpers.setCode(maker.signer, yes)
    for (const wrong of ['0x', concat([ZeroHash, ZeroHash, '0x1b'])]) {
      const { data, carried } = await carriedWith((_, other) => [wrong, other])
      await refused(carried, account, 'SignatureInvalid', digestOfTypedData(data))
    }
    const { data, carried } = await carriedWith((...both) => both)
    await expect(carried).to.emit(account, 'Executed').withArgs(data.message.nonce)
  })

  it('of a P-256 key has 64 bytes', async () => {
    const data = await typedDataOf(account, [await harmless()])
    expect(dataLength(await checker.sign(data))).to.equal(64)
  })

  it('is refused in an encoding that does not hold together', async () => {
    const data = await typedDataOf(account, [await harmless()])
    const whole = await sign(data, [maker, checker])
    const parts = [{ signer: maker.signer, signature: await maker.sign(data) }]
    const word = (value: bigint) => toBeHex(value, 32)
    const broken = [
      '0x',
      '0x00',
      whole.slice(0, 2 + 64),
      concat([word(2n ** 256n - 1n), word(64n)]),
      concat([word(64n), word(64n), word(2n ** 64n)]),
      encodeMultiSignature(parts),
      ethers.AbiCoder.defaultAbiCoder().encode(['bytes[]', 'bytes[]'], [[maker.signer, checker.signer], []])
    ]
    for (const signature of broken) {
      const carried = carry(account, data, signature, world.relayer)
      await refused(carried, account, 'SignatureInvalid', digestOfTypedData(data))
    }
  })

  it('is refused when its signers are not in the order of their hashes, each once', async () => {
    const data = await typedDataOf(account, [await harmless()])
    const parts = await Promise.all(
      [maker, checker].map(async (key) => ({ signer: key.signer, signature: await key.sign(data) }))
    )
    const [low, high] = parts.toSorted((a, b) => (keccak256(a.signer) < keccak256(b.signer) ? -1 : 1))
    const encoded = (ordered: typeof parts) =>
      ethers.AbiCoder.defaultAbiCoder().encode(
        ['bytes[]', 'bytes[]'],
        [ordered.map(({ signer }) => signer), ordered.map(({ signature }) => signature)]
      )
    for (const wrong of [
      [high!, low!],
      [low!, low!, high!],
      [low!, high!, high!],
      [low!, high!, low!]
    ]) {
      const carried = carry(account, data, encoded(wrong), world.relayer)
      await refused(carried, account, 'SignatureInvalid', digestOfTypedData(data))
    }
    await carry(account, data, encoded([low!, high!]), world.relayer)
  })

  it('is refused, without a word, when a part of it lies beyond its end', async () => {
    const data = await typedDataOf(account, [await harmless()])
    const whole = await sign(data, [maker, checker])
    const cut = carry(account, data, dataSlice(whole, 0, dataLength(whole) - 32), world.relayer)
    await expect(cut).to.be.revertedWithoutReason(ethers)
  })

  it('is refused when a signer was removed between signing and sending, and of the new one for an old batch', async () => {
    const data = await typedDataOf(account, [await harmless()])
    const signature = await sign(data, [maker, checker])
    const next = p256Key(await world.p256Verifier.getAddress(), 'next checker')
    const change = account.interface.encodeFunctionData('changeSigners', [
      signersOf([], [next]),
      [checker.signer],
      { makers: 1, checkers: 1 }
    ])
    const itself = { target: await account.getAddress(), data: change }
    await executeSigned(account, [itself], [maker, checker], world.relayer)
    const late = carry(account, data, signature, world.relayer)
    await refused(late, account, 'SignatureInvalid', digestOfTypedData(data))
    await carry(account, data, await sign(data, [maker, next]), world.relayer)
  })
})

describe('ERC-1271 by ERC-7739', () => {
  const domain = { name: 'Bank', version: '2', chainId: 31337, verifyingContract: `0x${'b0'.repeat(20)}` }
  const mail = { Mail: [{ name: 'text', type: 'string' }] }
  const contents = { text: 'agreed' }
  const typeName = 'Mail(string text)'
  const own = async (of: Deployed) => ({
    name: 'Tallystick Account',
    version: '1',
    chainId: 31337,
    verifyingContract: await of.getAddress()
  })
  const ask = (of: Deployed, hash: string, signature: string): Promise<string> =>
    of.getFunction('isValidSignature')(hash, signature)

  /** The application's data, nested in what names the account. */
  async function nested(of: Deployed): Promise<Signable> {
    const nesting = [
      { name: 'contents', type: 'Mail' },
      { name: 'name', type: 'string' },
      { name: 'version', type: 'string' },
      { name: 'chainId', type: 'uint256' },
      { name: 'verifyingContract', type: 'address' },
      { name: 'salt', type: 'bytes32' }
    ]
    const types = { TypedDataSign: nesting, ...mail }
    return { domain, types, message: { contents, ...(await own(of)), salt: ZeroHash } }
  }

  function wrapped(signature: string): string {
    const separator = TypedDataEncoder.hashDomain(domain)
    const contentsHash = TypedDataEncoder.hashStruct('Mail', mail, contents)
    return concat([signature, separator, contentsHash, toUtf8Bytes(typeName), toBeHex(typeName.length, 2)])
  }

  const hash = TypedDataEncoder.hash(domain, mail, contents)

  it('takes typed data signed by the quorum for this account, and refuses it for its twin', async () => {
    const signature = wrapped(await sign(await nested(account), [maker, checker]))
    expect(await ask(account, hash, signature)).to.equal(isValid)
    expect(await ask(twin, hash, signature)).to.equal(isInvalid)
    expect(await ask(account, keccak256('0x'), signature)).to.equal(isInvalid)
  })

  it('takes a personal message signed for this account, and refuses it for its twin', async () => {
    const prefixed = toUtf8Bytes('\x19Ethereum Signed Message:\n5login')
    const types = { PersonalSign: [{ name: 'prefixed', type: 'bytes' }] }
    const message = { domain: await own(account), types, message: { prefixed } }
    const signature = await sign(message, [maker, checker])
    expect(await ask(account, keccak256(prefixed), signature)).to.equal(isValid)
    expect(await ask(twin, keccak256(prefixed), signature)).to.equal(isInvalid)
  })

  it('refuses what the keys signed without naming the account, and a quorum that is not met', async () => {
    const bare = await sign({ domain, types: mail, message: contents }, [maker, checker])
    expect(await ask(account, hash, bare)).to.equal(isInvalid)
    expect(await ask(account, hash, wrapped(bare))).to.equal(isInvalid)
    for (const keys of [[maker], [checker], [maker, maker]]) {
      const signature = wrapped(await sign(await nested(account), keys))
      expect(await ask(account, hash, signature)).to.equal(isInvalid)
    }
    expect(await ask(account, hash, '0x')).to.equal(isInvalid)
  })

  it('a signature of a batch is no signature for anybody else', async () => {
    const batch = await typedDataOf(account, [await harmless()])
    const signature = await sign(batch, [maker, checker])
    expect(await ask(account, digestOfTypedData(batch), signature)).to.equal(isInvalid)
  })
})
