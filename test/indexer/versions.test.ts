import { ContractFactory } from 'ethers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodeRefusal } from '../../domain/chain/contracts.ts'
import { registryAddresses } from '../../domain/chain/registries.ts'
import { receivableIdToHex } from '../../domain/note/span.ts'
import { connect } from '../../indexer/database.ts'
import { projectionDigest } from '../../indexer/digest.ts'
import { readCursor } from '../../indexer/follower.ts'
import { checkInvariants } from '../../indexer/invariants.ts'
import { migrateProjection } from '../../indexer/migrate.ts'
import { createRpc } from '../../indexer/rpc.ts'
import { verifyProjection } from '../../indexer/verify.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { contractArtifact } from '../../scripts/world/artifacts.ts'
import {
  act,
  openProjection,
  policy,
  register,
  settle,
  startIndexer,
  startWorld,
  stopWorld,
  tell,
  until,
  type Registered,
  type World
} from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => stopWorld(world))

/** The same world, whose commands go to another registry version. */
function on(version: number): World {
  const receivables = registryAddresses(world.deployment.fingerprints)[version - 1]!
  return { ...world, deployment: { ...world.deployment, receivables } }
}

/** Governance creates the next version, with a policy of its own; or whatever else the code makes. */
async function createVersion(code?: string): Promise<void> {
  const { participants, fingerprints } = world.deployment
  const { abi, bytecode } = await contractArtifact('Receivables')
  const args = [participants, fingerprints, { ...policy, maxTier: 3 }]
  const creation = code ?? (await new ContractFactory(abi, bytecode).getDeployTransaction(...args)).data
  await act(world, 'admin', 'fingerprints', 'create', creation)
}

async function freshDigest(schema: string): Promise<string> {
  const { client, catchUp } = await openProjection(world, schema)
  await catchUp()
  const digest = await projectionDigest(client, schema)
  await client.end()
  return digest
}

async function refusalOf(sending: Promise<unknown>): Promise<string | undefined> {
  const error = await sending.then(
    () => undefined,
    (caught: { data?: string }) => caught
  )
  return decodeRefusal(error?.data)?.name
}

const again = (version: number, verb: string, { terms, fingerprints }: Registered) =>
  act(on(version), verb === 'confirm' ? 'debtor' : 'supplier', 'receivables', verb, terms, fingerprints)

const forgetVersions = `delete from migration where name like '0010%'; alter table receivable drop column registry;
  alter table note drop column registry`

test('what was projected while there was one version is told its number', async () => {
  const { client, catchUp, rows } = await openProjection(world, 'migrated_one')
  await tell(world, 'before there were versions')
  await catchUp()
  const digest = await projectionDigest(client, 'migrated_one')
  await client.query(forgetVersions)
  await migrateProjection(world.database.url, 'migrated_one')
  expect(await rows('select registry from receivable')).toEqual([{ registry: 1 }])
  expect(await projectionDigest(client, 'migrated_one')).toBe(digest)
  await client.end()
})

test('a version that is created, forked away and created again comes to the digest of a rebuild', async () => {
  const { client, catchUp, rows } = await openProjection(world, 'versions')
  const { rpc, ...target } = { rpc: createRpc(world.chain.url), databaseUrl: world.database.url, schema: 'versions' }
  const versionOf = async ({ receivableId }: Registered) => {
    await catchUp()
    const sql = 'select registry, state from receivable where receivable_id = $1'
    return (await rows(sql, [receivableIdToHex(receivableId)]))[0]
  }
  const old = await tell(world, 'on the first version')
  const ended = await register(world, 'ended on the first version')
  await again(1, 'withdraw', ended)
  expect(await versionOf(ended)).toEqual({ registry: 1, state: 'withdrawn' })
  const before = await projectionDigest(client, 'versions')
  const head = await world.provider.getBlockNumber()

  await createVersion()
  await register(on(2), 'lost with its version')
  expect(await refusalOf(again(2, 'register', old))).toBe('FingerprintAlreadyClaimed')
  // What the first version ended is free, and has the same id wherever it is registered.
  await again(2, 'register', ended)
  expect(await versionOf(ended)).toEqual({ registry: 2, state: 'registered' })
  expect(await rows('select registry, address from registry order by registry')).toEqual(
    [1, 2].map((registry) => ({ registry, address: on(registry).deployment.receivables }))
  )

  await askChain(world.chain.url, 'anvil_rollback', [(await world.provider.getBlockNumber()) - head])
  expect(await versionOf(ended)).toEqual({ registry: 1, state: 'withdrawn' })
  expect(await rows('select registry from registry')).toEqual([{ registry: 1 }])
  expect(await projectionDigest(client, 'versions')).toBe(before)

  await createVersion()
  await again(2, 'register', ended)
  await again(2, 'confirm', ended)
  expect(await refusalOf(again(1, 'register', ended))).toBe('ReceivableTransitionForbidden')
  const story = await tell(on(2), 'on the second version')
  expect(await versionOf(ended)).toEqual({ registry: 2, state: 'confirmed' })
  expect(await versionOf(story)).toEqual({ registry: 2, state: 'confirmed' })
  expect(await versionOf(old)).toEqual({ registry: 1, state: 'confirmed' })
  await settle(world, old)
  await settle(on(2), story)
  expect(await versionOf(old)).toEqual({ registry: 1, state: 'settled' })
  expect(await versionOf(story)).toEqual({ registry: 2, state: 'settled' })

  const verified = await verifyProjection({ ...target, rpc, deployment: world.deployment })
  expect(verified).toMatchObject({ rebuilt: undefined, direct: undefined, receivables: 4, notes: 13 })
  expect(verified.liveDigest).toBe(verified.rebuiltDigest)
  expect(verified.liveDigest).toBe(await freshDigest('versions_fresh'))
  const broken = async () => (await checkInvariants(client)).flatMap(({ code, offender }) => (offender ? [code] : []))
  expect(await broken()).toEqual([])
  // Each looks at the version: a row that says another one is found by both.
  await client.query('update receivable set registry = 3 - registry where receivable_id = $1', [
    receivableIdToHex(ended.receivableId)
  ])
  expect(await broken()).toEqual(['N1', 'N2', 'N4'])
  const { direct } = await verifyProjection({ ...target, rpc, deployment: world.deployment })
  expect(direct).toMatchObject({ table: 'receivable' })
  await client.end()
})

