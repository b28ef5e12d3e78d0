/** The chain that all candidates index: our contracts on anvil, and stories of receivables from registration to settlement. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ContractFactory, getCreateAddress, id, JsonRpcProvider, keccak256, Wallet, ZeroHash } from 'ethers'
import { contracts, type Deployment } from '../../domain/chain/contracts.ts'
import { notePurposes } from '../../domain/note/note-word.ts'
import { cutNoteId, noteIdOf } from '../../domain/note/span.ts'
import { rolesToBits, type Role } from '../../domain/participant/roles.ts'
import { receivableIdOf, type Terms } from '../../domain/receivable/terms.ts'
import { anvilBinary, askChain } from '../../scripts/instance/chain.ts'
import { freePort } from '../../scripts/instance/ports.ts'
import { contractArtifact } from '../../scripts/world/artifacts.ts'

/** Numbers of participants, in order of admission. */
export const cast = { debtor: 1, supplier: 2, second: 3, factor: 4, clearing: 5 } as const
export type Actor = keyof typeof cast
export const roleOf = (actor: Actor): Role => (actor === 'second' ? 'supplier' : actor)
const address = (actor: Actor | 'admin'): string => new Wallet(id(actor)).address
export const addresses = Object.fromEntries(
  (['admin', ...Object.keys(cast)] as (Actor | 'admin')[]).map((actor) => [actor, address(actor)])
) as Record<Actor | 'admin', string>

const policy = { maxTenor: 365 * 86_400, minAcceptanceWindow: 10, maxTier: 16, requiresTradeClaim: false }
/** Blocks, one second each, from a registration to its maturity. */
export const TENOR = 400
/** Events of one story: claim, registration, confirmation, offer, acceptance, lock, financing, two settlements, closing. */
export const EVENTS_PER_STORY = 10
export const GENESIS_TIME = 1_790_000_000

