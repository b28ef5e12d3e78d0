import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { headOfState, keepFirstGenesis, keepState, recoverState, stateFiles } from './chain-state.ts'
import { plainEnvironment, startDaemon, stopOrphan, type Daemon, type Exit, type StopOrder } from './daemon.ts'
import { tailOf } from './files.ts'
import { InstanceError } from './instance-error.ts'
import { freePort } from './ports.ts'

/** A running chain of our own, or one that somebody else runs (`pid` 0, nothing to stop). */
export interface Chain {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly exited: Promise<Exit>
  /** What the start had to repair or end first, for people. */
  readonly notes: readonly string[]
  /** Ends it so that its whole state is on disk. */
  stop(): Promise<void>
  /** SIGKILL: the newest second of blocks may be lost. */
  kill(): void
}

export interface ChainOptions {
  /** Data folder of the instance; the chain lives in `chain/`, its log in `logs/chain.log`. */
  readonly dir: string
  /** Port on 127.0.0.1; a free one when absent. */
  readonly port?: number
  /** Chain id, 31415 when absent. */
  readonly chainId?: number
  /** Further arguments for anvil, e.g. `['--no-mining']`. */
  readonly args?: readonly string[]
  /** The state goes to disk so often, seconds; 1 when absent. It is always written at the end. */
  readonly stateInterval?: number
}

export const CHAIN_ID = 31415

// SIGTERM makes anvil write its state; a big one takes a while.
const stopOrder: StopOrder = [
  ['SIGTERM', 20_000],
  ['SIGKILL', 5_000]
]
const KEEP_INTERVAL_MS = 1_000
const START_TIMEOUT_MS = 30_000

/**
 * Starts anvil with its state kept on disk. Fees are zero: an account needs no balance to send.
 * A process left behind by a killed supervisor is ended first, so that its newest blocks are on disk.
 * @throws InstanceError CHAIN_STATE_UNREADABLE, CHAIN_START_FAILED
 */
export async function startChain(options: ChainOptions): Promise<Chain> {
  const chainDir = join(options.dir, 'chain')
  mkdirSync(chainDir, { recursive: true, mode: 0o700 })
  const files = stateFiles(chainDir)
  const pidFile = pidFileOf(chainDir)
  const logFile = join(options.dir, 'logs', 'chain.log')
  const notes: string[] = []
  const orphan = await endChainOrphan(options.dir)
  if (orphan !== undefined) notes.push(`ended the chain process ${orphan} that an earlier run left behind`)
  const repaired = recoverState(files)
  if (repaired) notes.push(repaired)
  keepFirstGenesis(files.live)

  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const daemon = await startDaemon({
    file: anvilBinary(),
    args: [
      ...anvilArguments(files.live, join(chainDir, 'cache'), port, options.chainId ?? CHAIN_ID),
      ...['--state-interval', String(options.stateInterval ?? 1)],
      ...(options.args ?? [])
    ],
    logFile,
    pidFile,
    spawn: { cwd: chainDir, env: plainEnvironment() },
    lastSignal: 'SIGTERM'
  })
  await waitForChain(url, daemon, logFile)
  await restoreClock(url)
  const stopKeeping = keepStateOf(files, url, daemon)
  return {
    url,
    port,
    pid: daemon.pid,
    exited: daemon.exited,
    notes,
    async stop() {
      stopKeeping()
      await daemon.stop(stopOrder)
      keepState(files, headOfState(files.kept))
    },
    kill: daemon.kill
  }
}

/** Ends a chain process that outlived its supervisor, so that its newest blocks are on disk. Returns its number. */
export async function endChainOrphan(dir: string): Promise<number | undefined> {
  const chainDir = join(dir, 'chain')
  return stopOrphan(pidFileOf(chainDir), stateFiles(chainDir).live, stopOrder)
}

/**
 * A chain that runs elsewhere.
 * @throws InstanceError CHAIN_UNREACHABLE when nothing that speaks Ethereum JSON-RPC answers at `url`
 */
