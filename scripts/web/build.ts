import { createHash } from 'node:crypto'
import { glob, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Where the built console is. */
export const consoleFolder = `${root}/web/dist`
const stamp = `${consoleFolder}/.sources`

/** Builds the console when a source changed; nothing is downloaded. Returns whether it had to. */
export async function buildConsole(): Promise<boolean> {
  const digest = await sourcesDigest()
  if ((await readFile(stamp, 'utf8').catch(() => '')) === digest) return false
  // Whoever builds it: within a test Vite would make the larger code of development.
  const { NODE_ENV: before } = process.env
  process.env['NODE_ENV'] = 'production'
  try {
    const { build } = await import('vite')
    await build({ logLevel: 'error', configFile: `${root}/scripts/web/vite.config.ts` })
  } finally {
    if (before === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = before
  }
  await compressAll()
  await writeFile(stamp, digest)
  return true
}

async function sourcesDigest(): Promise<string> {
  const hash = createHash('sha256')
  const sources = [
    'web/**/*.{ts,tsx,css,html,svg}',
    'scripts/web/*.ts',
    'client/**/*.ts',
    'domain/**/*.ts',
    'package-lock.json'
  ]
  const files = await Array.fromAsync(glob(sources, { cwd: root, exclude: ['web/dist/**'] }))
  for (const file of files.sort()) hash.update(file).update(await readFile(`${root}/${file}`))
  return hash.digest('hex')
}

/** Beside each text its compressed forms, so that the api has nothing to compute. */
async function compressAll(): Promise<void> {
  for await (const file of glob('**/*.{js,css,html,svg}', { cwd: consoleFolder })) {
    const bytes = await readFile(`${consoleFolder}/${file}`)
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }
    await writeFile(`${consoleFolder}/${file}.br`, await promisify(brotliCompress)(bytes, quality))
    await writeFile(`${consoleFolder}/${file}.gz`, await promisify(gzip)(bytes, { level: 9 }))
  }
}
