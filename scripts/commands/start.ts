import { fileURLToPath } from 'node:url'
import { runInstance, type World } from '../instance/instance.ts'
import { parseStartOptions, startUsage } from '../instance/options.ts'

const projectRoot = fileURLToPath(new URL('../..', import.meta.url))

/** `tallystick start`: runs an instance until it is asked to stop. */
export async function startCommand(args: string[]): Promise<number> {
  const options = parseStartOptions(args, process.env, projectRoot)
  if (options.help) {
    process.stdout.write(`${startUsage}\n`)
    return 0
  }
  return runInstance(options, ourWorld)
}

/** Loaded when needed: `--help` and a wrong option answer at once. */
const ourWorld: World = {
  programs: [
    program('indexer', 'indexer/main.ts'),
    program('relayer', 'api/relayer/main.ts'),
    program('api', 'api/main.ts')
  ],
  async prepare(request) {
    const { prepareWorld } = await import('../world/prepare.ts')
    return prepareWorld(request)
  },
  async playStory(request) {
    const { playStory } = await import('../demo/story.ts')
    return playStory(request)
  }
}

function program(name: string, path: string) {
  return { name, entry: fileURLToPath(new URL(`../../${path}`, import.meta.url)) }
}
