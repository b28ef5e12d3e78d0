import { afterAll, beforeAll, expect, test } from 'vitest'
import { areIndexesAside, BULK_BLOCKS, putIndexesBack, setIndexesAside } from '../../indexer/bulk.ts'
import { connect } from '../../indexer/database.ts'
import { projectionDigest } from '../../indexer/digest.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import { openProjection, startIndexer, startWorld, stopWorld, tell, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => stopWorld(world))

/** Every index and constraint of a schema, without its name. */
async function definitionsOf(schema: string): Promise<string[]> {
  const client = await connect(world.database.url, schema)
  const { rows } = await client.query<{ definition: string }>(
    `select indexdef as definition from pg_indexes where schemaname = $1
     union all select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint where connamespace = $1::regnamespace
     order by 1`,
    [schema]
  )
  await client.end()
  return rows.map(({ definition }) => definition.replaceAll(`${schema}.`, ''))
}

test('a backfill without the readers’ indexes gives the same rows, and all indexes are back at its end', async () => {
  await tell(world, 'bulk')
  const plain = await openProjection(world, 'plain')
  await plain.catchUp()
  const bulk = await openProjection(world, 'bulk')
  await setIndexesAside(world.database.url, 'bulk')
  expect(await areIndexesAside(bulk.client)).toBe(true)
  expect(await definitionsOf('bulk')).not.toContainEqual(expect.stringContaining('note_holder_idx'))
  await bulk.catchUp()
  expect(await putIndexesBack(world.database.url, 'bulk')).toBeGreaterThan(10)
  expect(await areIndexesAside(bulk.client)).toBe(false)
  expect(await putIndexesBack(world.database.url, 'bulk')).toBe(0)
  expect(await definitionsOf('bulk')).toEqual(await definitionsOf('plain'))
  expect(await projectionDigest(bulk.client, 'bulk')).toBe(await projectionDigest(plain.client, 'plain'))
  await plain.client.end()
  await bulk.client.end()
})

test('the process puts back what a killed one had set aside, and what it set aside itself', async () => {
  // A hundred at a time: a busy machine takes longer for all of them than one answer is waited for.
  for (let mined = 0; mined < BULK_BLOCKS; mined += 100) await askChain(world.chain.url, 'anvil_mine', ['0x64'])
  for (const round of ['its own', 'of a killed one']) {
    const indexer = startIndexer(world)
    await indexer.ready
    expect(await definitionsOf('projection'), round).toEqual(await definitionsOf('plain'))
    expect(indexer.output()).toContain('building indexes')
    indexer.child.kill('SIGTERM')
    expect(await indexer.exited).toBe(0)
    await setIndexesAside(world.database.url, 'projection')
  }
})
