/**
 * Where the law takes a debtor's silence for its acceptance, a number of days after presentation: ten for the Brazilian duplicata (Lei
 * 5.474/1968 art. 7; registered in book-entry form by Res. BCB 339/2023). This registry never presumes: a clock is shown, no state moves.
 */
export const PRESUMPTION_DAYS = 10

const DAY = 86_400

export interface Presumption {
  /** Whole days without an answer. */
  daysSilent: number
  /** The day on which silence would be taken for acceptance, YYYY-MM-DD in UTC. */
  presumedOn: string
  /** Whether that day has come. */
  isPast: boolean
}

/** The clock of a receivable that its debtor has not answered. Times in unix seconds, calendar days. */
export function presumptionOf(registeredAt: number, now: number, days: number): Presumption {
  const presumedAt = registeredAt + days * DAY
  return {
    daysSilent: Math.max(0, Math.floor((now - registeredAt) / DAY)),
    presumedOn: new Date(presumedAt * 1000).toISOString().slice(0, 10),
    isPast: now >= presumedAt
  }
}
