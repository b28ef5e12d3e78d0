/** Empties the projection; the indexer, running or started next, builds it again from the chain: `npm run reindex`. */
import { connect, inTransaction, PROJECTION_SCHEMA } from '../indexer/database.ts'
import { toIndexerError } from '../indexer/errors.ts'
import { migrateProjection } from '../indexer/migrate.ts'
import { announce } from '../indexer/project-block.ts'
import { emptyProjection } from '../indexer/rollback.ts'
import { readTarget } from '../indexer/target.ts'

try {
  const { databaseUrl } = await readTarget(process.argv.slice(2), process.env)
  await migrateProjection(databaseUrl)
  const client = await connect(databaseUrl, PROJECTION_SCHEMA)
  try {
    await inTransaction(client, async () => {
      await emptyProjection(client)
      await announce(client, -1)
    })
  } finally {
    await client.end()
  }
  console.log('the projection is empty; a running indexer builds it again now, otherwise the next start does')
} catch (caught) {
  const { code, message } = toIndexerError(caught)
  console.error(`reindex: ${code} ${message}`)
  process.exitCode = 1
}
