import { expect } from 'chai'
import { AbiCoder, ZeroAddress, ZeroHash, id, keccak256, type BaseContract } from 'ethers'
import { beforeEach, describe, it } from 'vitest'
import { digestOfTypedData } from '../../domain/intent/typed-data.ts'
import { eventsOf, refused } from './notes.ts'
import {
  carry,
  duty,
  eoaKey,
  executeSigned,
  gasLimit,
  p256Key,
  sign,
  signersOf,
  typedDataOf,
  type Key
} from './signing.ts'
import {
  DAY,
  as,
  createAccount,
  ethers,
  nextAt,
  now,
  recoveryDelay,
  worldOf,
  type Deployed,
  type Signer,
  type World
} from './world.ts'

type Signers = ReturnType<typeof signersOf> | { signer: string; duty: number }[]
interface Quorum {
  makers: number
  checkers: number
}

let world: World
let factory: Deployed
let verifier: string
let wallets: Signer[]
let keys: Key[]
beforeEach(async () => {
  world = await worldOf('plain account')
  factory = world.accountFactory
  verifier = await world.p256Verifier.getAddress()
  wallets = (await ethers.getSigners()).slice(-3) as Signer[]
  keys = wallets.map(eoaKey)
})

const create = (signers: Signers, quorum: Quorum, salt = ZeroHash) =>
  as(factory, world.relayer)('create')(signers, quorum, salt)
const quorumOf = async (account: BaseContract) => [...(await account.getFunction('quorum')())].map(Number)
const signersIn = async (account: BaseContract): Promise<string[]> =>
  (await account.getFunction('getSigners')(0, 2n ** 64n - 1n)).toSorted()
const lower = (all: readonly Key[]) => all.map(({ signer }) => signer.toLowerCase()).toSorted()

describe('the factory', () => {
  it.each([DAY - 1, 30 * DAY + 1, 0])('is not made with a recovery delay of %i seconds', async (delay) => {
    const attempt = ethers.deployContract('AccountFactory', [world.manager, delay])
    await refused(attempt, factory, 'RecoveryDelayInvalid', delay, DAY, 30 * DAY)
  })

  it('is made with the shortest and the longest delay', async () => {
    for (const delay of [DAY, 30 * DAY]) {
      const made = await ethers.deployContract('AccountFactory', [world.manager, delay])
      expect(await made.getFunction('recoveryDelay')()).to.equal(BigInt(delay))
    }
  })

  it('lets nobody but governance name verifiers', async () => {
    for (const signer of [world.registrar, world.relayer]) {
      for (const isAllowed of [true, false]) {
        const attempt = as(factory, signer)('allowVerifier')(verifier, isAllowed)
        await refused(attempt, factory, 'AccessManagedUnauthorized', signer.address)
      }
    }
    for (const isAllowed of [false, true]) {
      await expect(factory.getFunction('allowVerifier')(verifier, isAllowed))
        .to.emit(factory, 'VerifierAllowed')
        .withArgs(verifier, isAllowed)
      expect(await factory.getFunction('isVerifier')(verifier)).to.equal(isAllowed)
    }
  })

  it('creates an account where addressOf foretold it, for anybody, and says so', async () => {
    const args = [signersOf([keys[0]!], [keys[1]!]), { makers: 1, checkers: 1 }, id('salt')] as const
    const foretold: string = await factory.getFunction('addressOf')(...args)
    expect(await ethers.provider.getCode(foretold)).to.equal('0x')
    await expect(create(...args))
      .to.emit(factory, 'AccountCreated')
      .withArgs(foretold)
    const account = await ethers.getContractAt('ParticipantAccount', foretold)
    expect(await account.getFunction('factory')()).to.equal(await factory.getAddress())
    expect(await quorumOf(account)).to.deep.equal([1, 1])
    expect(await account.getFunction('threshold')()).to.equal(2n)
    expect(await signersIn(account)).to.deep.equal(lower(keys.slice(0, 2)))
    for (const [i, expected] of [duty.maker, duty.checker, duty.none].entries()) {
      expect(await account.getFunction('dutyOf')(keys[i]!.signer)).to.equal(BigInt(expected))
      expect(await account.getFunction('isSigner')(keys[i]!.signer)).to.equal(expected !== duty.none)
    }
  })

  it('is refused to create the same account twice', async () => {
    const args = [signersOf([keys[0]!]), { makers: 1, checkers: 0 }] as const
    const account = await factory.getFunction('addressOf')(...args, ZeroHash)
    await create(...args)
    await refused(create(...args), factory, 'AccountExists', account)
  })

  it('foretells another address for other signers, another order, duty, quorum or salt', async () => {
    const [first, second] = keys as [Key, Key]
    const given: [Signers, Quorum, string][] = [
      [signersOf([first, second]), { makers: 1, checkers: 0 }, ZeroHash],
      [signersOf([second, first]), { makers: 1, checkers: 0 }, ZeroHash],
      [signersOf([first], [second]), { makers: 1, checkers: 0 }, ZeroHash],
      [signersOf([first, second]), { makers: 2, checkers: 0 }, ZeroHash],
      [signersOf([first, second]), { makers: 1, checkers: 0 }, id('salt')],
      [signersOf([first]), { makers: 1, checkers: 0 }, ZeroHash]
    ]
    const addresses = await Promise.all(given.map((args) => factory.getFunction('addressOf')(...args)))
    expect(new Set(addresses).size).to.equal(given.length)
  })
})

