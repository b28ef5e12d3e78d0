import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Contract, ContractFactory, getCreateAddress, id, JsonRpcProvider, keccak256, Wallet, ZeroHash } from 'ethers'
import pg from 'pg'
import { contracts, type Deployment } from '../../domain/chain/contracts.ts'
import { notePurposes, type NotePurpose } from '../../domain/note/note-word.ts'
import { cutNoteId, noteIdOf, startOfNote } from '../../domain/note/span.ts'
import { rolesToBits, type Role } from '../../domain/participant/roles.ts'
import { receivableIdOf, type Terms } from '../../domain/receivable/terms.ts'
import { connect } from '../../indexer/database.ts'
import { createFollower, type FollowerOptions, type Step } from '../../indexer/follower.ts'
import { migrateProjection } from '../../indexer/migrate.ts'
import { createRpc } from '../../indexer/rpc.ts'
import { askChain, startChain, type Chain } from '../../scripts/instance/chain.ts'
import { startDatabase, type Database } from '../../scripts/instance/database.ts'
import { contractArtifact } from '../../scripts/world/artifacts.ts'

export const DAY = 86_400
export const policy = { maxTenor: 365 * DAY, minAcceptanceWindow: 10, maxTier: 16, requiresTradeClaim: false }

// A chain and a database start, and every transaction is mined, on machines that are busy with other things.
// The fault table starts worlds too, outside of vitest.
if (process.env.VITEST) (await import('vitest')).vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 })

/** Participants in order of admission: their numbers are 1, 2, … */
export const cast = {
  debtor: ['debtor'],
  supplier: ['supplier'],
  second: ['supplier'],
  third: ['supplier'],
  factor: ['factor'],
  clearing: ['clearing'],
  evidence: ['evidence'],
  regulator: ['regulator'],
  escrow: ['supplier']
} as const satisfies Record<string, readonly Role[]>
export type Actor = keyof typeof cast
export const numberOf = (actor: Actor) => Object.keys(cast).indexOf(actor) + 1

export interface World {
  dir: string
  chain: Chain
  database: Database
  deployment: Deployment
  provider: JsonRpcProvider
  wallets: Record<Actor, Wallet>
  admin: Wallet
}

/** A real chain with the contracts and the cast, and a real Postgres, in one temporary folder. */
export async function startWorld(chainArguments: readonly string[] = []): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'tallystick-indexer-'))
  const [chain, database] = await Promise.all([startChain({ dir, args: chainArguments }), startDatabase({ dir })])
  const provider = new JsonRpcProvider(chain.url, undefined, { staticNetwork: true, cacheTimeout: -1, polling: true })
  provider.pollingInterval = 20
  const wallets = Object.fromEntries(
    Object.keys(cast).map((actor) => [actor, new Wallet(id(actor), provider)])
  ) as Record<Actor, Wallet>
  const admin = new Wallet(id('admin'), provider)
  // The first block of ours is not the chain's first.
  await askChain(chain.url, 'anvil_mine', ['0x3'])
  const world = { dir, chain, database, provider, wallets, admin }
  return { ...world, deployment: await deploy(world) }
}

export async function stopWorld(world: World): Promise<void> {
  world.provider.destroy()
  await Promise.all([world.chain.stop(), world.database.stop()])
  rmSync(world.dir, { recursive: true, force: true })
}

