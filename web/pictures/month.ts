/** The days of a month in weeks from Monday on, with what is paid on each. */
import { calendarOf, dayKindOf, type DayKind } from '../../domain/calendar/calendars.ts'
import { addDays, weekdayOf } from '../../domain/calendar/day.ts'
import type { Output } from '../../client/api.ts'

export type MaturityTotal = Output<'listMaturities'>['totals'][number]

export interface CalendarDay {
  /** YYYY-MM-DD. */
  day: string
  isInMonth: boolean
  kind: DayKind
  total: MaturityTotal | undefined
}

export function isMonth(text: string): boolean {
  return /^[0-9]{4}-(0[1-9]|1[0-2])$/.test(text)
}

/** The first day of a month, and the last. */
export function boundsOf(month: string): { first: string; last: string } {
  const first = `${month}-01`
  return { first, last: addDays(`${shifted(month, 1)}-01`, -1) }
}

/** So many months later, or earlier. */
export function shifted(month: string, months: number): string {
  const [year, number] = month.split('-').map(Number) as [number, number]
  const count = year * 12 + number - 1 + months
  return `${String(Math.floor(count / 12)).padStart(4, '0')}-${String((count % 12) + 1).padStart(2, '0')}`
}

/** Whole weeks, so that the month fills a table. Totals of other currencies are left out: each has its own business days. */
export function weeksOf(month: string, currency: string, totals: readonly MaturityTotal[]): CalendarDay[][] {
  const { first, last } = boundsOf(month)
  const own = new Map(totals.filter((one) => one.currency === currency).map((one) => [one.paymentDay, one]))
  const weeks: CalendarDay[][] = []
  const monday = addDays(first, -((weekdayOf(first) + 6) % 7))
  for (let day = monday; day <= last; day = addDays(day, 7)) {
    weeks.push(
      Array.from({ length: 7 }, (_, index) => {
        const one = addDays(day, index)
        const kind = dayKindOf(calendarOf(currency), one)
        return { day: one, isInMonth: one.startsWith(month), kind, total: own.get(one) }
      })
    )
  }
  return weeks
}
