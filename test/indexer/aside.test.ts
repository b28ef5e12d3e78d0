import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { id, ZeroHash } from 'ethers'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rolesToBits } from '../../domain/participant/roles.ts'
import { connect } from '../../indexer/database.ts'
import { projectionDigest } from '../../indexer/digest.ts'
import { checkInvariants } from '../../indexer/invariants.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { createAccount, proposeKeys } from './accounts.ts'
import {
  act,
  openProjection,
  register,
  startIndexer,
  startWorld,
  stopWorld,
  tell,
  until,
  type IndexerProcess,
  type World
} from './world.ts'

let world: World
let indexer: IndexerProcess
let reader: pg.Pool
beforeAll(async () => {
  world = await startWorld()
  await tell(world, 'before')
  indexer = startIndexer(world)
  await indexer.ready
  reader = new pg.Pool({ connectionString: world.database.url, max: 4, options: '-c role=tallystick_service' })
  writeFileSync(join(world.dir, 'deployment.json'), JSON.stringify(world.deployment))
  writeFileSync(
    join(world.dir, 'instance.json'),
    JSON.stringify({ rpcUrl: world.chain.url, databaseUrl: world.database.url })
  )
})
afterAll(async () => {
  await reader?.end()
  indexer?.child.kill('SIGTERM')
  await indexer?.exited
  await stopWorld(world)
})

async function query<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(world.database.url, 'projection')
  return work(client).finally(() => client.end())
}

function reindex(...args: string[]) {
  const file = fileURLToPath(new URL('../../scripts/reindex.ts', import.meta.url))
  const child = spawn(process.execPath, [file, '--data', world.dir, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return { child, done: once(child, 'exit').then(([code]) => ({ code: code as number | null, output })) }
}

const feed = async () =>
  (
    await query((client) =>
      client.query('select first_position, last_position, kind, block_hash, retracts from feed order by 1')
    )
  ).rows
const cursor = async () =>
  Number((await reader.query('select block_number from projection.cursor')).rows[0]?.block_number ?? -1)

async function isWhole(): Promise<void> {
  const head = await world.provider.getBlockNumber()
  await until(async () => (await cursor()) >= head)
  const fresh = await openProjection(world, `fresh_${head}`)
  await fresh.catchUp()
  expect(await query((client) => projectionDigest(client, 'projection'))).toBe(
    await projectionDigest(fresh.client, `fresh_${head}`)
  )
  await fresh.client.end()
  expect((await query(checkInvariants)).filter(({ offender }) => offender)).toEqual([])
  expect(indexer.child.exitCode).toBeNull()
}

test('is built beside the one that is read and takes its place, while blocks come and nobody who reads notices', async () => {
  await query((client) => client.query(`update receivable set debtor = 7`))
  const before = await feed()
  let isOver = false
  let reads = 0
  const heights: number[] = []
  const read = async (): Promise<void> => {
    while (!isOver) {
      // Named, so that what was planned for the old tables is asked again.
      const text = `select (select block_number::int from projection.cursor) as at,
        (select count(*)::int from projection.receivable) as receivables, (select count(*)::int from projection.feed) as fed`
      const { rows } = await reader.query<{ at: number; receivables: number; fed: number }>({ name: 'watch', text })
      expect(rows[0]!.receivables).toBeGreaterThan(0)
      heights.push(rows[0]!.at)
      reads++
    }
  }
  const readers = [read(), read(), read()]
  let isMining = true
  const mining = (async () => {
    for (let i = 0; isMining; i++) {
      await register(world, `meanwhile ${i}`)
      await sleep(20)
    }
  })()
  const { code, output } = await reindex().done
  expect(output).toMatch(/replaced as of block \d+ 0x/)
  expect(code).toBe(0)
  isMining = false
  await mining
  isOver = true
  await Promise.all(readers)
  expect(reads).toBeGreaterThan(10)
  expect(heights.every((at) => at !== null)).toBe(true)
  expect((await feed()).slice(0, before.length)).toEqual(before)
  await register(world, 'afterwards')
  await isWhole()
  const { rows } = await reader.query(
    `select nspname from pg_namespace where nspname in ('projection_aside', 'projection_old')`
  )
  expect(rows).toEqual([])
})

test('leaves the old one as it is when it is killed, and does it whole the next time', async () => {
  const { oid } = (await reader.query(`select oid from pg_namespace where nspname = 'projection'`)).rows[0] as {
    oid: number
  }
  const run = reindex()
  for (let isThere = false; !isThere; await sleep(10)) {
    expect(run.child.exitCode, 'it ended before it was killed').toBeNull()
    const { rows } = await reader.query(`select 1 from pg_namespace where nspname = 'projection_aside'`)
    isThere = rows.length > 0
  }
  run.child.kill('SIGKILL')
  await run.done
  expect((await reader.query(`select oid from pg_namespace where nspname = 'projection'`)).rows).toEqual([{ oid }])
  await isWhole()
  expect((await reindex().done).code).toBe(0)
  expect((await reader.query(`select oid from pg_namespace where nspname = 'projection'`)).rows).not.toEqual([{ oid }])
  await isWhole()
})

test('tells in the feed, which goes on, what an older indexer knew no events of', async () => {
  const account = await createAccount(world, 'told late')
  await act(world, 'admin', 'participants', 'admit', account, rolesToBits(['supplier']), id('told late'), ZeroHash)
  await askChain(world.chain.url, 'evm_setAutomine', [false])
  const together = [proposeKeys(world, account, 'others'), register(world, 'in the same block')]
  await sleep(500)
  await askChain(world.chain.url, 'evm_mine')
  await askChain(world.chain.url, 'evm_setAutomine', [true])
  await Promise.all(together)
  await isWhole()
  // As an indexer of before has it: the newest block with one event less.
  await query((client) =>
    client.query(`with gone as (delete from event where name = 'RecoveryStarted' returning block_number)
      update feed set last_position = last_position - 1 from gone where feed.block_number = gone.block_number`)
  )
  await register(world, 'and goes on')
  expect((await reindex().done).code).toBe(0)
  await register(world, 'after that')
  await isWhole()
  const told = await query((client) =>
    client.query<{ kind: string; names: string[] }>(
      `select f.kind, array(select jsonb_array_elements(coalesce(f.events, a.events, feed_events(f.block_number))) ->> 'name') as names
       from feed f left join feed a on a.first_position = f.retracts order by f.first_position desc limit 6`
    )
  )
  const registered = 'ReceivableRegistered'
  expect(
    told.rows.map(({ kind, names }) => [kind, names.filter((name) => !name.startsWith('Fingerprint')).sort()])
  ).toEqual([
    ['added', [registered]],
    ['added', [registered]],
    ['added', [registered, 'RecoveryStarted']],
    ['retracted', [registered]],
    ['retracted', [registered]],
    ['added', [registered]]
  ])
})

test('follows forks afterwards as before, and can still be emptied instead', async () => {
  await askChain(world.chain.url, 'anvil_reorg', [2, []])
  await register(world, 'after the fork')
  await isWhole()
  const { code, output } = await reindex('--empty').done
  expect([code, output]).toEqual([0, expect.stringContaining('the projection is empty')])
  await isWhole()
})
