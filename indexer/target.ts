import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Deployment } from '../domain/chain/contracts.ts'
import { parseDeployment } from './config.ts'
import { IndexerError } from './errors.ts'

/** The instance that a tool looks at. */
export interface Target {
  databaseUrl: string
  rpcUrl: () => string
  deployment: () => Promise<Deployment>
  sample: number | undefined
}

interface InstanceFile {
  rpcUrl?: string
  databaseUrl?: string
  deploymentFile?: string
}

/**
 * Reads `--database --rpc --deployment --sample`; what is not given comes from `instance.json` of the data folder
 * (`--data`, else TALLYSTICK_DATA, else `.tallystick` beside package.json), which a running instance writes.
 * @throws IndexerError CONFIG_INVALID naming what is missing
 */
export async function readTarget(argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<Target> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string' },
      database: { type: 'string' },
      rpc: { type: 'string' },
      deployment: { type: 'string' },
      sample: { type: 'string' }
    }
  })
  const dataDir =
    values.data ?? environment.TALLYSTICK_DATA ?? fileURLToPath(new URL('../.tallystick', import.meta.url))
  const file = join(dataDir, 'instance.json')
  const instance = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as InstanceFile,
    (): InstanceFile => ({})
  )
  const given = (what: string, value: string | undefined): string => {
    if (value !== undefined) return value
    throw invalid(`${what} is not known: start the instance, so that ${file} exists, or give --${what}`)
  }
  if (values.sample !== undefined && !/^[1-9]\d{0,8}$/.test(values.sample)) {
    throw invalid(`--sample: presented ${values.sample}, required a number from 1`)
  }
  const deploymentFile = values.deployment ?? instance.deploymentFile ?? join(dataDir, 'deployment.json')
  return {
    databaseUrl: given('database', values.database ?? instance.databaseUrl),
    rpcUrl: () => given('rpc', values.rpc ?? instance.rpcUrl),
    deployment: async () => {
      const text = await readFile(deploymentFile, 'utf8').catch(() => undefined)
      return parseDeployment(JSON.parse(text ?? given('deployment', undefined)))
    },
    sample: values.sample === undefined ? undefined : Number(values.sample)
  }
}

function invalid(message: string): IndexerError {
  return new IndexerError('CONFIG_INVALID', message, { transient: false })
}
