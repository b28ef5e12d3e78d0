/** What is owed when, and to whom in the chain. */
import type { Note, Receivable } from '../../client/operations.generated.ts'

/** Minor units that are owed on each day, by how far down the chain their holders are. */
export interface Schedule {
  currency: number
  tiers: readonly number[]
  /** By maturity, unix seconds. */
  days: readonly { maturity: number; total: bigint; byTier: ReadonlyMap<number, bigint> }[]
}

const open = ['live', 'offered', 'locked', 'pledged']

/** Sums of open notes. */
export function schedulesOf(
  noted: readonly {
    receivable: Pick<Receivable, 'currency' | 'maturity'>
    notes: readonly Pick<Note, 'state' | 'tier' | 'amount'>[]
  }[]
): Schedule[] {
  const byCurrency = new Map<number, Map<number, Map<number, bigint>>>()
  for (const { receivable, notes } of noted) {
    for (const { state, tier, amount } of notes) {
      if (!open.includes(state)) continue
      const days = getOrMake(byCurrency, receivable.currency, () => new Map<number, Map<number, bigint>>())
      const tiers = getOrMake(days, receivable.maturity, () => new Map<number, bigint>())
      tiers.set(tier, (tiers.get(tier) ?? 0n) + BigInt(amount))
    }
  }
  return [...byCurrency].map(([currency, days]) => ({
    currency,
    tiers: [...new Set([...days.values()].flatMap((tiers) => [...tiers.keys()]))].sort((a, b) => a - b),
    days: [...days]
      .sort(([a], [b]) => a - b)
      .map(([maturity, byTier]) => ({
        maturity,
        byTier,
        total: [...byTier.values()].reduce((sum, one) => sum + one, 0n)
      }))
  }))
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
