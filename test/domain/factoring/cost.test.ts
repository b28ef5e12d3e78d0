import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { costOf, daysUntil } from '../../../domain/factoring/cost.ts'
import { EFFECTIVE_MAX_BP, effectiveRateBp } from '../../../domain/factoring/rate.ts'
import { faultOf, type Asked } from '../../../domain/factoring/fit.ts'
import { parseQuote, quoteText, type Fee, type Price, type Quote } from '../../../domain/factoring/terms.ts'

interface Golden {
  title: string
  price: Price
  days: number
  cost: Record<string, string | number | null>
}
const golden = JSON.parse(readFileSync(new URL('./costs.golden.json', import.meta.url), 'utf8')) as Golden[]

describe('the cost of a quote', () => {
  it.each(golden.map((one) => [one.title, one] as const))('%s', (_title, { price, days, cost }) => {
    const shown = Object.entries(costOf(price, days)).map(([name, value]) => [
      name,
      typeof value === 'bigint' ? String(value) : value
    ])
    expect(Object.fromEntries(shown)).toEqual({ days, ...cost })
  })

  const due = fc.constantFrom('funding', 'maturity')
  const fee: fc.Arbitrary<Fee> = fc.oneof(
    fc.record({ kind: fc.constant('flat'), amount: fc.integer({ min: 0, max: 9 }).map(String), due }),
    fc.record({ kind: fc.constant('share'), bp: fc.integer({ min: 0, max: 100 }), due })
  ) as fc.Arbitrary<Fee>
  const price: fc.Arbitrary<Price> = fc
    .record({
      amount: fc.bigInt({ min: 10_000n, max: (1n << 63n) - 1n }).map(String),
      purpose: fc.constant('assignment' as const),
      advanceBp: fc.integer({ min: 5_000, max: 10_000 }),
      reserveBp: fc.integer({ min: 0, max: 10_000 }),
      annualRateBp: fc.integer({ min: 0, max: 3_000 }),
      dayCount: fc.constantFrom('ACT/360' as const, 'ACT/365' as const),
      interestDue: due as fc.Arbitrary<'funding' | 'maturity'>,
      fees: fc.array(fee, { maxLength: 3 })
    })
    .map((one) => ({ ...one, reserveBp: Math.min(one.reserveBp, 10_000 - one.advanceBp) }))
  const days = fc.integer({ min: 1, max: 366 })
  /** Higher is dearer; null is beyond what is shown. */
  const rateOf = (one: Price, time: number) => costOf(one, time).effectiveRateBp ?? EFFECTIVE_MAX_BP + 1

  it('adds up: what the debtor pays is what the holder gets, and the rest is the cost', () => {
    fc.assert(
      fc.property(price, days, (one, time) => {
        const cost = costOf(one, time)
        expect(cost.advance + cost.reserve + cost.discount).toBe(BigInt(one.amount))
        expect(cost.proceeds + cost.reserve - cost.chargesAtMaturity + cost.total).toBe(BigInt(one.amount))
        expect(cost.discount >= 0n && cost.reserve >= 0n && cost.total >= 0n).toBe(true)
      })
    )
  })

  it('rises with the interest and with each fee, and never falls', () => {
    fc.assert(
      fc.property(price, days, fee, fc.integer({ min: 1, max: 500 }), (one, time, another, more) => {
        const dearer = { ...one, annualRateBp: one.annualRateBp + more }
        expect(costOf(dearer, time).total >= costOf(one, time).total).toBe(true)
        expect(rateOf(dearer, time)).toBeGreaterThanOrEqual(rateOf(one, time))
        const charged = { ...one, fees: [...one.fees, another] }
        expect(costOf(charged, time).total >= costOf(one, time).total).toBe(true)
        expect(rateOf(charged, time)).toBeGreaterThanOrEqual(rateOf(one, time))
      })
    )
  })

  it('is nothing, at 0 %, when the factor takes nothing', () => {
    fc.assert(
      fc.property(price, days, (one, time) => {
        const free = { ...one, reserveBp: 10_000 - one.advanceBp, annualRateBp: 0, fees: [] }
        expect(costOf(free, time)).toMatchObject({ total: 0n, effectiveRateBp: 0 })
      })
    )
  })

  it('agrees with Newton’s method on the same two payments', () => {
    fc.assert(
      fc.property(price, days, (one, time) => {
        const { proceeds, reserve, chargesAtMaturity, effectiveRateBp: exact } = costOf(one, time)
        if (exact === null || exact > 100_000) return
        const flows = [
          [Number(proceeds), 0],
          [-Number(BigInt(one.amount) - reserve + chargesAtMaturity), time]
        ] as const
        expect(Math.abs(newton(flows) * 10_000 - exact)).toBeLessThan(0.5 + 1e-4)
      })
    )
  })

  it('counts calendar days in UTC without the first', () => {
    const at = (time: string) => Date.parse(time) / 1000
    expect(daysUntil(at('2027-03-01T23:59:59Z'), at('2027-02-28T00:00:00Z'))).toBe(1)
    expect(daysUntil(at('2027-03-01T00:00:00Z'), at('2027-02-28T23:59:59Z'))).toBe(1)
    expect(daysUntil(at('2028-03-01T00:00:00Z'), at('2028-02-28T12:00:00Z'))).toBe(2)
    expect(daysUntil(at('2027-03-01T10:00:00Z'), at('2027-03-01T09:00:00Z'))).toBe(0)
    expect(daysUntil(at('2027-03-01T10:00:00Z'), at('2027-03-02T09:00:00Z'))).toBe(0)
  })
})

