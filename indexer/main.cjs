/** Process entry: `node [FLAGS of flags.ts] indexer/main.cjs --config FILE`. */
const { enableCompileCache } = require('node:module')
const { join } = require('node:path')

// Compiling is half of what a start takes. Kept beside the packages, where only who may change these may write; without a place to
// write it is done again at every start. Plain JavaScript: the first file in TypeScript would have Node load its compiler each time.
enableCompileCache(join(__dirname, '../node_modules/.cache/indexer'))
import('./process.ts')
