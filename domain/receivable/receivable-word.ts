import { receivableStates, type ReceivableState } from './receivable-states.ts'

/** The fields of a receivable as the contract stores them, its root note included. */
export interface ReceivableFields {
  amount: bigint
  /** Where the root note ends while it lives in this word; zero: it has one of its own. */
  rootEnd: bigint
  creditor: number
  debtor: number
  /** Unix seconds. */
  maturity: number
  /** ISO 4217 number. */
  currency: number
  state: ReceivableState
  isDisputed: boolean
  isRootSettled: boolean
}

/** Unpacks a receivable's word, laid out as contracts/libraries/ReceivableWords.sol says. Throws on an unknown state. */
export function decodeReceivableWord(word: bigint): ReceivableFields {
  const bits = (offset: bigint, width: bigint): bigint => (word >> offset) & ((1n << width) - 1n)
  const state = receivableStates[Number(bits(248n, 3n))]
  if (state === undefined) throw new RangeError(`receivable word has no known state: ${word}`)
  return {
    amount: bits(0n, 64n),
    rootEnd: bits(64n, 64n),
    creditor: Number(bits(128n, 32n)),
    debtor: Number(bits(160n, 32n)),
    maturity: Number(bits(192n, 40n)),
    currency: Number(bits(232n, 16n)),
    state,
    isDisputed: bits(251n, 1n) === 1n,
    isRootSettled: bits(252n, 1n) === 1n
  }
}
