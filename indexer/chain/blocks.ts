import type { Decoder, PlacedEvent, RawLog } from '../decode.ts'
import { IndexerError } from '../errors.ts'
import type { Rpc } from '../rpc.ts'
import { mayContain } from './bloom.ts'
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
  const answers = await rpc.batch(blocks.map(headerCall))
  return answers.map((answer, i) => {
    const header = toHeader(answer)
    if (!header || blocks[i] === 'latest' || header.number === blocks[i]) return header
    throw new IndexerError('RPC_UNAVAILABLE', `the node gave block ${header.number} for ${blocks[i]}`, {
      transient: true
    })
  })
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
  const answers = await rpc.batch(busy.map(call))
  const read = check === 'receipts' ? logsOfReceipts : checkedLogs
  const logs = new Map(busy.map((header, i) => [header.number, read(header, answers[i])]))
  return headers.map((header) => withLogs(decoder, header, logs.get(header.number) ?? []))
}

/** Whether a block may have events of ours; false is certain. */
export function isBusy(decoder: Decoder, { bloom }: Header): boolean {
  return decoder.addresses.some((address) => mayContain(bloom, address))
}

export function withLogs(decoder: Decoder, header: Header, logs: readonly RawLog[]): ChainBlock {
  return { ...header, events: logs.flatMap((log) => decoder.decode(log, header) ?? []) }
}
