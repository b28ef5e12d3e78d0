/**
 * `npm test`: every test, in Solidity and in TypeScript; arguments go to vitest. The last line counts both.
 * What is slow (long fuzz, soak, benches) has commands of its own.
 */
import { glob, readFile, rm } from 'node:fs/promises'
import { buildContracts } from '../world/build.ts'
import { root, runBin } from './run.ts'

interface Count {
  passed: number
  failed: number
  skipped: number
}

/** Compiles the contracts through which TypeScript tests reach the libraries. */
async function buildHarnesses(): Promise<void> {
  const files = await Array.fromAsync(glob('test/contracts/harness/*.sol', { cwd: root }))
  const { code, output } = await runBin('hardhat', ['build', '--quiet', ...files], { isQuiet: true })
  if (code !== 0) throw new Error(`the harnesses do not compile:\n${output}`)
}

/**
 * Runs what the others leave idle: they mostly wait for chains and databases, and have time limits.
 * Hardhat's closing lines: `12 passing`, `1 failing`.
 */
async function solidityTests(): Promise<Count> {
  const { code, output } = await runBin('hardhat', ['--config', 'hardhat.tests.config.ts', 'test', 'solidity'], {
    isQuiet: true,
    isBackground: true
  })
  process.stdout.write(output)
  const number = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(output)?.[1] ?? 0)
  const count = { passed: number('passing'), failed: number('failing'), skipped: number('skipped') }
  // A run that ended badly without a count is one failure, never none.
  return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count
}

async function vitestTests(args: readonly string[]): Promise<Count> {
  const file = `${root}/test-results/vitest.json`
  await rm(file, { force: true })
  const { code } = await runBin('vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...args
  ])
  const json = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Record<string, number>
  const failed = json['numFailedTests'] ?? 0
  const suites = json['numFailedTestSuites'] ?? 0
  return {
    passed: json['numPassedTests'] ?? 0,
    failed: failed > 0 ? failed : code === 0 ? 0 : Math.max(1, suites),
    skipped: (json['numPendingTests'] ?? 0) + (json['numTodoTests'] ?? 0)
  }
}

await buildContracts()
await buildHarnesses()
const counts = await Promise.all([vitestTests(process.argv.slice(2)), solidityTests()])
const sum = (key: keyof Count) => counts.reduce((total, count) => total + count[key], 0)
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
process.exitCode = sum('failed') > 0 || sum('passed') === 0 ? 1 : 0
