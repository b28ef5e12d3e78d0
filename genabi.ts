import { writeFile } from 'node:fs/promises'
import { contractArtifact, deployableContracts } from './scripts/world/artifacts.ts'
const parts = await Promise.all(deployableContracts.map(async (name) => {
  const { abi } = await contractArtifact(name)
  return `export const ${name[0]!.toLowerCase()}${name.slice(1)}Abi = ${JSON.stringify(abi)} as const\n`
}))
await writeFile('domain/chain/abi.generated.ts', `// Generated from contracts/ by \`npm run generate\`. Do not edit.\n${parts.join('')}`)
