import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { connect, inTransaction } from '../../indexer/database.ts'
import { toIndexerError } from '../../indexer/errors.ts'
import { PendingRows, withPendingRows } from '../../indexer/projections/pending-rows.ts'
import { startDatabase, type Database } from '../../scripts/instance/database.ts'
import { until } from './world.ts'

const dir = mkdtempSync(join(tmpdir(), 'tallystick-pending-'))
let database: Database
/** Whose transaction it is, and one beside it. */
let client: pg.Client
let other: pg.Client
let pid: number
beforeAll(async () => {
  database = await startDatabase({ dir })
})
afterAll(async () => {
  await database.stop()
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(async () => {
  other = await connect(database.url, 'public')
  await other.query(`drop table if exists first, second;
    create table first (number bigint primary key, text text check (text <> 'refused'));
    create table second (number bigint primary key, text text)`)
  client = await connect(database.url, 'public')
  pid = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid
})
afterEach(async () => {
  await client.end().catch(() => {})
  await other.end()
})

const MEGABYTE = 1024 * 1024
let next = 0
/** So many megabytes of rows. */
function add(pending: PendingRows, table: string, megabytes: number, text = 'x'.repeat(8_192)): void {
  const rows = Array.from({ length: Math.ceil((megabytes * MEGABYTE) / text.length) }, () => next++)
  pending.add(table, ['number', 'text'], rows, (number, to) => {
    to.plain(String(number))
    to.plain(text)
  })
}

const countOf = async (table: string): Promise<number> =>
  (await other.query<{ count: number }>(`select count(*)::int as count from ${table}`)).rows[0]!.count
const kill = () => other.query('select pg_terminate_backend($1)', [pid])
/** Whether the client's COPY waits for the lock that `other` has. */
const isWaiting = async (): Promise<boolean> =>
  // Its transaction would see what it saw at first.
  (await other.query('select pg_stat_clear_snapshot()')) &&
  (await other.query("select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'", [pid])).rowCount === 1

/** Nobody can write to a table until the answer is called. */
async function hold(table: string): Promise<() => Promise<unknown>> {
  await other.query(`begin; lock table ${table} in share mode`)
  return () => other.query('commit')
}

test('what a constraint refuses reaches the caller by its name, and nothing of the transaction stays', async () => {
  const done = inTransaction(client, () =>
    withPendingRows(client, async (pending) => {
      add(pending, 'second', 3)
      await pending.send()
      pending.add('first', ['number', 'text'], [1], (_, to) => {
        to.plain('1')
        to.plain('refused')
      })
      await pending.send(0)
      add(pending, 'second', 3)
      await pending.send()
      await pending.end()
    })
  )
  await expect(done).rejects.toMatchObject({ code: '23514' })
  expect([await countOf('first'), await countOf('second')]).toEqual([0, 0])
  // The connection can go on.
  await inTransaction(client, () =>
    withPendingRows(client, async (pending) => {
      add(pending, 'second', 1)
      await pending.end()
    })
  )
  expect(await countOf('second')).toBe(128)
})

test('a refusal is what the caller hears of, not what later statements then say', async () => {
  const done = inTransaction(client, () =>
    withPendingRows(client, async (pending) => {
      pending.add('first', ['number', 'text'], [1], (_, to) => {
        to.plain('1')
        to.plain('refused')
      })
      await pending.send(0)
      for (;;) await client.query('select 1')
    })
  )
  await expect(done).rejects.toMatchObject({ code: '23514' })
})

test('what is asked and fails is what the caller hears of, not what is then said to rows that are sent after it', async () => {
  const done = inTransaction(client, () =>
    withPendingRows(client, async (pending) => {
      await client.query('set local statement_timeout = 100')
      const asked = pending.query({ text: 'select pg_sleep(10)' })
      add(pending, 'first', 3)
      await pending.send()
      await asked
    })
  )
  const error: unknown = await done.catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: '57014' })
  // A process that waits goes on after it.
  expect(toIndexerError(error).transient).toBe(true)
  expect(await countOf('first')).toBe(0)
})

test('a row of too few or too many fields is refused', async () => {
  for (const fields of [1, 3]) {
    const done = inTransaction(client, () =>
      withPendingRows(client, async (pending) => {
        pending.add('first', ['number', 'text'], [1], (_, to) => {
          for (let i = 0; i < fields; i++) to.plain('1')
        })
        await pending.end()
      })
    )
    await expect(done).rejects.toMatchObject({ code: '22P04' })
  }
})