/** Internal rate of return by Newton's method on the sum of present values, in floating point. */
function newton(flows: readonly (readonly [number, number])[]): number {
  let rate = 0.1
  for (let i = 0; i < 200; i++) {
    const at = (derived: boolean) =>
      flows.reduce((sum, [flow, days]) => {
        const years = days / 365
        return sum + (derived ? -years * flow * (1 + rate) ** (-years - 1) : flow * (1 + rate) ** -years)
      }, 0)
    const next = rate - at(false) / at(true)
    if (Math.abs(next - rate) < 1e-12) return next
    rate = Math.max(next, -0.99)
  }
  return rate
}

describe('the effective annual rate', () => {
  // Directive 98/7/EC, annex (annex III of 87/102/EEC), first and second example: 1.5 years, here of 730 half days each.
  it.each([
    [1_000n, 1_200n, 1095, 730, 1292, '12.9 %: EUR 1,000 for EUR 1,200 after a year and a half'],
    [950n, 1_200n, 1095, 730, 1685, '16.9 %: the same with EUR 50 held back for costs']
  ])('of %s for %s after %s of %s is %s bp: %s', (received, given, days, year, expected) => {
    expect(effectiveRateBp(received, given, days, year)).toBe(expected)
  })

  it('rounds half a basis point up, exactly', () => {
    expect(effectiveRateBp(200_000n, 200_001n, 365)).toBe(0)
    expect(effectiveRateBp(20_000n, 20_001n, 365)).toBe(1)
    expect(effectiveRateBp(20_000n * 10n ** 14n, 20_001n * 10n ** 14n - 1n, 365)).toBe(0)
    expect(effectiveRateBp(10_000n, 10_001n, 365)).toBe(1)
  })

  it('is told up to its bound and not beyond', () => {
    expect(effectiveRateBp(1n, 1_001n, 365)).toBe(EFFECTIVE_MAX_BP)
    expect(effectiveRateBp(1n, 1_002n, 365)).toBeNull()
    expect(effectiveRateBp(1n, (1n << 63n) - 1n, 1)).toBeNull()
    expect(effectiveRateBp(0n, 1n, 10)).toBeNull()
    expect(effectiveRateBp(5n, 6n, 0)).toBeNull()
    expect(() => effectiveRateBp(6n, 5n, 10)).toThrow(RangeError)
  })
})

const now = Date.parse('2026-11-27T12:00:00Z') / 1000
const asked: Asked = {
  kinds: ['assignment', 'pledge'],
  fundFrom: now,
  fundUntil: now + 20 * 86_400,
  expiresAt: now + 7 * 86_400,
  maturity: now + 90 * 86_400
}
const quote: Quote = {
  v: 1,
  kind: 'quote',
  quoteId: '01900000-0000-7000-8000-000000000001',
  requestId: '01900000-0000-7000-8000-000000000002',
  factor: 11,
  requester: 5,
  receivableId: `0x${'ab'.repeat(24)}`,
  noteId: `0x${'ab'.repeat(24)}${'0'.repeat(16)}`,
  amount: '10000000',
  currency: 978,
  purpose: 'assignment',
  advanceBp: 9_000,
  reserveBp: 500,
  annualRateBp: 600,
  dayCount: 'ACT/360',
  interestDue: 'funding',
  fees: [],
  isFirm: true,
  issuedAt: now,
  expiresAt: now + 86_400,
  fundBy: now + 3 * 86_400,
  remark: '',
  salt: `0x${'11'.repeat(32)}`
}

describe('a quote', () => {
  it.each<[string, Partial<Quote>]>([
    ['purpose', { purpose: 'recourse-assignment' }],
    ['advanceBp', { advanceBp: 0 }],
    ['reserveBp', { reserveBp: 1_001 }],
    ['reserveBp', { purpose: 'pledge' }],
    ['expiresAt', { expiresAt: now }],
    ['expiresAt', { expiresAt: asked.expiresAt + 1, fundBy: asked.fundUntil }],
    ['fundBy', { fundBy: now + 86_400 }],
    ['fundBy', { fundBy: asked.fundUntil + 1 }],
    ['fees', { fees: [{ kind: 'flat', amount: '9000000', due: 'funding' }] }]
  ])('that does not fit names its %s', (field, changes) => {
    expect(faultOf({ ...quote, ...changes }, asked, now)).toMatchObject({ field })
  })

  it('that fits is let through, a pledge when all that is not lent stays the holder’s', () => {
    expect(faultOf(quote, asked, now)).toBeUndefined()
    expect(faultOf({ ...quote, purpose: 'pledge', reserveBp: 1_000 }, asked, now)).toBeUndefined()
  })

  it('has one text, and no other bytes are read as it', () => {
    const text = quoteText(quote)
    expect(text.startsWith('{"advanceBp":9000,"amount":"10000000",')).toBe(true)
    expect(parseQuote(text)).toEqual(quote)
    const refused = expect.objectContaining({ code: 'RECORD_MALFORMED' })
    expect(() => parseQuote(` ${text}`)).toThrow(refused)
    expect(() => parseQuote(text.replace('"advanceBp":9000,', '').replace(/}$/, ',"advanceBp":9000}'))).toThrow(refused)
    expect(() => parseQuote(text.replace('"v":1', '"v":2'))).toThrow(refused)
    expect(() => quoteText({ ...quote, extra: 1 } as Quote)).toThrow(refused)
    expect(() => quoteText({ ...quote, annualRateBp: 100_001 })).toThrow(refused)
  })
})
