/** Lifecycle of a note. Order and spelling equal `NoteState` in contracts/libraries/NoteStates.sol. */
export const noteStates = ['none', 'live', 'offered', 'locked', 'pledged', 'settled', 'cancelled'] as const
export type NoteState = (typeof noteStates)[number]

/** Moves possible in one step. An empty row is a final state. A piece cut off a note starts in the state of its note. */
export const noteMoves = {
  none: ['live'],
  live: ['none', 'offered', 'locked', 'settled'],
  offered: ['live', 'settled', 'cancelled'],
  locked: ['live', 'pledged', 'settled'],
  pledged: ['live', 'settled'],
  settled: [],
  cancelled: []
} as const satisfies Record<NoteState, readonly NoteState[]>

/** Whether the table has the edge `from → to`. */
export function canNoteMove(from: NoteState, to: NoteState): boolean {
  return (noteMoves[from] as readonly NoteState[]).includes(to)
}

/** Neither never opened nor final: what can still be settled. */
export function isNoteOpen(state: NoteState): boolean {
  return canNoteMove(state, 'settled')
}
