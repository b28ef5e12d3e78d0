/** Runs the contracts' tests, in Solidity and in TypeScript, with Hardhat's counters; started by coverage.ts. */
import hre from 'hardhat'
import { markTestRunDone } from 'hardhat/internal/coverage'
import { runBin } from './run.ts'

/** Under this name the Solidity tests keep what they counted; coverage-setup.ts adds to it. */
const RUN = 'solidity'

// Its own report would leave the other tests out; it sets the exit code when a test fails.
await hre.tasks.getTask(['test', 'solidity']).run({})
const { code } = await runBin('vitest', ['run', '--config', 'vitest.coverage.config.ts'])
if (code !== 0) process.exitCode = 1
await markTestRunDone(RUN)
