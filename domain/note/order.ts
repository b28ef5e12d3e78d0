import { hexlify } from 'ethers'
import { sha256 } from '../crypto/hash.ts'

/** An order by which an authority acts: a court's, or its own. */
export interface Order {
  /** As its parties know it, e.g. the file number. */
  reference: string
  /** Who gave it. */
  court: string
  /** SHA-256 of its file, 0x-hex. */
  document: string
}

/**
 * The text that the chain's commitment to an order is of: `commitment = SHA-256(receivable id, line end, text)`. Who has the file and the
 * reference makes it again. One changed byte breaks every commitment made: add a version instead.
 */
export function orderText({ reference, court, document }: Order): string {
  return JSON.stringify([reference, court, document])
}

/** What the chain holds of an order about a receivable or one of its notes, 0x-hex. */
export function orderCommitment(receivableId: string, order: Order): string {
  return hexlify(sha256(new TextEncoder().encode(`${receivableId}\n${orderText(order)}`)))
}
