/** `npm run test:faults -- indexer`: injects every fault for real and prints what became of the projection. */
import { buildContracts } from '../../scripts/world/build.ts'
import { chainFaults } from './chain-faults.ts'
import { databaseFaults } from './database-faults.ts'
import { judge, type Fault, type Verdict } from './fault.ts'
import { processFaults } from './process-faults.ts'
import { Rig } from './rig.ts'
import { rpcFaults } from './rpc-faults.ts'
import { tamperings } from './tampering.ts'

/** Forks come last: they change the chain that all faults share. */
const suites: Record<string, Fault[]> = {
  indexer: [...rpcFaults, ...databaseFaults, ...processFaults, ...tamperings, ...chainFaults]
}

const [suite = ''] = process.argv.slice(2)
const faults = suites[suite]
if (!faults) {
  console.error(
    `use: npm run test:faults -- ${Object.keys(suites).join('|')}; SEED=n repeats a run, ONLY=expression picks faults`
  )
  process.exit(2)
}
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
const only = process.env.ONLY
const chosen = faults
  .map((fault, i) => [i + 1, fault] as const)
  .filter(([, { name }]) => !only || new RegExp(only).test(name))

console.log(`SEED=${seed}`)
await buildContracts()
const started = performance.now()
const verdicts: Verdict[] = []
// Long enough for a backfill in bulk; and for forks short: of blocks that left its memory anvil 1.7.1 forgets the code.
await injectAll(
  chosen.filter(([, { changesChain }]) => !changesChain),
  8,
  110
)
await injectAll(
  chosen.filter(([, { changesChain }]) => changesChain),
  4,
  10
)
const survived = verdicts.filter((verdict) => verdict.survived).length
console.log(`${survived} survived, ${verdicts.length - survived} not, in ${seconds(performance.now() - started)} s`)
process.exit(survived === verdicts.length ? 0 : 1)

async function injectAll(some: typeof chosen, rounds: number, emptyBlocks: number): Promise<void> {
  if (some.length === 0) return
  const rig = await Rig.open(rounds, emptyBlocks)
  console.log(`chain of ${rig.head} blocks, digest ${rig.reference}, ${seconds(performance.now() - started)} s`)
  for (const [number, fault] of some) {
    const verdict = await judge(rig, fault, seed + number)
    verdicts.push(verdict)
    print(number, verdict)
  }
  await rig.close()
}

function print(number: number, { fault, survived, isEqual, reason, ...verdict }: Verdict): void {
  const digest = isEqual === undefined ? '–' : isEqual ? (fault.refusal ? 'untouched' : 'equal') : 'DIFFERS'
  const outcome = survived ? (fault.refusal ? `refused ${fault.refusal}` : 'survived') : 'NOT SURVIVED'
  const cells = [number, fault.name, fault.how, outcome, digest, verdict.seconds.toFixed(1)]
  console.log(`| ${cells.join(' | ')} |${reason && `\n      ${reason}`}`)
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
