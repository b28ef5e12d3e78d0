import { readFile } from 'node:fs/promises'
import { generatedFiles } from '../world/generated.ts'
import { root } from './run.ts'

const MAX_SHOWN = 20
const MAX_LENGTH = 160

/** Whether every derived file is what its source gives; says which is not. */
export async function areGeneratedFilesFresh(): Promise<boolean> {
  let isFresh = true
  for (const [path, content] of await generatedFiles()) {
    const committed = await readFile(`${root}/${path}`, 'utf8').catch(() => '')
    if (committed === content) continue
    console.error(`✗ ${path} is stale: npm run generate`)
    showChanges(committed, content)
    isFresh = false
  }
  if (isFresh) console.log('✓ generated files')
  return isFresh
}

/** The first lines that differ: of a snapshot they say what changed and by how much. */
function showChanges(committed: string, content: string): void {
  const [before, after] = [committed.split('\n'), content.split('\n')]
  const gone = before.filter((line) => !after.includes(line))
  const come = after.filter((line) => !before.includes(line))
  for (const line of gone.slice(0, MAX_SHOWN)) console.error(`  - ${line.slice(0, MAX_LENGTH)}`)
  for (const line of come.slice(0, MAX_SHOWN)) console.error(`  + ${line.slice(0, MAX_LENGTH)}`)
}
