import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { calendarNames, calendarOf, dayKindOf, type CalendarName } from '../../../domain/calendar/calendars.ts'
import { addDays, dayAt, dayOfSeconds, daysBetween, easterOf, isDay, weekdayOf } from '../../../domain/calendar/day.ts'
import { paymentDayOf } from '../../../domain/calendar/payment-day.ts'

/** Days off from Monday to Friday. */
function holidaysOf(calendar: CalendarName, year: number): string[] {
  const days = []
  for (let day = dayAt(year, 1, 1); day <= dayAt(year, 12, 31); day = addDays(day, 1)) {
    const { isBusiness } = dayKindOf(calendar, day)
    if (!isBusiness && weekdayOf(day) % 6 !== 0) days.push(day)
  }
  return days
}

describe('Easter Sunday', () => {
  it.each([
    [1961, '1961-04-02'],
    [2000, '2000-04-23'],
    [2024, '2024-03-31'],
    [2025, '2025-04-20'],
    [2026, '2026-04-05'],
    [2027, '2027-03-28'],
    [2038, '2038-04-25']
  ])('of %i is %s', (year, day) => {
    expect(easterOf(year)).toBe(day)
  })

  it('is a Sunday from 22 March to 25 April in every year', () => {
    for (let year = 1900; year < 2200; year++) {
      const day = easterOf(year)
      expect(weekdayOf(day)).toBe(0)
      expect(day >= `${year}-03-22` && day <= `${year}-04-25`).toBe(true)
    }
  })
})

describe('the calendar', () => {
  it('of T2 closes on New Year, at Easter, on 1 May and on 25 and 26 December', () => {
    expect(holidaysOf('T2', 2026)).toEqual(['2026-01-01', '2026-04-03', '2026-04-06', '2026-05-01', '2026-12-25'])
    expect(holidaysOf('T2', 2024)).toEqual([
      '2024-01-01',
      '2024-03-29',
      '2024-04-01',
      '2024-05-01',
      '2024-12-25',
      '2024-12-26'
    ])
  })

  it('of China has the days off of the notice of 2026, and works the weekends that it names', () => {
    // Weekdays of: 1–3 January, 15–23 February, 4–6 April, 1–5 May, 19–21 June, 25–27 September, 1–7 October.
    expect(holidaysOf('CN', 2026)).toEqual([
      '2026-01-01',
      '2026-01-02',
      ...['16', '17', '18', '19', '20', '23'].map((date) => `2026-02-${date}`),
      '2026-04-06',
      '2026-05-01',
      '2026-05-04',
      '2026-05-05',
      '2026-06-19',
      '2026-09-25',
      ...['01', '02', '05', '06', '07'].map((date) => `2026-10-${date}`)
    ])
    const worked = ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10']
    for (let day = '2026-01-01'; day <= '2026-12-31'; day = addDays(day, 1)) {
      const isWorkedWeekend = weekdayOf(day) % 6 === 0 && dayKindOf('CN', day).isBusiness
      expect(isWorkedWeekend, day).toBe(worked.includes(day))
    }
  })

  it('of the Federal Reserve moves what falls on Sunday to Monday, and nothing to a Friday', () => {
    // 4 July 2026 is a Saturday.
    expect(holidaysOf('FEDWIRE', 2026)).toEqual([
      '2026-01-01',
      '2026-01-19',
      '2026-02-16',
      '2026-05-25',
      '2026-06-19',
      '2026-09-07',
      '2026-10-12',
      '2026-11-11',
      '2026-11-26',
      '2026-12-25'
    ])
    // 4 July 2027 is a Sunday.
    expect(holidaysOf('FEDWIRE', 2027)).toContain('2027-07-05')
  })

  it('of the Bank of England has the substitute days of a Christmas on a weekend', () => {
    expect(holidaysOf('CHAPS', 2026)).toEqual([
      '2026-01-01',
      '2026-04-03',
      '2026-04-06',
      '2026-05-04',
      '2026-05-25',
      '2026-08-31',
      '2026-12-25',
      '2026-12-28'
    ])
    expect(holidaysOf('CHAPS', 2027).slice(-2)).toEqual(['2027-12-27', '2027-12-28'])
  })

  it.each<[CalendarName, string]>([
    ['CN', '2027-02-08'],
    ['CN', '2025-10-01'],
    ['CHAPS', '2031-05-05'],
    ['NONE', '2026-05-01']
  ])('%s does not guess: %s is not published', (calendar, day) => {
    expect(dayKindOf(calendar, day)).toMatchObject({ isPublished: false })
  })

  it('of a currency is the one of its payment system, and none for the others', () => {
    expect(['EUR', 'CNY', 'USD', 'GBP', 'SEK'].map(calendarOf)).toEqual(['T2', 'CN', 'FEDWIRE', 'CHAPS', 'NONE'])
  })
})

describe('the payment day', () => {
  it.each([
    ['EUR', '2026-04-03', 'following', '2026-04-07', true],
    ['EUR', '2026-05-01', 'following', '2026-05-04', true],
    ['CNY', '2026-02-14', 'following', '2026-02-14', true],
    ['CNY', '2026-02-15', 'following', '2026-02-24', true],
    ['CNY', '2026-10-01', 'following', '2026-10-08', true],
    ['CNY', '2027-02-06', 'following', '2027-02-08', false],
    ['CNY', '2026-12-31', 'following', '2026-12-31', true],
    ['EUR', '2026-05-30', 'modified-following', '2026-05-29', true],
    ['EUR', '2026-05-31', 'following', '2026-06-01', true],
    ['EUR', '2026-05-23', 'modified-following', '2026-05-25', true],
    ['SEK', '2026-06-20', 'following', '2026-06-22', false]
  ] as const)('of %s %s, %s, is %s', (currency, day, convention, wanted, isPublished) => {
    expect(paymentDayOf(currency, day, convention)).toMatchObject({ day: wanted, isPublished, convention })
  })

  it('is a business day, not before maturity by following, and in the same month by modified following', () => {
    const days = fc.integer({ min: Date.UTC(2022, 0, 1) / 1000, max: Date.UTC(2029, 0, 1) / 1000 }).map(dayOfSeconds)
    fc.assert(
      fc.property(days, fc.constantFrom('EUR', 'CNY', 'USD', 'GBP', 'SEK'), (day, currency) => {
        const following = paymentDayOf(currency, day)
        expect(dayKindOf(following.calendar, following.day).isBusiness).toBe(true)
        expect(daysBetween(day, following.day)).toBeGreaterThanOrEqual(0)
        for (let between = day; between < following.day; between = addDays(between, 1)) {
          expect(dayKindOf(following.calendar, between).isBusiness).toBe(false)
        }
        const modified = paymentDayOf(currency, day, 'modified-following')
        expect(modified.day.slice(0, 7)).toBe(day.slice(0, 7))
        expect(dayKindOf(modified.calendar, modified.day).isBusiness).toBe(true)
      })
    )
  })
})

describe('a day', () => {
  it.each(['2026-02-29', '2026-13-01', '2026-1-1', 'x', '2026-02-28T00'])('%s is none', (text) => {
    expect(isDay(text)).toBe(false)
  })

  it('has one weekday whichever way it is reached', () => {
    expect(calendarNames.length).toBe(5)
    expect(weekdayOf('2026-11-27')).toBe(5)
    expect(addDays('2024-02-28', 2)).toBe('2024-03-01')
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31')
  })
})
