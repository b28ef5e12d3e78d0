import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { connect } from '../../indexer/database.ts'
import { startIndexer, startWorld, stopWorld, until, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => stopWorld(world))

async function query(sql: string): Promise<unknown[]> {
  const client = await connect(world.database.url, 'projection')
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}
beforeEach(() => query('drop schema if exists projection cascade'))
const schemas = () => query("select nspname from pg_namespace where nspname = 'projection'")

/** A database that takes connections and never answers. */
async function startSilent() {
  const server = createServer((socket) => void socket.on('error', () => {}).resume())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `postgres://nobody@127.0.0.1:${port}/none`, connected: once(server, 'connection'), server }
}

test.each(['SIGTERM', 'SIGINT', 'disconnect'] as const)(
  'ends in order at %s though the database does not answer',
  async (how) => {
    const silent = await startSilent()
    const indexer = startIndexer(world, { databaseUrl: silent.url })
    await silent.connected
    const asked = performance.now()
    if (how === 'disconnect') indexer.child.disconnect()
    else indexer.child.kill(how)
    expect([await indexer.exited, indexer.child.signalCode]).toEqual([0, null])
    // Sooner than it gives a connection up.
    expect(performance.now() - asked).toBeLessThan(5_000)
    silent.server.close()
  }
)

test('a signal at any moment of the start ends it in order or at once, and the next start goes on', async () => {
  for (const ms of [0, 20, 40, 60, 80, 120, 160, 200, 300]) {
    const indexer = startIndexer(world)
    await new Promise((resolve) => setTimeout(resolve, ms))
    indexer.child.kill('SIGTERM')
    const code = await indexer.exited
    // Before its first line nobody listens.
    expect(code === 0 || indexer.child.signalCode === 'SIGTERM').toBe(true)
    expect(indexer.output()).not.toMatch(/[A-Z]+_[A-Z]+ /)
  }
  const indexer = startIndexer(world)
  await indexer.ready
  indexer.child.kill('SIGTERM')
  expect(await indexer.exited).toBe(0)
})

test.each([
  ['nobody listens', (url: string) => url.replace(/:\d+\//, ':9/'), 'DATABASE_REFUSED'],
  ['the password is wrong', (url: string) => url.replace(/:[^:@/]+@/, ':wrong@'), 'DATABASE_REFUSED'],
  ['there is no such database', (url: string) => `${url}_none`, 'DATABASE_REFUSED']
])('says so once and tries again while %s', async (_, change, code) => {
  const indexer = startIndexer(world, { databaseUrl: change(world.database.url) })
  await until(() => indexer.output().includes(`${code} `))
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(indexer.child.exitCode).toBe(null)
  expect(indexer.output().match(/trying again/g)).toHaveLength(1)
  indexer.child.kill('SIGTERM')
  expect(await indexer.exited).toBe(0)
})

test('refuses a database whose migrations were edited, and leaves it as it is', async () => {
  const first = startIndexer(world)
  await first.ready
  first.child.kill('SIGTERM')
  await first.exited
  await query("update migration set sha256 = 'edited' where name like '0002%'")
  const indexer = startIndexer(world)
  expect(await indexer.exited).toBe(1)
  expect(indexer.output()).toContain('MIGRATION_CHANGED 0002_bulk.sql: presented')
  expect(await query("select name from migration where sha256 = 'edited'")).toHaveLength(1)
})

test('three that start at once on an empty database make it once: one follows, the others stand by', async () => {
  const indexers = [1, 2, 3].map(() => startIndexer(world))
  await Promise.race(indexers.map(({ ready }) => ready))
  await until(() => indexers.filter((each) => each.output().includes('standing by')).length === 2)
  for (const indexer of indexers) expect(indexer.output()).not.toMatch(/[A-Z]+_[A-Z]+ /)
  for (const indexer of indexers) indexer.child.kill('SIGTERM')
  expect(await Promise.all(indexers.map(({ exited }) => exited))).toEqual([0, 0, 0])
})

const misspelled = (address: string): string =>
  address.replace(/[a-f]/i, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))

test('touches no database with a configuration that it refuses', async () => {
  const { deployment } = world
  const { codeHashes, fingerprints, receivables } = deployment
  const wrongs: [string, Record<string, unknown>][] = [
    ['pollMs', { pollMs: 0 }],
    ['deployment.participants', { deployment: { ...deployment, participants: `${deployment.participants}0` } }],
    // A checksum that is wrong by the case of one letter.
    ['deployment.evidenceLog', { deployment: { ...deployment, evidenceLog: misspelled(deployment.evidenceLog) } }],
    ['deployment.codeHashes', { deployment: { ...deployment, participants: `0x${'ab'.repeat(20)}` } }],
    [
      'deployment.receivables',
      { deployment: { ...deployment, receivables: fingerprints, codeHashes: { ...codeHashes, [receivables]: 'none' } } }
    ]
  ]
  for (const [field, overrides] of wrongs) {
    const indexer = startIndexer(world, overrides)
    expect(await indexer.exited).toBe(1)
    expect(indexer.output()).toContain(`CONFIG_INVALID ${field}`)
    expect(await schemas(), field).toEqual([])
  }
})
