import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { ApiConfig } from '../../api/config.ts'
import { Client } from '../../scripts/demo/client.ts'
import { askChain, startChain, type Chain } from '../../scripts/instance/chain.ts'
import { startChild, type Child } from '../../scripts/instance/children.ts'
import { startDatabase, type Database } from '../../scripts/instance/database.ts'
import { freePort } from '../../scripts/instance/ports.ts'
import { readKeys, type WorldKeys } from '../../scripts/world/keys.ts'
import { participantIdOf, prepareWorld } from '../../scripts/world/prepare.ts'

type Part = 'indexer' | 'relayer' | 'api'
const entries: Record<Part, string> = {
  indexer: '../../indexer/main.cjs',
  relayer: '../../api/relayer/main.ts',
  api: '../../api/main.ts'
}

/** Everything that a participant's command goes through, as processes of their own, with a block every second. */
export interface BenchInstance {
  dir: string
  apiUrl: string
  chain: Chain
  config: ApiConfig
  keys: WorldKeys
  sql: pg.Pool
  database: Database
  as(slug: string): Client
  start(part: Part): Promise<Child>
  stop(): Promise<void>
}

/**
 * Whatever has begun is ended again, also when the rest does not come up.
 * @param consoleFolder Of the built console, where it is to be served
 */
export async function startInstance(consoleFolder?: string): Promise<BenchInstance> {
  const dir = mkdtempSync(join(tmpdir(), 'tallystick-bench-'))
  const ends: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const end of ends.reverse()) await end().catch((error: Error) => console.error(error.message))
    rmSync(dir, { recursive: true, force: true })
  }
  // Until all of it is there, nobody else could stop it.
  const leave = () => void stop().finally(() => process.exit(130))
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, leave)
  try {
    return await startParts(dir, ends, stop, consoleFolder)
  } catch (error) {
    await stop()
    throw error
  } finally {
    for (const signal of signals) process.off(signal, leave)
  }
}

async function startParts(
  dir: string,
  ends: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
  consoleFolder: string | undefined
): Promise<BenchInstance> {
  // A limit of gas that no second of transactions reaches: it would cap both sides alike and hide the difference.
  // Its state on disk is for restarts: written each second, it would cost the chain more than the transactions do.
  const chain = await startChain({ dir, args: ['--gas-limit', '2000000000'], stateInterval: 86_400 })
  ends.push(() => chain.stop())
  const database = await startDatabase({ dir })
  ends.push(() => database.stop())
  const apiPort = await freePort()
  const options = {
    ...{ rpcUrl: chain.url, databaseUrl: database.url, dataDir: dir, apiPort, report: () => {} },
    ...(consoleFolder === undefined ? {} : { consoleFolder })
  }
  const { configs } = await prepareWorld(options)
  // One participant asks for more in a minute than any would, and is not to be measured against its limit.
  configs.api.limits = { ...configs.api.limits, requestsPerMinute: 100_000_000 }
  await askChain(chain.url, 'evm_setIntervalMining', [1])
  const folders = { runDir: join(dir, 'run'), logsDir: join(dir, 'logs') }
  mkdirSync(folders.runDir, { recursive: true })
  const start = async (part: Part) => {
    const entry = fileURLToPath(new URL(entries[part], import.meta.url))
    const child = await startChild({ name: part, entry, config: configs[part] }, folders)
    ends.push(() => child.stop())
    return child
  }
  await start('indexer')
  await start('api')
  const apiUrl = `http://127.0.0.1:${apiPort}`
  while (!(await fetch(`${apiUrl}/readyz`)).ok) await delay(50)
  const keys = await readKeys(dir)
  const sql = new pg.Pool({ connectionString: database.url, max: 2 })
  sql.on('error', () => {})
  ends.push(() => sql.end())
  return {
    ...{ dir, apiUrl, chain, config: configs.api, keys, sql, database, start, stop },
    as: (slug) => new Client(apiUrl, slug, participantIdOf(slug), keys.participants[slug]!, configs.api.deployment)
  }
}