describe('the signers of a new account', () => {
  let account: Deployed
  beforeEach(async () => {
    account = await createAccount(factory, [keys[0]!])
  })

  const one = { makers: 1, checkers: 0 }

  it('cannot be contracts, nobody, or too short', async () => {
    const contract = await world.participants.getAddress()
    for (const signer of [contract, ZeroAddress, '0x', '0x1234', `0x${'11'.repeat(19)}`]) {
      const attempt = create([{ signer, duty: duty.maker }], one)
      await refused(attempt, account, 'SignerInvalid', signer.toLowerCase())
    }
  })

  it('cannot be without a duty', async () => {
    const { signer } = keys[0]!
    const attempt = create([{ signer, duty: duty.none }], one)
    await refused(attempt, account, 'SignerDutyMissing', signer.toLowerCase())
    await expect(create([{ signer, duty: 3 }], one)).to.be.revertedWithoutReason(ethers)
  })

  it('cannot have a verifier that is not allowed, or not any more', async () => {
    const stranger = await (await ethers.deployContract('P256Verifier')).getAddress()
    const withStranger = create(signersOf([p256Key(stranger, 'key')]), one)
    await refused(withStranger, account, 'VerifierNotAllowed', stranger)
    await factory.getFunction('allowVerifier')(verifier, false)
    const withFormer = create(signersOf([p256Key(verifier, 'key')]), one)
    await refused(withFormer, account, 'VerifierNotAllowed', verifier)
  })

  it('cannot be one key twice, not even as maker and as checker', async () => {
    const signer = keys[0]!.signer.toLowerCase()
    for (const second of [duty.maker, duty.checker]) {
      const signers = [
        { signer, duty: duty.maker },
        { signer, duty: second }
      ]
      await refused(create(signers, one), account, 'MultiSignerERC7913AlreadyExists', signer)
    }
  })

  it.each<[string, Quorum, [number, number]]>([
    ['no maker', { makers: 0, checkers: 1 }, [2, 1]],
    ['nobody', { makers: 0, checkers: 0 }, [2, 1]],
    ['more makers than there are', { makers: 3, checkers: 1 }, [2, 1]],
    ['more checkers than there are', { makers: 1, checkers: 2 }, [2, 1]]
  ])('cannot be asked for %s', async (_, quorum, available) => {
    const attempt = create(signersOf(keys.slice(0, 2), keys.slice(2)), quorum)
    await refused(attempt, account, 'QuorumInvalid', [quorum.makers, quorum.checkers], available)
  })

  it('cannot be nobody', async () => {
    await refused(create([], one), account, 'QuorumInvalid', [1, 0], [0, 0])
  })
})

