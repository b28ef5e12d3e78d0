/**
 * The peers and the floor on the same work: each token's own functions, with a guard for once-only and an event for the
 * document where it has none. They ask for less: no roles, no consent of the recipient, no deadlines, no freeze. Their
 * mint and burn are open to anybody, which is in their favour.
 */
import { AbiCoder, dataSlice, Interface } from 'ethers'
import { COUNT } from './batches.ts'
import { AMOUNT, PART, type World } from './world.ts'
import type { Artifact } from '../../scripts/world/artifacts.ts'

/** Name of the work → gas; a batch counts for one item. */
export type Measured = Partial<Record<Work, number>>
export type Work =
  | 'register'
  | 'confirm'
  | 'split'
  | 'transfer'
  | 'finance'
  | 'settle'
  | 'register ×50'
  | 'confirm ×50'
  | 'split of 50 ×50'
  | 'split of one ×50'
  | 'transfer ×50'
  | 'finance ×50'
  | 'settle ×50'

const SMALL = 50_000_003n

/** How one kind of token says what all of them can do. */
interface Token {
  readonly contract: string
  /** A token for each whole receivable, or a balance that has an amount in every call. */
  readonly hasNotes: boolean
  readonly transfer: (from: string, to: string, id: bigint) => [name: string, args: unknown[]]
  readonly canFinance?: boolean
}

const tokens: Record<string, Token> = {
  'ERC-3525': {
    contract: 'Erc3525Notes',
    hasNotes: true,
    transfer: (from, to, id) => ['transferFrom(address,address,uint256)', [from, to, id]]
  },
  'OZ ERC-721': {
    contract: 'Oz721Notes',
    hasNotes: true,
    transfer: (from, to, id) => ['transferFrom', [from, to, id]]
  },
  'solady ERC-721': {
    contract: 'Solady721Notes',
    hasNotes: true,
    transfer: (from, to, id) => ['transferFrom', [from, to, id]],
    canFinance: true
  },
  'OZ ERC-1155': {
    contract: 'Oz1155Notes',
    hasNotes: false,
    transfer: (from, to, id) => ['safeTransferFrom', [from, to, id, AMOUNT, '0x']]
  },
  'OZ ERC-6909': {
    contract: 'Oz6909Notes',
    hasNotes: false,
    transfer: (_, to, id) => ['transfer', [to, id, AMOUNT]]
  },
  'solady ERC-6909': {
    contract: 'Solady6909Notes',
    hasNotes: false,
    transfer: (_, to, id) => ['transfer', [to, id, AMOUNT]],
    canFinance: true
  }
}

/** Every peer's figures. */
export async function measurePeers(
  world: World,
  artifacts: ReadonlyMap<string, Artifact>
): Promise<Record<string, Measured>> {
  const measured: Record<string, Measured> = {}
  for (const [name, token] of Object.entries(tokens)) {
    measured[name] = await measureToken(world, token, artifacts.get(token.contract)!)
  }
  return { ...measured, ...(await measureTradeTrust(world, artifacts)) }
}

