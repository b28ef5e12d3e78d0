/** Runs the contracts' tests in TypeScript with Hardhat's counters; started by coverage.ts. */
import hre from 'hardhat'
import { markTestRunDone } from 'hardhat/internal/coverage'
import { runBin } from './run.ts'

/** Under this name coverage-setup.ts keeps what was counted. */
const RUN = 'vitest'

await hre.tasks.getTask('build').run({ quiet: true })
const { code } = await runBin('vitest', ['run', '--config', 'vitest.coverage.config.ts'])
if (code !== 0) process.exitCode = 1
await markTestRunDone(RUN)
