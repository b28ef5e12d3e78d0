/**
 * `npm run reindex`: builds the projection again from the chain beside the one that is read, and swaps them; the indexer and all
 * readers go on meanwhile. With `--empty`, and where the database has another chain's projection, it is emptied instead, and the
 * indexer, running or started next, builds it again.
 */
import { rebuildAside } from '../indexer/aside.ts'
import { connect, inTransaction, PROJECTION_SCHEMA } from '../indexer/database.ts'
import { IndexerError, toIndexerError } from '../indexer/errors.ts'
import { migrateProjection } from '../indexer/migrate.ts'
import { announce } from '../indexer/project-block.ts'
import { emptyProjection } from '../indexer/rollback.ts'
import { createRpc } from '../indexer/rpc.ts'
import { readTarget } from '../indexer/target.ts'

async function empty(databaseUrl: string): Promise<void> {
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
}

try {
  const args = process.argv.slice(2)
  const { databaseUrl, rpcUrl, deployment } = await readTarget(
    args.filter((arg) => arg !== '--empty'),
    process.env
  )
  if (args.includes('--empty')) await empty(databaseUrl)
  else {
    try {
      const rpc = createRpc(rpcUrl())
      const at = await rebuildAside({ databaseUrl, rpc, deployment: await deployment(), report: console.log })
      console.log(at ? `the projection was replaced as of block ${at.number} ${at.hash}` : 'nothing is indexed yet')
    } catch (error) {
      if (!(error instanceof IndexerError && error.code === 'INDEXED_OTHER_CHAIN')) throw error
      console.log(error.message)
      await empty(databaseUrl)
    }
  }
} catch (caught) {
  const { code, message } = toIndexerError(caught)
  console.error(`reindex: ${code} ${message}`)
  process.exitCode = 1
}
