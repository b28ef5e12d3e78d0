import { defineConfig } from 'hardhat/config'
import config from './hardhat.config.ts'

/** The marked copy that scripts/checks/coverage.ts makes, with fewer runs: what runs once is covered. */
const copy = './cache/coverage'

export default defineConfig({
  ...config,
  paths: {
    sources: `${copy}/contracts`,
    tests: { solidity: `${copy}/test/contracts` },
    artifacts: `${copy}/artifacts`,
    cache: `${copy}/cache`
  },
  test: { solidity: { fuzz: { runs: 64 }, invariant: { runs: 16, depth: 64, failOnRevert: true } } }
})
