import type { RawLog } from '../decode.ts'
import { IndexerError } from '../errors.ts'
import { bloomOf, isValue } from './bloom.ts'
import type { Header } from './header.ts'
import { isHex, quantityOf } from './hex.ts'

/**
 * A block's logs in order. All of the block, not only ours: they must be numbered without gap and make the header's bloom.
 * A log whose address and topics others share may still be missing at the end, and data may be false: see `receipts.ts`.
 * @throws IndexerError LOGS_INCOMPLETE, which passes by asking again
 */
export function checkedLogs(header: Header, answer: unknown): RawLog[] {
  // Some nodes answer null for a block that they don't have yet.
  const logs = inOrder((Array.isArray(answer) ? (answer as RawLog[]) : []).filter(hasShape))
  const bloom = bloomOf(logs)
  const isWhole =
    logs.every((log, i) => quantityOf(log.logIndex) === i && log.blockHash === header.hash && !log.removed) &&
    bloom !== undefined &&
    Buffer.compare(bloom, header.bloom) === 0
  if (isWhole) return logs
  throw new IndexerError(
    'LOGS_INCOMPLETE',
    `block ${header.number} ${header.hash}: the node gave ${logs.length} logs, which do not make its logsBloom`,
    { transient: true }
  )
}

function inOrder(logs: RawLog[]): RawLog[] {
  const isOrdered = logs.every((log, i) => quantityOf(log.logIndex) === i)
  return isOrdered ? logs : logs.sort((a, b) => quantityOf(a.logIndex) - quantityOf(b.logIndex))
}

/** A log of the right shape: one that is not counts as missing. All of it is hex, so nothing of it can break out of a COPY. */
export function isWholeLog(log: RawLog | null): boolean {
  return hasShape(log) && isValue(log.address, 20) && log.topics.every((topic) => isValue(topic, 32))
}

/** Logs of a transaction come together, so that its hash was mostly just looked at. */
let lastHash = ''

function isHash(value: unknown): boolean {
  if (value === lastHash) return true
  if (!isHex(value, 32)) return false
  lastHash = value
  return true
}

/** The same but for address and topics, which their place in a bloom needs looked at in any case. */
function hasShape(log: RawLog | null): log is RawLog {
  return (
    typeof log?.address === 'string' &&
    isHex(log.data) &&
    quantityOf(log.logIndex) >= 0 &&
    isHash(log.transactionHash) &&
    quantityOf(log.transactionIndex) < INDEXES &&
    Array.isArray(log.topics) &&
    log.topics.every(isText)
  )
}

/** What the column holds. The bloom does not vouch for it. */
const INDEXES = 2 ** 31

const isText = (value: unknown): boolean => typeof value === 'string'
