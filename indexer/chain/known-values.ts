/**
 * Addresses, event topics and ids come again and again, each time as a new string. Hashing one takes V8 longer than all else that is done
 * with it, so what was seen of late is found by some of its digits, and the string that was seen first is used on: it has its hash.
 */

/** As many as four digits tell apart. */
export const SLOTS = 65_536

/** Where a value of 20 or 32 bytes belongs: by digits that differ between ids of receivables, and between notes of one. */
export function slotOf(value: string): number {
  return digitsAt(value, 20) ^ digitsAt(value, value.length - 4)
}

/** Four digits as a number; what are none give any number that four digits can make. */
function digitsAt(text: string, at: number): number {
  return (digitAt(text, at) << 12) | (digitAt(text, at + 1) << 8) | (digitAt(text, at + 2) << 4) | digitAt(text, at + 3)
}

function digitAt(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  return (unit < 58 ? unit : unit + 9) & 15
}

const DIGITS = 48
const ids: string[] = []

/** The receivable's id, 0x and 48 digits (domain/note/span.ts), whose digits begin at a place of some hex. */
export function receivableIdAt(hex: string, at: number): string {
  const slot = digitsAt(hex, at + 2)
  // Cut out and compared: `startsWith` looks at one character after the other, which takes twice as long.
  const digits = hex.slice(at, at + DIGITS)
  const known = ids[slot]
  return known?.slice(2) === digits ? known : (ids[slot] = `0x${digits}`)
}

/** What a claim's word is about, as 0x and 48 digits: subjects have the width of receivable ids. */
export const subjectOf = (claim: string): string => receivableIdAt(claim, 18)
