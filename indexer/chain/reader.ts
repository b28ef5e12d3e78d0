import type { Decoder, RawLog } from '../decode.ts'
import { IndexerError } from '../errors.ts'
import { orRefusal, RpcRefusal, type Rpc, type RpcCall } from '../rpc.ts'
import { headerCall, headersOfPool, headOf, isBusy, withEvents, withLogs, type ChainBlock } from './blocks.ts'
import type { Header } from './header.ts'
import { quantityOf } from './hex.ts'
import { checkedLogs } from './logs.ts'

/**
 * Which blocks' logs are proven by their receipts: those at the head, all, or none. The others are held against their
 * header's bloom, which shows a missing log unless another one of the block has the same address and topics.
 */
export type CheckReceipts = 'live' | 'always' | 'never'

/** Blocks behind the head that are read one by one, by hash, instead of as a range. */
export const LIVE_BLOCKS = 16

/** Logs that a range should have. What is parsed of one is best gone before the young generation is looked through: larger ones cost more. */
const RANGE_LOGS = 1_000
const FIRST_RANGE = 32
/** Ranges that are fetched ahead. They wait as the node's bytes: objects that wait are looked at by each collection of garbage. */
const RANGES_AHEAD = 3
/** After so many ranges of the largest size that a node bore, a larger one is tried. */
const TRY_LARGER_AFTER = 32

export interface ReaderOptions {
  rpc: Rpc
  decoder: Decoder
  checkReceipts: CheckReceipts
  /** Most blocks at once. */
  batchBlocks: number
}

export interface Reader {
  /**
   * The blocks from `from` on, `to` or earlier; the ranges after it are fetched meanwhile.
   * @param head The chain's head, which needs not be asked for again
   * @throws IndexerError BLOCK_CHANGED for a block that the node lacks, LOGS_INCOMPLETE, RECEIPTS_MISMATCH: all pass
   */
  read(from: number, to: number, head?: Header): Promise<ChainBlock[]>
  /** Begins to fetch from `from` on, before anybody asks for it. Never fails: who asks is told. */
  begin(from: number): Promise<void>
  /** Up to where it can go on without asking for the head; undefined when nothing is under way. */
  ahead(from: number): number | undefined
  /** Forgets what was fetched ahead: the chain changed. */
  forget(): void
}

/** A range that is under way or there. */
interface Fetched {
  from: number
  last: number
  /** Up to where the chain was known to go. */
  limit: number
  /** Resolves when the node's answers are there; what it gives reads them. */
  answered: Promise<() => Promise<ChainBlock[]>>
}

type RangeLog = RawLog & { blockNumber?: string }

const numbersOf = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)

const logsCall = (from: number, to: number): RpcCall => ({
  method: 'eth_getLogs',
  params: [{ fromBlock: `0x${from.toString(16)}`, toBlock: `0x${to.toString(16)}` }]
})

const logsOf = (answer: unknown): RangeLog[] =>
  Array.isArray(answer) ? (answer as RangeLog[]).filter((log) => log !== null) : []

