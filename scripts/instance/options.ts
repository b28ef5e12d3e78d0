import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { InstanceError } from './instance-error.ts'

/** What `tallystick start` was asked to do. Read once; nobody else looks at the environment. */
export interface StartOptions {
  readonly help: boolean
  /** Delete the data folder's content first. */
  readonly fresh: boolean
  /** Do not play the demo story on the first start. */
  readonly empty: boolean
  readonly dataDir: string
  /** Port of the API; chosen when absent. */
  readonly port: number | undefined
  /** Port of the indexer's metrics; chosen when absent or taken. */
  readonly metricsPort: number | undefined
  readonly databaseUrl: string | undefined
  readonly rpcUrl: string | undefined
  /** Where traces go; nowhere when absent. */
  readonly otlpEndpoint: string | undefined
}

export const startUsage = `Usage: npm start -- [options]      or: npx tallystick start [options]

Starts the chain, the database, indexer, relayer and API, and a small world of participants.

  --data DIR   data folder (default .tallystick in the project, or TALLYSTICK_DATA)
  --port N     port of the API (default 8080, or the next free one)
  --metrics-port N
               port of the indexer's metrics (default 9464); the next free one when it is taken
  --fresh      delete the data folder's content and begin anew
  --empty      do not play the demo story on the first start
  --help       show this

Environment: DATABASE_URL and RPC_URL use an outside Postgres and chain, TALLYSTICK_DATA names the data folder,
OTEL_EXPORTER_OTLP_ENDPOINT an OTLP/HTTP receiver that traces go to.`

/** The data folder when neither `--data` nor TALLYSTICK_DATA says otherwise. */
export function defaultDataDir(projectRoot: string): string {
  return join(projectRoot, '.tallystick')
}

/**
 * Reads the command line and the environment.
 * @throws InstanceError OPTION_INVALID for an unknown option, a value that is missing or not of its kind
 */
export function parseStartOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  projectRoot: string
): StartOptions {
  const values = parseFlags(args)
  const dataDir = values.data ?? (env.TALLYSTICK_DATA || undefined)
  if (dataDir === '') throw invalid('--data needs a folder, presented nothing')
  return {
    help: values.help ?? false,
    fresh: values.fresh ?? false,
    empty: values.empty ?? false,
    dataDir: dataDir === undefined ? defaultDataDir(projectRoot) : resolve(dataDir),
    port: portOf('--port', values.port),
    metricsPort: portOf('--metrics-port', values['metrics-port']),
    databaseUrl: urlOf('DATABASE_URL', env.DATABASE_URL, ['postgres:', 'postgresql:']),
    rpcUrl: urlOf('RPC_URL', env.RPC_URL, ['http:', 'https:']),
    otlpEndpoint: urlOf('OTEL_EXPORTER_OTLP_ENDPOINT', env.OTEL_EXPORTER_OTLP_ENDPOINT, ['http:', 'https:'])
  }
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        help: { type: 'boolean', short: 'h' },
        fresh: { type: 'boolean' },
        empty: { type: 'boolean' },
        data: { type: 'string' },
        port: { type: 'string' },
        'metrics-port': { type: 'string' }
      }
    }).values
  } catch (error) {
    throw invalid((error as Error).message.split('. ')[0]!)
  }
}

function portOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port
  throw invalid(`${option} needs a number from 1 to 65535, presented "${text}"`)
}

function urlOf(name: string, value: string | undefined, protocols: readonly string[]): string | undefined {
  if (!value) return undefined
  const protocol = URL.canParse(value) ? new URL(value).protocol : 'no URL'
  if (protocols.includes(protocol)) return value
  // The value itself may hold a password.
  throw invalid(`${name} needs a URL that begins with ${protocols.join(' or ')}, presented ${protocol}`)
}

function invalid(message: string): InstanceError {
  return new InstanceError('OPTION_INVALID', message, 'see: npx tallystick start --help')
}
