/** Days of the calendar as text, YYYY-MM-DD: they compare as text and have no time and no zone. */

const DAY_SECONDS = 86_400

/** Sunday is 0. */
export function weekdayOf(day: string): number {
  return new Date(secondsOf(day) * 1000).getUTCDay()
}

export function addDays(day: string, days: number): string {
  return dayOfSeconds(secondsOf(day) + days * DAY_SECONDS)
}

/** The day in UTC of a time in unix seconds. Maturities are stated in UTC, so their days are too. */
export function dayOfSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}

/** Unix seconds at which the day begins in UTC. */
export function secondsOf(day: string): number {
  const time = Date.parse(`${day}T00:00:00Z`)
  if (Number.isNaN(time)) throw new RangeError(`not a day: ${day}`)
  return time / 1000
}

/** Days from the first to the second; negative when the second is earlier. */
export function daysBetween(from: string, to: string): number {
  return (secondsOf(to) - secondsOf(from)) / DAY_SECONDS
}

export function isDay(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** Day `date` of month `month` (from 1). */
export function dayAt(year: number, month: number, date: number): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`
}

/** The n-th weekday (Sunday is 0) of a month, or the last one. */
export function nthWeekday(year: number, month: number, weekday: number, nth: number | 'last'): string {
  if (nth === 'last') {
    const end = addDays(month === 12 ? dayAt(year + 1, 1, 1) : dayAt(year, month + 1, 1), -1)
    return addDays(end, -((weekdayOf(end) - weekday + 7) % 7))
  }
  const first = dayAt(year, month, 1)
  return addDays(first, ((weekday - weekdayOf(first) + 7) % 7) + 7 * (nth - 1))
}

/** Easter Sunday of the Gregorian calendar, by the anonymous algorithm (Meeus, Astronomical Algorithms, chapter 8). */
export function easterOf(year: number): string {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const e = b % 4
  const g = Math.floor((8 * b + 13) / 25)
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30
  const l = (32 + 2 * e + 2 * Math.floor(c / 4) - h - (c % 4)) % 7
  const m = Math.floor((a + 11 * h + 19 * l) / 433)
  const month = Math.floor((h + l - 7 * m + 90) / 25)
  return dayAt(year, month, (h + l - 7 * m + 33 * month + 19) % 32)
}
