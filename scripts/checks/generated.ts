import { readFile } from 'node:fs/promises'
import { generatedFiles } from '../world/generated.ts'
import { root } from './run.ts'

/** Whether every derived file is what its source gives; says which is not. */
export async function areGeneratedFilesFresh(): Promise<boolean> {
  let isFresh = true
  for (const [path, content] of await generatedFiles()) {
    if ((await readFile(`${root}/${path}`, 'utf8').catch(() => '')) === content) continue
    console.error(`✗ ${path} is stale: npm run generate`)
    isFresh = false
  }
  if (isFresh) console.log('✓ generated files')
  return isFresh
}
