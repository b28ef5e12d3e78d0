import type { Decoder, PlacedEvent, RawLog } from '../decode.ts'
import { IndexerError } from '../errors.ts'
import { orRefusal, RpcRefusal, type Rpc } from '../rpc.ts'
import { toHeader, type Header } from './header.ts'
import { checkedLogs } from './logs.ts'
import { logsOfReceipts } from './receipts.ts'

/** A block with the events of our contracts, in log order. */
export interface ChainBlock extends Header {
  events: PlacedEvent[]
}

export const headerCall = (block: number | 'latest') => ({
  method: 'eth_getBlockByNumber',
  params: [typeof block === 'number' ? `0x${block.toString(16)}` : block, false]
})

/** The newest block. */
export async function headOf(rpc: Rpc): Promise<Header> {
  const [head] = await headersOf(rpc, ['latest'])
  if (!head) throw new IndexerError('RPC_UNAVAILABLE', 'the node has no head yet', { transient: true })
  return head
}

/** Headers by number, undefined where the node has none. */
export async function headersOf(rpc: Rpc, blocks: readonly (number | 'latest')[]): Promise<(Header | undefined)[]> {
  return readHeaders(blocks, await rpc.batch(blocks.map(headerCall)))
}

async function readHeaders(
  blocks: readonly (number | 'latest')[],
  answers: readonly unknown[]
): Promise<(Header | undefined)[]> {
  const headers = await Promise.all(answers.map(toHeader))
  return headers.map((header, i) => {
    if (!header || blocks[i] === 'latest' || header.number === blocks[i]) return header
    throw new IndexerError('RPC_UNAVAILABLE', `the node gave block ${header.number} for ${blocks[i]}`, {
      transient: true
    })
  })
}

/**
 * How often what a node lacks is asked for again at once. Behind one address there may be several nodes that answer in turn, and
 * those that lag lack what the others told of: whoever gives up at the first gap starts each round with the same node.
 */
const ASK_AGAIN = 3

/**
 * Headers by number, where a gap is asked for again: undefined only where no answer had any.
 * @param answers What a node said already, if it did
 */
export async function headersOfPool(
  rpc: Rpc,
  blocks: readonly number[],
  answers?: readonly unknown[]
): Promise<(Header | undefined)[]> {
  const headers = await readHeaders(blocks, answers ?? (await rpc.batch(blocks.map(headerCall))))
  for (let again = 0; again < ASK_AGAIN; again++) {
    const missing = blocks.flatMap((block, i) => (headers[i] ? [] : [{ block, i }]))
    if (missing.length === 0) break
    const more = await headersOf(
      rpc,
      missing.map(({ block }) => block)
    )
    for (const [at, { i }] of missing.entries()) headers[i] = more[at]
  }
  return headers
}

/** The head, asked for again while it is below `least`: another node of a pool may have more. The highest answer. */
export async function headOfPool(rpc: Rpc, least: number, first: Header): Promise<Header> {
  let highest = first
  for (let again = 0; again < ASK_AGAIN && highest.number < least; again++) {
    const head = await headOf(rpc)
    if (head.number > highest.number) highest = head
  }
  return highest
}

/**
 * Adds the events, asked by block hash. Which blocks have any, the header's bloom says, which its hash vouches for.
 * @param check `receipts`: the receipts must make the header's root, so that nothing is left out or altered. `bloom`: all
 *   logs of the block must make its bloom.
 * @throws IndexerError LOGS_INCOMPLETE, RECEIPTS_MISMATCH, which pass by asking again
 */
export async function withEvents(
  rpc: Rpc,
  decoder: Decoder,
  headers: readonly Header[],
  check: 'receipts' | 'bloom'
): Promise<ChainBlock[]> {
  const busy = headers.filter((header) => isBusy(decoder, header))
  const call = ({ hash }: Header) =>
    check === 'receipts'
      ? { method: 'eth_getBlockReceipts', params: [hash] }
      : { method: 'eth_getLogs', params: [{ blockHash: hash }] }
  const read = check === 'receipts' ? logsOfReceipts : checkedLogs
  const logs = new Map<number, RawLog[]>()
  let missing = busy
  let failure: IndexerError | undefined
  for (let again = 0; again <= ASK_AGAIN && missing.length > 0; again++) {
    // A node that lacks a block answers null, no logs, or an error: the last is a gap like the others.
    const answers = orRefusal(await rpc.ask(missing.map(call)))
    if (answers instanceof RpcRefusal) {
      failure = answers
      continue
    }
    missing = missing.filter((header, i) => {
      try {
        logs.set(header.number, read(header, answers[i]))
        return false
      } catch (error) {
        if (!(error instanceof IndexerError && error.transient)) throw error
        failure = error
        return true
      }
    })
  }
  if (missing.length > 0) throw failure
  return headers.map((header) => withLogs(decoder, header, logs.get(header.number) ?? []))
}

/** Whether a block may have events of ours; false is certain. */
export function isBusy(decoder: Decoder, { bloom }: Header): boolean {
  return decoder.mayConcern(bloom)
}

export function withLogs(decoder: Decoder, header: Header, logs: readonly RawLog[]): ChainBlock {
  return { ...header, events: logs.flatMap((log) => decoder.decode(log, header) ?? []) }
}
