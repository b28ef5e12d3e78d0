/** When a block is final. `head`: as soon as it is the head (QBFT). `none`: it may always change. */
export type Finality = 'none' | 'head'

/**
 * How long a head below the cursor is waited for, milliseconds (ADR 17). Without finality a shorter chain is followed, so
 * the wait only spares work; with it the indexer stops, so the wait is long enough for a node that restarts.
 */
export const defaultPatienceMs = { none: 3_000, head: 60_000 } as const satisfies Record<Finality, number>

/** A wait that begins when it is first asked whether it lasts. */
export interface Patience {
  lasts(): boolean
  /** Whether it was waited for in vain. */
  isOver(): boolean
  /** What was waited for has come. */
  end(): void
}

export function createPatience(ms: number): Patience {
  let since: number | undefined
  const waited = (): number => (since === undefined ? 0 : performance.now() - since)
  return {
    lasts() {
      since ??= performance.now()
      return waited() < ms
    },
    isOver: () => since !== undefined && waited() >= ms,
    end() {
      since = undefined
    }
  }
}
