/**
 * The registrar's desk: `npm run applications -- --config FILE [list | show ID | accept ID --by NAME --reason TEXT | refuse ID …]`, with the
 * api's configuration. A decision is recorded; admission itself is a transaction of the registrar's key (scripts/world/deploy.ts).
 */
import { parseArgs } from 'node:util'
import { decideApplication, listApplications, type StoredApplication } from '../api/applications/repository.ts'
import { ApiConfigSchema, readConfig } from '../api/config.ts'
import { openServicePool } from '../api/database.ts'
import { openVault } from '../api/vault.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: 'string' },
    by: { type: 'string' },
    reason: { type: 'string' },
    all: { type: 'boolean', default: false }
  }
})
const [verb = 'list', id = ''] = positionals
const config = await readConfig(['--config', values.config ?? ''], ApiConfigSchema)
const vault = await openVault(config)
const pool = openServicePool(config.databaseUrl, 1)

try {
  switch (verb) {
    case 'list':
      for (const one of await listApplications(pool, vault, values.all ? undefined : 'submitted'))
        console.log(lineOf(one))
      break
    case 'show':
      console.log(
        JSON.stringify((await listApplications(pool, vault)).find((one) => one.applicationId === id) ?? null, null, 2)
      )
      break
    case 'accept':
    case 'refuse': {
      const { by, reason } = values
      if (!by || !reason) throw new Error('a decision has a name and a reason: --by NAME --reason TEXT')
      const state = verb === 'accept' ? 'accepted' : 'refused'
      if (!(await decideApplication(pool, vault, id, { state, by, reason })))
        throw new Error(`${id} does not wait for a decision`)
      console.log(`✓ ${id} ${state}`)
      break
    }
    default:
      throw new Error(`what is ${verb}?`)
  }
} catch (error) {
  console.error(`applications: ${(error as Error).message}`)
  process.exitCode = 1
} finally {
  await pool.end()
}

function lineOf({ applicationId, state, application, screenings }: StoredApplication): string {
  const told = screenings.map(({ service, outcome }) => `${service} ${outcome}`).join(', ')
  return `${applicationId}  ${state}  ${application.country}  ${application.name}  [${application.roles.join(', ')}]  ${told}`
}
