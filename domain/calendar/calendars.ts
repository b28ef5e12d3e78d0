/** On which days the payment system of a currency settles, by what its operator has published. */
import { addDays, dayAt, easterOf, nthWeekday, weekdayOf } from './day.ts'

export const calendarNames = ['T2', 'CN', 'FEDWIRE', 'CHAPS', 'NONE'] as const
/**
 * T2: the Eurosystem's. CN: the State Council's days off and days worked. FEDWIRE: the Federal Reserve's. CHAPS: the Bank of
 * England's. NONE: of that currency no calendar is kept here.
 */
export type CalendarName = (typeof calendarNames)[number]

export interface DayKind {
  readonly isBusiness: boolean
  /** Whether the calendar of that year is published. If not, weekends alone are known, and the answer is a guess by them. */
  readonly isPublished: boolean
  /** Why it is no business day, or why a weekend is one. */
  readonly reason?: 'weekend' | 'holiday' | 'worked-weekend'
}

interface Calendar {
  /** Days off beside the weekends; undefined: not published for that year. */
  readonly holidays: (year: number) => readonly string[] | undefined
  /** Weekend days that are worked. */
  readonly worked: (year: number) => readonly string[]
}

/** The calendar of a currency, ISO 4217 letters. */
const OF_CURRENCY: Readonly<Record<string, CalendarName>> = { EUR: 'T2', CNY: 'CN', USD: 'FEDWIRE', GBP: 'CHAPS' }

export function calendarOf(currency: string): CalendarName {
  return OF_CURRENCY[currency] ?? 'NONE'
}

/**
 * 国务院办公厅关于2026年部分节假日安排的通知 (4 November 2025). A year's notice comes in November of the year before: a new year is
 * a new row here. In the weekends of the list off days are named too, so that the list reads as the notice does.
 */
const CHINA: Readonly<Record<number, { off: readonly (readonly [string, string])[]; worked: readonly string[] }>> = {
  2026: {
    off: [
      ['2026-01-01', '2026-01-03'],
      ['2026-02-15', '2026-02-23'],
      ['2026-04-04', '2026-04-06'],
      ['2026-05-01', '2026-05-05'],
      ['2026-06-19', '2026-06-21'],
      ['2026-09-25', '2026-09-27'],
      ['2026-10-01', '2026-10-07']
    ],
    worked: ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10']
  }
}

const none = (): readonly string[] => []

const CALENDARS: Readonly<Record<CalendarName, Calendar>> = {
  // ECB, long-term calendar of closing days, in force from 2002 on.
  T2: {
    holidays: (year) => {
      if (year < 2002) return undefined
      const easter = easterOf(year)
      const easterDays = [addDays(easter, -2), addDays(easter, 1)]
      return [dayAt(year, 1, 1), ...easterDays, dayAt(year, 5, 1), dayAt(year, 12, 25), dayAt(year, 12, 26)]
    },
    worked: none
  },
  CN: {
    holidays: (year) => CHINA[year]?.off.flatMap(([from, to]) => daysFrom(from, to)),
    worked: (year) => CHINA[year]?.worked ?? []
  },
  FEDWIRE: { holidays: fedwireHolidays, worked: none },
  CHAPS: { holidays: chapsHolidays, worked: none },
  NONE: { holidays: () => undefined, worked: none }
}

/** What a day is in a calendar. A year that is not published is told, never taken for one without holidays. */
export function dayKindOf(calendar: CalendarName, day: string): DayKind {
  const { worked } = CALENDARS[calendar]
  const year = Number(day.slice(0, 4))
  const off = holidaysOf(calendar, year)
  const isPublished = off !== undefined
  if (off?.has(day)) return { isBusiness: false, isPublished, reason: 'holiday' }
  const isWeekend = weekdayOf(day) % 6 === 0
  if (!isWeekend) return { isBusiness: true, isPublished }
  return worked(year).includes(day)
    ? { isBusiness: true, isPublished, reason: 'worked-weekend' }
    : { isBusiness: false, isPublished, reason: 'weekend' }
}

/** Lists of maturities ask for the same few years over and over. */
const knownHolidays = new Map<string, ReadonlySet<string> | undefined>()

function holidaysOf(calendar: CalendarName, year: number): ReadonlySet<string> | undefined {
  const key = `${calendar} ${year}`
  if (!knownHolidays.has(key)) {
    const days = CALENDARS[calendar].holidays(year)
    knownHolidays.set(key, days && new Set(days))
  }
  return knownHolidays.get(key)
}

function daysFrom(from: string, to: string): string[] {
  const days = []
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day)
  return days
}

/**
 * Federal Reserve Bank holidays, Regulation D footnote and operating circular 1. One that falls on Sunday is kept on Monday; on
 * Saturday the banks are open on the Friday before.
 */
function fedwireHolidays(year: number): readonly string[] | undefined {
  // Juneteenth was added in June 2021.
  if (year < 2022) return undefined
  const fixed = [dayAt(year, 1, 1), dayAt(year, 6, 19), dayAt(year, 7, 4), dayAt(year, 11, 11), dayAt(year, 12, 25)]
  return [
    ...fixed.map((day) => (weekdayOf(day) === 0 ? addDays(day, 1) : day)),
    nthWeekday(year, 1, 1, 3),
    nthWeekday(year, 2, 1, 3),
    nthWeekday(year, 5, 1, 'last'),
    nthWeekday(year, 9, 1, 1),
    nthWeekday(year, 10, 1, 2),
    nthWeekday(year, 11, 4, 4)
  ]
}

/**
 * Bank holidays in England and Wales (Banking and Financial Dealings Act 1971, schedule 1). Those of a single year are
 * proclaimed; later ones than known here are not in the rule, so that it is kept to years whose list gov.uk has published.
 */
function chapsHolidays(year: number): readonly string[] | undefined {
  if (year < 2024 || year > 2027) return undefined
  const easter = easterOf(year)
  return [
    onMonday(dayAt(year, 1, 1)),
    addDays(easter, -2),
    addDays(easter, 1),
    nthWeekday(year, 5, 1, 1),
    nthWeekday(year, 5, 1, 'last'),
    nthWeekday(year, 8, 1, 'last'),
    ...christmasOf(year)
  ]
}

/** The next Monday for a day of a weekend. */
function onMonday(day: string): string {
  const weekday = weekdayOf(day)
  if (weekday === 6) return addDays(day, 2)
  return weekday === 0 ? addDays(day, 1) : day
}

/** 25 and 26 December; those of a weekend are kept on the next days that are none. */
function christmasOf(year: number): string[] {
  switch (weekdayOf(dayAt(year, 12, 25))) {
    case 5:
      return [dayAt(year, 12, 25), dayAt(year, 12, 28)]
    case 6:
      return [dayAt(year, 12, 27), dayAt(year, 12, 28)]
    case 0:
      return [dayAt(year, 12, 26), dayAt(year, 12, 27)]
    default:
      return [dayAt(year, 12, 25), dayAt(year, 12, 26)]
  }
}
