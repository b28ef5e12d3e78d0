/** `tallystick key-file NAME`: a cast member's key in a file that opens in the console. */
import { writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openStage } from '../demo/stage.ts'
import { defaultDataDir } from '../instance/options.ts'
import { cast } from '../world/cast.ts'
import { castKeyFile } from '../world/key-files.ts'

const USAGE = `Usage: tallystick key-file NAME [--checker] [--out FILE] [--data DIR]

Writes the signing key of a member of the embedded world to a file that signs in at the console of the running instance, sealed
under a passphrase, which is read from the standard input. NAME is one of:
  ${cast.map(({ slug }) => slug).join(', ')}
  --checker    the second person's key, where the firm has one (default: the maker's)
  --out FILE   default NAME-maker.key.json or NAME-checker.key.json
Exit code: 0 written, 1 not there or could not be written, 2 wrong usage.
`
const SHORTEST = 8

/** Runs the command and returns its exit code. */
export async function keyFileCommand(args: string[]): Promise<number> {
  const options = optionsOf(args)
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${USAGE}`)
    return 2
  }
  const { slug, duty, out, dataDir } = options
  const { accountOf } = await openStage(dataDir)
  const passphrase = await readPassphrase()
  if (passphrase.length < SHORTEST) {
    process.stderr.write(`✗ the passphrase needs at least ${SHORTEST} characters\n`)
    return 2
  }
  const text = await castKeyFile({ dataDir, slug, duty, passphrase, account: await accountOf(slug) })
  if (text === undefined) {
    process.stderr.write(`✗ ${slug} has no ${duty}\n`)
    return 1
  }
  try {
    await writeFile(out, text, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    process.stderr.write(`✗ ${out}: ${(error as Error).message}\n`)
    return 1
  }
  process.stdout.write(`✓ ${out}\n`)
  return 0
}

function optionsOf(args: string[]) {
  try {
    const known = { checker: { type: 'boolean' }, out: { type: 'string' }, data: { type: 'string' } } as const
    const { values, positionals } = parseArgs({ args, options: known, allowPositionals: true })
    const [slug, ...others] = positionals
    if (slug === undefined || others.length > 0) return 'Give one name'
    if (!cast.some((member) => member.slug === slug)) return `There is nobody called ${slug}`
    const duty = values.checker ? ('checker' as const) : ('maker' as const)
    const root = fileURLToPath(new URL('../..', import.meta.url))
    const dataDir = resolve(values.data ?? (process.env['TALLYSTICK_DATA'] || defaultDataDir(root)))
    return { slug, duty, out: values.out ?? `${slug}-${duty}.key.json`, dataDir }
  } catch (error) {
    return (error as Error).message
  }
}

async function readPassphrase(): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false })
  try {
    if (process.stdin.isTTY) process.stderr.write('Passphrase of the new file: ')
    for await (const line of lines) return line
    return ''
  } finally {
    lines.close()
  }
}