async function deploy({ provider, admin, wallets }: Omit<World, 'deployment'>): Promise<Deployment> {
  const fromBlock = (await provider.getBlockNumber()) + 1
  async function creation(name: Parameters<typeof contractArtifact>[0], ...args: unknown[]) {
    const { abi, bytecode } = await contractArtifact(name)
    return new ContractFactory(abi, bytecode, admin).getDeployTransaction(...args)
  }
  async function create(...what: Parameters<typeof creation>): Promise<string> {
    const sent = await admin.sendTransaction({ ...(await creation(...what)), gasPrice: 0 })
    return (await sent.wait())!.contractAddress!
  }
  const manager = await create('AccessManager', admin.address)
  const participants = await create('Participants', manager)
  const fingerprints = await create('Fingerprints', manager, participants)
  const { data } = await creation('Receivables', participants, fingerprints, policy)
  await call(admin, fingerprints, 'fingerprints', 'create', [data])
  const receivables = getCreateAddress({ from: fingerprints, nonce: 1 })
  const evidenceLog = await create('EvidenceLog', participants)
  const accountFactory = await create('AccountFactory', manager, 7 * DAY)
  const p256Verifier = await create('P256Verifier')
  const sm2Verifier = await create('SM2Verifier')
  for (const [actor, roles] of Object.entries(cast)) {
    const { address } = wallets[actor as Actor]
    await call(admin, participants, 'participants', 'admit', [
      address,
      rolesToBits(roles),
      id(`legal ${actor}`),
      ZeroHash
    ])
  }
  const addresses = { participants, fingerprints, receivables, evidenceLog, accountFactory, p256Verifier, sm2Verifier }
  const codes = Object.values(addresses).map(async (at) => [at, keccak256(await provider.getCode(at))] as const)
  const codeHashes = Object.fromEntries(await Promise.all(codes))
  const { chainId } = await provider.getNetwork()
  const genesisHash = (await provider.getBlock(0))!.hash!
  return { chainId: Number(chainId), genesisHash, fromBlock, ...addresses, codeHashes }
}

async function call(
  from: Wallet,
  at: string,
  abi: keyof typeof contracts,
  name: string,
  args: unknown[]
): Promise<void> {
  const contract = new Contract(at, contracts[abi], from)
  const sent = await contract.getFunction(name).send(...args, { gasPrice: 0 })
  await sent.wait()
}

type ContractKey = 'participants' | 'fingerprints' | 'receivables' | 'evidenceLog'

/** One command of one participant, mined. */
export function act(world: World, actor: Actor | 'admin', at: ContractKey, name: string, ...args: unknown[]) {
  const from = actor === 'admin' ? world.admin : world.wallets[actor]
  return call(from, world.deployment[at], at, name, args)
}

/** Chain time, seconds. */
export async function now({ provider }: World): Promise<number> {
  return (await provider.getBlock('latest'))!.timestamp
}

export interface Registered {
  receivableId: bigint
  terms: Terms
  fingerprints: string[]
}

/** Registers a receivable of `amount` under its own document name. */
export async function register(world: World, document: string, amount = 1_000n, tenor = DAY): Promise<Registered> {
  const terms: Terms = {
    creditor: numberOf('supplier'),
    debtor: numberOf('debtor'),
    amount,
    currency: 156,
    maturity: (await now(world)) + tenor,
    contentCommitment: id(`content ${document}`)
  }
  const fingerprints = [`0x0001${id(document).slice(2, 62)}`]
  await act(world, 'supplier', 'receivables', 'register', terms, fingerprints)
  return { receivableId: receivableIdOf(terms, fingerprints), terms, fingerprints }
}

/** Registers and confirms. */
export async function confirmed(world: World, document: string, amount = 1_000n, tenor = DAY) {
  const registered = await register(world, document, amount, tenor)
  await act(world, 'debtor', 'receivables', 'confirm', registered.terms, registered.fingerprints)
  return { ...registered, root: noteIdOf(registered.receivableId, 0n) }
}

const purposeOf = (purpose: NotePurpose) => notePurposes.indexOf(purpose)

/** Offers `amount` off the end of a note of 1,000 in all to `to`; the deadline is the last second before maturity. */
export async function offer(
  world: World,
  { terms }: Registered,
  from: Actor,
  noteId: bigint,
  amount: bigint,
  to: Actor,
  trade: { purpose?: NotePurpose; document?: string } = {}
): Promise<void> {
  const { purpose = 'transfer', document = id(`trade ${noteId} ${amount}`) } = trade
  const args = [noteId, numberOf(to), amount, terms.maturity - 1, purposeOf(purpose), document]
  await act(world, from, 'receivables', 'transfer', ...args)
}

/** Locks `amount` off the end of a note for the factor. */
export async function lock(
  world: World,
  { terms }: Registered,
  from: Actor,
  noteId: bigint,
  amount: bigint,
  purpose: NotePurpose = 'assignment'
): Promise<void> {
  const args = [noteId, numberOf('factor'), amount, terms.maturity - 1, purposeOf(purpose), id('quote')]
  await act(world, from, 'receivables', 'lock', ...args)
}

