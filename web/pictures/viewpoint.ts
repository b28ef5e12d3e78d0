/** From whose side maturities are looked at. */
import { hasRole } from '../login/session.ts'

export type Viewpoint = 'debtor' | 'holder' | 'clearing'

/** Those that the participant has: what it owes, what it is paid, or all that it settles. */
export function viewpoints(): Viewpoint[] {
  return [
    ...(hasRole('debtor') ? (['debtor'] as const) : []),
    ...(hasRole('supplier', 'factor') ? (['holder'] as const) : []),
    ...(hasRole('clearing') ? (['clearing'] as const) : [])
  ]
}
