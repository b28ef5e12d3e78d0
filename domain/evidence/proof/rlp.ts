/** RLP as the chain writes it (Yellow Paper, appendix B): one value has one encoding, and any other is refused. */
import { decodeRlp, encodeRlp, type RlpStructuredData } from 'ethers/utils'
import { EvidenceError, type EvidenceErrorCode } from '../errors.ts'

export type RlpItem = RlpStructuredData

/** Decodes canonical RLP. Throws with `code` for anything else: lengths with padding, trailing bytes, lone bytes in disguise. */
export function decodeStrict(data: string, code: EvidenceErrorCode, title: string): RlpItem {
  let item: RlpItem
  try {
    item = decodeRlp(data)
  } catch (error) {
    throw new EvidenceError(code, `${title} is not RLP: ${(error as Error).message}`)
  }
  if (encodeRlp(item) !== data) throw new EvidenceError(code, `${title} is not in the canonical form of RLP`)
  return item
}

/** RLP of an integer: big-endian without leading zeros, zero as the empty string. */
export function quantity(value: bigint): string {
  if (value === 0n) return '0x'
  const digits = value.toString(16)
  return `0x${digits.length % 2 === 1 ? '0' : ''}${digits}`
}

/** The integer of a string; undefined when it has leading zeros or is a list. */
export function integerOf(item: RlpItem | undefined): bigint | undefined {
  if (typeof item !== 'string' || item.startsWith('0x00')) return undefined
  return item === '0x' ? 0n : BigInt(item)
}