describe('changing the signers', () => {
  let account: Deployed
  let itself: string
  beforeEach(async () => {
    account = await createAccount(factory, [keys[0]!], [keys[1]!])
    itself = await account.getAddress()
  })

  async function change(added: Signers, removed: Key[], quorum: Quorum, by: readonly Key[] = keys.slice(0, 2)) {
    const args = [added, removed.map(({ signer }) => signer), quorum]
    const data = account.interface.encodeFunctionData('changeSigners', args)
    return executeSigned(account, [{ target: itself, data }], by, world.relayer)
  }

  it('is refused to everybody but the account itself, its own keys and the factory included', async () => {
    for (const signer of [wallets[0]!, world.registrar, world.admin]) {
      const attempt = as(account, signer)('changeSigners')([], [], { makers: 1, checkers: 0 })
      await refused(attempt, account, 'CallerInvalid', signer.address, itself)
    }
  })

  it('is refused when a signer to remove is not there, or one to add is', async () => {
    const missing = change([], [keys[2]!], { makers: 1, checkers: 1 })
    await refused(missing, account, 'MultiSignerERC7913NonexistentSigner', keys[2]!.signer.toLowerCase())
    const present = change(signersOf([keys[1]!]), [], { makers: 1, checkers: 1 })
    await refused(present, account, 'MultiSignerERC7913AlreadyExists', keys[1]!.signer.toLowerCase())
    expect(await account.getFunction('dutyOf')(keys[1]!.signer)).to.equal(BigInt(duty.checker))
  })

  it('is refused when it leaves too few for the quorum', async () => {
    const attempt = change([], [keys[1]!], { makers: 1, checkers: 1 })
    await refused(attempt, account, 'QuorumInvalid', [1, 1], [1, 0])
    const noMaker = change([], [keys[0]!], { makers: 1, checkers: 1 })
    await refused(noMaker, account, 'QuorumInvalid', [1, 1], [0, 1])
  })

  it('swaps keys and quorum in one step, says so, and the old keys are nobody', async () => {
    const checker = p256Key(verifier, 'checker')
    const added = signersOf([keys[2]!], [checker])
    const sent = await change(added, keys.slice(0, 2), { makers: 1, checkers: 1 })
    const [event] = await eventsOf(account, sent, 'SignersChanged')
    const [said, removed, quorum] = event!.args as unknown as [[string, bigint][], string[], bigint[]]
    const expected = added.map((each) => [each.signer.toLowerCase(), BigInt(each.duty)])
    expect(said.map((each) => [...each])).to.deep.equal(expected)
    expect([...removed]).to.deep.equal(keys.slice(0, 2).map(({ signer }) => signer.toLowerCase()))
    expect([...quorum]).to.deep.equal([1n, 1n])
    expect(await signersIn(account)).to.deep.equal(lower([keys[2]!, checker]))
    const data = await typedDataOf(account, [{ target: await factory.getAddress(), data: '0x' }])
    const attempt = carry(account, data, await sign(data, keys.slice(0, 2)), world.relayer)
    await refused(attempt, account, 'SignatureInvalid', digestOfTypedData(data))
  })

  it('moves a key from one duty to the other by removing and adding it', async () => {
    await change(signersOf([keys[1]!], [keys[0]!]), keys.slice(0, 2), { makers: 1, checkers: 1 })
    expect(await account.getFunction('dutyOf')(keys[1]!.signer)).to.equal(BigInt(duty.maker))
    expect(await account.getFunction('dutyOf')(keys[0]!.signer)).to.equal(BigInt(duty.checker))
  })

  it('leaves signers of a verifier that is not allowed any more, and adds no other', async () => {
    const former = p256Key(verifier, 'former')
    await change(signersOf([], [former]), [], { makers: 1, checkers: 1 })
    await factory.getFunction('allowVerifier')(verifier, false)
    await change(signersOf([], [keys[2]!]), [], { makers: 1, checkers: 1 }, [keys[0]!, former])
    const attempt = change(signersOf([], [p256Key(verifier, 'late')]), [], { makers: 1, checkers: 1 })
    await refused(attempt, account, 'VerifierNotAllowed', verifier)
  })
})

