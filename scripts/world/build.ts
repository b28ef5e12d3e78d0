import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { glob, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const stamp = `${root}/artifacts/.sources`

/** Compiles the contracts when a source changed. Returns whether it had to. */
export async function buildContracts(): Promise<boolean> {
  const digest = await sourcesDigest()
  if ((await readFile(stamp, 'utf8').catch(() => '')) === digest) return false
  const hardhat = fileURLToPath(import.meta.resolve('hardhat/package.json')).replace(
    /package\.json$/,
    'dist/src/cli.js'
  )
  try {
    await promisify(execFile)(process.execPath, [hardhat, 'build', '--no-tests', '--quiet'], {
      cwd: root,
      maxBuffer: 64 << 20
    })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`the contracts do not compile:\n${stdout ?? ''}${stderr ?? String(error)}`, { cause: error })
  }
  await writeFile(stamp, digest)
  return true
}

async function sourcesDigest(): Promise<string> {
  const hash = createHash('sha256')
  const files = await Array.fromAsync(
    glob(['contracts/**/*.sol', 'hardhat.config.ts', 'package-lock.json'], { cwd: root })
  )
  for (const file of files.sort()) hash.update(file).update(await readFile(`${root}/${file}`))
  return hash.digest('hex')
}
