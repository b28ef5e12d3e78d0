import { readFile } from 'node:fs/promises'
import type { Deployment } from '../domain/chain/contracts.ts'
import { isAddress } from '../domain/chain/address.ts'
import { registryNumberOf } from '../domain/chain/registries.ts'
import type { CheckReceipts } from './chain/reader.ts'
import { IndexerError } from './errors.ts'
import type { MetricsAddress } from './metrics.ts'
import { defaultPatienceMs, type Finality } from './patience.ts'

export interface IndexerConfig {
  rpcUrl: string
  /**
   * Websocket by which the node tells new blocks. Absent: the address of `rpcUrl`, for nodes that answer both there; null:
   * none. Without one that answers, the head is polled.
   */
  wsUrl: string | undefined
  databaseUrl: string
  /** After so long without an answer of the database, milliseconds, its connection is taken for dead and made anew. */
  databaseTimeoutMs: number
  deployment: Deployment
  /** How often the head is asked for while nobody tells new blocks, milliseconds. */
  pollMs: number
  /** `head`: a head that changes or stays lower stops the indexer. `none`: the projection follows. */
  finality: Finality
  /** How long a head below the cursor is taken for a node that lags, milliseconds; `defaultPatienceMs` by finality. */
  patienceMs: number
  /**
   * Which blocks' logs are proven by their receipts (`eth_getBlockReceipts`). `live`, the default: those at the head.
   * `always`: also while catching up. `never`: for a node without that method; then only the bloom is checked.
   */
  checkReceipts: CheckReceipts
  /** Where Prometheus reads; undefined: nowhere. */
  metrics: MetricsAddress | undefined
}

/** Reads the process's configuration. @throws IndexerError CONFIG_INVALID naming the field. */
export async function readConfig(file: string): Promise<IndexerConfig> {
  let parsed: Record<string, unknown>
  try {
    parsed = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  } catch (cause) {
    throw invalid(`${file} can't be read as JSON`, cause)
  }
  const { pollMs = 100, finality = 'none' } = parsed
  if (!Number.isInteger(pollMs) || (pollMs as number) < 1) throw invalid(`pollMs: presented ${pollMs}, required ≥ 1`)
  if (finality !== 'none' && finality !== 'head') {
    throw invalid(`finality: presented ${finality}, required none or head`)
  }
  const { patienceMs = defaultPatienceMs[finality] } = parsed
  if (!Number.isInteger(patienceMs) || (patienceMs as number) < 0) {
    throw invalid(`patienceMs: presented ${patienceMs}, required ≥ 0`)
  }
  const { databaseTimeoutMs = 60_000 } = parsed
  if (!Number.isInteger(databaseTimeoutMs) || (databaseTimeoutMs as number) < 1) {
    throw invalid(`databaseTimeoutMs: presented ${databaseTimeoutMs}, required ≥ 1`)
  }
  const { checkReceipts = 'live' } = parsed
  if (checkReceipts !== 'live' && checkReceipts !== 'always' && checkReceipts !== 'never') {
    throw invalid(`checkReceipts: presented ${checkReceipts}, required live, always or never`)
  }
  const rpcUrl = urlOf(parsed, 'rpcUrl')
  return {
    rpcUrl,
    wsUrl: wsUrlOf(parsed, rpcUrl),
    databaseUrl: urlOf(parsed, 'databaseUrl'),
    databaseTimeoutMs: databaseTimeoutMs as number,
    deployment: parseDeployment(parsed.deployment),
    pollMs: pollMs as number,
    finality,
    patienceMs: patienceMs as number,
    checkReceipts,
    metrics: metricsOf(parsed.metrics)
  }
}

function metricsOf(value: unknown): MetricsAddress | undefined {
  if (value === undefined || value === null) return undefined
  const { host = '127.0.0.1', port } = value as Partial<MetricsAddress>
  const isPort = Number.isInteger(port) && port! >= 0 && port! <= 65_535
  if (!isPort) throw invalid(`metrics.port: presented ${port}, required a port`)
  if (typeof host !== 'string' || host === '') throw invalid(`metrics.host: presented ${host}, required an address`)
  return { host, port: port! }
}

/** Checks a deployment read from JSON. @throws IndexerError CONFIG_INVALID naming the field. */
export function parseDeployment(value: unknown): Deployment {
  const deployment = (value ?? {}) as Deployment
  for (const field of ['chainId', 'fromBlock'] as const) {
    if (!Number.isSafeInteger(deployment[field])) throw invalid(`deployment.${field} must be an integer`)
  }
  const { genesisHash } = deployment as { genesisHash: unknown }
  if (typeof genesisHash !== 'string' || !/^0x[\da-fA-F]{64}$/.test(genesisHash)) {
    throw invalid('deployment.genesisHash must be 32 bytes of hex')
  }
  for (const field of ['participants', 'fingerprints', 'receivables', 'evidenceLog'] as const) {
    const address = deployment[field]
    if (!isAddress(address)) throw invalid(`deployment.${field} must be an address`)
    if (!codeHashOf(deployment, address)) throw invalid(`deployment.codeHashes lacks ${field} ${address}`)
  }
  requireRegistry(deployment)
  return deployment
}

/** The version that a deployment names must be one of Fingerprints' own. @throws IndexerError CONFIG_INVALID */
export function requireRegistry({ fingerprints, receivables }: Deployment): void {
  if (registryNumberOf(fingerprints, receivables) !== undefined) return
  throw invalid(
    `deployment.receivables: presented ${receivables}, required an address that fingerprints ${fingerprints} creates`
  )
}

/** The code hash that the deployment gives an address, in whatever case it was written. */
export function codeHashOf(deployment: Deployment, address: string): string | undefined {
  const wanted = address.toLowerCase()
  return Object.entries(deployment.codeHashes ?? {}).find(([key]) => key.toLowerCase() === wanted)?.[1]
}

function wsUrlOf(parsed: Record<string, unknown>, rpcUrl: string): string | undefined {
  if (parsed.wsUrl === null) return undefined
  if (parsed.wsUrl === undefined) return rpcUrl.replace(/^http/, 'ws')
  const url = urlOf(parsed, 'wsUrl')
  if (!/^wss?:/.test(url)) throw invalid('wsUrl must begin with ws: or wss:')
  return url
}

function urlOf(parsed: Record<string, unknown>, field: string): string {
  const value = parsed[field]
  if (typeof value !== 'string' || !URL.canParse(value)) throw invalid(`${field} must be a URL`)
  return value
}

function invalid(message: string, cause?: unknown): IndexerError {
  return new IndexerError('CONFIG_INVALID', message, { transient: false, cause })
}