/** Register, confirm, split 400 of 1,000 to the second tier, 150 of it to the third; the factor finances 100 of that. */
export async function tell(world: World, document: string, tenor = DAY): Promise<Registered & { notes: bigint[] }> {
  const { root, ...registered } = await confirmed(world, document, 1_000n, tenor)
  const second = cutNoteId(root, 1_000n, 400n)
  await offer(world, registered, 'supplier', root, 400n, 'second')
  await act(world, 'second', 'receivables', 'accept', second)
  const third = cutNoteId(second, 1_000n, 150n)
  await offer(world, registered, 'second', second, 150n, 'third')
  await act(world, 'third', 'receivables', 'accept', third)
  const financed = cutNoteId(third, 1_000n, 100n)
  await lock(world, registered, 'third', third, 100n)
  await act(world, 'factor', 'receivables', 'finance', financed, id('disbursement'))
  return { ...registered, notes: [root, second, third, financed] }
}

/** Mines a block at a time, or later if that is over. */
export async function waitUntil(world: World, time: number): Promise<void> {
  const wait = time - (await now(world))
  if (wait > 0) await askChain(world.chain.url, 'evm_increaseTime', [wait])
  await askChain(world.chain.url, 'anvil_mine', ['0x1'])
}

/** Moves the clock to maturity, settles every note by itself and closes the books. */
export async function settle(world: World, { terms, receivableId, notes }: Awaited<ReturnType<typeof tell>>) {
  await waitUntil(world, terms.maturity)
  for (const note of notes) {
    const { end } = (await view(world, 'noteOf', note)) as { end: bigint }
    await act(world, 'clearing', 'receivables', 'settle', note, end - startOfNote(note), id(`payment ${note}`))
  }
  await act(world, 'clearing', 'receivables', 'close', receivableId)
}

/** Asks the registry. */
export async function view(world: World, name: string, ...args: unknown[]): Promise<unknown> {
  const contract = new Contract(world.deployment.receivables, contracts.receivables, world.provider)
  return contract.getFunction(name)(...args)
}

/** A projection of its own, in a schema of its own, and the follower that fills it. */
export async function openProjection(world: World, schema: string, options: Partial<FollowerOptions> = {}) {
  await migrateProjection(world.database.url, schema)
  const client = await connect(world.database.url, schema)
  const { deployment } = world
  const rpc = options.rpc ?? createRpc(world.chain.url)
  const follower = createFollower({ deployment, finality: 'none', patienceMs: 0, ...options, client, rpc })
  return {
    client,
    follower,
    /** Steps until nothing is left to do; returns what was done. */
    async catchUp(): Promise<Step[]> {
      const steps: Step[] = []
      for (;;) {
        const step = await follower.step()
        if (step.kind === 'idle' || step.kind === 'waiting' || step.kind === 'behind') return steps
        steps.push(step)
      }
    },
    async rows<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
      return (await client.query<T>(sql, values)).rows
    }
  }
}

export interface IndexerProcess {
  child: ChildProcess
  output(): string
  ready: Promise<void>
  exited: Promise<number | null>
}

/** The indexer as its own process, as the launcher starts it. */
export function startIndexer(
  world: World,
  overrides: Record<string, unknown> = {},
  flags: readonly string[] = []
): IndexerProcess {
  const file = join(world.dir, `indexer-${Math.random().toString(36).slice(2)}.json`)
  const config = {
    rpcUrl: world.chain.url,
    databaseUrl: world.database.url,
    deployment: world.deployment,
    pollMs: 20,
    ...overrides
  }
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 })
  const main = fileURLToPath(new URL('../../indexer/main.cjs', import.meta.url))
  const child = spawn(process.execPath, [...flags, main, '--config', file], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc']
  })
  let output = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return {
    child,
    output: () => output,
    ready: new Promise((resolve) => child.on('message', () => resolve())),
    // Not the close event: it never comes once the channel was disconnected from here.
    exited: Promise.all([once(child, 'exit'), finished(child.stdout!), finished(child.stderr!)]).then(
      ([[code]]) => code as number | null
    )
  }
}

/** Waits until `condition` holds; fails after ten seconds. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not come true within 10 s')
    await sleep(20)
  }
}
