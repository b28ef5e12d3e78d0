/** What the indexer tells of its work while it works; who listens is the caller's choice. */
export interface Meter {
  /** How long a stage of a batch took, seconds. */
  stage(name: Stage, seconds: number): void
  /** The newest block that the node told of. */
  head(block: number): void
}

/**
 * `fetch`: waiting for blocks that were not there yet. `load`: reading rows. `fold`: folding events, which are stored meanwhile.
 * `store`: writing rows. `commit`: cursor, feed, commit.
 */
export type Stage = 'fetch' | 'load' | 'fold' | 'store' | 'commit'

export const silent: Meter = { stage: () => {}, head: () => {} }

/** Runs a stage and tells how long it took, also when it fails. */
export async function timed<T>(meter: Meter, stage: Stage, work: () => Promise<T>): Promise<T> {
  const started = performance.now()
  try {
    return await work()
  } finally {
    meter.stage(stage, (performance.now() - started) / 1000)
  }
}
