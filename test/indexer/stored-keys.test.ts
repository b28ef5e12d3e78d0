import { id } from 'ethers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectionDigest } from '../../indexer/digest.ts'
import { StoredKeys } from '../../indexer/projections/stored-keys.ts'
import { openProjection, settle, startWorld, stopWorld, tell, type World } from './world.ts'

const receivableIdOf = (name: string): string => id(name).slice(0, 50)

describe('keys that may be stored', () => {
  test('never lack one that was added', () => {
    const key = fc.constantFrom(40, 48, 64).chain((digits) => fc.stringMatching(new RegExp(`^0x[0-9a-f]{${digits}}$`)))
    fc.assert(
      fc.property(fc.array(key), (keys) => {
        const stored = new StoredKeys()
        for (const one of keys) stored.add(one)
        expect(keys.filter((one) => !stored.mayHave(one))).toEqual([])
      }),
      { numRuns: 30 }
    )
  })

  test('hardly ever have one that was not', () => {
    const stored = new StoredKeys()
    const others: string[] = []
    for (let i = 0; i < 30_000; i++) {
      stored.add(i % 2 === 0 ? id(`claim ${i}`) : receivableIdOf(`receivable ${i}`))
      others.push(id(`other ${i}`), receivableIdOf(`other receivable ${i}`))
    }
    expect(others.filter((one) => stored.mayHave(one))).toEqual([])
  })
})

describe('a process that fills an empty projection', () => {
  let world: World
  beforeAll(async () => {
    world = await startWorld()
    const told = [await tell(world, 'one'), await tell(world, 'two')]
    for (const each of told) await settle(world, each)
  })
  afterAll(() => stopWorld(world))

  test('looks up what it stored, block by block, and nothing that nobody can have stored', async () => {
    const honest = await openProjection(world, 'whole')
    await honest.catchUp()
    const single = await openProjection(world, 'single', { batchBlocks: 1 })
    const asked: string[] = []
    const { client } = single
    const query = client.query.bind(client) as (...args: unknown[]) => unknown
    client.query = ((...args: unknown[]) => {
      const text = (args[0] as { text?: string }).text ?? ''
      asked.push(...[...text.matchAll(/from receivable where .*?'(0x[^']*)'/g)].flatMap(([, ids]) => ids!.split(',')))
      return query(...args)
    }) as never
    await single.catchUp()
    expect(await projectionDigest(client, 'single')).toBe(await projectionDigest(honest.client, 'whole'))
    const { rows } = (await query(
      `select receivable_id as id, count(distinct block_number)::int as blocks
         from event where receivable_id is not null group by 1`
    )) as { rows: { id: string; blocks: number }[] }
    expect(rows).toHaveLength(2)
    // Once for each block that has something of it, but for the first, where it comes into being.
    for (const { id, blocks } of rows) expect(asked.filter((one) => one === id)).toHaveLength(blocks - 1)
    await client.end()
    await honest.client.end()
  })

  test('looks all up again after another one went on from where it was', async () => {
    const whole = await openProjection(world, 'of_one')
    await whole.catchUp()
    // Block by block in turns, so that each tells of what the other one stored: which of the two a block is for, the head start decides.
    for (const headStart of [1, 2]) {
      const schema = `of_two_${headStart}`
      const one = await openProjection(world, schema, { batchBlocks: 1 })
      const other = await openProjection(world, schema, { batchBlocks: 1 })
      for (let i = 0; i < headStart; i++) await one.follower.step()
      for (let kind = ''; kind !== 'idle';) {
        kind = (await one.follower.step()).kind
        if (kind !== 'idle') kind = (await other.follower.step()).kind
      }
      expect(await projectionDigest(one.client, schema)).toBe(await projectionDigest(whole.client, 'of_one'))
      await one.client.end()
      await other.client.end()
    }
    await whole.client.end()
  })
})
