/**
 * `npm run bench:indexer -- --events N`: that costs grow with the work and not with the history. Indexes chains of 3, 10, 30 and
 * 100 % of N events, starts each again from a killed process, and prints events/s, CPU, memory and the time of the restart;
 * they stand under `linear` in bench/results/indexer.json. Ends with 1 when ten times the events take more than 1.25 times as long
 * each, a restart on the largest three times as long as on the smallest, or memory goes beyond half of what Envio took. A chain is
 * written, not mined (`written.ts`).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDatabase } from '../../scripts/instance/database.ts'
import { backfill, type Backfill } from './candidate.ts'
import { candidates } from './candidates.ts'
import { EVENTS_PER_STORY } from './chain.ts'
import { expectedOf } from './expected.ts'
import { keepResults, median } from './row.ts'
import { writeChain } from './written.ts'

const STORIES_PER_BLOCK = 5
const RESTARTS = 3
const PARTS = [0.03, 0.1, 0.3, 1]
const MOST = { time: 1.25, restart: 3, peakMegabytes: 435 }

const events = Number(process.argv[process.argv.indexOf('--events') + 1])
const isCount = Number.isInteger(events) && events >= 10_000
if (!isCount) throw new RangeError('--events needs a number from 10000')

interface Line extends Backfill {
  events: number
  restart: number
}

const dir = mkdtempSync(join(tmpdir(), 'tallystick-bench-'))
const ours = candidates.find(({ name }) => name === 'ours')!
const lines: Line[] = []
for (const part of PARTS) {
  const size = Math.round(events * part)
  const stories = Math.ceil(size / EVENTS_PER_STORY)
  const chain = await writeChain(stories, Math.ceil(stories / STORIES_PER_BLOCK), dir)
  const database = await startDatabase({ dir: join(dir, String(size)) })
  try {
    const expected = await expectedOf(chain.url, chain.deployment)
    const running = await backfill(ours, { chain, expected, database, dir })
    if (running.wrong !== undefined) throw new Error(running.wrong)
    const restarts: number[] = []
    for (let i = 0; i < RESTARTS; i++) restarts.push(await running.restart())
    const line = { ...running.backfill, events: chain.events, restart: median(restarts) }
    lines.push(line)
    console.log(JSON.stringify(line))
    await running.stop()
  } finally {
    await Promise.allSettled([database.stop(), chain.stop()])
  }
}
rmSync(dir, { recursive: true, force: true })

console.log('events       events/s   CPU s   database CPU s   peak MB   database MB   restart s')
for (const { events: count, wholeSeconds, cpu, databaseCpu, peakMegabytes, databaseMegabytes, restart } of lines) {
  const cells = [
    count,
    (count / wholeSeconds).toFixed(0),
    cpu.toFixed(1),
    databaseCpu.toFixed(1),
    peakMegabytes.toFixed(0)
  ]
  const rest = [databaseMegabytes.toFixed(0), restart.toFixed(2)]
  const widths = [9, 12, 8, 17, 10, 14, 12]
  console.log([...cells, ...rest].map((cell, i) => String(cell).padStart(widths[i]!)).join(''))
}
const [least, small, , large] = lines as [Line, Line, Line, Line]
const ratios = {
  cpu: (large.cpu + large.databaseCpu) / large.events / ((small.cpu + small.databaseCpu) / small.events),
  time: large.wholeSeconds / large.events / (small.wholeSeconds / small.events),
  restart: large.restart / least.restart
}
console.log(`time an event at ten times the events: ${ratios.time.toFixed(2)}, at most ${MOST.time}`)
console.log(`CPU an event at ten times the events: ${ratios.cpu.toFixed(2)}`)
const peakMegabytes = Math.max(...lines.map((line) => line.peakMegabytes))
console.log(`memory at its peak: ${peakMegabytes.toFixed(0)} MB, at most ${MOST.peakMegabytes}`)
console.log(`restart on the largest by one on the smallest: ${ratios.restart.toFixed(2)}, at most ${MOST.restart}`)
await keepResults({ linear: { lines, ratios, most: MOST, load: loadavg()[0] } })
const isMet = ratios.time <= MOST.time && ratios.restart <= MOST.restart && peakMegabytes <= MOST.peakMegabytes
process.exit(isMet ? 0 : 1)
