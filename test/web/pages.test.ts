/** What pages put together before they show it, without a browser. */
import { describe, expect, it } from 'vitest'
import { encodeNoteWord } from '../../domain/note/note-word.ts'
import { noteIdOf, noteIdToHex } from '../../domain/note/span.ts'
import { ranked, type FundingRequest, type Quote } from '../../web/funding/types.ts'
import { concerns } from '../../web/note/load.ts'
import { flowsOf } from '../../web/pictures/cash-flow.ts'
import { layoutOf, type Piece } from '../../web/pictures/lineage-layout.ts'
import { shifted, weeksOf, type MaturityTotal } from '../../web/pictures/month.ts'
import { questionOf } from '../../web/regulator/outstanding.ts'
import { schedulesOf } from '../../web/payables/schedule.ts'
import { basisPointsOf, newDraft, termsOf } from '../../web/requests/quote-draft.ts'

describe('what a debtor owes', () => {
  it('adds open notes up by currency, day and tier, beyond what floating point holds', () => {
    const huge = String((1n << 63n) - 1n)
    const noted = [
      {
        receivable: { currency: 978, maturity: 200 },
        notes: [
          { state: 'live', tier: 0, amount: huge },
          { state: 'offered', tier: 2, amount: '5' },
          { state: 'settled', tier: 1, amount: '7' },
          { state: 'cancelled', tier: 0, amount: '9' }
        ]
      },
      { receivable: { currency: 978, maturity: 100 }, notes: [{ state: 'pledged', tier: 0, amount: '1' }] },
      { receivable: { currency: 156, maturity: 100 }, notes: [{ state: 'locked', tier: 1, amount: '3' }] }
    ] as const
    const [euro, yuan] = schedulesOf(noted)
    expect(euro).toMatchObject({ currency: 978, tiers: [0, 2] })
    expect(euro!.days.map(({ maturity, total }) => [maturity, total])).toEqual([
      [100, 1n],
      [200, BigInt(huge) + 5n]
    ])
    expect([...yuan!.days[0]!.byTier]).toEqual([[1, 3n]])
  })
})

describe('the events of a note', () => {
  const event = (start: bigint, end: bigint) => {
    const fields = { holder: 1, counterparty: 0, assignor: 0, deadline: 0, frozenUntil: 0, tier: 0 } as const
    const word = encodeNoteWord({ ...fields, end, state: 'live', purpose: 'none', hasRecourse: false })
    const args = { noteId: noteIdToHex(noteIdOf(7n, start)), note: `0x${word.toString(16).padStart(64, '0')}` }
    return { name: 'NoteAccepted', args }
  }
  const note = { start: '40', end: '60' }

  it.each([
    ['of the whole', 0n, 100n, true],
    ['of its own span', 40n, 60n, true],
    ['of a piece of it', 55n, 60n, true],
    ['of the span before', 0n, 40n, false],
    ['of the span behind', 60n, 100n, false]
  ])('are those %s', (_, start, end, is) => {
    expect(concerns(event(start, end), note)).toBe(is)
  })

  it('are those of the receivable, and none of a claim', () => {
    expect(concerns({ name: 'ReceivableConfirmed', args: {} }, note)).toBe(true)
    expect(concerns({ name: 'FingerprintClaimed', args: {} }, note)).toBe(false)
  })
})

const total = (paymentDay: string, amount: string, currency = 'EUR'): MaturityTotal => {
  return { paymentDay, currency, calendar: 'T2', convention: 'following', isPublished: true, count: 1, amount }
}

describe('the calendar of a month', () => {
  it('has whole weeks from Monday on, with the days off of its currency and what is paid', () => {
    const weeks = weeksOf('2026-12', 'EUR', [total('2026-12-28', '700'), total('2026-12-28', '9', 'CNY')])
    expect(weeks.map((week) => week.length)).toEqual([7, 7, 7, 7, 7])
    expect([weeks[0]![0]!.day, weeks[4]![6]!.day]).toEqual(['2026-11-30', '2027-01-03'])
    const days = weeks.flat()
    const kindOf = (day: string) => days.find((one) => one.day === day)!.kind
    expect(kindOf('2026-12-25')).toMatchObject({ isBusiness: false, reason: 'holiday' })
    expect(kindOf('2026-12-28')).toMatchObject({ isBusiness: true })
    expect(days.filter((one) => one.total).map((one) => [one.day, one.total!.amount])).toEqual([['2026-12-28', '700']])
  })

  it('goes over the turn of the year', () => {
    expect([shifted('2026-12', 1), shifted('2026-01', -1), shifted('2026-11', 14)]).toEqual([
      '2027-01',
      '2025-12',
      '2028-01'
    ])
  })
})