export interface BenchChain {
  url: string
  deployment: Deployment
  /** Blocks and events of ours after the deployment's own. */
  blocks: number
  events: number
  seconds: number
  /** Mines one block with one registration. */
  mineOne(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts a chain with so many stories over so many blocks. It is told once (100,000 events take minutes) and kept in `cacheDir`
 * as anvil's state; the same every time but for what anvil adds itself.
 */
export async function startChain(stories: number, blocks: number, cacheDir: string): Promise<BenchChain> {
  const started = performance.now()
  mkdirSync(cacheDir, { recursive: true })
  const stateFile = join(cacheDir, `chain-${stories}-${blocks}.state.json`)
  const aboutFile = join(cacheDir, `chain-${stories}-${blocks}.about.json`)
  const isKept = existsSync(stateFile) && existsSync(aboutFile)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(
    anvilBinary(),
    [
      ...['--host', '127.0.0.1', '--port', String(port), '--chain-id', '31415', '--accounts', '0', '--silent'],
      ...['--hardfork', 'cancun', '--order', 'fifo', '--gas-price', '0', '--block-base-fee-per-gas', '0'],
      ...['--no-request-size-limit', '--timestamp', String(GENESIS_TIME), '--gas-limit', '1000000000'],
      ...(isKept ? ['--load-state', stateFile] : ['--dump-state', stateFile])
    ],
    { stdio: 'ignore' }
  )
  // One that outlived a run which broke off would write its own state over the kept one every minute.
  process.once('exit', () => child.kill('SIGKILL'))
  await untilAnswers(url, child)
  const post = poster(url)
  await post(Object.values(addresses).map((each) => ({ method: 'anvil_impersonateAccount', params: [each] })))
  const about = isKept ? (JSON.parse(readFileSync(aboutFile, 'utf8')) as About) : await tell(url, post, stories, blocks)
  if (!isKept) {
    writeFileSync(aboutFile, JSON.stringify(about))
    child.kill('SIGTERM')
    await once(child, 'exit')
    // Every run has the same chain as the first one: loaded from its file.
    return startChain(stories, blocks, cacheDir)
  }
  await post([{ method: 'evm_setAutomine', params: [false] }])
  const teller = createTeller(about.deployment, about.nonces)
  let extra = stories
  return {
    url,
    deployment: about.deployment,
    blocks: blocks + TAIL,
    events: stories * EVENTS_PER_STORY,
    seconds: (performance.now() - started) / 1000,
    async mineOne() {
      about.time++
      await post(blockOf(about.time, teller.register(about.time, extra++)))
    },
    async stop() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
}

/** Blocks after the last registration until all is settled. */
export const TAIL = TENOR + 4

interface About {
  deployment: Deployment
  nonces: [string, number][]
  time: number
}

async function tell(url: string, post: Post, stories: number, blocks: number): Promise<About> {
  const deployment = await deploy(url)
  await post([{ method: 'evm_setAutomine', params: [false] }])
  const teller = createTeller(deployment, [])
  const newest = (await askChain(url, 'eth_getBlockByNumber', ['latest', false])) as { timestamp: string }
  let time = Number(newest.timestamp)
  for (let block = 0; block < blocks + TAIL; block++) {
    const first = Math.floor((block * stories) / blocks)
    const last = block < blocks ? Math.floor(((block + 1) * stories) / blocks) : first
    time++
    await post(blockOf(time, teller.callsOf(time, first, last)))
  }
  return { deployment, nonces: teller.nonces(), time }
}

const blockOf = (time: number, calls: readonly Call[]): Call[] => [
  ...calls,
  { method: 'evm_setNextBlockTimestamp', params: [time] },
  { method: 'evm_mine', params: [] }
]

interface Call {
  method: string
  params: unknown[]
}

const word = (value: bigint | number | string): string => BigInt(value).toString(16).padStart(64, '0')

/** Tells the stories: which calls a block has. Nonces are counted here, so that a block is one request. */
function createTeller({ receivables }: Deployment, sent: readonly [string, number][]) {
  const nonces = new Map(sent)
  const due = new Map<number, (() => Call)[]>()
  const selector = (name: string): string => contracts.receivables.getFunction(name)!.selector

  function call(actor: Actor, name: string, ...words: (bigint | number | string)[]): Call {
    const from = addresses[actor]
    const nonce = nonces.get(from) ?? 0
    nonces.set(from, nonce + 1)
    const data = `${selector(name)}${words.map(word).join('')}`
    const fees = { gas: '0x7a120', gasPrice: '0x0', nonce: `0x${nonce.toString(16)}` }
    return { method: 'eth_sendTransaction', params: [{ from, to: receivables, data, ...fees }] }
  }
  const at = (time: number, make: () => Call) => {
    const calls = due.get(time)
    if (calls) calls.push(make)
    else due.set(time, [make])
  }
  const purpose = (name: (typeof notePurposes)[number]) => notePurposes.indexOf(name)

  function register(time: number, story: number): Call[] {
    const terms: Terms = {
      creditor: cast.supplier,
      debtor: cast.debtor,
      amount: 1_000_000n + BigInt(story),
      currency: 156,
      maturity: time + TENOR,
      contentCommitment: id(`content ${story}`)
    }
    const fingerprint = `0x0001${id(`document ${story}`).slice(2, 62)}`
    const { maturity, creditor, debtor, amount, currency, contentCommitment } = terms
    const words = [maturity, creditor, debtor, amount, currency, contentCommitment, 224, 1, fingerprint]
    const receivableId = receivableIdOf(terms, [fingerprint])
    const root = noteIdOf(receivableId, 0n)
    const piece = cutNoteId(root, amount, 400_000n)
    at(time + 1, () => call('debtor', 'confirm', ...words))
    const [deadline, document] = [maturity - 1, id(`trade ${story}`)]
    const offer = [root, cast.second, 400_000, deadline, purpose('transfer'), document]
    at(time + 2, () => call('supplier', 'transfer', ...offer))
    at(time + 3, () => call('second', 'accept', piece))
    at(time + 4, () =>
      call('second', 'lock', piece, cast.factor, 400_000, deadline, purpose('assignment'), id('quote'))
    )
    at(time + 5, () => call('factor', 'finance', piece, id('disbursement')))
    at(maturity, () => call('clearing', 'settle', root, amount - 400_000n, id(`payment ${story}`)))
    at(maturity + 1, () => call('clearing', 'settle', piece, 400_000, id(`payment ${story}`)))
    at(maturity + 2, () => call('clearing', 'close', receivableId))
    return [call('supplier', 'register', ...words)]
  }

  return {
    register,
    nonces: () => [...nonces],
    callsOf(time: number, first: number, last: number): Call[] {
      const calls = (due.get(time) ?? []).map((make) => make())
      due.delete(time)
      for (let story = first; story < last; story++) calls.push(...register(time, story))
      return calls
    }
  }
}

async function deploy(url: string): Promise<Deployment> {
  const provider = new JsonRpcProvider(url, undefined, { staticNetwork: true, cacheTimeout: -1, polling: true })
  provider.pollingInterval = 10
  const admin = await provider.getSigner(addresses.admin)
  const fromBlock = (await provider.getBlockNumber()) + 1
  const creation = async (name: Parameters<typeof contractArtifact>[0], ...args: unknown[]) => {
    const { abi, bytecode } = await contractArtifact(name)
    return new ContractFactory(abi, bytecode, admin).getDeployTransaction(...args)
  }
  const create = async (...what: Parameters<typeof creation>): Promise<string> => {
    const sent = await admin.sendTransaction({ ...(await creation(...what)), gasPrice: 0 })
    return (await sent.wait())!.contractAddress!
  }
  const send = async (to: string, data: string): Promise<void> => {
    await (await admin.sendTransaction({ to, data, gasPrice: 0 })).wait()
  }
  const manager = await create('AccessManager', addresses.admin)
  const participants = await create('Participants', manager)
  const fingerprints = await create('Fingerprints', manager, participants)
  const { data } = await creation('Receivables', participants, fingerprints, policy)
  await send(fingerprints, contracts.fingerprints.encodeFunctionData('create', [data]))
  const receivables = getCreateAddress({ from: fingerprints, nonce: 1 })
  const evidenceLog = await create('EvidenceLog', participants)
  for (const actor of Object.keys(cast) as Actor[]) {
    const args = [addresses[actor], rolesToBits([roleOf(actor)]), id(`legal ${actor}`), ZeroHash]
    await send(participants, contracts.participants.encodeFunctionData('admit', args))
  }
  const ours = { participants, fingerprints, receivables, evidenceLog }
  const codeHashes: Record<string, string> = {}
  for (const each of Object.values(ours)) codeHashes[each] = keccak256(await provider.getCode(each))
  const genesisHash = (await provider.getBlock(0))!.hash!
  provider.destroy()
  // Nobody asks these: the indexer reads no accounts.
  const unused = { accountFactory: manager, p256Verifier: manager, sm2Verifier: manager }
  return { chainId: 31415, genesisHash, fromBlock, ...ours, ...unused, codeHashes }
}

type Post = (calls: readonly Call[]) => Promise<void>

function poster(url: string): Post {
  return async (calls) => {
    const body = JSON.stringify(calls.map((call, i) => ({ jsonrpc: '2.0', id: i, ...call })))
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const answers = (await response.json()) as { error?: { message: string } }[]
    const failed = answers.find(({ error }) => error)
    if (failed) throw new Error(`the chain refused: ${failed.error!.message}`)
  }
}

async function untilAnswers(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    if (await askChain(url, 'eth_chainId').catch(() => undefined)) return
    await sleep(20)
  }
  throw new Error('anvil did not start')
}
