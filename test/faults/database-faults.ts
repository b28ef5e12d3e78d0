/** What Postgres and the way to it do wrong. */
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { must, type Fault } from './fault.ts'
import type { Scene } from './rig.ts'

const databaseOf = (scene: Scene): string => new URL(scene.url).pathname.slice(1)

/** Another session holds a table; `during` runs while the indexer waits for it. */
async function hold(scene: Scene, table: string, during: () => Promise<void>): Promise<void> {
  const session = await scene.session()
  await session.query('begin')
  await session.query(`lock table ${table} in exclusive mode`)
  scene.rpc.setHead(scene.rig.head)
  await scene.until(
    async () => {
      const { rows } = await session.query(
        'select 1 from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())'
      )
      return rows.length > 0
    },
    'the indexer waits for the lock',
    5_000
  )
  await during()
  await session.query('rollback')
}

/** Makes new sessions of the fault's database have a setting. */
const setting = (scene: Scene, name: string, value: string): Promise<unknown> =>
  scene.run(`alter database ${databaseOf(scene)} set ${name} = '${value}'`)

export const databaseFaults: Fault[] = [
  {
    name: 'all connections cut at random moments',
    how: 'TCP proxy, in backfill and while blocks come one by one',
    start: 'empty',
    async run(scene) {
      const { rpc, rig, random, postgres } = scene
      rpc.setHead(rig.liveFrom)
      scene.start()
      let cuts = 0
      for (let i = 0; i < 8; i++) {
        let isCut = false
        postgres.watch((_, count) => {
          if (count < random.between(3, 25) || isCut) return true
          isCut = true
          cuts++
          setImmediate(() => postgres.cut())
          return false
        })
        await scene.until(async () => isCut || (await scene.cursor()) >= rig.liveFrom, 'the connection was cut')
      }
      postgres.watch(undefined)
      await scene.reach(rig.liveFrom)
      await scene.live(async () => {
        await sleep(random.between(150, 400))
        cuts += Number(postgres.cut() > 0)
      })
      must(cuts >= 12, `only ${cuts} cuts`)
    }
  },
  {
    name: 'sessions ended one by one by the server',
    how: 'pg_terminate_backend at every new block',
    async run(scene) {
      scene.rpc.setHead(scene.rig.liveFrom)
      await scene.start().ready
      let ended = 0
      await scene.live(async () => {
        const sql = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
          and pid <> pg_backend_pid() limit 1`
        ended += await scene.query(async (client) => (await client.query(sql)).rowCount ?? 0)
        // A session that is not there again can't be ended.
        await sleep(150)
      })
      must(ended > 3, `only ${ended} sessions ended`)
    }
  },
  {
    name: 'commit arrives, its answer does not',
    how: 'TCP proxy cuts right after it forwarded a commit, 4 times',
    async run(scene) {
      const { postgres, rpc, rig } = scene
      rpc.setHead(rig.liveFrom)
      await scene.start().ready
      let cuts = 0
      postgres.watch((piece) => {
        if (piece.includes('commit') && cuts < 4) {
          cuts++
          setTimeout(() => postgres.cut(), 3)
        }
        return true
      })
      await scene.live(() => sleep(150))
      must(cuts === 4, `${cuts} cuts`)
    }
  },
  {
    name: 'slow way to the database',
    how: 'TCP proxy: 25 ms more for every piece',
    start: 'empty',
    async run(scene) {
      scene.postgres.setLatency(25)
      scene.rpc.setHead(scene.rig.liveFrom)
      scene.start()
      await scene.reach(scene.rig.liveFrom)
      await scene.live()
    }
  },
  {
    name: 'connection half open: nothing comes through, nobody closes it',
    how: 'TCP proxy swallows both ways; new connections work',
    async run(scene) {
      scene.rpc.setHead(scene.rig.liveFrom)
      await scene.start({ databaseTimeoutMs: 1_500 }).ready
      must(scene.postgres.swallow() > 0, 'no connection was there')
      await scene.live()
      await scene.reach(scene.rig.head)
    }
  },
  {
    name: 'Postgres killed with -9 and started',
    how: 'SIGKILL of the postmaster in the middle of live blocks, back after 1 s',
    async run(scene) {
      scene.rpc.setHead(scene.rig.liveFrom)
      await scene.start().ready
      scene.rpc.setHead(scene.rig.liveFrom + 6)
      const restart = await scene.rig.killDatabase()
      await sleep(1_000)
      await restart()
      await scene.live()
    }
  },
  {
    name: 'Postgres killed with -9 in backfill',
    how: 'SIGKILL of the postmaster when rows are sent, back after 1 s',
    start: 'empty',
    async run(scene) {
      let isSending = false
      scene.postgres.watch((piece) => {
        isSending ||= piece.includes('copy event')
        return !isSending
      })
      scene.start()
      await scene.until(() => isSending, 'rows are sent', 10_000)
      const restart = await scene.rig.killDatabase()
      scene.postgres.cut()
      scene.postgres.watch(undefined)
      await sleep(1_000)
      await restart()
    }
  },
  {
    name: 'no new connections for a while',
    how: 'TCP proxy refuses at the start and after a cut, 2 s each',
    async run(scene) {
      scene.rpc.setHead(scene.rig.liveFrom)
      scene.postgres.refuse(true)
      const indexer = scene.start()
      await sleep(2_000)
      scene.postgres.refuse(false)
      await indexer.ready
      scene.postgres.refuse(true)
      scene.postgres.cut()
      scene.rpc.setHead(scene.rig.head)
      await sleep(2_000)
      scene.postgres.refuse(false)
    }
  },
  {
    name: 'a table is locked by somebody else',
    how: 'lock table note in another session for 1.5 s',
    async run(scene) {
      scene.rpc.setHead(scene.rig.liveFrom)
      await scene.start().ready
      await hold(scene, 'note', () => sleep(1_500))
    }
  },
  {
    name: 'statement timeout',
    how: 'statement_timeout 300 ms, and a table locked for 1.5 s',
    async run(scene) {
      await setting(scene, 'statement_timeout', '300ms')
      scene.rpc.setHead(scene.rig.liveFrom)
      const indexer = scene.start()
      await indexer.ready
      await hold(scene, 'note', () => sleep(1_500))
      must(indexer.output().includes('57014'), 'no statement timed out')
    }
  },
  {
    name: 'lock timeout',
    how: 'lock_timeout 300 ms, and a table locked for 1.5 s',
    async run(scene) {
      await setting(scene, 'lock_timeout', '300ms')
      scene.rpc.setHead(scene.rig.liveFrom)
      const indexer = scene.start()
      await indexer.ready
      await hold(scene, 'note', () => sleep(1_500))
      must(indexer.output().includes('55P03'), 'no lock timed out')
    }
  },
  {
    name: 'deadlock',
    how: 'another session locks note, then the cursor that the indexer holds; the indexer is the victim',
    async run(scene) {
      await setting(scene, 'deadlock_timeout', '200ms')
      scene.rpc.setHead(scene.rig.liveFrom)
      const indexer = scene.start()
      await indexer.ready
      const session = await scene.session()
      await session.query(`set deadlock_timeout = '60s'`)
      await session.query('begin')
      await session.query('lock table note in exclusive mode')
      // Asks for the cursor while the indexer holds it, as soon as it does.
      scene.rpc.setHead(scene.rig.head)
      const isHeld = `select 1 from pg_locks where not granted and relation = 'note'::regclass`
      await scene.until(async () => (await session.query(isHeld)).rows.length > 0, 'the indexer waits', 5_000)
      await session.query('select * from cursor for update')
      await session.query('rollback')
      await scene.until(() => indexer.output().includes('40P01'), 'there was a deadlock', 5_000)
    }
  },
  {
    name: 'serialization failure',
    how: 'sessions are repeatable read, and another session writes the cursor meanwhile',
    async run(scene) {
      await setting(scene, 'default_transaction_isolation', 'repeatable read')
      scene.rpc.setHead(scene.rig.liveFrom)
      const indexer = scene.start()
      await indexer.ready
      const session = await scene.session()
      await session.query('begin')
      await session.query('update cursor set block_time = block_time')
      scene.rpc.setHead(scene.rig.head)
      await sleep(400)
      await session.query('commit')
      await scene.until(() => indexer.output().includes('40001'), 'serialization failed', 5_000)
    }
  },
  {
    name: 'server is read-only for a while, as after a failover to a standby',
    how: 'default_transaction_read_only for 1.5 s, sessions ended',
    async run(scene) {
      scene.rpc.setHead(scene.rig.liveFrom)
      const indexer = scene.start()
      await indexer.ready
      await setting(scene, 'default_transaction_read_only', 'on')
      scene.postgres.cut()
      scene.rpc.setHead(scene.rig.head)
      await sleep(1_500)
      await scene.query(async (client) => {
        await client.query('set default_transaction_read_only = off')
        await client.query(`alter database ${databaseOf(scene)} reset default_transaction_read_only`)
      })
      scene.postgres.cut()
      must(indexer.output().includes('read-only') || indexer.output().includes('25006'), 'nothing was refused')
    }
  },
  {
    name: 'database takes no connections for a while',
    how: 'alter database … allow_connections false for 1 s, sessions ended',
    async run(scene) {
      const name = databaseOf(scene)
      scene.rpc.setHead(scene.rig.liveFrom)
      const indexer = scene.start()
      await indexer.ready
      await scene.rig.administer(`alter database ${name} allow_connections false`)
      scene.postgres.cut()
      scene.rpc.setHead(scene.rig.head)
      await sleep(1_000)
      await scene.rig.administer(`alter database ${name} allow_connections true`)
      must(indexer.output().includes('DATABASE_REFUSED'), 'nothing was refused')
    }
  },
  {
    name: 'disk full',
    how: 'the database is on a tmpfs that somebody else fills; room again after 1.5 s',
    start: 'empty',
    async run(scene) {
      const place = mkdtempSync(join(tmpdir(), 'tallystick-full-'))
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', place])
      const { rig } = scene
      const name = databaseOf(scene)
      scene.atEnd(async () => {
        await rig.administer(`drop database if exists ${name} with (force)`)
        await rig.administer(`drop tablespace if exists small`)
        execFileSync('umount', [place])
        rmSync(place, { recursive: true, force: true })
      })
      const owner = statSync(join(rig.world.dir, 'postgres', 'cluster'))
      chownSync(place, owner.uid, owner.gid)
      chmodSync(place, 0o700)
      chmodSync(rig.world.dir, 0o755)
      await rig.administer(`create tablespace small location '${place}'`)
      await rig.createDatabase(name, 'empty', 'tablespace small')
      const filler = join(place, 'filler')
      scene.rpc.setHead(rig.liveFrom)
      fill(filler)
      const indexer = scene.start()
      await scene.until(() => indexer.output().includes('53100'), 'the disk was full', 15_000)
      await sleep(1_500)
      rmSync(filler)
      await scene.reach(rig.liveFrom)
      await scene.live()
    }
  }
]

/** Takes all the room there is. */
function fill(file: string): void {
  for (const size of [1 << 20, 1 << 12]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
}
