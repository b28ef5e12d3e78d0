/** Forks. Each changes the shared chain, so they come last and the undisturbed run is made anew after each. */
import { askChain } from '../../scripts/instance/chain.ts'
import { register, tell } from '../indexer/world.ts'
import { must, type Fault } from './fault.ts'

const forks = [1, 2, 7, 64].map((depth): Fault => ({
  name: `fork of depth ${depth} with other transactions`,
  how: `anvil_reorg ${depth}, then new receivables`,
  start: 'whole',
  changesChain: true,
  async run(scene) {
    const { world } = scene.rig
    const indexer = scene.start()
    await indexer.ready
    const before = await scene.cursor()
    await askChain(world.chain.url, 'anvil_reorg', [depth, []])
    await tell(world, `instead of ${depth} blocks, ${before}`)
    await scene.until(() => indexer.output().includes('forked'), 'it said that the chain forked')
    await scene.reach(await world.provider.getBlockNumber())
  }
}))

export const chainFaults: Fault[] = [
  // The first one: the chain must still be the one that the projection starts with.
  {
    name: 'fork where the chain promised finality',
    how: 'anvil_reorg 2 with finality head',
    start: 'whole',
    refusal: 'FINALITY_BROKEN',
    changesChain: true,
    async run(scene) {
      await scene.start({ finality: 'head' }).ready
      await askChain(scene.rig.world.chain.url, 'anvil_reorg', [2, []])
    }
  },
  ...forks,
  {
    name: 'tip replaced at the same height',
    how: 'anvil_reorg 1: an empty block in the place of one with a receivable',
    start: 'whole',
    changesChain: true,
    async run(scene) {
      const { world } = scene.rig
      const indexer = scene.start({ patienceMs: 60_000, pollMs: 200 })
      await indexer.ready
      const before = await scene.cursor()
      await register(world, `tip ${before}`)
      await scene.reach(before + 1)
      await askChain(world.chain.url, 'anvil_reorg', [1, []])
      await scene.until(() => indexer.output().includes('forked'), 'it said that the chain forked')
      must((await world.provider.getBlockNumber()) === before + 1, 'the height changed')
    }
  },
  {
    name: 'fork while the indexer is down',
    how: 'kill -9, anvil_reorg 7 with other transactions, start',
    start: 'whole',
    changesChain: true,
    async run(scene) {
      const { world } = scene.rig
      const first = scene.start()
      await first.ready
      first.child.kill('SIGKILL')
      await first.exited
      const before = await scene.cursor()
      await askChain(world.chain.url, 'anvil_reorg', [7, []])
      await tell(world, `fork unseen, ${before}`)
      const second = scene.start()
      await scene.until(() => second.output().includes('forked'), 'it said that the chain forked')
    }
  },
  {
    name: 'kill -9 in the middle of a rollback',
    how: 'anvil_reorg 20; the process dies before the commit of the rollback, and starts again',
    start: 'whole',
    changesChain: true,
    async run(scene) {
      const { world } = scene.rig
      const first = scene.start()
      await first.ready
      const before = await scene.cursor()
      scene.postgres.watch((piece) => {
        if (!piece.includes('commit')) return true
        first.child.kill('SIGKILL')
        return false
      })
      await askChain(world.chain.url, 'anvil_reorg', [20, []])
      await first.exited
      scene.postgres.watch(undefined)
      must((await scene.cursor()) === before, 'half a rollback was kept')
      await register(world, `rolled back, ${before}`)
      scene.start()
    }
  },
  // The last one: who sends transactions here waits for a height that was not there before.
  {
    name: 'chain that lost its newest 5 blocks',
    how: 'anvil_rollback 5, nothing new',
    start: 'whole',
    changesChain: true,
    async run(scene) {
      const { world } = scene.rig
      const indexer = scene.start()
      await indexer.ready
      const before = await scene.cursor()
      await askChain(world.chain.url, 'anvil_rollback', [5])
      await scene.until(async () => (await scene.cursor()) === before - 5, 'it followed the shorter chain')
    }
  }
]
