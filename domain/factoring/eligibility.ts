/** Whether a note may be financed now, and if not, why: the same reasons for its holder's list and for a factor's view of a request. */
import type { NoteState } from '../note/note-states.ts'

export const obstacles = [
  'unconfirmed',
  'not-live',
  'not-held',
  'matured',
  'disputed',
  'frozen',
  'promised',
  'alarm'
] as const
export type Obstacle = (typeof obstacles)[number]

/** Times are unix seconds. */
export interface Candidate {
  /** `none` while the debtor has not confirmed: the note is not there yet. */
  state: NoteState
  /** Held by whoever wants it financed. */
  isHeld: boolean
  maturity: number
  isDisputed: boolean
  frozenUntil: number | null
  /** Part of it that accepted quotes wait for, minor units. */
  promised: bigint
  amount: bigint
  /** A near-duplicate alarm is in force that stops factors by default. */
  hasAlarm: boolean
}

/** Every reason why not; none: it may. */
export function obstaclesOf(note: Candidate, now: number): Obstacle[] {
  const stands: Record<Obstacle, boolean> = {
    unconfirmed: note.state === 'none',
    'not-live': note.state !== 'none' && note.state !== 'live',
    'not-held': !note.isHeld,
    matured: note.maturity <= now,
    disputed: note.isDisputed,
    frozen: note.frozenUntil !== null && note.frozenUntil > now,
    promised: note.promised >= note.amount,
    alarm: note.hasAlarm
  }
  return obstacles.filter((obstacle) => stands[obstacle])
}