async function measureToken(world: World, token: Token, artifact: Artifact): Promise<Measured> {
  const { chain, parties } = world
  const { supplier, second, factor } = parties
  const address = await chain.deploy(supplier.address, artifact)
  const contract = new Interface(artifact.abi)
  const isNumbered = token.contract === 'Erc3525Notes'
  let count = 0n
  const register = (id: bigint) => {
    if (!isNumbered) return contract.encodeFunctionData('register', [supplier.address, id, AMOUNT])
    // Its ids are consecutive; the receivable is the slot and the fingerprint is apart.
    ++count
    return contract.encodeFunctionData('register', [supplier.address, id, AMOUNT, world.hash()])
  }
  const idOf = (id: bigint) => (isNumbered ? count : id)
  const split = (id: bigint, amount: bigint, to = second.address) => {
    ++count
    return contract.encodeFunctionData('split', [id, to, amount, world.hash()])
  }
  const transfer = (id: bigint) => {
    const [name, args] = token.transfer(supplier.address, second.address, id)
    return contract.encodeFunctionData(name, args)
  }
  const send = async (data: string) => (await chain.send(supplier.address, address, data)).gas
  const sendAll = async (all: string[]) => (await send(contract.encodeFunctionData('multicall', [all]))) / all.length
  const fresh = async (): Promise<bigint> => {
    const id = BigInt(world.hash())
    await send(register(id))
    return idOf(id)
  }
  /** The first is not the newest, which an enumeration lets go of more cheaply than any other. */
  const two = async (): Promise<[bigint, bigint]> => [await fresh(), await fresh()]
  const many = async (): Promise<bigint[]> => {
    const all: bigint[] = []
    const calls: string[] = []
    for (let i = 0; i < COUNT; ++i) {
      const id = BigInt(world.hash())
      calls.push(register(id))
      all.push(idOf(id))
    }
    await sendAll(calls)
    return all
  }
  const rest = token.hasNotes ? [] : [AMOUNT]

  // Supplier and second supplier hold other notes already.
  await send(transfer(await fresh()))
  await fresh()
  const result: Measured = {
    register: await send(register(BigInt(world.hash()))),
    split: await send(split(await fresh(), PART)),
    transfer: await send(transfer(await fresh())),
    settle: await send(contract.encodeFunctionData('settle', [(await two())[0], ...rest])),
    'register ×50': await sendAll(Array.from({ length: COUNT }, () => register(BigInt(world.hash())))),
    'split of 50 ×50': await sendAll((await many()).map((id) => split(id, PART))),
    'transfer ×50': await sendAll((await many()).map(transfer)),
    'settle ×50': await sendAll((await many()).map((id) => contract.encodeFunctionData('settle', [id, ...rest])))
  }
  const parent = await fresh()
  // Parts of one receivable stay apart only where each has a holder of its own, if they are balances.
  const holder = () => (token.hasNotes ? second.address : dataSlice(world.hash(), 12))
  result['split of one ×50'] = await sendAll(Array.from({ length: COUNT }, () => split(parent, SMALL, holder())))
  if (token.canFinance) {
    await send(contract.encodeFunctionData('finance', [await fresh(), factor.address, ...rest]))
    result.finance = await send(contract.encodeFunctionData('finance', [await fresh(), factor.address, ...rest]))
    const finance = (id: bigint) => contract.encodeFunctionData('finance', [id, factor.address, ...rest])
    result['finance ×50'] = await sendAll((await many()).map(finance))
  }
  return result
}

/** No split and no batch: a split is a return to the issuer, a burn and two mints. */
async function measureTradeTrust(
  world: World,
  artifacts: ReadonlyMap<string, Artifact>
): Promise<Record<string, Measured>> {
  const { chain, parties } = world
  const issuer = chain.wallets[0]!.address
  const [supplier, second, third] = [parties.supplier.address, parties.second.address, parties.third.address]
  const factory = await chain.deploy(issuer, artifacts.get('TitleEscrowFactory')!)
  const registryArtifact = artifacts.get('TradeTrustToken')!
  const registry = await chain.deploy(issuer, registryArtifact, ['Notes', 'NOTE', factory])
  const token = new Interface(registryArtifact.abi)
  const escrow = new Interface([
    'function transferOwners(address nominee, address newHolder, bytes remark)',
    'function returnToIssuer(bytes remark)'
  ])
  const ask = async (from: string, to: string, data: string) => (await chain.send(from, to, data)).gas
  const mint = async (): Promise<{ id: string; gas: number; title: string }> => {
    const id = world.hash()
    const gas = await ask(issuer, registry, token.encodeFunctionData('mint', [supplier, supplier, id, '0x']))
    const owner = await chain.read(registry, token.encodeFunctionData('ownerOf', [id]))
    return { id, gas, title: AbiCoder.defaultAbiCoder().decode(['address'], owner)[0] as string }
  }
  const end = async ({ id, title }: { id: string; title: string }): Promise<number> =>
    (await ask(supplier, title, escrow.encodeFunctionData('returnToIssuer', ['0x']))) +
    (await ask(issuer, registry, token.encodeFunctionData('burn', [id, '0x'])))
  const pass = (title: string, from: string, to: string, remark: string) =>
    ask(from, title, escrow.encodeFunctionData('transferOwners', [to, to, remark]))
  await mint()
  const moved = await mint()
  // The very first transfer of a title makes two more slots; with a document's hash at once it is at 151k.
  await pass(moved.title, supplier, second, '0x')
  const first = await pass(moved.title, second, third, world.hash())
  const later = await pass(moved.title, third, supplier, world.hash())
  const split = (await end(await mint())) + (await mint()).gas + (await mint()).gas
  return {
    TradeTrust: { register: (await mint()).gas, split, transfer: first, settle: await end(await mint()) },
    'TradeTrust, hash overwritten': { transfer: later }
  }
}

