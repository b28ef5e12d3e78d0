/** `tallystick statement FILE…`: what bank statements say. */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { DocumentRefused } from '../../domain/documents/refusal.ts'
import { readStatements } from '../../domain/documents/read.ts'
import type { Effect, Statement, StatementEntry } from '../../domain/documents/statement.ts'
import { decimalFromMinor } from '../../domain/money/amount.ts'

const USAGE = `Usage: tallystick statement FILE… [--json]

Reads bank statements (camt.052, camt.053, camt.054, MT940, MT942) and prints their entries.
  --json  one JSON object a line for each file; amounts in minor units, as decimal strings
Exit code: 0 all read, 1 some were not, 2 wrong usage.
`

/** Runs the command and returns its exit code. */
export async function statementCommand(args: string[]): Promise<number> {
  let files: string[]
  let json: boolean
  try {
    const options = { json: { type: 'boolean', default: false } } as const
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    if (positionals.length === 0) throw new Error('No file given')
    files = positionals
    json = values.json
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`)
    return 2
  }
  let exitCode = 0
  for (const file of files) {
    try {
      const statements = readStatements(new Uint8Array(await readFile(file)))
      const text = json ? JSON.stringify({ file, statements }, minorAsText) : blockOf(file, statements)
      process.stdout.write(`${text}\n`)
    } catch (error) {
      exitCode = 1
      const { code, message } = failureOf(error)
      if (json) process.stdout.write(`${JSON.stringify({ file, error: { code, message } })}\n`)
      else process.stdout.write(`${file}\n  ${code}: ${message}\n`)
    }
  }
  return exitCode
}

function failureOf(error: unknown): { code: string; message: string } {
  if (error instanceof DocumentRefused) return error
  const code = (error as { code?: unknown }).code
  if (typeof code === 'string') return { code: 'FILE_UNREADABLE', message: (error as Error).message }
  throw error
}

/** JSON has no integers of that size: minor units are decimal strings, as everywhere. */
function minorAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

function blockOf(file: string, statements: readonly Statement[]): string {
  return [file, ...statements.flatMap(linesOf)].join('\n')
}

function linesOf({ format, id, account, balances, entries }: Statement): string[] {
  const head = [format, id, account].filter((part) => part !== undefined).join('  ')
  return [
    `  ${head}`,
    ...balances.map((one) => `    ${one.kind.padEnd(5)} ${one.date ?? ''}  ${signed(one)}`),
    ...entries.map(entryLine)
  ].map(printable)
}

function entryLine(entry: StatementEntry): string {
  const day = entry.bookingDate ?? entry.valueDate ?? ''
  const reversal = entry.reversal ? ' reversal' : ''
  const texts = entry.transactions.flatMap(({ creditorReferences, documentNumbers, remittance }) => [
    ...creditorReferences,
    ...documentNumbers,
    ...remittance
  ])
  const words = [entry.reference, ...texts].filter(Boolean).join(' · ')
  return `    ${day}  ${signed(entry)}  ${entry.status}${reversal}  ${words}`
}

function signed({ amount, currency, effect }: { amount: bigint; currency: string; effect: Effect }): string {
  return `${effect === 'debit' ? '-' : '+'}${decimalFromMinor(amount, currency)} ${currency}`
}

/** Texts come from strangers: no control characters reach the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '�')
}
