import { fileURLToPath } from 'node:url'
import { nodeFlags } from '../../indexer/flags.ts'
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
    program('indexer', 'indexer/main.cjs', nodeFlags),
    program('relayer', 'api/relayer/main.ts'),
    program('api', 'api/main.ts')
  ],
  async prepare(request) {
    const [{ prepareWorld }, { buildConsole, consoleFolder }] = await Promise.all([
      import('../world/prepare.ts'),
      import('../web/build.ts')
    ])
    request.report('console built')
    await buildConsole()
    return prepareWorld({ ...request, consoleFolder })
  },
  async playStory(request) {
    const { playStory } = await import('../demo/story.ts')
    return playStory(request)
  }
}

function program(name: string, path: string, flags: readonly string[] = []) {
  return { name, flags, entry: fileURLToPath(new URL(`../../${path}`, import.meta.url)) }
}
