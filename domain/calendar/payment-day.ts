/** When what falls due is paid: the day of maturity, or the business day that a convention moves it to. */
import { addDays } from './day.ts'
import { calendarOf, dayKindOf, type CalendarName } from './calendars.ts'

export const conventions = ['following', 'modified-following'] as const
/**
 * Where a day is no business day. following: the next business day. modified-following: the same, unless that is in another
 * month; then the last business day before.
 */
export type Convention = (typeof conventions)[number]

export interface PaymentDay {
  /** YYYY-MM-DD. */
  readonly day: string
  readonly calendar: CalendarName
  readonly convention: Convention
  /** Whether every day that was looked at lies in a published year. If not, only weekends were left out: look again later. */
  readonly isPublished: boolean
}

/** Longer than any run of days off: a bound that is reached means a faulty calendar. */
const SEARCH_DAYS = 31

/** The payment day of what matures on `maturityDay` in a currency of ISO 4217 letters. */
export function paymentDayOf(currency: string, maturityDay: string, convention: Convention = 'following'): PaymentDay {
  const calendar = calendarOf(currency)
  const ahead = search(calendar, maturityDay, 1)
  const isSameMonth = ahead.day.slice(0, 7) === maturityDay.slice(0, 7)
  if (convention === 'following' || isSameMonth) return { ...ahead, calendar, convention }
  const back = search(calendar, maturityDay, -1)
  return { day: back.day, calendar, convention, isPublished: ahead.isPublished && back.isPublished }
}

function search(calendar: CalendarName, from: string, step: 1 | -1): { day: string; isPublished: boolean } {
  let [day, isPublished] = [from, true]
  for (let count = 0; count < SEARCH_DAYS; count++) {
    const kind = dayKindOf(calendar, day)
    isPublished &&= kind.isPublished
    if (kind.isBusiness) return { day, isPublished }
    day = addDays(day, step)
  }
  throw new Error(`calendar ${calendar} has no business day near ${from}`)
}
