import { numberAt } from '../chain/hex-word.ts'

/** Why a document is taken. Order equals `ClaimReason` in contracts/libraries/ClaimWords.sol. */
export const claimReasons = [
  'none',
  'receivable',
  'trade-document',
  'assigned-elsewhere',
  'pledged-elsewhere',
  'reserved-elsewhere'
] as const
export type ClaimReason = (typeof claimReasons)[number]

/** Why a claim ended. Order equals `ReleaseReason` in contracts/interfaces/IFingerprints.sol. */
export const releaseReasons = ['none', 'closed', 'repaid', 'declined', 'claimed-in-error'] as const
export type ReleaseReason = (typeof releaseReasons)[number]

/** A claim as the contract stores it. `registry` 0: a factor claimed it itself. */
export interface ClaimFields {
  subject: bigint
  claimant: number
  registry: number
  reason: ClaimReason
}

/** Unpacks the word of a claim's event, laid out as contracts/libraries/ClaimWords.sol says. Throws on an unknown reason. */
export function decodeClaimWord(word: bigint): ClaimFields {
  const hex = `0x${word.toString(16).padStart(64, '0')}`
  return { ...decodeClaimHex(hex), subject: word & ((1n << 192n) - 1n) }
}

/** All but the subject, which is its last 48 digits, out of the word as 0x and 64 hex digits. Throws on an unknown reason. */
export function decodeClaimHex(hex: string): Omit<ClaimFields, 'subject'> {
  const reason = claimReasons[numberAt(hex, 4, 6)]
  if (reason === undefined) throw new RangeError(`claim word has no known reason: ${hex}`)
  return { claimant: numberAt(hex, 8, 16), registry: numberAt(hex, 6, 8), reason }
}
