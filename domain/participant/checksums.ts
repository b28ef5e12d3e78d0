/** Check characters of identifiers that firms have in every country. Each takes the canonical spelling. */

/** GB 32100-2015: digits and capital letters without I, O, S, V, Z. */
const USCC_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const USCC = new RegExp(`^[${USCC_ALPHABET}]{18}$`)

/** 统一社会信用代码: weights 3^i mod 31 over 17 characters, the 18th makes the sum zero. */
export function isUscc(value: string): boolean {
  return USCC.test(value) && usccCheckOf(value.slice(0, 17)) === value[17]
}

function usccCheckOf(body: string): string {
  let [sum, weight] = [0, 1]
  for (const character of body) {
    sum += USCC_ALPHABET.indexOf(character) * weight
    weight = (weight * 3) % 31
  }
  return USCC_ALPHABET[(31 - (sum % 31)) % 31]!
}

/** GLN of 13 digits (GS1 General Specifications 7.9): weights 1 and 3 in turn, the last digit makes the sum a multiple of 10. */
export function isGln(value: string): boolean {
  if (!/^[0-9]{13}$/.test(value)) return false
  const sum = [...value].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0)
  return sum % 10 === 0
}

/** LEI (ISO 17442): 18 letters and digits and two check digits by ISO/IEC 7064 MOD 97-10. */
export function isLei(value: string): boolean {
  return /^[A-Z0-9]{18}[0-9]{2}$/.test(value) && mod97(value) === 1
}

/** Letters count as two digits: A is 10, Z is 35. */
function mod97(value: string): number {
  let rest = 0
  for (const character of value) {
    for (const digit of String(Number.parseInt(character, 36))) rest = (rest * 10 + Number(digit)) % 97
  }
  return rest
}
