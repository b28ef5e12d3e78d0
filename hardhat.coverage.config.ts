import { defineConfig } from 'hardhat/config'
import config, { compiler } from './hardhat.config.ts'

/**
 * The marked copy that scripts/checks/coverage.ts makes. Fewer runs, since what runs once is covered; and hardly optimised,
 * since the optimiser would take minutes over the counters that Hardhat puts before each statement.
 */
const copy = './cache/coverage'
const optimizer = { enabled: true, details: { yul: true, yulDetails: { optimizerSteps: 'u' } } }

export default defineConfig({
  ...config,
  solidity: {
    compilers: [{ ...compiler, settings: { ...compiler.settings, optimizer } }],
    npmFilesToBuild: ['@openzeppelin/contracts/access/manager/AccessManager.sol']
  },
  paths: {
    sources: `${copy}/contracts`,
    tests: { solidity: `${copy}/test/contracts` },
    artifacts: `${copy}/artifacts`,
    cache: `${copy}/cache`
  },
  test: {
    solidity: {
      fuzz: { runs: 64 },
      invariant: { runs: 16, depth: 64, failOnRevert: true, includeStorage: false, includePushBytes: false }
    }
  }
})
