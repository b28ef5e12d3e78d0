/**
 * `npm run bench:indexer [-- [--peers] STORIES BLOCKS ROUNDS]`: the indexer as its own process beside a bare loop, over one chain of
 * ten events a story, in turns; with `--peers` Envio and Ponder too (peers.ts), else they are cited; then the time from a block to
 * the row. All are timed until the last row can be read; `whole s` is until the readers' indexes are there too. Prints a table, writes
 * bench/results/indexer.json and ends with 1 when a budget is missed. A smaller chain than the budgets are for is only printed. With
 * `--events N` see linear.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startDatabase } from '../../scripts/instance/database.ts'
import { buildContracts } from '../../scripts/world/build.ts'
import { backfill, latencies, type Backfill } from './candidate.ts'
import { candidates as own } from './candidates.ts'
import { startChain } from './chain.ts'
import { expectedOf } from './expected.ts'
import { installPeers } from './peers.ts'
import { cited, keepResults, median, rowOf, type IndexerRow } from './row.ts'

await buildContracts()
if (process.argv.includes('--events')) await import('./linear.ts')

const FULL = { stories: 10_000, blocks: 2_000 }
const LIVE_CHAIN = { stories: 200, blocks: 100 }
const LIVE_BLOCKS = 200
const sizes = process.argv.slice(2).filter((arg) => arg !== '--peers')
const [stories = FULL.stories, blocks = FULL.blocks, rounds = 3] = sizes.map(Number)
const isFull = stories >= FULL.stories
const candidates = process.argv.includes('--peers') ? [...own, ...installPeers()] : own

const dir = mkdtempSync(join(tmpdir(), 'tallystick-bench-'))
const cache = fileURLToPath(new URL('cache/', import.meta.url))
const chain = await startChain(stories, blocks, cache)
const database = await startDatabase({ dir })
const started: { stop(): Promise<void> }[] = [database, chain]
// Whatever happens, nothing is left running.
process.on('uncaughtException', (error) => {
  console.error(error)
  void end(1)
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(1))
console.log(`${chain.events} events over ${chain.blocks} blocks, ready after ${chain.seconds.toFixed(0)} s`)

const fills = new Map<string, Backfill[]>(candidates.map(({ name }) => [name, []]))
const live = new Map<string, number[]>()
const wrong = new Map<string, string>()
const ratios: number[] = []
const expected = await expectedOf(chain.url, chain.deployment)
for (let round = 0; round < rounds; round++) {
  const seconds: Record<string, number> = {}
  for (const candidate of candidates) {
    const running = await backfill(candidate, { chain, expected, database, dir })
    fills.get(candidate.name)!.push(running.backfill)
    seconds[candidate.name] = running.backfill.seconds
    if (running.wrong !== undefined) {
      if (!candidate.isPeer) throw new Error(`${candidate.name}: ${running.wrong}`)
      wrong.set(candidate.name, running.wrong)
    }
    await running.stop()
  }
  ratios.push(seconds.floor! / seconds.ours!)
}
// On a short chain: anvil takes 100 ms to mine a block onto the long one, which would hide what comes after.
const short = await startChain(LIVE_CHAIN.stories, LIVE_CHAIN.blocks, cache)
started.push(short)
const shortExpected = await expectedOf(short.url, short.deployment)
for (const candidate of candidates) {
  const { mineOne } = short
  const running = await backfill(candidate, { chain: short, expected: shortExpected, database, dir, mineOne })
  try {
    live.set(candidate.name, await latencies(running, candidate, short, LIVE_BLOCKS))
  } catch (error) {
    if (!candidate.isPeer) throw error
    console.error(String(error))
    live.set(candidate.name, [])
  }
  await running.stop()
}
const rows = candidates.map((candidate) => {
  const { name } = candidate
  const row = rowOf(candidate, chain.events, fills.get(name)!, live.get(name)!)
  return wrong.has(name) ? { ...row, wrong: wrong.get(name)! } : row
})
const [ours, floor, ...peers] = rows as [IndexerRow, IndexerRow, ...IndexerRow[]]
const envio = [...peers, ...cited].find(({ metric, wrong }) => metric.startsWith('Envio') && !wrong)!
const envioName = envio.source === 'run' ? envio.metric : `${envio.metric} (cited)`

const cell = (value: number | null, digits = 0): string => (value === null ? '' : value.toFixed(digits))
const head = [
  'candidate',
  'events/s',
  'rows s',
  'whole s',
  'CPU s',
  'database CPU s',
  'peak MB',
  'database MB',
  'live median ms',
  'p99 ms',
  ''
]
const lines = [...rows, ...cited].map((row) => [
  row.metric,
  cell(row.eventsPerSecond),
  cell(row.seconds, 2),
  cell(row.wholeSeconds, 2),
  cell(row.cpuSeconds, 1),
  cell(row.databaseCpuSeconds, 1),
  cell(row.peakMegabytes),
  cell(row.databaseMegabytes),
  cell(row.liveMedianMs, 1),
  cell(row.liveP99Ms, 1),
  row.wrong ? 'wrong' : row.source === 'run' ? '' : row.source
])
const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]!.length)))
for (const line of [head, ...lines]) {
  console.log(line.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join('  '))
}
for (const [name, difference] of wrong) console.log(`${name} is wrong: ${difference}`)

const budgets = [
  { what: 'events/s by the floor', presented: median(ratios), required: 0.75, isMet: median(ratios) >= 0.75 },
  {
    what: `events/s by ${envioName}`,
    presented: ours.eventsPerSecond / envio.eventsPerSecond,
    required: 3,
    isMet: ours.eventsPerSecond >= 3 * envio.eventsPerSecond
  },
  {
    what: `peak memory by ${envioName}`,
    presented: ours.peakMegabytes! / envio.peakMegabytes!,
    required: 0.5,
    isMet: ours.peakMegabytes! <= 0.5 * envio.peakMegabytes!
  },
  {
    what: 'live median by the floor',
    presented: ours.liveMedianMs! / floor.liveMedianMs!,
    required: 1.5,
    isMet: ours.liveMedianMs! <= 1.5 * floor.liveMedianMs!
  }
]
for (const { what, presented, required, isMet } of budgets) {
  console.log(`${isMet ? '✓' : '✗'} ${what}: ${presented.toFixed(2)}, required ${required}`)
}
if (isFull) {
  await keepResults({ events: chain.events, blocks: chain.blocks, rounds, load: loadavg()[0], rows, cited, budgets })
}
await end(!isFull || budgets.every(({ isMet }) => isMet) ? 0 : 1)

async function end(code: number): Promise<never> {
  await Promise.allSettled(started.map((each) => each.stop()))
  rmSync(dir, { recursive: true, force: true })
  process.exit(code)
}
