import { fileURLToPath } from 'node:url'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { InstanceError } from '../instance/instance-error.ts'
import { defaultDataDir } from '../instance/options.ts'
import { playStory } from '../demo/story.ts'

const usage = `tallystick demo [--data DIR] [--tenor SECONDS]
  Plays the story against the running instance of a data folder; an interrupted story goes on.`

/** Exit code 0: every step did what it should. 1: one did not. 2: usage. */
export async function demoCommand(args: string[]): Promise<number> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  let values
  try {
    const options = { data: { type: 'string' }, tenor: { type: 'string' }, help: { type: 'boolean' } } as const
    values = parseArgs({ args, options }).values
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`)
    return 2
  }
  if (values.help || (values.tenor !== undefined && !/^[1-9][0-9]{0,6}$/.test(values.tenor))) {
    console.error(usage)
    return values.help ? 0 : 2
  }
  const dataDir = resolve(values.data ?? process.env['TALLYSTICK_DATA'] ?? defaultDataDir(root))
  const tenor = values.tenor === undefined ? {} : { tenor: Number(values.tenor) }
  try {
    await playStory({ dataDir, report: (line) => console.log(line), ...tenor })
    console.log('the story is complete: every step verified')
    return 0
  } catch (error) {
    if (error instanceof InstanceError) throw error
    console.error(`✗ ${(error as Error).message}\n  → run the command again: the story goes on where it stood`)
    return 1
  }
}
