/** The process: reads its configuration and runs until it is told to stop. `main.cjs` starts it. */
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { readConfig } from './config.ts'
import { IndexerError, toIndexerError } from './errors.ts'
import { openSchema } from './migrate.ts'
import { stopping } from './stopping.ts'

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' } } })
  if (!values.config) {
    throw new IndexerError('CONFIG_INVALID', 'use: node indexer/main.cjs --config FILE', { transient: false })
  }
  const config = await readConfig(values.config)
  // The database makes its tables while what follows the chain is loaded.
  const opening = openSchema(config.databaseUrl)
  // A database may take long to answer, or never.
  const stopped = stopping.aborted || once(stopping, 'abort')
  await Promise.race([opening.isUnprojected.catch(() => {}), stopped])
  if (stopping.aborted) return
  const { run } = await import('./running.ts')
  await run(config, opening)
}

try {
  await main()
  process.exit(0)
} catch (caught) {
  const error = toIndexerError(caught)
  console.error(`indexer: ${error.code} ${error.message}`)
  process.exit(1)
}
