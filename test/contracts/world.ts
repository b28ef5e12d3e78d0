import { network } from 'hardhat'
import { ZeroHash, keccak256, toBeHex, toUtf8Bytes, type BaseContract, type TransactionResponse } from 'ethers'
import { callOf, type Call, type Command } from '../../domain/intent/commands.ts'
import { encodeMultiSignature, executeTypedData, type ExecuteTypedData } from '../../domain/intent/typed-data.ts'
import { rolesToBits, type Role } from '../../domain/participant/roles.ts'
import { receivableIdOf, type Terms } from '../../domain/receivable/terms.ts'
import { noteIdOf } from '../../domain/note/span.ts'

/** One simulated chain for each test file. */
export const { ethers, networkHelpers } = await network.create()

export type Signer = Awaited<ReturnType<typeof ethers.getSigner>>
export type Deployed = Awaited<ReturnType<typeof ethers.deployContract>>

/** How a participant acts: with a plain key, or through an account that checks its signature. */
export const actorKinds = ['plain account', 'participant account'] as const
export type ActorKind = (typeof actorKinds)[number]

export const DAY = 86_400
export const bounds = { maxTenor: 365 * DAY, maxTier: 16, minAcceptanceWindow: 10 } as const

/** Enough for every call; a fixed limit keeps estimation from mining or refusing on its own. */
const gasLimit = 8_000_000

export interface Actor {
  id: number
  address: string
  /** Orders the command as this participant, at `at` (another registry version) when given. */
  act(command: Command, at?: BaseContract): Promise<TransactionResponse>
}

export interface World {
  kind: ActorKind
  manager: Deployed
  participants: Deployed
  fingerprints: Deployed
  receivables: Deployed
  evidenceLog: Deployed
  /** Has the registrar role, and no other power. */
  registrar: Signer
  admin: Signer
  /** Carries signed batches; not admitted. */
  relayer: Signer
  outsider: Actor
  debtor: Actor
  otherDebtor: Actor
  supplier: Actor
  secondSupplier: Actor
  thirdSupplier: Actor
  factor: Actor
  otherFactor: Actor
  clearing: Actor
  regulator: Actor
  evidence: Actor
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
  evidence: ['evidence']
} as const satisfies Record<string, Role[]>
type Name = keyof typeof admissions

/** A fresh world of the given kind; restored from a snapshot at the second call. */
export async function worldOf(kind: ActorKind): Promise<World> {
  return networkHelpers.loadFixture(kind === 'plain account' ? plainWorld : accountWorld)
}

async function plainWorld(): Promise<World> {
  return deployWorld('plain account')
}

async function accountWorld(): Promise<World> {
  return deployWorld('participant account')
}

async function deployWorld(kind: ActorKind): Promise<World> {
  const [admin, registrar, relayer, stranger, ...keys] = (await ethers.getSigners()) as [
    Signer,
    Signer,
    Signer,
    Signer,
    ...Signer[]
  ]
  const manager = await ethers.deployContract('AccessManager', [admin.address])
  const participants = await ethers.deployContract('Participants', [manager])
  const fingerprints = await ethers.deployContract('Fingerprints', [manager])
  const evidenceLog = await ethers.deployContract('EvidenceLog', [participants])
  const receivables = await deployRegistry({ participants, fingerprints })
  await grantRegistrar(manager, participants, registrar)
  const actors = {} as Record<Name, Actor>
  for (const [i, [name, roles]] of Object.entries(admissions).entries()) {
    const { act, address } = await actorOf(kind, keys[i]!, relayer, receivables)
    await participants.connect(registrar).getFunction('admit')(address, rolesToBits(roles), hashOf(name), ZeroHash)
    actors[name as Name] = { id: i + 1, address, act }
  }
  const outsider = { id: 0, ...(await actorOf(kind, stranger, relayer, receivables)) }
  const contracts = { manager, participants, fingerprints, receivables, evidenceLog }
  return { kind, ...contracts, registrar, admin, relayer, outsider, ...actors }
}

/** Another version of the registry beside the first, authorised to claim. */
export async function deployRegistry(
  { participants, fingerprints }: Pick<World, 'participants' | 'fingerprints'>,
  { maxTenor, maxTier, minAcceptanceWindow }: Record<keyof typeof bounds, number> = bounds
): Promise<Deployed> {
  const limits = [maxTenor, maxTier, minAcceptanceWindow]
  const registry = await ethers.deployContract('Receivables', [participants, fingerprints, ...limits])
  await fingerprints.getFunction('authorise')(registry)
  return registry
}

const REGISTRAR_ROLE = 1n

async function grantRegistrar(manager: Deployed, participants: Deployed, registrar: Signer): Promise<void> {
  const selectors = ['admit', 'setRoles', 'setStatus'].map((name) => participants.interface.getFunction(name)!.selector)
  await manager.getFunction('setTargetFunctionRole')(participants, selectors, REGISTRAR_ROLE)
  await manager.getFunction('grantRole')(REGISTRAR_ROLE, registrar, 0)
}

