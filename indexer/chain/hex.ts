/** Hex as JSON-RPC spells it (execution-apis, base types): 0x and digits in lower case. */

/** Whether a value is such hex, of so many bytes where it matters. */
export function isHex(value: unknown, bytes?: number): value is string {
  return (
    typeof value === 'string' && (bytes === undefined || value.length === 2 + 2 * bytes) && /^0x[\da-f]*$/.test(value)
  )
}

/** The number of a quantity, exact up to 13 digits and beyond about as large; NaN for anything else. */
export function quantityOf(value: unknown): number {
  if (typeof value !== 'string' || value.length < 3) return Number.NaN
  if (value.charCodeAt(0) !== ZERO || value.charCodeAt(1) !== LETTER_X) return Number.NaN
  let number = 0
  for (let i = 2; i < value.length; i++) {
    const unit = value.charCodeAt(i)
    if (unit >= ZERO && unit <= NINE) number = 16 * number + unit - ZERO
    else if (unit >= LETTER_A && unit <= LETTER_F) number = 16 * number + unit - LETTER_A + 10
    else return Number.NaN
  }
  return number
}

const [ZERO, NINE, LETTER_A, LETTER_F, LETTER_X] = [48, 57, 97, 102, 120]
