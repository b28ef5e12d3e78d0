/** `tallystick samples --out DIR`: writes documents of invented firms in every format that is read. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sampleSet } from '../../domain/documents/samples/set.ts'

const USAGE = `Usage: tallystick samples --out DIR

Writes sample documents of invented firms to a folder: one invoice in UBL, CII, Factur-X, FatturaPA and EDIFACT with its
credit and debit notes; a blue and a red 数电票 in XML and OFD; a VAT invoice; ledgers in CSV; the bank statement that pays
them in camt.053, camt.054 and MT940. Files that are there already are left as they are.
Exit code: 0 all written, 1 some were there already or could not be written, 2 wrong usage.
`

/** Runs the command and returns its exit code. */
export async function samplesCommand(args: string[]): Promise<number> {
  let folder: string
  try {
    const { values } = parseArgs({ args, options: { out: { type: 'string' } } })
    if (values.out === undefined || values.out === '') throw new Error('No folder given')
    folder = values.out
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`)
    return 2
  }
  let exitCode = 0
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    process.stderr.write(`✗ ${folder}: ${(error as Error).message}\n`)
    return 1
  }
  for (const [name, bytes] of Object.entries(await sampleSet())) {
    const file = join(folder, name)
    try {
      await writeFile(file, bytes, { flag: 'wx' })
      process.stdout.write(`✓ ${file}\n`)
    } catch (error) {
      exitCode = 1
      const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST'
      process.stderr.write(`✗ ${file}: ${isThere ? 'is there already' : (error as Error).message}\n`)
    }
  }
  return exitCode
}
