/** Decimal strings to integers of the currency's minor unit and back. No floating point anywhere. */
import { exponentOf } from './currency.ts'

/** More integer digits than this overflow the int8 spans that amounts become. */
const INTEGER_DIGITS_MAX = 15

export type AmountRefusalCode = 'AMOUNT_MALFORMED' | 'AMOUNT_TOO_PRECISE'

/** The presented text is not an amount of the currency. */
export class AmountRefused extends Error {
  readonly code: AmountRefusalCode
  readonly presented: string
  readonly required: string

  constructor(code: AmountRefusalCode, presented: string, required: string) {
    super(`Amount ${JSON.stringify(presented)} is refused: required ${required}`)
    this.name = 'AmountRefused'
    this.code = code
    this.presented = presented
    this.required = required
  }
}

/**
 * Minor units of a decimal string: ('12.5', 'EUR') is 1250n.
 * ASCII digits, an optional minus, a point; no exponent, plus, separator or blank. A digit below the minor unit is
 * refused, never rounded, unless it is zero. Throws `AmountRefused` and `CurrencyUnknown`.
 */
export function minorFromDecimal(decimal: string, currency: string): bigint {
  const exponent = exponentOf(currency)
  const match = /^(-?)([0-9]+)(?:\.([0-9]+))?$/.exec(decimal)
  if (!match || match[2]!.length > INTEGER_DIGITS_MAX) {
    const required = `-?digits(.digits), at most ${INTEGER_DIGITS_MAX} before the point`
    throw new AmountRefused('AMOUNT_MALFORMED', decimal, required)
  }
  const fraction = match[3] ?? ''
  if (fraction.length > exponent && /[1-9]/.test(fraction.slice(exponent))) {
    throw new AmountRefused('AMOUNT_TOO_PRECISE', decimal, `at most ${exponent} decimals in ${currency}`)
  }
  const units = BigInt(match[2]! + fraction.slice(0, exponent).padEnd(exponent, '0'))
  return match[1] === '-' ? -units : units
}

/** Decimal string with all decimals of the currency: (1250n, 'EUR') is '12.50'. Throws `CurrencyUnknown`. */
export function decimalFromMinor(minor: bigint, currency: string): string {
  const exponent = exponentOf(currency)
  const sign = minor < 0n ? '-' : ''
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, '0')
  if (exponent === 0) return sign + digits
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}
