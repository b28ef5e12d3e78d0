import { defineConfig } from 'hardhat/config'
import config, { compiler } from './hardhat.config.ts'

/**
 * The marked copy that scripts/checks/coverage.ts makes. Compiled without the intermediate language, whose optimiser would
 * take minutes over the counters that Hardhat puts before each statement.
 */
const copy = './cache/coverage'

export default defineConfig({
  ...config,
  solidity: {
    compilers: [{ ...compiler, settings: { ...compiler.settings, viaIR: false, optimizer: { enabled: true } } }],
    npmFilesToBuild: ['@openzeppelin/contracts/access/manager/AccessManager.sol']
  },
  paths: {
    sources: `${copy}/contracts`,
    tests: { solidity: `${copy}/test/contracts` },
    artifacts: `${copy}/artifacts`,
    cache: `${copy}/cache`
  }
})
