/** The life of a signing key that the service keeps for a user. */

/** It signs while active. `ended`: by an administrator. `removed`: the account does not hold it. `lapsed`: it was never chosen. */
export const managedKeyStates = ['proposed', 'active', 'suspended', 'ended', 'removed', 'lapsed'] as const
export type ManagedKeyState = (typeof managedKeyStates)[number]

/** Moves possible in one step. */
export const managedKeyMoves = {
  proposed: ['active', 'ended', 'removed', 'lapsed'],
  active: ['suspended', 'ended', 'removed'],
  suspended: ['active', 'ended', 'removed'],
  ended: ['removed'],
  removed: [],
  lapsed: []
} as const satisfies Record<ManagedKeyState, readonly ManagedKeyState[]>

/** While it has a private key. */
export const livingStates: readonly ManagedKeyState[] = ['proposed', 'active', 'suspended']

export function canMove(from: ManagedKeyState, to: ManagedKeyState): boolean {
  return (managedKeyMoves[from] as readonly ManagedKeyState[]).includes(to)
}
