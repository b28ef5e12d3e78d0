import { AbiCoder, keccak256 } from 'ethers'

/** What the parties agreed. Parties are participant numbers, amount in minor units, maturity in unix seconds. */
export interface Terms {
  maturity: number
  creditor: number
  debtor: number
  amount: bigint
  /** ISO 4217 number, e.g. 156 for CNY. */
  currency: number
  /** 32 bytes, 0x: salted commitment to the document's content. */
  contentCommitment: string
}

const termsType =
  'tuple(uint40 maturity,uint32 creditor,uint32 debtor,uint64 amount,uint16 currency,bytes32 contentCommitment)'

/** The id that `Receivables.register` gives these terms: who confirms the id confirms the terms. */
export function receivableIdOf(terms: Terms, fingerprints: readonly string[]): bigint {
  const encoded = AbiCoder.defaultAbiCoder().encode([termsType, 'bytes32[]'], [terms, fingerprints])
  return BigInt(keccak256(encoded)) & ((1n << 192n) - 1n)
}
