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
  const reason = claimReasons[Number((word >> 232n) & 0xffn)]
  if (reason === undefined) throw new RangeError(`claim word has no known reason: ${word}`)
  return {
    subject: word & ((1n << 192n) - 1n),
    claimant: Number((word >> 192n) & 0xffff_ffffn),
    registry: Number((word >> 224n) & 0xffn),
    reason
  }
}