export async function useChain(url: string): Promise<Chain> {
  const chainId = await askChain(url, 'eth_chainId').catch((error: Error) => error)
  if (typeof chainId !== 'string')
    throw new InstanceError(
      'CHAIN_UNREACHABLE',
      `no chain answers at RPC_URL ${withoutSecrets(url)}${chainId instanceof Error ? ` (${reasonOf(chainId)})` : ''}`,
      'start that chain or correct RPC_URL; without RPC_URL a chain of our own is started'
    )
  const never = new Promise<Exit>(() => {})
  return {
    url,
    port: Number(new URL(url).port),
    pid: 0,
    exited: never,
    notes: [],
    stop: async () => {},
    kill: () => {}
  }
}

/** One JSON-RPC call. Throws when the chain does not answer or answers with an error. */
export async function askChain(url: string, method: string, params: readonly unknown[] = []): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(5_000)
  })
  const answer = (await response.json()) as { result?: unknown; error?: { message?: string } }
  if (answer.error) throw new Error(answer.error.message ?? 'JSON-RPC error')
  return answer.result
}

/** A URL that may be printed: user, password, path and query of a provider's URL are often the key. */
export function withoutSecrets(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  return parsed ? `${parsed.protocol}//${parsed.host}` : '(not a URL)'
}

function pidFileOf(chainDir: string): string {
  return join(chainDir, 'anvil.pid')
}

function reasonOf(error: Error): string {
  const cause = error.cause as NodeJS.ErrnoException | undefined
  return cause?.code ?? error.name
}

function anvilArguments(stateFile: string, cacheDir: string, port: number, chainId: number): string[] {
  return [
    ...['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(chainId)],
    // No accounts with well-known keys, no web page that talks to the chain through the visitor's browser.
    ...['--accounts', '0', '--no-cors', '--hardfork', 'cancun', '--order', 'fifo'],
    ...['--gas-price', '0', '--block-base-fee-per-gas', '0', '--no-request-size-limit'],
    ...['--state', stateFile, '--cache-path', cacheDir]
  ]
}

/** The binary itself: npm's wrapper would be a second process between the supervisor and anvil. */
export function anvilBinary(): string {
  const cpu = process.arch === 'x64' ? 'amd64' : process.arch
  const name = `@foundry-rs/anvil-${process.platform}-${cpu}`
  const wrapper = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json')
  try {
    const manifest = createRequire(wrapper).resolve(`${name}/package.json`)
    return join(dirname(manifest), 'bin', 'anvil')
  } catch {
    throw new InstanceError(
      'CHAIN_NOT_INSTALLED',
      `the package ${name} is not installed`,
      'remove node_modules and run the command again, or give a chain of yours by RPC_URL'
    )
  }
}

async function waitForChain(url: string, daemon: Daemon, logFile: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline && !daemon.hasExited()) {
    const head = await askChain(url, 'eth_blockNumber').catch(() => undefined)
    // Somebody else may listen on the port while ours has died of it.
    if (head !== undefined && !daemon.hasExited()) return
    await sleep(20)
  }
  daemon.kill()
  await daemon.exited
  throw new InstanceError(
    'CHAIN_START_FAILED',
    `anvil did not start:\n${tailOf(logFile)}`,
    `read ${logFile}; if its port is taken, start again and another one is chosen`
  )
}

/**
 * anvil forgets at a restart that its clock was moved ahead, and would mine blocks older than their parents (seen with
 * 1.7.1). So the clock goes on from the newest block when that lies in the future.
 */
async function restoreClock(url: string): Promise<void> {
  const newest = (await askChain(url, 'eth_getBlockByNumber', ['latest', false])) as { timestamp: string }
  const ahead = Number(newest.timestamp) - Math.floor(Date.now() / 1000)
  if (ahead > 0) await askChain(url, 'evm_increaseTime', [ahead])
}

/** Copies whole states aside as the chain grows. Returns what ends it. */
function keepStateOf(files: ReturnType<typeof stateFiles>, url: string, daemon: Daemon): () => void {
  let keptHead = headOfState(files.kept)
  let isEnded = false
  const loop = async () => {
    while (!isEnded && !daemon.hasExited()) {
      const started = Date.now()
      const head = Number(await askChain(url, 'eth_blockNumber').catch(() => keptHead))
      if (!isEnded && head !== keptHead) keptHead = keepState(files, keptHead)
      // A large state takes long to read: never more than a tenth of the time.
      await sleep(Math.max(KEEP_INTERVAL_MS, 10 * (Date.now() - started)), undefined, { ref: false })
    }
  }
  void loop()
  return () => {
    isEnded = true
  }
}
