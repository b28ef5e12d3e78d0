import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDatabase, useDatabase, type Database } from '../../scripts/instance/database.ts'
import { runningProcess } from '../../scripts/instance/process-identity.ts'

let dir: string
let database: Database

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tallystick-database-'))
  database = await startDatabase({ dir })
}, 60_000)
afterAll(async () => {
  await database.stop()
  rmSync(dir, { recursive: true, force: true })
}, 30_000)

async function ask(sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: database.url })
  await client.connect()
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[]
  } finally {
    await client.end()
  }
}

describe('database', { timeout: 60_000 }, () => {
  it('refuses an outside server that does not answer, without printing its password', async () => {
    const using = useDatabase('postgres://user:secret@127.0.0.1:1/none')
    await expect(using).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
    await expect(using).rejects.not.toThrow('secret')
  })

  it('refuses a wrong password', async () => {
    const wrong = new URL(database.url)
    wrong.password = 'guess'
    await expect(useDatabase(wrong.href)).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
  })

  it('listens on the loopback address only, in UTF-8, and writes every commit through', async () => {
    const [row] = await ask(`select current_setting('listen_addresses') listen, current_setting('fsync') fsync,
      current_setting('synchronous_commit') commit, current_setting('server_encoding') encoding,
      current_setting('unix_socket_directories') sockets`)
    expect(row).toEqual({ listen: '127.0.0.1', fsync: 'on', commit: 'on', encoding: 'UTF8', sockets: '' })
    expect(readFileSync(join(dir, 'logs', 'database.log'), 'utf8')).not.toContain(new URL(database.url).password)
  })

  it('loses no commit when it is killed', async () => {
    await ask('create table kept (n int)')
    await ask('insert into kept values (1)')
    database.kill()
    await database.exited
    database = await startDatabase({ dir, port: database.port })
    expect(await ask('select n from kept')).toEqual([{ n: 1 }])
  })

  it('ends a server that an earlier run left behind', async () => {
    const left = database
    database = await startDatabase({ dir })
    expect(runningProcess(left.pid)).toBeUndefined()
    expect(database.notes).toEqual([expect.stringContaining(String(left.pid))])
    expect(await ask('select n from kept')).toEqual([{ n: 1 }])
  })

  it('ends a server that an earlier run left behind without having recorded it', async () => {
    const left = database
    rmSync(join(dir, 'postgres.pid'))
    database = await startDatabase({ dir })
    expect(runningProcess(left.pid)).toBeUndefined()
  })

  it('starts beside a stale lock file whose number another process has now', async () => {
    await database.stop()
    const stale = `${process.pid}\n${dir}/postgres/cluster\n1\n${database.port}\n\n127.0.0.1\n  0  0\nready\n`
    writeFileSync(join(dir, 'postgres', 'cluster', 'postmaster.pid'), stale)
    database = await startDatabase({ dir })
    expect(await ask('select n from kept')).toEqual([{ n: 1 }])
  })
})
