import type { RawLog } from '../decode.ts'
import { IndexerError } from '../errors.ts'
import type { Header } from './header.ts'
import { isHex } from './hex.ts'
import { isWholeLog } from './logs.ts'
import { rlpInteger, rlpList, rlpString } from '../../domain/chain/rlp.ts'
import { orderedTrieRoot } from './trie-root.ts'

/** A receipt as JSON-RPC gives it. */
interface RawReceipt {
  type?: string
  status?: string
  root?: string
  cumulativeGasUsed: string
  logsBloom: string
  logs: RawLog[]
}

/** Receipts of these types are a status, gas, bloom and logs (EIP-2718, -2930, -1559, -4844, -7702). */
const TYPE_MAX = 4

/**
 * The logs of a block out of its receipts, which make the header's receipts root: none left out, none altered.
 * @throws IndexerError RECEIPTS_MISMATCH, which passes by asking again; HEADER_UNKNOWN for a type of transaction that this
 *   version can't encode
 */
export function logsOfReceipts(header: Header, answer: unknown): RawLog[] {
  const receipts = Array.isArray(answer) ? (answer as (RawReceipt | null)[]) : []
  const encoded = receipts.map((receipt) => encodeReceipt(header, receipt))
  const isWhole = encoded.every((value) => value !== undefined)
  if (!isWhole || `0x${orderedTrieRoot(encoded)}` !== header.receiptsRoot) {
    throw new IndexerError(
      'RECEIPTS_MISMATCH',
      `block ${header.number} ${header.hash}: the ${receipts.length} receipts that the node gave do not make its receiptsRoot`,
      { transient: true }
    )
  }
  let logIndex = 0
  return receipts.flatMap((receipt, i) =>
    receipt!.logs.map((log) => ({
      ...log,
      // The root vouches for the order, not for the numbers beside it.
      logIndex: `0x${(logIndex++).toString(16)}`,
      transactionIndex: `0x${i.toString(16)}`,
      blockHash: header.hash
    }))
  )
}

/** Undefined for what is no receipt. */
export function encodeReceipt(header: Pick<Header, 'number' | 'hash'>, receipt: RawReceipt | null): string | undefined {
  const { type = '0x0', status, root, cumulativeGasUsed, logsBloom, logs } = receipt ?? ({} as RawReceipt)
  const result = root ?? status
  const isWhole =
    isHex(type) &&
    isHex(result) &&
    isHex(cumulativeGasUsed) &&
    isHex(logsBloom, 256) &&
    Array.isArray(logs) &&
    logs.every(isWholeLog)
  if (!isWhole) return undefined
  if (Number(type) > TYPE_MAX) {
    throw new IndexerError(
      'HEADER_UNKNOWN',
      `block ${header.number} has a transaction of type ${type}, whose receipt this version can't encode. ` +
        'Run a version that knows it, or set checkReceipts to never',
      { transient: false }
    )
  }
  const digits = (value: string): string => value.slice(2).toLowerCase()
  const body = rlpList([
    root === undefined ? rlpInteger(digits(result)) : rlpString(digits(root)),
    rlpInteger(digits(cumulativeGasUsed)),
    rlpString(digits(logsBloom)),
    rlpList(
      logs.map(({ address, topics, data }) =>
        rlpList([
          rlpString(digits(address)),
          rlpList(topics.map((topic) => rlpString(digits(topic)))),
          rlpString(digits(data))
        ])
      )
    )
  ])
  return Number(type) === 0 ? body : `${digits(type).padStart(2, '0')}${body}`
}