test('kill -9 while a version comes, and is forked away, leads to the same digest', async () => {
  const query = async <T>(work: (client: Awaited<ReturnType<typeof connect>>) => Promise<T>): Promise<T> => {
    const client = await connect(world.database.url, 'projection')
    return work(client).finally(() => client.end())
  }
  const isLevel = async () => {
    const [cursor, block] = [await query(readCursor), await world.provider.getBlock('latest')]
    return cursor?.number === block!.number && cursor.hash === block!.hash
  }
  const next = (await freshRegistries('versions_count')) + 1
  let indexer = startIndexer(world)
  await indexer.ready
  const killed = async () => {
    indexer.child.kill('SIGKILL')
    await indexer.exited
    indexer = startIndexer(world)
    await indexer.ready
  }
  const head = await world.provider.getBlockNumber()
  await createVersion()
  await register(on(next), 'before the kill')
  await killed()
  await until(isLevel)
  const doomed = await tell(on(next), 'lost with the fork')
  expect(doomed.notes).toHaveLength(4)
  indexer.child.kill('SIGKILL')
  await askChain(world.chain.url, 'anvil_reorg', [(await world.provider.getBlockNumber()) - head, []])
  await indexer.exited
  indexer = startIndexer(world)
  await indexer.ready
  await until(isLevel)
  await createVersion()
  const telling = tell(on(next), 'told while it dies')
  await killed()
  await killed()
  await settle(on(next), await telling)
  await tell(world, 'and the first version goes on')
  await until(isLevel)
  const digest = await query((client) => projectionDigest(client, 'projection'))
  expect(await freshDigest('versions_killed')).toBe(digest)
  indexer.child.kill('SIGTERM')
  expect(await indexer.exited).toBe(0)
})

async function freshRegistries(schema: string): Promise<number> {
  const { client, catchUp, rows } = await openProjection(world, schema)
  await catchUp()
  const [found] = await rows<{ count: number }>('select count(*)::int as count from registry')
  await client.end()
  return found!.count
}

test('stops at a version whose code it does not know, and at one of another directory', async () => {
  const { abi, bytecode } = await contractArtifact('EvidenceLog')
  const { participants, fingerprints } = world.deployment
  const foreign = await new ContractFactory(abi, bytecode).getDeployTransaction(participants)
  const registry = await contractArtifact('Receivables')
  const directory = await contractArtifact('Participants')
  const manager = await new ContractFactory(directory.abi, directory.bytecode, world.admin).deploy(
    world.admin.address,
    {
      gasPrice: 0
    }
  )
  await manager.waitForDeployment()
  const args = [await manager.getAddress(), fingerprints, policy]
  const strange = await new ContractFactory(registry.abi, registry.bytecode).getDeployTransaction(...args)
  for (const [code, why] of [
    [foreign.data, 'it has'],
    [strange.data, '_participants is']
  ] as const) {
    const head = await world.provider.getBlockNumber()
    const { client, catchUp, rows } = await openProjection(world, `unknown_${why.length}`)
    await catchUp()
    const known = await rows('select registry from registry')
    await createVersion(code)
    await expect(catchUp()).rejects.toMatchObject({
      code: 'REGISTRY_UNKNOWN',
      transient: false,
      message: expect.stringContaining(why)
    })
    expect(await rows('select registry from registry')).toEqual(known)
    await askChain(world.chain.url, 'anvil_rollback', [(await world.provider.getBlockNumber()) - head])
    await catchUp()
    await client.end()
  }
})

test('a projection of before is told its version, and built again where it left versions out', async () => {
  const { client, catchUp, rows } = await openProjection(world, 'migrated')
  await catchUp()
  const digest = await projectionDigest(client, 'migrated')
  await client.query(forgetVersions)
  // As an indexer of one version left it: events of the others were never stored, and the feed has their blocks with fewer, or not.
  await client.query(
    `truncate feed; delete from event using registry r where r.registry > 1 and event.address = r.address`
  )
  await client.query(
    `insert into feed (first_position, last_position, kind, block_number, block_hash)
     select sum(n) over (order by number) - n + 1, sum(n) over (order by number), 'added', number, hash
     from (select number, hash, count(*) as n from event join block on number = block_number group by number) as b`
  )
  await migrateProjection(world.database.url, 'migrated')
  expect(await rows('select from cursor')).toEqual([])
  await catchUp()
  expect(await projectionDigest(client, 'migrated')).toBe(digest)
  const feed = await rows<{ broken: number }>(`select count(*)::int as broken from feed where retracts is not null`)
  expect(feed[0]!.broken).toBeGreaterThan(0)
  expect((await checkInvariants(client)).filter(({ offender }) => offender)).toEqual([])
  await client.end()
})
