/** The order of what happened on the chain, as records tell it. */
import type { CutRecord, StateRecord } from './record.ts'
import { mismatch } from './replay-book.ts'
import { unixSeconds } from './shape.ts'

export type PlacedRecord = StateRecord | CutRecord

/** Index of the record's log in its block. */
export function logIndexOf(record: PlacedRecord): bigint {
  return BigInt(record.kind === 'cut' ? record.logIndex : record.event.logIndex)
}

/**
 * Sorted by block and log. Blocks have one hash and one time, and later blocks are not earlier; a log is told once, by one
 * transaction, whose logs no other's come between.
 * @throws EvidenceError STATE_MISMATCH
 */
export function inChainOrder(records: readonly PlacedRecord[]): PlacedRecord[] {
  const ordered = [...records].sort(
    (a, b) => compare(BigInt(a.blockNumber), BigInt(b.blockNumber)) || compare(logIndexOf(a), logIndexOf(b))
  )
  const transactions = new Set<string>()
  let before: PlacedRecord | undefined
  for (const record of ordered) {
    if (before?.blockNumber === record.blockNumber) {
      requireSameBlock(before, record)
      if (logIndexOf(before) === logIndexOf(record)) {
        mismatch(`log ${String(logIndexOf(record))} of block ${record.blockNumber} is told twice`)
      }
    } else if (before && unixSeconds(before.blockTime) > unixSeconds(record.blockTime)) {
      mismatch(`block ${record.blockNumber} is older than one before it`, record.blockTime, before.blockTime)
    }
    if (before?.txHash !== record.txHash) {
      if (transactions.has(record.txHash)) mismatch(`transaction ${record.txHash} is told in two places`)
      transactions.add(record.txHash)
    } else if (before.blockNumber !== record.blockNumber) {
      mismatch(`transaction ${record.txHash} is told of two blocks`, record.blockNumber, before.blockNumber)
    }
    before = record
  }
  return ordered
}

function requireSameBlock(before: PlacedRecord, record: PlacedRecord): void {
  if (before.blockHash !== record.blockHash || before.blockTime !== record.blockTime) {
    mismatch(`block ${record.blockNumber} is told in two ways`, record.blockHash, before.blockHash)
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
