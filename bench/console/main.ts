/**
 * `npm run bench:console [-- --rounds N]`: the moments at which people wait for the console, in Chromium before a whole instance with a block
 * a second. Prints a table, writes bench/results/console.json and ends with 1 when a budget is missed. Needs Chromium and an idle machine.
 * Fewer rounds than ten are only printed.
 */
import { writeFile } from 'node:fs/promises'
import { availableParallelism, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildConsole, consoleFolder } from '../../scripts/web/build.ts'
import { browserPath, launchBrowser } from '../../test/web/browser.ts'
import { startInstance } from '../api/instance.ts'
import { Desks, firstView, type Line, type Story } from './moments.ts'

const ROUNDS = 10
const { values } = parseArgs({ options: { rounds: { type: 'string', default: String(ROUNDS) } } })
const rounds = Number(values.rounds)
/** A mobile connection on a good day. */
const line: Line = { latencyMs: 40, megabitsPerSecond: 10 }

if (browserPath === undefined) process.exit(1)
await buildConsole()
const instance = await startInstance(consoleFolder)
const browser = await launchBrowser()
let isEnding = false
async function end(code: number): Promise<void> {
  if (isEnding) return
  isEnding = true
  await browser.close().catch(() => undefined)
  await instance.stop()
  process.exit(code)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(130))
process.on('uncaughtException', (error) => {
  if (!isEnding) console.error(error)
  void end(1)
})

interface Moment {
  moment: string
  /** The most that the slowest may take, milliseconds; null where it is part of another. */
  budgetMs: number | null
  medianMs: number
  maxMs: number
  isMet: boolean
}

const load = loadavg()[0]!
await instance.start('relayer')
const views: number[] = []
const far: number[] = []
for (let round = 0; round < rounds; round++) {
  views.push(await firstView(browser, instance.apiUrl))
  far.push(await firstView(browser, instance.apiUrl, line))
}
const desks = await Desks.open(instance, browser)
const stories: Story[] = []
for (let round = 0; round < rounds; round++) stories.push(await desks.round(round))
const of = (pick: (story: Story) => number) => stories.map(pick)
const moments: Moment[] = [
  measured('first view', views, 1_500),
  measured(`first view at ${line.megabitsPerSecond} Mbit/s and ${line.latencyMs} ms`, far, 1_500),
  measured('invoice dropped → what was read', of(({ read }) => read), null), // prettier-ignore
  measured('invoice dropped → registered, signed by two', of(({ registered }) => registered), 5_000), // prettier-ignore
  measured('confirmed in a block → seen by the supplier', of(({ confirmed }) => confirmed), 2_000), // prettier-ignore
  measured('debtor presses “Sign” → seen by the supplier', of(({ confirmedFromPress }) => confirmedFromPress), null) // prettier-ignore
]
console.log(`${'moment'.padEnd(50)} ${'median'.padStart(8)} ${'worst'.padStart(8)} ${'budget'.padStart(8)}`)
for (const { moment, medianMs, maxMs, budgetMs, isMet } of moments) {
  const cells = [medianMs, maxMs, budgetMs].map((ms) => (ms === null ? '' : `${ms.toFixed(0)} ms`).padStart(8))
  console.log(`${moment.padEnd(50)} ${cells.join(' ')} ${budgetMs === null ? '' : isMet ? '✓' : '✗'}`)
}
const loadAtEnd = loadavg()[0]!
console.log(`${rounds} times each, load ${load.toFixed(1)} at the beginning, ${loadAtEnd.toFixed(1)} at the end`)
const results = {
  date: new Date().toISOString().slice(0, 10),
  cores: availableParallelism(),
  ...{ load, loadAtEnd, rounds, browser: browser.version(), blockSeconds: 1, moments }
}
if (rounds >= ROUNDS) {
  const file = fileURLToPath(new URL('../results/console.json', import.meta.url))
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`)
}
await end(moments.every(({ isMet }) => isMet) ? 0 : 1)

function measured(moment: string, samples: readonly number[], budgetMs: number | null): Moment {
  const sorted = [...samples].sort((a, b) => a - b)
  const [medianMs, maxMs] = [sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!].map(Math.round) as [number, number]
  return { moment, budgetMs, medianMs, maxMs, isMet: budgetMs === null || maxMs <= budgetMs }
}