/** Reads ranges as large as the node bears them. */
export function createReader({ rpc, decoder, checkReceipts, batchBlocks }: ReaderOptions): Reader {
  let size = FIRST_RANGE
  let largest = Number.MAX_SAFE_INTEGER
  let succeeded = 0
  /** Oldest first, each beginning where the one before it ends. */
  let fetched: Fetched[] = []

  function fetch(from: number, limit: number, head?: Header): Fetched {
    const isLive = limit - from < LIVE_BLOCKS
    const last = Math.min(limit, from + Math.min(size, isLive ? LIVE_BLOCKS : batchBlocks, batchBlocks) - 1)
    return { from, last, limit, answered: isLive ? askBlocks(from, last, head) : askRange(from, last) }
  }

  async function askBlocks(from: number, to: number, head?: Header): Promise<() => Promise<ChainBlock[]>> {
    const headers = head?.number === from ? [head] : await readHeaders(from, to, (await askHeaders(from, to))())
    return () => withEvents(rpc, decoder, headers, checkReceipts === 'never' ? 'bloom' : 'receipts')
  }

  async function askRange(from: number, to: number): Promise<() => Promise<ChainBlock[]>> {
    if (checkReceipts === 'always') {
      const headers = await askHeaders(from, to)
      return async () => withEvents(rpc, decoder, await readHeaders(from, to, headers()), 'receipts')
    }
    // Headers and logs in one message: what it takes to send one is not little.
    const answers = await rpc.ask([...numbersOf(from, to).map(headerCall), logsCall(from, to)])
    return async () => {
      const told = orRefusal(answers)
      if (told instanceof RpcRefusal) return askApart(from, to)
      return readRange(from, to, await readHeaders(from, to, told.slice(0, -1)), logsOf(told.at(-1)))
    }
  }

  async function askApart(from: number, to: number): Promise<ChainBlock[]> {
    // The logs in any case, so that the next range is smaller, whichever was refused.
    const [headers, logs] = await Promise.all([askHeaders(from, to), askHalves(from, to)])
    return readRange(from, to, await readHeaders(from, to, headers()), logs)
  }

  async function readRange(
    from: number,
    to: number,
    headers: readonly Header[],
    logs: readonly RangeLog[]
  ): Promise<ChainBlock[]> {
    const byBlock = Map.groupBy(logs, (log) => quantityOf(log.blockNumber))
    const blocks: ChainBlock[] = []
    const doubtful: Header[] = []
    for (const header of headers) {
      try {
        const isEmpty = !isBusy(decoder, header)
        blocks.push(withLogs(decoder, header, isEmpty ? [] : checkedLogs(header, byBlock.get(header.number))))
      } catch (error) {
        if (!(error instanceof IndexerError && error.code === 'LOGS_INCOMPLETE')) throw error
        doubtful.push(header)
      }
    }
    // A range may come from another node than the headers: what does not fit is asked for again by block hash.
    blocks.push(...(await withEvents(rpc, decoder, doubtful, 'bloom')))
    adapt(logs.length, to - from + 1)
    return blocks.sort((a, b) => a.number - b.number)
  }

  function askHeaders(from: number, to: number): Promise<() => unknown[]> {
    return rpc.ask(numbersOf(from, to).map(headerCall))
  }

  async function readHeaders(from: number, to: number, answers: readonly unknown[]): Promise<Header[]> {
    const numbers = numbersOf(from, to)
    return (await headersOfPool(rpc, numbers, answers)).map((header, i) => {
      if (header) return header
      throw new IndexerError('BLOCK_CHANGED', `the node has no block ${numbers[i]} below its head`, { transient: true })
    })
  }

  /** Logs of a range that a node refused: those of its halves, and from then on no larger ones. */
  async function askHalves(from: number, to: number): Promise<RangeLog[]> {
    // Asked for again by its hash, like every block that does not fit.
    if (from === to) return []
    const half = Math.floor((to - from + 1) / 2)
    largest = size = half
    succeeded = 0
    const logs: RangeLog[] = []
    for (const [first, last] of [
      [from, from + half - 1],
      [from + half, to]
    ] as const) {
      const told = orRefusal(await rpc.ask([logsCall(first, last)]))
      logs.push(...(told instanceof RpcRefusal ? await askHalves(first, last) : logsOf(told[0])))
    }
    return logs
  }

  function adapt(logs: number, blocks: number): void {
    if (++succeeded >= TRY_LARGER_AFTER && largest < Number.MAX_SAFE_INTEGER) {
      largest *= 2
      succeeded = 0
    }
    const wanted = Math.floor((blocks * RANGE_LOGS) / Math.max(logs, 1))
    size = Math.max(LIVE_BLOCKS, Math.min(wanted, 4 * blocks, largest, batchBlocks))
  }

  /** After a failure the next blocks are fewer: what the node or a gateway does not bear it says in many ways, also by no answer in time. */
  async function blocksOf({ from, last, answered }: Fetched): Promise<ChainBlock[]> {
    try {
      const read = await answered
      const blocks = await read()
      if (size < LIVE_BLOCKS) size *= 2
      return blocks
    } catch (error) {
      if (error instanceof IndexerError && error.code === 'RPC_UNAVAILABLE') {
        size = Math.max(1, Math.min(size, Math.floor((last - from + 1) / 2)))
      }
      throw error
    }
  }

  /** Keeps ranges under way, up to `limit`, behind those that are or from `from` on. */
  function goAhead(from: number, limit: number): void {
    let start = (fetched.at(-1)?.last ?? from - 1) + 1
    while (fetched.length < RANGES_AHEAD && start + LIVE_BLOCKS <= limit) {
      const next = fetch(start, limit)
      // Who takes it gets the failure; if nobody does, it is no failure of the process.
      next.answered.catch(() => {})
      fetched.push(next)
      start = next.last + 1
    }
  }

  return {
    async read(from, to, head) {
      if (fetched[0]?.from !== from) fetched = []
      const taken = fetched.shift() ?? fetch(from, to, head)
      const blocks = await blocksOf(taken)
      goAhead(taken.last + 1, Math.max(to, taken.limit))
      return blocks
    },
    async begin(from) {
      try {
        const head = await headOf(rpc)
        if (fetched.length === 0) goAhead(from, head.number)
      } catch {
        // The node is away or has no such blocks.
      }
    },
    ahead: (from) => (fetched[0]?.from === from ? fetched[0].limit : undefined),
    forget() {
      fetched = []
    }
  }
}
