/** Writes the files that are derived from others. `npm run lint` fails when one of them is stale. */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { contractArtifact, deployableContracts } from './world/artifacts.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The ABIs as TypeScript, so that `domain` needs neither files nor the compiler. */
async function abiModule(): Promise<string> {
  const parts = await Promise.all(
    deployableContracts.map(async (name) => {
      const { abi } = await contractArtifact(name)
      return `export const ${name[0]!.toLowerCase()}${name.slice(1)}Abi = ${JSON.stringify(abi)} as const\n`
    })
  )
  return `// Generated from contracts/ by \`npm run generate\`. Do not edit.\n${parts.join('')}`
}

/** Relative path → content. */
async function generatedFiles(): Promise<Map<string, string>> {
  return new Map([['domain/chain/abi.generated.ts', await abiModule()]])
}

const isCheck = process.argv.includes('--check')
let stale = 0
for (const [path, content] of await generatedFiles()) {
  const current = await readFile(`${root}/${path}`, 'utf8').catch(() => '')
  if (current === content) continue
  stale++
  if (isCheck) console.error(`${path} is stale: run npm run generate`)
  else await writeFile(`${root}/${path}`, content)
}
process.exitCode = isCheck && stale > 0 ? 1 : 0
