/** Receivable or credit, by the effective sign: a credit note may be 381 with plus or 380 with minus. */
import type { DocumentClass } from './invoice.ts'

/** UNTDID 1001 codes of documents that credit the buyer, as EN 16931 and Factur-X list them. */
const CREDIT_TYPES = new Set(['81', '83', '261', '262', '296', '308', '381', '396', '420', '458', '502', '503', '532'])

export function isCreditType(typeCode: string | undefined): boolean {
  return typeCode !== undefined && CREDIT_TYPES.has(typeCode)
}

/** The total with tax decides where there is one: a prepayment may turn only the payable amount negative. */
export function classOf(isCredit: boolean, gross: bigint | undefined, payable: bigint): DocumentClass {
  const total = gross ?? payable
  return isCredit === total < 0n ? 'R' : 'C'
}