/** The hand-minimal registry. */
export async function measureFloor(world: World, artifact: Artifact): Promise<Measured> {
  const { chain, parties } = world
  const { supplier, debtor, second, factor } = parties
  const address = await chain.deploy(supplier.address, artifact)
  const floor = new Interface(artifact.abi)
  const send = async (from: string, name: string, args: unknown[]) =>
    (await chain.send(from, address, floor.encodeFunctionData(name, args))).gas
  await send(debtor.address, 'enrol', [debtor.address, debtor.id])
  const word = () => BigInt(supplier.address) | (AMOUNT << 160n) | (20_600n << 212n) | (BigInt(debtor.id) << 228n)
  const ids = () => Array.from({ length: COUNT }, () => BigInt(world.hash()))
  const hashes = () => Array.from({ length: COUNT }, () => world.hash())
  const registered = async (): Promise<bigint> => {
    const id = BigInt(world.hash())
    await send(supplier.address, 'register', [id, word()])
    return id
  }
  const confirmed = async (): Promise<bigint> => {
    const id = await registered()
    await send(debtor.address, 'confirm', [id])
    return id
  }
  const manyRegistered = async (): Promise<bigint[]> => {
    const all = ids()
    await send(supplier.address, 'registerMany', [all, all.map(word)])
    return all
  }
  const many = async (): Promise<bigint[]> => {
    const all = await manyRegistered()
    await send(debtor.address, 'confirmMany', [all])
    return all
  }
  const parent = await confirmed()
  const parents = Array.from({ length: COUNT }, () => parent)
  const batch = async (from: string, name: string, args: unknown[]) => (await send(from, name, args)) / COUNT
  const fresh = ids()
  return {
    register: await send(supplier.address, 'register', [BigInt(world.hash()), word()]),
    confirm: await send(debtor.address, 'confirm', [await registered()]),
    split: await send(supplier.address, 'split', [await confirmed(), PART, second.address, world.hash()]),
    transfer: await send(supplier.address, 'transfer', [await confirmed(), second.address, world.hash()]),
    finance: await send(supplier.address, 'finance', [await confirmed(), factor.address]),
    settle: await send(debtor.address, 'settle', [await confirmed()]),
    'register ×50': await batch(supplier.address, 'registerMany', [fresh, fresh.map(word)]),
    'confirm ×50': await batch(debtor.address, 'confirmMany', [await manyRegistered()]),
    'split of 50 ×50': await batch(supplier.address, 'splitMany', [await many(), PART, second.address, hashes()]),
    'split of one ×50': await batch(supplier.address, 'splitMany', [parents, SMALL, second.address, hashes()]),
    'transfer ×50': await batch(supplier.address, 'transferMany', [await many(), second.address, hashes()]),
    'finance ×50': await batch(supplier.address, 'financeMany', [await many(), factor.address]),
    'settle ×50': await batch(debtor.address, 'settleMany', [await many()])
  }
}
