/**
 * `npm run coverage:contracts`: lines and branches of contracts/ that the TypeScript tests run; fails below 98 %. What only a
 * Solidity test runs does not count: those tests need the compiler's slow way, which takes far longer over the counters.
 *
 * Hardhat 3 counts statements and lines, no branches. So it is given a copy of the contracts in which each branch of each
 * `if`, the unwritten ones too, starts with a statement of its own. Not counted: the sides of `?:`, `&&` and `||`, a loop
 * that runs no round, and assembly.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildContracts } from '../world/build.ts'
import { syntaxTrees } from '../world/compiled.ts'
import { markBranches, type MarkedSource } from './branches.ts'
import { root } from './run.ts'

const MINIMUM = 98
const copy = `${root}/cache/coverage`

await buildContracts()
const marked = await copyContracts()
const isPassed = await runTests()
if (!isPassed) console.error('✗ the tests failed')
process.exitCode = !report(marked, await executedLines()) || !isPassed ? 1 : 0

/** In a process of its own: Hardhat reads its settings once. */
async function runTests(): Promise<boolean> {
  const settings = { HARDHAT_CONFIG: `${root}/hardhat.coverage.config.ts`, HARDHAT_COVERAGE: 'true' }
  const script = fileURLToPath(new URL('./coverage-run.ts', import.meta.url))
  const child = spawn(process.execPath, [script], { cwd: root, stdio: 'inherit', env: { ...process.env, ...settings } })
  const [code] = (await once(child, 'close')) as [number | null]
  return code === 0
}

/** Path of a contract → the copy with its branches marked. */
async function copyContracts(): Promise<Map<string, MarkedSource>> {
  for (const folder of ['contracts', 'test']) await rm(`${copy}/${folder}`, { recursive: true, force: true })
  const trees = await syntaxTrees('contracts')
  const sources = new Map<string, MarkedSource>()
  for await (const file of glob('contracts/**/*.sol', { cwd: root })) {
    const source = markBranches(await readFile(`${root}/${file}`, 'utf8'), trees.get(file))
    await mkdir(dirname(`${copy}/${file}`), { recursive: true })
    await writeFile(`${copy}/${file}`, source.text)
    sources.set(file, source)
  }
  await cp(`${root}/test/contracts/harness`, `${copy}/test/contracts/harness`, { recursive: true })
  return sources
}

/** Path of a contract → line of the copy → whether it ran. */
async function executedLines(): Promise<Map<string, Map<number, boolean>>> {
  const files = new Map<string, Map<number, boolean>>()
  let lines = new Map<number, boolean>()
  for (const record of (await readFile(`${root}/coverage/lcov.info`, 'utf8')).split('\n')) {
    const [key, value = ''] = record.split(/:(.*)/)
    if (key === 'SF') {
      lines = new Map()
      files.set(value.replace('cache/coverage/', ''), lines)
    } else if (key === 'DA') {
      const [line, count] = value.split(',').map(Number)
      lines.set(line!, count! > 0)
    }
  }
  return files
}

interface Share {
  total: number
  missed: string[]
}

function report(sources: ReadonlyMap<string, MarkedSource>, ran: Map<string, Map<number, boolean>>): boolean {
  const lines: Share = { total: 0, missed: [] }
  const branches: Share = { total: 0, missed: [] }
  for (const [file, source] of sources) {
    const isLineRun = new Map<number, boolean>()
    for (const [line, isRun] of ran.get(file) ?? []) {
      const original = source.lineOf(line)
      // Of a line that became several, all have to run.
      if (!source.branches.has(line)) isLineRun.set(original, isRun && (isLineRun.get(original) ?? true))
    }
    const missedLines = [...isLineRun].filter(([, isRun]) => !isRun).map(([line]) => `${file}:${line}`)
    const missedBranches = [...source.branches]
      .filter(([line]) => !ran.get(file)?.get(line))
      .map(([line, side]) => `${file}:${source.lineOf(line)} ${side}`)
    add(lines, isLineRun.size, missedLines)
    add(branches, source.branches.size, missedBranches)
    console.log(
      `${file}: lines ${text(isLineRun.size, missedLines)}, branches ${text(source.branches.size, missedBranches)}`
    )
  }
  for (const place of lines.missed) console.log(`  no test runs ${place}`)
  for (const place of branches.missed) console.log(`  no test takes ${place}`)
  console.log(`contracts: lines ${text(lines.total, lines.missed)}, branches ${text(branches.total, branches.missed)}`)
  const isEnough = [lines, branches].every(({ total, missed }) => percent(total, missed) >= MINIMUM)
  if (!isEnough) console.error(`✗ coverage is below ${MINIMUM} %`)
  return isEnough
}

function add(share: Share, total: number, missed: readonly string[]): void {
  share.total += total
  share.missed.push(...missed)
}

function percent(total: number, missed: readonly string[]): number {
  return total === 0 ? 100 : (100 * (total - missed.length)) / total
}

function text(total: number, missed: readonly string[]): string {
  return `${percent(total, missed).toFixed(1)} % of ${total}`
}
