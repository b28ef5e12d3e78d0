import { fileURLToPath } from 'node:url'
import hardhatEthers from '@nomicfoundation/hardhat-ethers'
import hardhatEthersChaiMatchers from '@nomicfoundation/hardhat-ethers-chai-matchers'
import hardhatNetworkHelpers from '@nomicfoundation/hardhat-network-helpers'
import { defineConfig } from 'hardhat/config'

export const compiler = {
  version: '0.8.37',
  // The compiler that npm installed: nothing is downloaded.
  path: fileURLToPath(import.meta.resolve('solc/soljson.js')),
  settings: {
    viaIR: true,
    evmVersion: 'cancun',
    optimizer: { enabled: true, runs: 1_000_000 },
    outputSelection: { '*': { '*': ['storageLayout'] } }
  }
}

/** How long the Solidity tests search. The handler draws by hashing its seed, so values seen on chain are of no use to it. */
function depthOf(runs: number) {
  return {
    fuzz: { runs },
    invariant: { runs, depth: 100, failOnRevert: true, includeStorage: false, includePushBytes: false }
  }
}

export default defineConfig({
  plugins: [hardhatEthers, hardhatEthersChaiMatchers, hardhatNetworkHelpers],
  solidity: {
    compilers: [compiler],
    npmFilesToBuild: ['@openzeppelin/contracts/access/manager/AccessManager.sol']
  },
  paths: { sources: './contracts', tests: { solidity: './test/contracts' } },
  test: { solidity: { profiles: { default: depthOf(256), deep: depthOf(2_560) } } }
})
