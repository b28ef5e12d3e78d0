import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ChainBlock } from '../../indexer/chain/blocks.ts'
import { connect } from '../../indexer/database.ts'
import { projectionDigest, projectionTables } from '../../indexer/digest.ts'
import { readCursor } from '../../indexer/follower.ts'
import { migrateProjection } from '../../indexer/migrate.ts'
import { silent } from '../../indexer/meter.ts'
import { projectBlocks } from '../../indexer/project-block.ts'
import { StoredKeys } from '../../indexer/projections/stored-keys.ts'
import { fingerprintHandlers } from '../../indexer/projections/fingerprints.ts'
import { noteHandlers } from '../../indexer/projections/notes.ts'
import { receivableHandlers } from '../../indexer/projections/receivables.ts'
import { startDatabase, type Database } from '../../scripts/instance/database.ts'
import { baseBlock, drawFrom, longStories, type Draw } from './long-stories.ts'

// A transaction of many ranges stores rows ahead of its end. Only thousands of events get there, more than a chain mines in a test: they
// are made up, and what one block at a time stores says what is right.

const dir = mkdtempSync(join(tmpdir(), 'tallystick-ahead-'))
const blocks = longStories(7, 22_000)
let database: Database
let blockByBlock: string
beforeAll(async () => {
  database = await startDatabase({ dir })
  const client = await begin('block_by_block')
  for (const block of blocks) await project(client, [[block]])
  blockByBlock = await projectionDigest(client, 'block_by_block')
  await client.end()
})
afterAll(async () => {
  await database.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** An empty projection whose cursor stands before the first block. */
async function begin(schema: string): Promise<pg.Client> {
  await migrateProjection(database.url, schema)
  const client = await connect(database.url, schema)
  await client.query("insert into cursor values (true, $1, $2, 0, '', 1, '')", [baseBlock.number, baseBlock.hash])
  return client
}

/** Of the events that claims, receivables, notes and parties come from. */
const rowHandlers = { ...fingerprintHandlers, ...receivableHandlers, ...noteHandlers }

type Ranges = readonly (readonly ChainBlock[])[]

/** All ranges in one transaction, on from the cursor. @param meanwhile Called before each range but the first */
async function project(
  client: pg.Client,
  ranges: Ranges,
  meanwhile = async (_at: number) => {},
  keys?: StoredKeys
): Promise<void> {
  let at = 0
  async function more(): Promise<readonly ChainBlock[] | undefined> {
    await meanwhile(++at)
    return ranges[at]
  }
  await projectBlocks(client, (await readCursor(client))!, ranges[0]!, baseBlock.number, silent, more, keys)
}

function rangesOf(all: readonly ChainBlock[], draw: Draw): ChainBlock[][] {
  const ranges: ChainBlock[][] = []
  for (let from = 0; from < all.length;) {
    const length = 1 + draw(draw(4) === 0 ? 200 : 20)
    ranges.push(all.slice(from, from + length))
    from += length
  }
  return ranges
}

/** How many rows the projection has, but for the cursor's. */
async function countRows(client: pg.Client): Promise<number> {
  const tables = projectionTables.filter(({ name }) => name !== 'cursor')
  const counts = tables.map(({ name }) => `(select count(*) from ${name})`)
  const { rows } = await client.query<{ rows: string }>(`select ${counts.join(' + ')} as rows`)
  return Number(rows[0]!.rows)
}

test('the stories have all events that rows come from, and changes long after what they change', () => {
  const events = blocks.flatMap((block) => block.events)
  const names = new Set<string>(events.map(({ name }) => name))
  expect(Object.keys(rowHandlers).filter((name) => !names.has(name))).toEqual([])
  const claimed = new Map<string, number>()
  let late = 0
  for (const [at, { name, args }] of events.entries()) {
    if (name === 'FingerprintClaimed') claimed.set(args.fingerprint, at)
    // Twice what comes between one time of storing ahead and the next, whatever the ranges.
    else if (name === 'FingerprintReleased' && at - claimed.get(args.fingerprint)! > 12_000) late++
  }
  expect(late).toBeGreaterThan(20)
})

test('one transaction of ranges of any sizes stores what block by block does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const schema = `ranges_${seed >>> 0}`
      const client = await begin(schema)
      await project(client, rangesOf(blocks, drawFrom(seed)))
      expect(await projectionDigest(client, schema)).toBe(blockByBlock)
      await client.end()
    }),
    { numRuns: 4, seed: 7, endOnFailure: true }
  )
})

test('so does a second transaction, which changes what the first one stored ahead', async () => {
  for (const share of [0.4, 0.8]) {
    const schema = `in_two_${10 * share}`
    const client = await begin(schema)
    const middle = Math.floor(share * blocks.length)
    await project(client, rangesOf(blocks.slice(0, middle), drawFrom(1)))
    await project(client, rangesOf(blocks.slice(middle), drawFrom(2)))
    expect(await projectionDigest(client, schema)).toBe(blockByBlock)
    await client.end()
  }
})

