/** `npm run build`: compiles the contracts and builds the web console when a source changed. Everything else runs from its TypeScript source. */
import { buildConsole } from './web/build.ts'
import { buildContracts } from './world/build.ts'

console.log((await buildContracts()) ? 'contracts compiled' : 'contracts are up to date')
console.log((await buildConsole()) ? 'console built' : 'console is up to date')
