/** Lifecycle of a note. Order and spelling equal `NoteState` in contracts/libraries/NoteStates.sol. */
export const noteStates = ['none', 'live', 'offered', 'locked', 'settled'] as const
export type NoteState = (typeof noteStates)[number]

/** Moves possible in one step. An empty row is a final state. A piece cut off a live note opens offered or locked. */
export const noteMoves = {
  none: ['live', 'offered', 'locked'],
  live: ['offered', 'locked', 'settled'],
  offered: ['live', 'settled'],
  locked: ['live', 'settled'],
  settled: []
} as const satisfies Record<NoteState, readonly NoteState[]>

/** Whether the table has the edge `from → to`. */
export function canNoteMove(from: NoteState, to: NoteState): boolean {
  return (noteMoves[from] as readonly NoteState[]).includes(to)
}
