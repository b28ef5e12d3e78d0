import { fileURLToPath } from 'node:url'
import { runInstance, type World } from '../../scripts/instance/instance.ts'
import { parseStartOptions } from '../../scripts/instance/options.ts'
import { describeFailure } from '../../scripts/instance/progress.ts'

/** The real supervisor, chain and database around a world of next to nothing. `--ends` as last argument: one program dies. */
const args = process.argv.slice(2)
const ends = args.at(-1) === 'ends' && args.pop() !== undefined
const entry = fileURLToPath(new URL('small-program.ts', import.meta.url))
const world: World = {
  programs: ['indexer', 'relayer', 'api'].map((name) => ({ name, entry })),
  async prepare({ apiPort, report }) {
    report('world seeded')
    return { configs: { indexer: {}, relayer: { ends }, api: { port: apiPort } }, summary: ['a small world'] }
  },
  async playStory({ report }) {
    report('story played')
    return true
  }
}
try {
  process.exitCode = await runInstance(parseStartOptions(args, process.env, process.cwd()), world)
} catch (error) {
  process.stdout.write(`${describeFailure(error)}\n`)
  process.exitCode = 2
}
process.exit()
