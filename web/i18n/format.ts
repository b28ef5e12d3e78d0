/** Amounts, days and times as the language writes them. Exact: amounts never become floating point. */
import { decimalFromMinor } from '../../domain/money/amount.ts'
import { currencyOfNumber, exponentOf } from '../../domain/money/currency.ts'
import { language, locales } from './language.ts'

const kept = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>()

function keep<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
  const known = kept.get(key)
  if (known) return known as T
  const made = make()
  kept.set(key, made)
  return made
}

/** `EUR 1,234.50`: minor units and an ISO 4217 number. The letters, since ¥ and $ name several. */
export function money(minor: string | bigint, currencyNumber: number): string {
  return moneyOf(minor, currencyOfNumber(currencyNumber))
}

/** The same with the currency's letters. */
export function moneyOf(minor: string | bigint, currency: string): string {
  const digits = exponentOf(currency)
  const locale = locales[language.value]
  const format = keep(`${locale} ${currency}`, () => {
    const options = { style: 'currency', currency, currencyDisplay: 'code' } as const
    return new Intl.NumberFormat(locale, { ...options, minimumFractionDigits: digits, maximumFractionDigits: digits })
  })
  // As a decimal string it is formatted to the last digit, whatever its size.
  return format.format(decimalFromMinor(BigInt(minor), currency) as Intl.StringNumericLiteral).replaceAll('\u00a0', ' ')
}

/** A day by which something is due. Contracts count in UTC, so the day is that of UTC, and says so elsewhere. */
export function day(unixSeconds: number): string {
  const locale = locales[language.value]
  const format = keep(`${locale} day`, () => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }))
  return format.format(unixSeconds * 1000)
}

/** The last second of a day of UTC, as a date field gives it; unix seconds. */
export function endOfDay(date: string): number {
  return Math.floor(Date.parse(`${date}T23:59:59Z`) / 1000)
}

/** A moment in the reader's own time zone, which it names. */
export function moment(unixSeconds: number): string {
  const locale = locales[language.value]
  const format = keep(`${locale} moment`, () => {
    const date = { year: 'numeric', month: 'short', day: 'numeric' } as const
    return new Intl.DateTimeFormat(locale, {
      ...date,
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'short'
    })
  })
  return format.format(unixSeconds * 1000)
}

export function number(value: number): string {
  const locale = locales[language.value]
  return keep(`${locale} number`, () => new Intl.NumberFormat(locale)).format(value)
}

/** Basis points as per cent: `6.50 %`. */
export function percent(basisPoints: number): string {
  const locale = locales[language.value]
  const format = keep(`${locale} percent`, () => {
    return new Intl.NumberFormat(locale, { style: 'percent', minimumFractionDigits: 2, maximumFractionDigits: 2 })
  })
  return format.format(basisPoints / 10_000)
}

/** How long until then, or since: `in 3 days`. */
export function fromNow(unixSeconds: number, now = Date.now() / 1000): string {
  const format = new Intl.RelativeTimeFormat(locales[language.value], { numeric: 'auto' })
  const seconds = unixSeconds - now
  const [unit, size] =
    Math.abs(seconds) < 90
      ? (['second', 1] as const)
      : Math.abs(seconds) < 5400
        ? (['minute', 60] as const)
        : Math.abs(seconds) < 129_600
          ? (['hour', 3600] as const)
          : (['day', 86_400] as const)
  return format.format(Math.round(seconds / size), unit)
}
