/** Process entry: `node [FLAGS of flags.ts] indexer/main.ts --config FILE`. */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// Compiling is half of what a start takes. Kept beside the packages, where only who may change these may write; without a place to
// write it is done again at every start.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/indexer', import.meta.url)))
await import('./process.ts')
