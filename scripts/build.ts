/** `npm run build`: compiles the contracts when a source changed. Everything else runs from its TypeScript source. */
import { buildContracts } from './world/build.ts'

console.log((await buildContracts()) ? 'contracts compiled' : 'contracts are up to date')