describe('cash flow', () => {
  it('sums days to months without a gap, by currency, beyond what floating point holds', () => {
    const huge = String((1n << 70n) + 1n)
    const comes = [total('2026-11-30', huge), total('2026-11-02', '1'), total('2026-12-01', '5', 'CNY')]
    const flows = flowsOf(comes, [total('2027-01-04', '3')], (month) => shifted(month, 1))
    expect(flows).toEqual([
      { currency: 'CNY', months: [{ month: '2026-12', comesIn: 5n, goesOut: 0n }] },
      {
        currency: 'EUR',
        months: [
          { month: '2026-11', comesIn: BigInt(huge) + 1n, goesOut: 0n },
          { month: '2026-12', comesIn: 0n, goesOut: 0n },
          { month: '2027-01', comesIn: 0n, goesOut: 3n }
        ]
      }
    ])
  })
})

describe('the picture of a lineage', () => {
  const piece = (parent: number | null, start: string, tier: number) => ({ parent, start, tier }) as Piece

  it('puts each note below the one that it was cut from, a column a tier and one a cut within a tier', () => {
    const pieces = [piece(null, '0', 0), piece(0, '60', 1), piece(0, '40', 0), piece(1, '90', 2), piece(2, '50', 1)]
    expect(layoutOf(pieces).map(({ index, row, column }) => [index, row, column])).toEqual([
      [0, 0, 0],
      [2, 1, 1],
      [4, 2, 2],
      [1, 3, 1],
      [3, 4, 2]
    ])
  })
})

describe('the list behind a figure', () => {
  it('is asked for by what its address says, and by nothing else', () => {
    expect(questionOf({ currency: '978', by: 'tier', value: '2' })).toEqual({ currency: '978', tier: '2' })
    expect(questionOf({ currency: '978', by: 'all', value: 'all' })).toEqual({ currency: '978' })
    expect(questionOf({ currency: '978', by: 'limit', value: '2' })).toBeUndefined()
  })
})

describe('a quote as it is typed', () => {
  it.each([
    ['6', 600],
    ['6.25', 625],
    ['6,5', 650],
    [' 0.05 ', 5],
    ['100', 10_000],
    ['6.125', undefined],
    ['-1', undefined],
    ['', undefined],
    ['1e2', undefined]
  ])('reads %j per cent as %s basis points', (typed, points) => {
    expect(basisPointsOf(typed)).toBe(points)
  })

  it('becomes terms once every field says something, and fits the request from the start', () => {
    const now = 1_790_000_000
    const kinds = ['recourse-assignment'] as const
    const request = { kinds, expiresAt: now + 3600, fundUntil: now + 7200 } as unknown as FundingRequest
    const draft = newDraft(request, now)
    expect(termsOf(draft, 978)).toEqual({ unread: 'rate' })
    const typed = { ...draft, rate: '4', fees: [{ kind: 'flat', size: '12.5', due: 'maturity' }] } as const
    const terms = termsOf(typed, 978)
    expect(terms).toMatchObject({
      purpose: 'recourse-assignment',
      advanceBp: 9000,
      reserveBp: 1000,
      annualRateBp: 400,
      fees: [{ kind: 'flat', amount: '1250', due: 'maturity' }]
    })
    if ('unread' in terms) throw new Error('unreachable')
    expect(terms.expiresAt).toBeLessThanOrEqual(request.expiresAt)
    expect(terms.fundBy).toBeLessThanOrEqual(request.fundUntil)
    // Euros have two decimals.
    expect(termsOf({ ...typed, fees: [{ kind: 'flat', size: '1.255', due: 'maturity' }] }, 978)).toEqual({
      unread: 'fees'
    })
  })

  it('stands among others by what it truly costs, behind those that can be taken', () => {
    const quote = (quoteId: string, state: string, effectiveRateBp: number | null) =>
      ({ quoteId, state, issuedAt: 1, cost: { effectiveRateBp } }) as Quote
    const quotes = [
      quote('withdrawn', 'withdrawn', 1),
      quote('dear', 'open', 900),
      quote('beyond', 'open', null),
      quote('cheap', 'open', 100)
    ]
    expect(
      ranked(quotes)
        .slice(0, 2)
        .map(({ quoteId }) => quoteId)
    ).toEqual(['cheap', 'dear'])
  })
})
