import type { NoteState } from './note-states.ts'

/** What keeps a note from being locked for a factor, in the order in which a lock would meet it. */
export const obstacles = ['bound', 'frozen', 'disputed', 'matured'] as const
export type Obstacle = (typeof obstacles)[number]

export interface Financeable {
  state: NoteState
  /** Unix seconds; null when it never was. It may have passed. */
  frozenUntil: number | null
  isDisputed: boolean
  /** Unix seconds. */
  maturity: number
}

/**
 * Everything that keeps the holder from having it financed at `now` (unix seconds by the chain's clock); empty: nothing does. `bound`:
 * offered, locked, pledged or ended.
 */
export function obstaclesOf({ state, frozenUntil, isDisputed, maturity }: Financeable, now: number): Obstacle[] {
  const found: Record<Obstacle, boolean> = {
    bound: state !== 'live',
    frozen: frozenUntil !== null && frozenUntil > now,
    disputed: isDisputed,
    matured: maturity <= now
  }
  return obstacles.filter((one) => found[one])
}
