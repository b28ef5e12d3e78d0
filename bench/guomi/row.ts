/** One figure of `npm run bench:guomi`, on chain or off. */
export interface GuomiRow {
  metric: string
  /** Gas: less is better. Operations in a second: more is. */
  unit: 'gas' | 'op/s'
  ours: number
  peers: Record<string, number>
  floor: number | null
  /** Ours by the best peer's. */
  ratioToBestPeer: number | null
  ratioToFloor: number | null
  /** The most gas, or the least share of the floor. */
  budget: number | null
  /** Budgets that this row misses, in words. */
  missed: string[]
}
