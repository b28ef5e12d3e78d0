/**
 * `npm run bench:api [-- --short] [--suppliers N] [--commands N] [--rounds N] [--only reads,commands,crowd]`: reads beside a bare handler
 * with the same statements, commands beside raw submission of the same calls, a crowd of suppliers that apply in one moment, and
 * the way from an invoice to the money. Prints a table, writes bench/results/api.json and ends with 1 when a budget is missed.
 * `--short`, and parts by `--only`, are only printed.
 */
import { writeFile } from 'node:fs/promises'
import { availableParallelism, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { acceptCommands, drain, submitRaw } from './commands.ts'
import { admit, applyAtOnce, type Crowd } from './crowd.ts'
import { uploadToFunded } from './funded.ts'
import { startInstance } from './instance.ts'
import { measureReads, median, type Read } from './reads.ts'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    suppliers: { type: 'string' },
    commands: { type: 'string' },
    rounds: { type: 'string' },
    only: { type: 'string', default: 'commands,reads,crowd' }
  }
})
const suppliers = Number(values.suppliers ?? (values.short ? 50 : 1_000))
const commands = Number(values.commands ?? (values.short ? 200 : 1_000))
const rounds = Number(values.rounds ?? (values.short ? 1 : 3))
const parts = values.only.split(',')
const isWhole = !values.short && parts.length === 3

interface Budget {
  what: string
  presented: number
  required: string
  isMet: boolean
}
const budgets: Budget[] = []
function atLeast(what: string, presented: number, required: number): void {
  budgets.push({ what, presented, required: `≥ ${required}`, isMet: presented >= required })
}
function atMost(what: string, presented: number, required: number): void {
  budgets.push({ what, presented, required: `≤ ${required}`, isMet: presented <= required })
}

const instance = await startInstance()
let isEnding = false
async function end(code: number): Promise<void> {
  if (isEnding) return
  isEnding = true
  await instance.stop()
  process.exit(code)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(130))
process.on('uncaughtException', (error) => {
  if (!isEnding) console.error(error)
  void end(1)
})

const began = performance.now()
const load = loadavg()[0]!
const results = {
  date: new Date().toISOString().slice(0, 10),
  cores: availableParallelism(),
  load,
  rounds,
  command: parts.includes('commands') ? await measureCommands() : undefined,
  funded: parts.includes('crowd') ? await measureFunded() : undefined,
  reads: parts.includes('reads') ? await measureAllReads() : undefined,
  crowd: parts.includes('crowd') ? await measureCrowd() : undefined
}
for (const { what, presented, required, isMet } of budgets) {
  console.log(`${isMet ? '✓' : '✗'} ${what.padEnd(58)} ${presented.toFixed(2).padStart(8)}  ${required}`)
}
const minutes = (performance.now() - began) / 60_000
console.log(
  `${minutes.toFixed(1)} minutes, load ${load.toFixed(1)} at the beginning, ${loadavg()[0]!.toFixed(1)} at the end`
)
if (isWhole) {
  const file = fileURLToPath(new URL('../results/api.json', import.meta.url))
  await writeFile(file, `${JSON.stringify({ ...results, budgets }, null, 2)}\n`)
}
await end(budgets.every(({ isMet }) => isMet) ? 0 : 1)

async function measureCommands() {
  const samples: Awaited<ReturnType<typeof oneRound>>[] = []
  for (let round = 0; round < rounds; round++) samples.push(await oneRound(round))
  const middle = (pick: (sample: (typeof samples)[number]) => number) => median(samples.map(pick))
  const command = {
    count: commands,
    rawPerSecond: middle(({ rawPerSecond }) => rawPerSecond),
    acceptedPerSecond: middle(({ acceptedPerSecond }) => acceptedPerSecond),
    onChainPerSecond: middle(({ onChainPerSecond }) => onChainPerSecond),
    ratio: middle(({ ratio }) => ratio),
    rawCpuMs: middle(({ rawCpuMs }) => rawCpuMs),
    onChainCpuMs: middle(({ onChainCpuMs }) => onChainCpuMs)
  }
  atLeast('accepted commands end on chain, by raw submission', command.ratio, 0.7)
  return command
}

/** Raw submission and the relayer's right behind each other: what else the machine does changes by the minute. */
async function oneRound(round: number) {
  const acceptedPerSecond = await acceptCommands(instance, commands)
  const raw = await submitRaw(instance, commands)
  const ours = await drain(instance)
  const [rawPerSecond, onChainPerSecond] = [raw.count / raw.seconds, ours.count / ours.seconds]
  const [rawCpuMs, onChainCpuMs] = [raw, ours].map(({ cpuSeconds, count }) => (cpuSeconds * 1000) / count) as [
    number,
    number
  ]
  console.log(
    `commands, round ${round + 1}: ${acceptedPerSecond.toFixed(0)}/s accepted over HTTP, ${onChainPerSecond.toFixed(0)}/s of the accepted end on chain ` +
      `(${onChainCpuMs.toFixed(1)} ms of CPU each by chain and relayer), raw ${rawPerSecond.toFixed(0)}/s (${rawCpuMs.toFixed(1)} ms by chain and sender)`
  )
  return {
    rawPerSecond,
    acceptedPerSecond,
    onChainPerSecond,
    ratio: onChainPerSecond / rawPerSecond,
    rawCpuMs,
    onChainCpuMs
  }
}

async function measureFunded(): Promise<{ seconds: number }> {
  const relayer = await instance.start('relayer')
  const times: number[] = []
  for (let round = 0; round < rounds; round++) times.push(await uploadToFunded(instance, round))
  await relayer.stop()
  const seconds = median(times)
  atMost('upload to funded, seconds', seconds, 10)
  return { seconds }
}

async function measureAllReads(): Promise<Read[]> {
  const relayer = await instance.start('relayer')
  const reads = await measureReads(instance, rounds, values.short ? 2 : 4)
  await relayer.stop()
  for (const { path, ours, floor, ratio, oursP99, floorP99, p99Ratio } of reads) {
    console.log(
      `${path.padEnd(24)} ${ours.toFixed(0).padStart(6)}/s, bare ${floor.toFixed(0).padStart(6)}/s, p99 ${oursP99} ms, bare ${floorP99} ms`
    )
    atLeast(`GET ${path}, by the bare handler`, ratio, 0.6)
    atMost(`GET ${path}, p99 by the bare handler’s`, p99Ratio, 3)
  }
  return reads
}

async function measureCrowd(): Promise<Crowd> {
  const relayer = await instance.start('relayer')
  const members = await admit(instance, suppliers)
  const crowd = await applyAtOnce(instance, members)
  await relayer.stop()
  console.log(
    `${crowd.suppliers} suppliers at once: accepted after ${crowd.acceptedSeconds.toFixed(1)} s, projected after ${crowd.projectedSeconds.toFixed(1)} s, ` +
      `each ${(crowd.medianMs / 1000).toFixed(1)} s (p95 ${(crowd.p95Ms / 1000).toFixed(1)}), told to come again ${crowd.busy} times (${crowd.otherwise} for another reason)`
  )
  atMost('failed applications', crowd.failed, 0)
  atMost('double registrations', crowd.doubles, 0)
  atLeast(`of ${crowd.suppliers} applications projected`, crowd.projected, crowd.suppliers)
  atMost('duplicate check meanwhile, p95 in milliseconds', crowd.checks.p95Ms, 50)
  return crowd
}
