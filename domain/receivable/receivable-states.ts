/** Lifecycle of a receivable. Order and spelling equal `ReceivableState` in contracts/libraries/ReceivableStates.sol. */
export const receivableStates = ['none', 'registered', 'confirmed', 'rejected', 'withdrawn', 'settled'] as const
export type ReceivableState = (typeof receivableStates)[number]

/** Moves possible in one step. An empty row is a final state. `none → confirmed`: the debtor issues it itself. */
export const receivableMoves = {
  none: ['registered', 'confirmed'],
  registered: ['confirmed', 'rejected', 'withdrawn'],
  confirmed: ['settled'],
  rejected: [],
  withdrawn: [],
  settled: []
} as const satisfies Record<ReceivableState, readonly ReceivableState[]>

/** Whether the table has the edge `from → to`. */
export function canReceivableMove(from: ReceivableState, to: ReceivableState): boolean {
  return (receivableMoves[from] as readonly ReceivableState[]).includes(to)
}
