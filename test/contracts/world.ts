import { network } from 'hardhat'
import { ZeroHash, keccak256, toBeHex, toUtf8Bytes, type BaseContract, type TransactionResponse } from 'ethers'
import { callOf, type Command } from '../../domain/intent/commands.ts'
import { rolesToBits, type Role } from '../../domain/participant/roles.ts'
import { eoaKey, executeSigned, gasLimit, p256Key, signersOf, sm2Key, type Key } from './signing.ts'

/** One simulated chain for each test file. */
export const { ethers, networkHelpers } = await network.create()

export type Signer = Awaited<ReturnType<typeof ethers.getSigner>>
export type Deployed = Awaited<ReturnType<typeof ethers.deployContract>>

/** How a participant acts: with a plain key, or through an account that checks its signature. */
export const actorKinds = ['plain account', 'participant account'] as const
/** Accounts with a maker and a checker, both required: by an EOA and a P-256 key, or by two SM2 keys. */
export const twoKeyKinds = ['two keys of two kinds', 'two SM2 keys'] as const
export type ActorKind = (typeof actorKinds)[number] | (typeof twoKeyKinds)[number]

export const DAY = 86_400
export const bounds = {
  maxTenor: 365 * DAY,
  minAcceptanceWindow: 10,
  maxTier: 16,
  requiresTradeClaim: false
}
export const recoveryDelay = 7 * DAY
export const maxFreeze = 3 * 365 * DAY

export interface Actor {
  id: number
  address: string
  /** Orders the command as this participant, at `at` (another registry version) when given. */
  act(command: Command, at?: BaseContract): Promise<TransactionResponse>
  /** Calls any contract as this participant. */
  call(contract: BaseContract, name: string, ...args: unknown[]): Promise<TransactionResponse>
  /** Undefined for a plain account. */
  account?: Deployed
  keys: Key[]
}

interface Contracts {
  manager: Deployed
  participants: Deployed
  fingerprints: Deployed
  receivables: Deployed
  evidenceLog: Deployed
  accountFactory: Deployed
  p256Verifier: Deployed
  sm2Verifier: Deployed
}

const admissions = {
  debtor: ['debtor'],
  otherDebtor: ['debtor', 'supplier'],
  supplier: ['supplier'],
  secondSupplier: ['supplier'],
  thirdSupplier: ['supplier'],
  factor: ['factor'],
  otherFactor: ['factor'],
  clearing: ['clearing'],
  regulator: ['regulator'],
  otherRegulator: ['regulator'],
  evidence: ['evidence']
} as const satisfies Record<string, Role[]>
export type Name = keyof typeof admissions

export interface World extends Contracts, Record<Name, Actor> {
  kind: ActorKind
  /** Has the registrar role, and no other power. */
  registrar: Signer
  /** Governance: the AccessManager's administrator. */
  admin: Signer
  /** Carries signed batches; not admitted. */
  relayer: Signer
  outsider: Actor
}

/** A fresh world of the given kind; restored from a snapshot at the second call. */
export async function worldOf(kind: ActorKind): Promise<World> {
  return networkHelpers.loadFixture(fixtures[kind])
}

const fixtures: Record<ActorKind, () => Promise<World>> = {
  'plain account': async function plainWorld() {
    return deployWorld('plain account')
  },
  'participant account': async function accountWorld() {
    return deployWorld('participant account')
  },
  'two keys of two kinds': async function twoKeysWorld() {
    return deployWorld('two keys of two kinds')
  },
  'two SM2 keys': async function sm2World() {
    return deployWorld('two SM2 keys')
  }
}

async function deployWorld(kind: ActorKind): Promise<World> {
  const [admin, registrar, relayer, stranger, ...keys] = (await ethers.getSigners()) as [
    Signer,
    Signer,
    Signer,
    Signer,
    ...Signer[]
  ]
  const contracts = await deployContracts()
  await grantRegistrar(contracts, registrar)
  const actors = {} as Record<Name, Actor>
  for (const [i, [name, roles]] of Object.entries(admissions).entries()) {
    const actor = await actorOf(kind, name, keys[i]!, relayer, contracts)
    await as(contracts.participants, registrar)('admit')(actor.address, rolesToBits(roles), hashOf(name), ZeroHash)
    actors[name as Name] = { ...actor, id: i + 1 }
  }
  const outsider = await actorOf(kind, 'outsider', stranger, relayer, contracts)
  return { kind, ...contracts, registrar, admin, relayer, outsider, ...actors }
}

async function deployContracts(): Promise<Contracts> {
  const [admin] = await ethers.getSigners()
  const manager = await ethers.deployContract('AccessManager', [admin!.address])
  const participants = await ethers.deployContract('Participants', [manager])
  const fingerprints = await ethers.deployContract('Fingerprints', [manager, participants])
  const evidenceLog = await ethers.deployContract('EvidenceLog', [participants])
  const accountFactory = await ethers.deployContract('AccountFactory', [manager, recoveryDelay])
  const p256Verifier = await ethers.deployContract('P256Verifier')
  const sm2Verifier = await ethers.deployContract('SM2Verifier')
  for (const verifier of [p256Verifier, sm2Verifier]) await accountFactory.getFunction('allowVerifier')(verifier, true)
  const receivables = await deployRegistry({ participants, fingerprints })
  return { manager, participants, fingerprints, receivables, evidenceLog, accountFactory, p256Verifier, sm2Verifier }
}

