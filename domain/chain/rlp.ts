/**
 * RLP (Yellow Paper, appendix B) written on hex digits without 0x, as JSON-RPC brings them: a header or a receipt becomes
 * one string with no bytes in between. Reading, and refusing what is not canonical, is ../evidence/proof/rlp.ts.
 */

/** A string item. */
export function rlpString(digits: string): string {
  if (digits.length === 2 && digits < '80') return digits
  return `${head(0x80, digits.length / 2)}${digits}`
}

/** A list of items that are encoded already. */
export function rlpList(items: readonly string[]): string {
  const payload = items.join('')
  return `${head(0xc0, payload.length / 2)}${payload}`
}

/** An integer: big-endian without leading zeros, zero as the empty string. */
export function rlpInteger(digits: string): string {
  const plain = digits.replace(/^0+/, '')
  return rlpString(plain.length % 2 === 1 ? `0${plain}` : plain)
}

function head(offset: number, bytes: number): string {
  if (bytes < 56) return byte(offset + bytes)
  const length = bytes.toString(16)
  const padded = length.length % 2 === 1 ? `0${length}` : length
  return `${byte(offset + 55 + padded.length / 2)}${padded}`
}

const byte = (value: number): string => value.toString(16).padStart(2, '0')
