import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decimalFromMinor, minorFromDecimal } from '../../../domain/money/amount.ts'
import { currencyNumberOf, currencyOfNumber, exponentOf, isCurrency } from '../../../domain/money/currency.ts'

describe('minorFromDecimal', () => {
  it.each([
    '',
    ' 1',
    '1 ',
    '+1',
    '1e2',
    '0x64',
    'NaN',
    'Infinity',
    '1,000.00',
    '1.',
    '.5',
    '--1',
    '１００',
    '1'.repeat(16)
  ])('refuses %j as malformed', (decimal) => {
    expect(() => minorFromDecimal(decimal, 'EUR')).toThrow(expect.objectContaining({ code: 'AMOUNT_MALFORMED' }))
  })

  it.each([
    ['0.005', 'EUR'],
    ['1.5', 'JPY'],
    ['1.2345', 'KWD']
  ])('refuses %s %s instead of rounding it', (decimal, currency) => {
    expect(() => minorFromDecimal(decimal, currency)).toThrow(expect.objectContaining({ code: 'AMOUNT_TOO_PRECISE' }))
  })

  it.each(['eur', 'EURO', '', 'XYZ'])('refuses the currency %j', (currency) => {
    expect(() => minorFromDecimal('1', currency)).toThrow(expect.objectContaining({ code: 'CURRENCY_UNKNOWN' }))
  })

  it.each([
    ['12.5', 'EUR', 1250n],
    ['-0.01', 'CNY', -1n],
    ['-0', 'EUR', 0n],
    ['100', 'JPY', 100n],
    ['100.00', 'JPY', 100n],
    ['1.234', 'KWD', 1234n],
    ['1.0001', 'CLF', 10001n],
    ['999999999999999.99', 'EUR', 99999999999999999n]
  ])('reads %s %s as %s', (decimal, currency, minor) => {
    expect(minorFromDecimal(decimal, currency)).toBe(minor)
  })

  it('gives back every amount that decimalFromMinor writes', () => {
    const amounts = fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n })
    fc.assert(
      fc.property(amounts, fc.constantFrom('EUR', 'CNY', 'JPY', 'KWD', 'CLF'), (minor, currency) => {
        expect(minorFromDecimal(decimalFromMinor(minor, currency), currency)).toBe(minor)
      })
    )
  })
})

describe('currencies', () => {
  it.each([
    ['EUR', 978, 2],
    ['CNY', 156, 2],
    ['JPY', 392, 0],
    ['ALL', 8, 2],
    ['KWD', 414, 3]
  ])('knows %s as %i with %i decimals', (code, number, digits) => {
    expect(isCurrency(code)).toBe(true)
    expect(currencyNumberOf(code)).toBe(number)
    expect(currencyOfNumber(number)).toBe(code)
    expect(exponentOf(code)).toBe(digits)
  })

  it('refuses a number that is no currency', () => {
    expect(() => currencyOfNumber(1)).toThrow(expect.objectContaining({ code: 'CURRENCY_UNKNOWN' }))
  })
})
