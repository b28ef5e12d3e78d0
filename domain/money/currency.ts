/** Currencies of ISO 4217 list one: letters, number and number of decimals. */
import { code as recordOfCode, number as recordOfNumber, type CurrencyCodeRecord } from 'currency-codes'

/** The presented currency is not in ISO 4217 list one. */
export class CurrencyUnknown extends Error {
  readonly code = 'CURRENCY_UNKNOWN'
  readonly presented: string
  readonly required = 'an ISO 4217 currency'

  constructor(presented: string) {
    super(`Currency ${JSON.stringify(presented)} is not in ISO 4217`)
    this.name = 'CurrencyUnknown'
    this.presented = presented
  }
}

/** Upper-case letters only: the library would also take lower case, a document must not. */
export function isCurrency(code: string): boolean {
  return FOUND.has(code) || (/^[A-Z]{3}$/.test(code) && recordOfCode(code) !== undefined)
}

/** Decimals of the currency's minor unit: EUR 2, JPY 0, KWD 3. Throws `CurrencyUnknown`. */
export function exponentOf(code: string): number {
  return record(code).digits
}

/** ISO 4217 numeric code: EUR 978, CNY 156. Throws `CurrencyUnknown`. */
export function currencyNumberOf(code: string): number {
  return Number(record(code).number)
}

/** Letters of an ISO 4217 numeric code: 978 is EUR. Throws `CurrencyUnknown`. */
export function currencyOfNumber(number: number): string {
  const found = recordOfNumber(String(number).padStart(3, '0'))
  if (!found) throw new CurrencyUnknown(String(number))
  return found.code
}

/** The library searches its list each time; a ledger asks for one currency a hundred thousand times. */
const FOUND = new Map<string, CurrencyCodeRecord>()

function record(code: string): CurrencyCodeRecord {
  const known = FOUND.get(code)
  if (known) return known
  const found = isCurrency(code) ? recordOfCode(code) : undefined
  if (!found) throw new CurrencyUnknown(code)
  FOUND.set(code, found)
  return found
}