/** What the constructor of a registry version is created with. */
export async function creationCodeOf(
  { participants, fingerprints }: Pick<World, 'participants' | 'fingerprints'>,
  policy: typeof bounds = bounds
): Promise<string> {
  const factory = await ethers.getContractFactory('Receivables')
  const { data } = await factory.getDeployTransaction(participants, fingerprints, policy)
  return data
}

/** The next version of the registry, created by governance. */
export async function deployRegistry(
  peers: Pick<World, 'participants' | 'fingerprints'>,
  policy: typeof bounds = bounds
): Promise<Deployed> {
  const { fingerprints } = peers
  const number: bigint = (await fingerprints.getFunction('registryCount')()) + 1n
  await fingerprints.getFunction('create')(await creationCodeOf(peers, policy))
  return ethers.getContractAt('Receivables', await fingerprints.getFunction('registryOf')(number))
}

export const REGISTRAR_ROLE = 1n

async function grantRegistrar({ manager, participants, accountFactory }: Contracts, registrar: Signer): Promise<void> {
  for (const [target, names] of [
    [participants, ['admit', 'setRoles', 'setStatus']],
    [accountFactory, ['startRecovery', 'cancelRecovery']]
  ] as const) {
    const selectors = names.map((name) => target.interface.getFunction(name)!.selector)
    await manager.getFunction('setTargetFunctionRole')(target, selectors, REGISTRAR_ROLE)
  }
  await manager.getFunction('grantRole')(REGISTRAR_ROLE, registrar, 0)
}

async function keysOf(kind: ActorKind, name: string, wallet: Signer, contracts: Contracts): Promise<[Key, ...Key[]]> {
  switch (kind) {
    case 'two keys of two kinds':
      return [eoaKey(wallet), p256Key(await contracts.p256Verifier.getAddress(), name)]
    case 'two SM2 keys': {
      const verifier = await contracts.sm2Verifier.getAddress()
      return [sm2Key(verifier, `${name}, maker`), sm2Key(verifier, `${name}, checker`)]
    }
    default:
      return [eoaKey(wallet)]
  }
}

async function actorOf(
  kind: ActorKind,
  name: string,
  wallet: Signer,
  relayer: Signer,
  contracts: Contracts
): Promise<Actor> {
  const fingerprints = await contracts.fingerprints.getAddress()
  const acting = (send: (call: { target: string; data: string }) => Promise<TransactionResponse>) => ({
    id: 0,
    act: async (command: Command, at: BaseContract = contracts.receivables) =>
      send(callOf(command, { receivables: await at.getAddress(), fingerprints })),
    call: async (contract: BaseContract, method: string, ...args: unknown[]) =>
      send({ target: await contract.getAddress(), data: contract.interface.encodeFunctionData(method, args) })
  })
  if (kind === 'plain account') {
    const send = acting(({ target, data }) => wallet.sendTransaction({ to: target, data, gasLimit }))
    return { ...send, address: wallet.address, keys: [] }
  }
  const [maker, ...checkers] = await keysOf(kind, name, wallet, contracts)
  const account = await createAccount(contracts.accountFactory, [maker], checkers)
  const keys = [maker, ...checkers]
  const send = acting((call) => executeSigned(account, [call], keys, relayer))
  return { ...send, address: await account.getAddress(), account, keys }
}

/** An account that requires all of these keys, unless another quorum is given. */
export async function createAccount(
  accountFactory: Deployed,
  makers: readonly Key[],
  checkers: readonly Key[] = [],
  { quorum = { makers: makers.length, checkers: checkers.length }, salt = ZeroHash } = {}
): Promise<Deployed> {
  const args = [signersOf(makers, checkers), quorum, salt]
  await accountFactory.getFunction('create')(...args)
  return ethers.getContractAt('ParticipantAccount', await accountFactory.getFunction('addressOf')(...args))
}

/** The contract's functions, called by `signer`. */
export function as(contract: BaseContract, signer: Signer): BaseContract['getFunction'] {
  const connected = contract.connect(signer) as BaseContract
  return connected.getFunction.bind(connected)
}

/** A hash that stands for some document. */
export function hashOf(text: string): string {
  return keccak256(toUtf8Bytes(text))
}

/** The word of a claim, as a registry makes it. */
export function claimWordOf(subject: number | bigint, claimant: number, registry: number, reason: number): bigint {
  return BigInt(subject) | (BigInt(claimant) << 192n) | (BigInt(registry) << 224n) | (BigInt(reason) << 232n)
}

/** A fingerprint under the key of `epoch`. */
export function fingerprintOf(text: string, epoch = 1): string {
  return toBeHex(epoch, 2) + hashOf(text).slice(2, 62)
}

export async function now(): Promise<number> {
  return networkHelpers.time.latest()
}

/** The next transaction is mined at exactly this second. */
export async function nextAt(timestamp: number): Promise<void> {
  await networkHelpers.time.setNextBlockTimestamp(timestamp)
}

export const status = { none: 0, active: 1, suspended: 2 } as const

export async function suspend(world: World, actor: Actor): Promise<void> {
  await as(world.participants, world.registrar)('setStatus')(actor.id, status.suspended)
}

export async function setRoles(world: World, actor: Actor, roles: Role[]): Promise<void> {
  await as(world.participants, world.registrar)('setRoles')(actor.id, rolesToBits(roles))
}
