import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseDeployment } from '../../indexer/config.ts'
import { connect } from '../../indexer/database.ts'
import { projectionDigest } from '../../indexer/digest.ts'
import { readCursor } from '../../indexer/follower.ts'
import { invariants } from '../../indexer/invariants.ts'
import { createRpc } from '../../indexer/rpc.ts'
import { startChain } from '../../scripts/instance/chain.ts'
import { startProxy } from './proxy.ts'
import {
  openProjection,
  register,
  settle,
  startIndexer,
  startWorld,
  stopWorld,
  tell,
  until,
  type World
} from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => stopWorld(world))

async function query<T>(work: (client: Awaited<ReturnType<typeof connect>>) => Promise<T>): Promise<T> {
  const client = await connect(world.database.url, 'projection')
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
const indexedTo = async (number: number) => (await query(readCursor))?.number === number

test('refuses a configuration with a named field', async () => {
  const indexer = startIndexer(world, { pollMs: 0 })
  expect(await indexer.exited).toBe(1)
  expect(indexer.output()).toContain('CONFIG_INVALID pollMs: presented 0, required ≥ 1')
})

test.each([
  ['with another prefix', `0X${'ab'.repeat(32)}`],
  ['in a list', [`0x${'ab'.repeat(32)}`]],
  ['that is too short', `0x${'ab'.repeat(31)}`]
])('refuses a deployment with a genesis hash %s', (_, genesisHash) => {
  expect(() => parseDeployment({ ...world.deployment, genesisHash })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('genesisHash') })
  )
})

test('refuses another chain, by genesis, chain id and code', async () => {
  const { deployment } = world
  const others = [
    { genesisHash: `0x${'ab'.repeat(32)}` },
    { chainId: 1 },
    { codeHashes: { ...deployment.codeHashes, [deployment.receivables]: `0x${'cd'.repeat(32)}` } }
  ]
  for (const other of others) {
    const indexer = startIndexer(world, { deployment: { ...deployment, ...other } })
    expect(await indexer.exited).toBe(1)
    expect(indexer.output()).toMatch(/^indexer: CHAIN_MISMATCH .*presented .*, required .*\n$/)
  }
})

test('projects nothing from a node that loses logs, and goes on when it has them', async () => {
  await register(world, 'lost logs')
  let lose = (logs: unknown[]): unknown[] => logs.slice(0, -1)
  const proxy = await startProxy(world.chain.url, ({ method }, result) =>
    method === 'eth_getLogs' ? lose(result as unknown[]) : result
  )
  const { client, follower, catchUp, rows } = await openProjection(world, 'lossy', { rpc: createRpc(proxy.url) })
  await follower.step()
  for (const loss of [lose, () => []]) {
    lose = loss
    await expect(follower.step()).rejects.toMatchObject({ code: 'LOGS_INCOMPLETE', transient: true })
    expect(await rows('select from event')).toEqual([])
  }
  lose = (logs) => logs
  await catchUp()
  expect((await rows("select from event where name = 'ReceivableRegistered'")).length).toBeGreaterThan(0)
  await client.end()
  proxy.close()
})

test('gives the same digest after kill -9 in the middle, and a standby takes over', async () => {
  const first = startIndexer(world)
  await first.ready
  const standby = startIndexer(world)
  await until(() => standby.output().includes('standing by'))
  const story = await tell(world, 'killed in the middle')
  first.child.kill('SIGKILL')
  await settle(world, story)
  await standby.ready
  const head = await world.provider.getBlockNumber()
  await until(() => indexedTo(head))
  const digest = await query((client) => projectionDigest(client, 'projection'))
  const { client, catchUp } = await openProjection(world, 'undisturbed')
  await catchUp()
  expect(await projectionDigest(client, 'undisturbed')).toBe(digest)
  await client.end()
  standby.child.kill('SIGTERM')
  expect(await standby.exited).toBe(0)
})

test('survives the database going away and ends when its parent does', async () => {
  const indexer = startIndexer(world)
  await indexer.ready
  await query((client) =>
    client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()'
    )
  )
  await register(world, 'after the outage')
  const head = await world.provider.getBlockNumber()
  await until(() => indexedTo(head))
  indexer.child.disconnect()
  expect(await indexer.exited).toBe(0)
})

test('waits while the chain is down and follows it when kill -9 took its newest blocks', async () => {
  const indexer = startIndexer(world)
  await indexer.ready
  await tell(world, 'lost by the node')
  await until(async () => indexedTo(await world.provider.getBlockNumber()))
  const { port } = world.chain
  world.chain.kill()
  await world.chain.exited
  await until(() => indexer.output().includes('RPC_UNAVAILABLE'))
  world.chain = await startChain({ dir: world.dir, port })
  await until(async () => indexedTo(await world.provider.getBlockNumber()))
  await register(world, 'after the crash')
  await until(async () => indexedTo(await world.provider.getBlockNumber()))
  const digest = await query((client) => projectionDigest(client, 'projection'))
  const { client, catchUp } = await openProjection(world, 'after_crash')
  await catchUp()
  expect(await projectionDigest(client, 'after_crash')).toBe(digest)
  expect(indexer.output().match(/RPC_UNAVAILABLE/g)).toHaveLength(1)
  await client.end()
  indexer.child.kill('SIGTERM')
  expect(await indexer.exited).toBe(0)
})

test('the api may read the projection and not write it', async () => {
  const client = await connect(world.database.url, 'projection', 'tallystick_api')
  await client.query('select from note')
  await expect(client.query('delete from note')).rejects.toMatchObject({ code: '42501' })
  await client.end()
})

test('the tools pass on a true projection, name the row that was tampered with, and rebuild', async () => {
  const indexer = startIndexer(world)
  await indexer.ready
  writeFileSync(join(world.dir, 'deployment.json'), JSON.stringify(world.deployment))
  const instance = { rpcUrl: world.chain.url, databaseUrl: world.database.url }
  writeFileSync(join(world.dir, 'instance.json'), JSON.stringify(instance))
  const run = async (script: string, ...args: string[]) => {
    const file = fileURLToPath(new URL(`../../scripts/${script}.ts`, import.meta.url))
    const done = promisify(execFile)(process.execPath, [file, '--data', world.dir, ...args])
    return done.then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error: { code: number; stdout: string }) => error
    )
  }
  expect(await run('verify-projection')).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ the projection') })
  const sound = await run('check-invariants')
  expect(sound.code).toBe(0)
  expect(sound.stdout.match(/✓ [A-Z]\d+/g)).toEqual(invariants.map(({ code }) => `✓ ${code}`))
  await query((client) => client.query('update note set span = int8range(1, upper(span)) where lower(span) = 0'))
  await query((client) => client.query('update receivable set debtor = 7'))
  const verified = await run('verify-projection', '--sample', '10')
  expect(verified.code).toBe(1)
  expect(verified.stdout).toContain('first difference in receivable')
  expect(verified.stdout).toContain('"debtor":"7"')
  expect(await run('check-invariants')).toMatchObject({ code: 1, stdout: expect.stringContaining('✗ N1') })
  await run('reindex')
  const head = await world.provider.getBlockNumber()
  await until(() => indexedTo(head))
  expect((await run('verify-projection')).code).toBe(0)
  indexer.child.kill('SIGTERM')
  expect(await indexer.exited).toBe(0)
}, 120_000)
