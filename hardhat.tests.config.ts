import { defineConfig } from 'hardhat/config'
import base from './hardhat.config.ts'

/**
 * For the Solidity tests: artifacts of their own, so that compiling them (minutes) can go on beside TypeScript tests
 * that read those of the contracts. A build removes a folder of artifacts before it writes it anew.
 */
export default defineConfig({
  ...base,
  paths: { ...base.paths, artifacts: './cache/solidity-tests/artifacts', cache: './cache/solidity-tests' }
})
