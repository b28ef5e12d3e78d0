/** What happens to the indexer's own process. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { IndexerProcess } from '../indexer/world.ts'
import { must, type Fault } from './fault.ts'
import type { Scene } from './rig.ts'

const KILLS = 10

/** Kills the process when it sends the n-th piece to the database, which is not sent. */
async function killAtPiece(scene: Scene, indexer: IndexerProcess, piece: number): Promise<boolean> {
  let isKilled = false
  scene.postgres.watch((_, count) => {
    if (count < piece) return true
    if (!isKilled) indexer.child.kill('SIGKILL')
    isKilled = true
    return false
  })
  await scene.until(async () => isKilled || (await scene.cursor()) >= scene.rig.liveFrom, 'it was killed or is through')
  scene.postgres.watch(undefined)
  if (isKilled) await indexer.exited
  return isKilled
}

/** Kills it before `text` is sent to the database, or right after. */
async function killAround(
  scene: Scene,
  indexer: IndexerProcess,
  text: string,
  when: 'before' | 'after'
): Promise<void> {
  let isKilled = false
  scene.postgres.watch((piece) => {
    if (isKilled) return false
    if (!piece.includes(text)) return true
    isKilled = true
    indexer.child.kill('SIGKILL')
    return when === 'after'
  })
  scene.rpc.setHead(scene.rig.head)
  await indexer.exited
  scene.postgres.watch(undefined)
}

export const processFaults: Fault[] = [
  {
    name: `kill -9 at ${KILLS} random moments of backfill`,
    how: 'at a random piece of what is sent to the database; start again each time',
    start: 'empty',
    async run(scene) {
      const { rpc, rig, random } = scene
      let kills = 0
      for (let i = 1; i <= KILLS; i++) {
        // A little more chain each time, so that there is always something to catch up.
        rpc.setHead(Math.floor((rig.liveFrom * i) / KILLS))
        const indexer = scene.start()
        if (!(await killAtPiece(scene, indexer, random.between(8, 60)))) indexer.child.kill('SIGKILL')
        await indexer.exited
        kills++
      }
      rpc.setHead(undefined)
      must(kills === KILLS, `only ${kills} kills`)
      scene.start()
    }
  },
  {
    name: `kill -9 at ${KILLS} random moments of live blocks`,
    how: 'after a random time at the head; start again each time',
    async run(scene) {
      const { rpc, rig, random } = scene
      for (let i = 0; i < KILLS; i++) {
        rpc.setHead(rig.liveFrom + i)
        const indexer = scene.start()
        await indexer.ready
        rpc.setHead(rig.liveFrom + i + 1)
        await sleep(random.between(0, 60))
        indexer.child.kill('SIGKILL')
        await indexer.exited
      }
      rpc.setHead(undefined)
      scene.start()
    }
  },
  {
    name: 'kill -9 between insert and commit',
    how: 'the process dies when it is about to send the commit',
    async run(scene) {
      scene.rpc.setHead(scene.rig.liveFrom)
      const indexer = scene.start()
      await indexer.ready
      await killAround(scene, indexer, 'commit', 'before')
      must((await scene.cursor()) === scene.rig.liveFrom, 'something was committed')
      scene.start()
    }
  },
  {
    name: 'kill -9 right after the commit was sent',
    how: 'the process dies before it learns of it',
    async run(scene) {
      scene.rpc.setHead(scene.rig.liveFrom)
      const indexer = scene.start()
      await indexer.ready
      await killAround(scene, indexer, 'commit', 'after')
      scene.start()
    }
  },
  {
    name: 'kill -9 in the middle of the migration of an empty database',
    how: 'the process dies before the first commit',
    start: 'empty',
    async run(scene) {
      await scene.run('drop schema projection cascade')
      const indexer = scene.start()
      await killAround(scene, indexer, 'commit', 'before')
      scene.start()
    }
  },
  {
    name: 'two started at once',
    how: 'two processes on an empty database; one stands by, the other is killed at the head',
    start: 'empty',
    async run(scene) {
      scene.rpc.setHead(scene.rig.liveFrom)
      const both = [scene.start(), scene.start()]
      const isStandby = (each: IndexerProcess): boolean => each.output().includes('standing by')
      await scene.until(() => both.some(isStandby), 'one stands by')
      await scene.reach(scene.rig.liveFrom)
      must(!both.every(isStandby), 'both stand by')
      const leader = both.find((each) => !isStandby(each))!
      leader.child.kill('SIGKILL')
      await leader.exited
      // The one that is told to stop at the end is the last of the list.
      if (scene.indexers.at(-1) === leader) scene.indexers.reverse()
      await scene.live()
    }
  },
  {
    name: 'stopped for 3 s while another stands by',
    how: 'SIGSTOP, SIGCONT; the lock stays with it',
    async run(scene) {
      scene.rpc.setHead(scene.rig.liveFrom)
      const standby = await pairOf(scene)
      const leader = scene.indexers[0]!
      leader.child.kill('SIGSTOP')
      scene.rpc.setHead(scene.rig.liveFrom + 6)
      await sleep(3_000)
      leader.child.kill('SIGCONT')
      await scene.live()
      await scene.reach(scene.rig.head)
      must(standby.output().includes('standing by'), 'the other did not stand by')
      leader.child.kill('SIGKILL')
    }
  },
  {
    name: 'stopped, its session ended: the other takes over, and it comes back',
    how: 'SIGSTOP, pg_terminate_backend, SIGCONT while the other writes',
    async run(scene) {
      scene.rpc.setHead(scene.rig.liveFrom)
      const standby = await pairOf(scene)
      const leader = scene.indexers[0]!
      leader.child.kill('SIGSTOP')
      await scene.run(`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
        and database = (select oid from pg_database where datname = current_database())`)
      await Promise.race([standby.ready, sleep(10_000)])
      await scene.live(async (block) => {
        if (block === scene.rig.liveFrom + 4) leader.child.kill('SIGCONT')
        await sleep(60)
      })
      await scene.until(() => leader.output().includes('standing by'), 'the first stands by now', 10_000)
      await scene.reach(scene.rig.head)
    }
  },
  {
    name: 'little memory',
    how: '--max-old-space-size=32, from an empty database',
    start: 'empty',
    async run(scene) {
      scene.start({}, ['--max-old-space-size=32'])
      await scene.reach(scene.rig.head)
    }
  },
  {
    name: 'parent gone',
    how: 'the channel to the launcher is closed in backfill; a new one is started',
    start: 'empty',
    async run(scene) {
      const first = scene.start()
      await sleep(450)
      first.child.disconnect()
      must((await scene.exitOf(first)) === 0, 'it did not end with exit code 0')
      // The first one may have been done: then nothing else tells when this one is up.
      await scene.start().ready
    }
  }
]

/** A leader at the head and one that stands by, which is returned. */
async function pairOf(scene: Scene): Promise<IndexerProcess> {
  await scene.start().ready
  const standby = scene.start()
  await scene.until(() => standby.output().includes('standing by'), 'the other stands by')
  return standby
}
