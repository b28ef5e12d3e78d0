/** How much a factor lets stand with a debtor, with a seller, and in all, by currency. */

export const limitScopes = ['total', 'debtor', 'seller'] as const
export type LimitScope = (typeof limitScopes)[number]

/** What stands against a limit, minor units. */
export interface Exposure {
  /** Financed and not yet paid, repaid or passed on. */
  used: bigint
  /** Accepted or locked, and not yet financed. */
  reserved: bigint
}

/** A limit as its factor set it. `amount` null: none. */
export interface Limit {
  amount: bigint | null
  expiresAt: number
}

/** What still fits, minor units: nothing once the limit has expired; null where there is none. */
export function freeUnder({ amount, expiresAt }: Limit, { used, reserved }: Exposure, now: number): bigint | null {
  if (amount === null) return null
  const rest = amount - used - reserved
  return now > expiresAt || rest < 0n ? 0n : rest
}
