import { getBytes, isHexString, keccak256 } from 'ethers'
import type { Deployment } from '../domain/chain/contracts.ts'
import { BLOOM_BYTES, bloomOf, mayContain } from './bloom.ts'
import { codeHashOf } from './config.ts'
import type { Decoder, PlacedEvent, RawLog } from './decode.ts'
import { IndexerError } from './errors.ts'
import type { Rpc } from './rpc.ts'

export interface Header {
  number: number
  hash: string
  parentHash: string
  /** Unix seconds. */
  time: number
  bloom: Uint8Array
}

/** A block with the events of our contracts, in log order. */
export interface ChainBlock extends Header {
  events: PlacedEvent[]
}

interface RawHeader {
  number: string
  hash: string
  parentHash: string
  timestamp: string
  logsBloom: string
}

const headerCall = (block: number | 'latest') => ({
  method: 'eth_getBlockByNumber',
  params: [typeof block === 'number' ? `0x${block.toString(16)}` : block, false]
})

/** @throws IndexerError RPC_UNAVAILABLE for half a block, which passes by asking again */
function toHeader(value: unknown): Header | undefined {
  if (!value) return undefined
  const raw = value as RawHeader
  const isWhole =
    isHexString(raw.hash, 32) &&
    isHexString(raw.parentHash, 32) &&
    isHexString(raw.logsBloom, BLOOM_BYTES) &&
    isHexString(raw.number) &&
    isHexString(raw.timestamp)
  if (!isWhole) throw new IndexerError('RPC_UNAVAILABLE', 'the node gave half a block', { transient: true })
  return {
    number: Number(raw.number),
    hash: raw.hash,
    parentHash: raw.parentHash,
    time: Number(raw.timestamp),
    bloom: getBytes(raw.logsBloom)
  }
}

/** The newest block. */
export async function headOf(rpc: Rpc): Promise<Header> {
  const [head] = await headersOf(rpc, ['latest'])
  if (!head) throw new IndexerError('RPC_UNAVAILABLE', 'the node has no head yet', { transient: true })
  return head
}

/** Headers by number, undefined where the node has none. */
export async function headersOf(rpc: Rpc, blocks: readonly (number | 'latest')[]): Promise<(Header | undefined)[]> {
  return (await rpc.batch(blocks.map(headerCall))).map(toHeader)
}

/**
 * Adds the events. Logs are asked by block hash, all of the block, and must give the header's bloom and be numbered
 * without gap: a node that answers short can't make us skip an event.
 * @throws IndexerError LOGS_INCOMPLETE, which passes by asking again.
 */
export async function withEvents(rpc: Rpc, decoder: Decoder, headers: readonly Header[]): Promise<ChainBlock[]> {
  const busy = headers.filter(({ bloom }) => decoder.addresses.some((address) => mayContain(bloom, address)))
  const answers = await rpc.batch(busy.map(({ hash }) => ({ method: 'eth_getLogs', params: [{ blockHash: hash }] })))
  const logs = new Map(busy.map((header, i) => [header.number, checkedLogs(header, answers[i])]))
  return headers.map((header) => ({
    ...header,
    events: (logs.get(header.number) ?? []).flatMap((log) => decoder.decode(log, header) ?? [])
  }))
}

function checkedLogs(header: Header, answer: unknown): RawLog[] {
  // Some nodes answer null for a block that they don't have yet.
  const logs = (Array.isArray(answer) ? (answer as RawLog[]) : [])
    .filter(isWholeLog)
    .sort((a, b) => Number(a.logIndex) - Number(b.logIndex))
  const isWhole =
    logs.every((log, i) => Number(log.logIndex) === i && log.blockHash === header.hash && !log.removed) &&
    Buffer.compare(bloomOf(logs), header.bloom) === 0
  if (isWhole) return logs
  throw new IndexerError(
    'LOGS_INCOMPLETE',
    `block ${header.number} ${header.hash}: the node gave ${logs.length} logs, which do not make its logsBloom`,
    { transient: true }
  )
}

/** A log of the right shape: one that is not counts as missing. */
function isWholeLog(log: RawLog | null): boolean {
  return (
    isHexString(log?.address, 20) &&
    isHexString(log?.data) &&
    isHexString(log?.logIndex) &&
    isHexString(log?.transactionHash, 32) &&
    isHexString(log?.transactionIndex) &&
    Array.isArray(log?.topics) &&
    log.topics.every((topic) => isHexString(topic, 32))
  )
}

/**
 * Holds the chain against the deployment: chain id, genesis, and the contracts' code once the chain is that long.
 * @param missingCode `tolerate`: a chain that lost its newest blocks gets them again, so that absence refuses nothing.
 * @throws IndexerError CHAIN_MISMATCH with presented and required value.
 */
export async function requireDeployedChain(
  rpc: Rpc,
  deployment: Deployment,
  missingCode: 'refuse' | 'tolerate'
): Promise<void> {
  const [chainId, genesis, head] = await rpc.batch([
    { method: 'eth_chainId', params: [] },
    headerCall(0),
    headerCall('latest')
  ])
  requireSame('chainId', String(Number(chainId)), String(deployment.chainId))
  requireSame('genesisHash', toHeader(genesis)?.hash ?? 'none', deployment.genesisHash)
  if ((toHeader(head)?.number ?? 0) < deployment.fromBlock) return
  const addresses = [deployment.participants, deployment.fingerprints, deployment.receivables, deployment.evidenceLog]
  const codes = await rpc.batch(addresses.map((address) => ({ method: 'eth_getCode', params: [address, 'latest'] })))
  for (const [i, address] of addresses.entries()) {
    const code = codes[i] as string
    if (code === '0x' && missingCode === 'tolerate') continue
    requireSame(
      `code hash of ${address}`,
      code === '0x' ? 'no code' : keccak256(code),
      codeHashOf(deployment, address)!
    )
  }
}

function requireSame(what: string, presented: string, required: string): void {
  if (presented.toLowerCase() === required.toLowerCase()) return
  throw new IndexerError(
    'CHAIN_MISMATCH',
    `${what}: presented ${presented}, required ${required}. This is not the chain of the deployment: ` +
      'point rpcUrl at the right one, or deploy anew and reindex',
    { transient: false }
  )
}