describe('recovery of lost keys', () => {
  let account: Deployed
  let lost: Key
  let found: Key
  const quorum = { makers: 1, checkers: 0 }
  beforeEach(async () => {
    ;[lost, found] = keys as [Key, Key]
    account = await createAccount(factory, [lost])
  })

  const propose = (signers: Signers = signersOf([found]), by = world.registrar) =>
    as(factory, by)('startRecovery')(account, signers, quorum, { gasLimit })
  const finish = (signers: Signers = signersOf([found]), by = world.relayer) =>
    as(account, by)('finishRecovery')(signers, quorum, { gasLimit })
  const proposalOf = (signers: Signers = signersOf([found])) =>
    keccak256(
      AbiCoder.defaultAbiCoder().encode(
        ['tuple(bytes signer,uint8 duty)[]', 'tuple(uint8 makers,uint8 checkers)'],
        [signers, quorum]
      )
    )
  const pending = async () => [...(await account.getFunction('recovery')())]

  async function veto(): Promise<unknown> {
    const data = account.interface.encodeFunctionData('endRecovery')
    return executeSigned(account, [{ target: await account.getAddress(), data }], [lost], world.relayer)
  }

  it('is started and cancelled by nobody but the registrar, governance included', async () => {
    for (const signer of [world.admin, world.relayer, wallets[0]!]) {
      const start = propose(signersOf([found]), signer)
      await refused(start, factory, 'AccessManagedUnauthorized', signer.address)
      const cancel = as(factory, signer)('cancelRecovery')(account)
      await refused(cancel, factory, 'AccessManagedUnauthorized', signer.address)
    }
  })

  it('is not started at the account by anybody but its factory, nor ended by a stranger', async () => {
    const { registrar, relayer } = world
    for (const signer of [registrar, relayer, wallets[0]!]) {
      const start = as(account, signer)('startRecovery')(signersOf([found]), quorum)
      await refused(start, account, 'CallerInvalid', signer.address, await factory.getAddress())
      const end = as(account, signer)('endRecovery')()
      await refused(end, account, 'CallerInvalid', signer.address, await account.getAddress())
    }
    const other = await ethers.deployContract('AccountFactory', [world.manager, recoveryDelay])
    const foreign = other.getFunction('startRecovery')(account, signersOf([found]), quorum)
    await refused(foreign, account, 'CallerInvalid', await other.getAddress(), await factory.getAddress())
  })

  it('is not ended or finished where none is pending', async () => {
    await refused(veto(), account, 'RecoveryMissing', ZeroHash, ZeroHash)
    const cancel = as(factory, world.registrar)('cancelRecovery')(account)
    await refused(cancel, account, 'RecoveryMissing', ZeroHash, ZeroHash)
    await refused(finish(), account, 'RecoveryMissing', proposalOf(), ZeroHash)
  })

  it('is not finished a second before the delay is over', async () => {
    const at = (await now()) + 100
    await nextAt(at)
    await propose()
    await nextAt(at + recoveryDelay - 1)
    const required = [at + recoveryDelay - 1, at + recoveryDelay]
    await refused(finish(), account, 'RecoveryPending', ...required)
    await finish()
  })

  it('is not finished a second after it was as long ready as it had to wait, and a new one may start', async () => {
    const at = (await now()) + 100
    await nextAt(at)
    await propose()
    const lastAt = at + 2 * recoveryDelay
    await nextAt(lastAt + 1)
    await refused(finish(), account, 'RecoveryExpired', lastAt + 1, lastAt)
    expect(await signersIn(account)).to.deep.equal(lower([lost]))
    await propose()
    await nextAt(lastAt + 2 + 2 * recoveryDelay)
    await finish()
    expect(await signersIn(account)).to.deep.equal(lower([found]))
  })

  it('is not finished with other signers than were proposed', async () => {
    await propose()
    await nextAt((await now()) + recoveryDelay)
    const other = signersOf([keys[2]!])
    await refused(finish(other), account, 'RecoveryMissing', proposalOf(other), proposalOf())
  })

  it('is not finished with signers that no account may have', async () => {
    const contract = [{ signer: await world.participants.getAddress(), duty: duty.maker }]
    await propose(contract)
    await nextAt((await now()) + recoveryDelay)
    await refused(finish(contract), account, 'SignerInvalid', contract[0]!.signer.toLowerCase())
    expect(await signersIn(account)).to.deep.equal(lower([lost]))
  })

  it('is vetoed by the account with the keys it has, at any time before it is finished', async () => {
    await propose()
    await nextAt((await now()) + recoveryDelay + DAY)
    await expect(veto()).to.emit(account, 'RecoveryEnded').withArgs(proposalOf(), false)
    expect(await pending()).to.deep.equal([ZeroHash, 0n])
    await refused(finish(), account, 'RecoveryMissing', proposalOf(), ZeroHash)
  })

  it('is cancelled by the registrar', async () => {
    await propose()
    await expect(as(factory, world.registrar)('cancelRecovery')(account))
      .to.emit(account, 'RecoveryEnded')
      .withArgs(proposalOf(), false)
    expect(await pending()).to.deep.equal([ZeroHash, 0n])
  })

  it('waits anew when another proposal replaces the first', async () => {
    await propose()
    const second = signersOf([keys[2]!])
    const at = (await now()) + recoveryDelay - 10
    await nextAt(at)
    await expect(propose(second))
      .to.emit(account, 'RecoveryStarted')
      .withArgs(proposalOf(second), at + recoveryDelay)
    expect(await pending()).to.deep.equal([proposalOf(second), BigInt(at + recoveryDelay)])
    await nextAt(at + 20)
    await refused(finish(), account, 'RecoveryMissing', proposalOf(), proposalOf(second))
    await refused(finish(second), account, 'RecoveryPending', at + 21, at + recoveryDelay)
  })

  it('is finished by anybody, replaces every signer, and says which came and which went', async () => {
    await propose()
    const { readyAt } = await account.getFunction('recovery')()
    await nextAt(Number(readyAt))
    const sent = await finish()
    const [ended] = await eventsOf(account, sent, 'RecoveryEnded')
    expect([...ended!.args]).to.deep.equal([proposalOf(), true])
    expect(await signersIn(account)).to.deep.equal(lower([found]))
    expect(await pending()).to.deep.equal([ZeroHash, 0n])
    const data = await typedDataOf(account, [{ target: await factory.getAddress(), data: '0x' }])
    const attempt = carry(account, data, await sign(data, [lost]), world.relayer)
    await refused(attempt, account, 'SignatureInvalid', digestOfTypedData(data))
    await refused(finish(), account, 'RecoveryMissing', proposalOf(), ZeroHash)
    const [changed] = await eventsOf(account, sent, 'SignersChanged')
    expect([...changed!.args[1]]).to.deep.equal(lower([lost]))
  })

  it('may keep a signer, and changes its duty', async () => {
    const next = signersOf([found], [lost])
    await propose(next)
    await nextAt((await now()) + recoveryDelay)
    await finish(next)
    expect(await account.getFunction('dutyOf')(lost.signer)).to.equal(BigInt(duty.checker))
  })
})
