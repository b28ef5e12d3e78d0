/** `npm run test:guomi:deep`: 10,000 signatures by OpenSSL and as many corrupted ones, asked of the contract by eth_call. */
import { network } from 'hardhat'
import { buildContracts } from '../../scripts/world/build.ts'
import { compareWithNative } from './guomi.ts'

const COUNT = 10_000
const YES = '0x024ad318'

await buildContracts()
const { ethers } = await network.create()
const verifier = await ethers.deployContract('SM2Verifier')
// Every second call goes the way of a prepared key, if the key is one.
const prepared = new Set<string>()
let calls = 0
const result = await compareWithNative(
  async (key, hash, signature) => {
    if (++calls % 2 === 0 && !prepared.has(key) && (await verifier.getFunction('isKey')(key))) {
      prepared.add(key)
      await (await verifier.getFunction('prepare')(key)).wait()
    }
    return (await verifier.getFunction('verify')(key, hash, signature)) === YES
  },
  COUNT,
  200
)
console.log(
  `${result.valid} valid: ${result.refused.length} refused. ${result.corrupted} corrupted: ${result.accepted.length} accepted.`
)
for (const line of [...result.refused, ...result.accepted].slice(0, 10)) console.log(`  ${line}`)
process.exit(result.refused.length + result.accepted.length === 0 ? 0 : 1)
