import { readFile, writeFile } from 'node:fs/promises'
import type { Backfill, Candidate } from './candidate.ts'

const results = new URL('../results/indexer.json', import.meta.url)

/** Writes results beside those of other runs: a field that is not given stays as it is. */
export async function keepResults(fields: Record<string, unknown>): Promise<void> {
  const kept = JSON.parse(await readFile(results, 'utf8')) as Record<string, unknown>
  await writeFile(results, `${JSON.stringify({ ...kept, ...fields }, null, 2)}\n`)
}

/** One candidate of `npm run bench:indexer`. Medians of the rounds. */
export interface IndexerRow {
  metric: string
  /** Whether it was run here. */
  source: 'run' | 'cited'
  /** What was wrong with its rows, of a peer only. */
  wrong?: string
  unit: 'events/s'
  eventsPerSecond: number
  /** Until the last row could be read. */
  seconds: number | null
  /** Until all was done that a backfill leaves to do, such as readers' indexes; of a peer not known. */
  wholeSeconds: number | null
  cpuSeconds: number | null
  databaseCpuSeconds: number | null
  peakMegabytes: number | null
  databaseMegabytes: number | null
  liveMedianMs: number | null
  liveP99Ms: number | null
}

/** @param live None when it did not follow. */
export function rowOf(
  { name, saysReady }: Pick<Candidate, 'name' | 'saysReady'>,
  events: number,
  rounds: readonly Backfill[],
  live: readonly number[]
): IndexerRow {
  const of = (pick: (round: Backfill) => number): number => median(rounds.map(pick))
  const seconds = of((round) => round.seconds)
  return {
    metric: name,
    source: 'run',
    unit: 'events/s',
    eventsPerSecond: events / seconds,
    seconds,
    wholeSeconds: saysReady ? of((round) => round.wholeSeconds) : null,
    cpuSeconds: of((round) => round.cpu),
    databaseCpuSeconds: of((round) => round.databaseCpu),
    peakMegabytes: of((round) => round.peakMegabytes),
    databaseMegabytes: of((round) => round.databaseMegabytes),
    liveMedianMs: live.length > 0 ? median(live) : null,
    liveP99Ms: live.length > 0 ? quantile(live, 0.99) : null
  }
}

/**
 * Peers as measured on 2026-11-23 on a machine of this kind, over a chain of like events: a ratio to them only says in which class
 * we are.
 */
export const cited: readonly IndexerRow[] = [
  citedRow('Envio HyperIndex 3', 8_090, 9.09, 2.05, 870, 58, 84.4, 136),
  citedRow('Ponder 0.17.7, 24 RPC URLs', 2_860, 23.8, 8.9, 865, 144, 27.5, 63.9),
  citedRow('Ponder 1.0.0', 2_122, 16.9, 8.2, 787, 139, null, null),
  citedRow('Subsquid evm-processor', 5_597, 11.8, 4.9, 348, 55, 74, 131)
]

function citedRow(
  metric: string,
  eventsPerSecond: number,
  cpuSeconds: number,
  databaseCpuSeconds: number,
  peakMegabytes: number,
  databaseMegabytes: number,
  liveMedianMs: number | null,
  liveP99Ms: number | null
): IndexerRow {
  const figures = { cpuSeconds, databaseCpuSeconds, peakMegabytes, databaseMegabytes, liveMedianMs, liveP99Ms }
  return {
    metric,
    source: 'cited',
    unit: 'events/s',
    eventsPerSecond,
    seconds: 1e5 / eventsPerSecond,
    wholeSeconds: null,
    ...figures
  }
}

const quantile = (values: readonly number[], at: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * at))] ?? Number.NaN
export const median = (values: readonly number[]): number => quantile(values, 0.5)
