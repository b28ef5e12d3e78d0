/** Fields of a packed word that is written as 0x and 64 hex digits in lower case, by the places of their digits. */

/** The number that the digits make: exact up to 13 of them, and beyond at least that large. */
export function numberAt(hex: string, from: number, to: number): number {
  let value = 0
  for (let i = from + 2; i < to + 2; i++) {
    const unit = hex.charCodeAt(i)
    value = value * 16 + (unit < 58 ? unit - 48 : (unit & 7) + 9)
  }
  return value
}

/** The 64-bit integer that a word ends with. */
export function lowIntegerOf(hex: string): bigint {
  // As a number where one is exact: that is most amounts, for a third of the time.
  return hex.startsWith('000', 50) ? BigInt(numberAt(hex, 51, 64)) : BigInt(`0x${hex.slice(50)}`)
}
