/** Rebuilds the projection from the chain beside the live one and compares: `npm run verify:projection`. */
import { PROJECTION_SCHEMA } from '../indexer/database.ts'
import type { Difference } from '../indexer/direct.ts'
import { toIndexerError } from '../indexer/errors.ts'
import { createRpc } from '../indexer/rpc.ts'
import { readTarget } from '../indexer/target.ts'
import { verifyProjection } from '../indexer/verify.ts'

function show(what: string, other: string, difference: Difference | undefined): void {
  if (!difference) return console.log(`✓ ${what}`)
  console.log(`✗ ${what}: first difference in ${difference.table}`)
  console.log(`  projection ${difference.live ?? 'has no such row'}`)
  console.log(`  ${other.padEnd(10)} ${difference.other ?? 'has no such row'}`)
  process.exitCode = 1
}

try {
  const { databaseUrl, rpcUrl, deployment, sample } = await readTarget(process.argv.slice(2), process.env)
  const result = await verifyProjection({
    databaseUrl,
    schema: PROJECTION_SCHEMA,
    rpc: createRpc(rpcUrl()),
    deployment: await deployment(),
    ...(sample === undefined ? {} : { sample })
  })
  console.log(`as of block ${result.cursor.number} ${result.cursor.hash}`)
  console.log(`projection ${result.liveDigest}`)
  console.log(`rebuilt    ${result.rebuiltDigest}`)
  show('the projection equals one rebuilt from all blocks', 'rebuilt', result.rebuilt)
  const read = `${result.receivables} receivables, ${result.notes} notes and ${result.claims} claims`
  show(`${read} equal the contracts' own answers`, 'contract', result.direct)
} catch (caught) {
  const { code, message } = toIndexerError(caught)
  console.error(`verify:projection: ${code} ${message}`)
  process.exitCode = 1
}
