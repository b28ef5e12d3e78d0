import { readFileSync } from 'node:fs'
import { describeFailure } from './instance/progress.ts'

const usage = `Usage: npx tallystick COMMAND [options]

  start                           run the chain, database, indexer, relayer and API (same as npm start)
  demo                            play the demo story against the running instance
  fingerprint FILE… [--json]      read invoices and ledgers, print their identity and fingerprint
  statement FILE… [--json]        read bank statements and print their entries
  samples --out DIR               write sample documents of invented firms in every format
  key-file NAME                   write a participant's signing key for the console, sealed under a passphrase
  verify FILE [--json]            check an evidence package or a certificate, without network
  unseal PACKAGE --key FILE --out FILE   open the documents that a package has sealed to you
  help, --version

"npx tallystick COMMAND --help" tells more.`

type Command = (args: string[]) => Promise<number>

/** Loaded when asked for, so that a command does not wait for the libraries of another. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./commands/start.ts')).startCommand,
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  fingerprint: async () => (await import('./commands/fingerprint.ts')).fingerprintCommand,
  statement: async () => (await import('./commands/statement.ts')).statementCommand,
  samples: async () => (await import('./commands/samples.ts')).samplesCommand,
  'key-file': async () => (await import('./commands/key-file.ts')).keyFileCommand,
  verify: async () => (await import('./commands/verify.ts')).verifyCommand,
  unseal: async () => (await import('./commands/unseal.ts')).unsealCommand
}

/** Runs the command line. Exit codes: 0 done, 1 failed, 2 wrong use. */
async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(`${usage}\n`)
    return name === undefined ? 2 : 0
  }
  if (name === '--version') {
    const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
    process.stdout.write(`${(JSON.parse(manifest) as { version: string }).version}\n`)
    return 0
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!load) {
    process.stderr.write(`✗ COMMAND_UNKNOWN: "${name}" is not one of ${Object.keys(commands).join(', ')}\n\n${usage}\n`)
    return 2
  }
  try {
    return await (
      await load()
    )(rest)
  } catch (error) {
    process.stderr.write(`${describeFailure(error)}\n`)
    return (error as { code?: unknown }).code === 'OPTION_INVALID' ? 2 : 1
  }
}

// A reader that went away (a closed terminal, `| head`) must not break an instance that is stopping.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
process.exitCode = await main(process.argv.slice(2))
// A story or a request that was broken off may still hold the process; everything that matters is done.
process.exit()