test('who makes more than may be under way waits until the server has it, and no longer', async () => {
  const release = await hold('first')
  await inTransaction(client, () =>
    withPendingRows(client, async (pending) => {
      add(pending, 'first', 20)
      await pending.send()
      add(pending, 'first', 20)
      let isSent = false
      const sent = pending.send().then(() => (isSent = true))
      await until(isWaiting)
      await sleep(50)
      expect(isSent).toBe(false)
      await release()
      await sent
      add(pending, 'second', 3)
      await pending.send()
      await pending.end()
    })
  )
  expect([await countOf('first'), await countOf('second')]).toEqual([40 * 128, 3 * 128])
})

test('what is asked while rows are sent comes between two tables, and sees the one that was sent', async () => {
  const release = await hold('first')
  const count = {
    text: 'select (select count(*) from first)::int as first, (select count(*) from second)::int as second'
  }
  let answer: unknown
  await inTransaction(client, () =>
    withPendingRows(client, async (pending) => {
      add(pending, 'first', 3)
      await pending.send()
      const asked = pending.query<{ first: number; second: number }>(count)
      add(pending, 'second', 3)
      await pending.send()
      await until(isWaiting)
      await release()
      answer = (await asked).rows[0]
      await pending.end()
    })
  )
  expect(answer).toEqual({ first: 3 * 128, second: 0 })
  expect([await countOf('first'), await countOf('second')]).toEqual([3 * 128, 3 * 128])
})

test('what waits to be asked when the work fails is refused, and so is what is asked after', async () => {
  const release = await hold('first')
  let kept: PendingRows | undefined
  const ended: string[] = []
  const done = inTransaction(client, () =>
    withPendingRows(client, async (pending) => {
      kept = pending
      add(pending, 'first', 3)
      await pending.send()
      void pending.query({ text: 'select 1' }).catch((error: Error) => ended.push(error.message))
      await until(isWaiting)
      throw new Error('of the work')
    })
  )
  const refused = expect(
    done.catch((error: Error) => (ended.push('rolled back'), Promise.reject(error)))
  ).rejects.toThrow('of the work')
  await sleep(50)
  await release()
  await refused
  expect(ended).toEqual(['the transaction was given up', 'rolled back'])
  await expect(kept!.query({ text: 'select 1' })).rejects.toThrow('the transaction was given up')
})

test.each([
  ['before the server takes the first of them', true],
  ['while the server takes them', false]
])('a connection that is killed %s ends who waits', async (_, isHeld) => {
  const release = isHeld ? await hold('first') : undefined
  const done = inTransaction(client, () =>
    withPendingRows(client, async (pending) => {
      add(pending, 'second', 3)
      await pending.send()
      add(pending, 'first', 40)
      await pending.send()
      await pending.end()
      for (;;) await client.query('select 1')
    })
  )
  const refused = expect(done).rejects.toThrow(/terminat|connection/i)
  if (release) {
    await until(isWaiting)
    await kill()
    await release()
  } else {
    await kill()
  }
  await refused
  expect([await countOf('first'), await countOf('second')]).toEqual([0, 0])
})

test('rows that the server asks for only after their time are not sent, and the connection can go on', async () => {
  const release = await hold('first')
  const hasty = await connect(database.url, 'public', undefined, 2_000)
  const done = inTransaction(hasty, () =>
    withPendingRows(hasty, async (pending) => {
      add(pending, 'first', 3)
      await pending.end()
    })
  )
  // The rollback waits behind the rows.
  const refused = expect(done).rejects.toThrow('Query read timeout')
  try {
    await sleep(2_400)
    await release()
    await refused
    await hasty.query('select 1')
  } finally {
    await hasty.end()
  }
  expect(await countOf('first')).toBe(0)
})

test('what waits when the work fails is not sent after the rollback', async () => {
  const release = await hold('first')
  const done = inTransaction(client, () =>
    withPendingRows(client, async (pending) => {
      add(pending, 'first', 3)
      add(pending, 'second', 3)
      await pending.send()
      await until(isWaiting)
      throw new Error('of the work')
    })
  )
  const refused = expect(done).rejects.toThrow('of the work')
  await sleep(50)
  await release()
  await refused
  await client.query('select 1')
  await sleep(200)
  await client.query('select 1')
  expect([await countOf('first'), await countOf('second')]).toEqual([0, 0])
})
