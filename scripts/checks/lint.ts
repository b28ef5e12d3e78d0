/** `npm run lint`: format, rules of TypeScript and Solidity, types, generated files, sizes and
 * documentation of the contracts, and the description of the api. Runs all, then says which failed. */
import { buildContracts } from '../world/build.ts'
import { runBin, root } from './run.ts'

const checks: readonly (readonly [string, string, readonly string[]])[] = [
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['rules of TypeScript and the imports between folders', 'oxlint', ['--quiet', '.']],
  ['rules of Solidity', 'solhint', ['--max-warnings', '0', 'contracts/**/*.sol']],
  ['types', 'tsc', ['--noEmit', '-p', root]],
  ['types of the console', 'tsc', ['--noEmit', '-p', `${root}/web`]]
]

await buildContracts()
const failed: string[] = []
for (const [name, command, args] of checks) {
  const { code } = await runBin(command, args)
  console.log(`${code === 0 ? '✓' : '✗'} ${name}`)
  if (code !== 0) failed.push(name)
}
const contracts = await import('./contracts.ts')
if (!(await contracts.areContractsSmall())) failed.push('contract sizes')
if (!(await contracts.areInterfacesExplained())) failed.push('interfaces')
const generated = await import('./generated.ts')
if (!(await generated.areGeneratedFilesFresh())) failed.push('generated files')
const { isDescriptionStrict } = await import('./openapi.ts')
if (!(await isDescriptionStrict())) failed.push('description of the api')
if (failed.length > 0) {
  console.error(`lint failed: ${failed.join(', ')}`)
  process.exitCode = 1
}
