/** Holds live data against the contracts' invariants, one line each: `npm run check:invariants`. */
import { connect, PROJECTION_SCHEMA } from '../indexer/database.ts'
import { toIndexerError } from '../indexer/errors.ts'
import { checkInvariants } from '../indexer/invariants.ts'
import { readTarget } from '../indexer/target.ts'

try {
  const { databaseUrl } = await readTarget(process.argv.slice(2), process.env)
  const client = await connect(databaseUrl, PROJECTION_SCHEMA)
  try {
    for (const { code, name, offender } of await checkInvariants(client)) {
      console.log(offender ? `✗ ${code} ${name}: ${JSON.stringify(offender)}` : `✓ ${code} ${name}`)
      if (offender) process.exitCode = 1
    }
  } finally {
    await client.end()
  }
} catch (caught) {
  const { code, message } = toIndexerError(caught)
  console.error(`check:invariants: ${code} ${message}`)
  process.exitCode = 1
}