async function actorOf(
  kind: ActorKind,
  key: Signer,
  relayer: Signer,
  receivables: Deployed
): Promise<Pick<Actor, 'act' | 'address'>> {
  const callAt = async (command: Command, at: BaseContract) => callOf(command, { receivables: await at.getAddress() })
  if (kind === 'plain account') {
    const act = async (command: Command, at: BaseContract = receivables) => {
      const call = await callAt(command, at)
      return key.sendTransaction({ to: call.target, data: call.data, gasLimit })
    }
    return { address: key.address, act }
  }
  const account = await ethers.deployContract('ParticipantAccount', [[key.address], 1])
  const act = async (command: Command, at: BaseContract = receivables) =>
    executeSigned(account, [await callAt(command, at)], [key], relayer)
  return { address: await account.getAddress(), act }
}

let intents = 0n

/** A nonce that no intent of this file had before. */
export function freshNonce(): bigint {
  return ++intents << 64n
}

/** What the signers of `account` are asked to sign. */
export async function typedDataOf(
  account: BaseContract,
  calls: Call[],
  { nonce = freshNonce(), deadline = 2 ** 40, chainId = 31337 } = {}
): Promise<ExecuteTypedData> {
  return executeTypedData(chainId, await account.getAddress(), calls, nonce, deadline)
}

/** The signers' parts over the typed data, encoded for the account. */
export async function sign(data: ExecuteTypedData, signers: readonly Signer[]): Promise<string> {
  const parts = signers.map(async (signer) => ({
    signer: signer.address,
    signature: await signer.signTypedData(data.domain, data.types, data.message)
  }))
  return encodeMultiSignature(await Promise.all(parts))
}

/** Has `relayer` carry a batch. */
export async function carry(
  account: BaseContract,
  { message }: ExecuteTypedData,
  signature: string,
  relayer: Signer
): Promise<TransactionResponse> {
  const execute = (account.connect(relayer) as BaseContract).getFunction('execute')
  return execute(message.calls, message.nonce, message.deadline, signature, { gasLimit })
}

/** Signs a batch and has `relayer` carry it. */
export async function executeSigned(
  account: BaseContract,
  calls: Call[],
  signers: readonly Signer[],
  relayer: Signer
): Promise<TransactionResponse> {
  const data = await typedDataOf(account, calls)
  return carry(account, data, await sign(data, signers), relayer)
}

/** A hash that stands for some document. */
export function hashOf(text: string): string {
  return keccak256(toUtf8Bytes(text))
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

/** Legal terms between the world's supplier and debtor, due in 90 days. */
export async function termsOf(world: World, changed: Partial<Terms> = {}): Promise<Terms> {
  return {
    creditor: world.supplier.id,
    debtor: world.debtor.id,
    amount: 10_000n,
    currency: 156,
    maturity: (await now()) + 90 * DAY,
    contentCommitment: hashOf('content'),
    ...changed
  }
}

export interface Registered {
  terms: Terms
  fingerprints: string[]
  receivableId: bigint
}

export interface Confirmed extends Registered {
  /** The first note, `[0, amount)`. */
  noteId: bigint
}

let documents = 0

/** Registers a receivable of a document of its own. */
export async function register(world: World, changed: Partial<Terms> = {}): Promise<Registered> {
  const terms = await termsOf(world, changed)
  const fingerprints = [fingerprintOf(`document ${++documents}`)]
  await world.supplier.act({ kind: 'register', terms, fingerprints })
  return { terms, fingerprints, receivableId: receivableIdOf(terms, fingerprints) }
}

/** Registers and confirms: the supplier holds the first note. */
export async function confirmed(world: World, changed: Partial<Terms> = {}): Promise<Confirmed> {
  const registered = await register(world, changed)
  await world.debtor.act({ kind: 'confirm', receivableId: registered.receivableId })
  return { ...registered, noteId: noteIdOf(registered.receivableId, 0n) }
}

/** A transfer that is legal unless changed. */
export async function offerOf(
  noteId: bigint,
  amount: bigint,
  assignee: Actor,
  deadline?: number
): Promise<Command & { kind: 'transfer' }> {
  const until = deadline ?? (await now()) + DAY
  return { kind: 'transfer', noteId, amount, assignee: assignee.id, deadline: until, tradeDocument: hashOf('trade') }
}

/** A lock that is legal unless changed. */
export async function lockOf(
  noteId: bigint,
  amount: bigint,
  factor: Actor,
  deadline?: number
): Promise<Command & { kind: 'lock' }> {
  const until = deadline ?? (await now()) + DAY
  return { kind: 'lock', noteId, amount, factor: factor.id, deadline: until, quote: hashOf('quote') }
}

export async function suspend(world: World, actor: Actor): Promise<void> {
  const suspended = 2
  await (world.participants.connect(world.registrar) as BaseContract).getFunction('setStatus')(actor.id, suspended)
}

export async function setRoles(world: World, actor: Actor, roles: Role[]): Promise<void> {
  const setRolesOf = (world.participants.connect(world.registrar) as BaseContract).getFunction('setRoles')
  await setRolesOf(actor.id, rolesToBits(roles))
}

export interface ReadNote {
  end: bigint
  holder: number
  counterparty: number
  assignor: number
  deadline: number
  tier: number
  state: number
}

/** The note as plain values; states as in `noteStates`. */
export async function noteAt(world: World, noteId: bigint): Promise<ReadNote> {
  const note = (await world.receivables.getFunction('noteOf')(noteId)) as Record<keyof ReadNote, bigint>
  return {
    end: note.end,
    holder: Number(note.holder),
    counterparty: Number(note.counterparty),
    assignor: Number(note.assignor),
    deadline: Number(note.deadline),
    tier: Number(note.tier),
    state: Number(note.state)
  }
}