test('a second one gives its connection one thing at a time', async () => {
  const client = await begin('one_at_a_time')
  const middle = blocks.length >> 2
  await project(client, [blocks.slice(0, middle)])
  const asked: string[] = []
  let underWay: unknown
  const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown> | Writable
  client.query = ((...args: unknown[]) => {
    const answer = query(...args)
    asked.push(answer instanceof Writable ? 'copy' : 'query')
    if (underWay) asked.push(`${asked.at(-1)} while another one is under way`)
    underWay = answer
    const end = () => void (underWay === answer && (underWay = undefined))
    if (answer instanceof Writable) finished(answer, end)
    else answer.then(end, end)
    return answer
  }) as typeof client.query
  await project(client, rangesOf(blocks.slice(middle), drawFrom(5)))
  expect(new Set(asked)).toEqual(new Set(['copy', 'query']))
  expect(asked.filter((kind) => kind === 'copy').length).toBeGreaterThan(5)
  expect(asked.indexOf('query', asked.indexOf('copy'))).toBeLessThan(asked.lastIndexOf('copy'))
  await client.end()
})

test('so do many that look up only what may be stored, each broken and done again', async () => {
  const client = await begin('known_keys')
  const keys = new StoredKeys()
  const ranges = rangesOf(blocks, drawFrom(4))
  const size = Math.ceil(ranges.length / 7)
  for (let at = 0; at < ranges.length; at += size) {
    const some = ranges.slice(at, at + size)
    const broken = project(client, some, () => Promise.reject(new Error('no more blocks')), keys)
    await expect(broken).rejects.toThrow('no more blocks')
    await project(client, some, undefined, keys)
  }
  expect(await projectionDigest(client, 'known_keys')).toBe(blockByBlock)
  await client.end()
})

describe('a transaction that breaks in the middle', () => {
  const ranges = rangesOf(blocks, drawFrom(3))
  const late = Math.floor(0.9 * ranges.length)

  async function isUntouched(client: pg.Client, schema: string): Promise<void> {
    expect(await countRows(client)).toBe(0)
    await project(client, ranges)
    expect(await projectionDigest(client, schema)).toBe(blockByBlock)
    await client.end()
  }

  test('by an error leaves nothing, and the same connection does it again', async () => {
    const client = await begin('broken_by_error')
    const broken = project(client, ranges, async (at) => {
      if (at === late) throw new Error('no more blocks')
    })
    await expect(broken).rejects.toThrow('no more blocks')
    await isUntouched(client, 'broken_by_error')
  })

  test('by an error while rows wait to be sent leaves none of them either', async () => {
    const client = await begin('broken_while_waiting')
    const other = await connect(database.url, 'broken_while_waiting')
    await other.query('begin; lock table event in share mode')
    const broken = project(client, ranges, async (at) => {
      if (at === late) throw new Error('no more blocks')
    })
    const refused = expect(broken).rejects.toThrow('no more blocks')
    await sleep(1_500)
    await other.query('commit')
    await refused
    await sleep(500)
    await other.end()
    await isUntouched(client, 'broken_while_waiting')
  })

  test('by an event that the rows do not allow leaves nothing', async () => {
    const client = await begin('broken_by_conflict')
    const twice = blocks.flatMap(({ events }) => events).find(({ name }) => name === 'ReceivableIssued')!
    const wrong = ranges.map((range, i) =>
      i === late
        ? range.map((block) => ({
            ...block,
            events: [...block.events, { ...twice, blockNumber: block.number, logIndex: 1_000 }]
          }))
        : range
    )
    await expect(project(client, wrong)).rejects.toMatchObject({ code: 'PROJECTION_CONFLICT' })
    await isUntouched(client, 'broken_by_conflict')
  })

  test.each([0.3, 0.9])(
    'by a killed connection leaves nothing, and another one does it again (after %d)',
    async (share) => {
      const schema = `killed_${10 * share}`
      const client = await begin(schema)
      const other = await connect(database.url, schema)
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
      const broken = project(client, ranges, async (at) => {
        if (at === Math.floor(share * ranges.length))
          await other.query('select pg_terminate_backend($1)', [rows[0]!.pid])
      })
      await expect(broken).rejects.toThrow(/terminat|connection/i)
      await client.end().catch(() => {})
      await isUntouched(other, schema)
    }
  )

  test('by a row that the database refuses says so, and leaves nothing', async () => {
    const client = await begin('broken_by_refusal')
    const events = blocks.flatMap((block) => block.events)
    const { txHash } = events[Math.floor(events.length / 3)]!
    await client.query(`alter table event add constraint not_this check (tx_hash <> '${txHash}')`)
    await expect(project(client, ranges)).rejects.toMatchObject({ code: '23514', constraint: 'not_this' })
    await client.query('alter table event drop constraint not_this')
    await isUntouched(client, 'broken_by_refusal')
  })
})
