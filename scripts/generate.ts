/** `npm run generate`: writes the files that are derived from others. `npm run lint` fails when one is stale. */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { buildContracts } from './world/build.ts'
import { generatedFiles } from './world/generated.ts'

await buildContracts()
for (const [path, content] of await generatedFiles()) {
  await writeFile(fileURLToPath(new URL(`../${path}`, import.meta.url)), content)
}
