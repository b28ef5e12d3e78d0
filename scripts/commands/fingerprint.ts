/** `tallystick fingerprint FILE…`: what the documents say, and the fingerprint of each. */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { NormalisedInvoice, Party } from '../../domain/documents/invoice.ts'
import { parseLedgerMapping, type LedgerMapping } from '../../domain/documents/ledger-mapping.ts'
import { DocumentRefused } from '../../domain/documents/refusal.ts'
import { readInvoices } from '../../domain/documents/read.ts'
import { DEVELOPMENT_FINGERPRINT_KEY } from '../../domain/fingerprint/fingerprint.ts'
import { identitiesOf, type Identity } from '../../domain/fingerprint/identity.ts'
import { epochOf, fingerprintsOf, keyRingOf, type KeyRing } from '../../domain/fingerprint/keys.ts'
import { decimalFromMinor } from '../../domain/money/amount.ts'

const USAGE = `Usage: tallystick fingerprint FILE… [--json] [--mapping FILE] [--key-file FILE] [--epoch N]

Reads e-invoices (UBL 2.x, CII, 数电票 XML, OFD, FatturaPA, EDIFACT INVOIC, PDF with XML embedded) and ledgers (CSV, one
invoice a row) and prints what they say. A file is read as a whole or refused as a whole.
  --json           one JSON object a line for each invoice
  --mapping FILE   JSON that says which columns of a ledger hold what, and how it writes dates and amounts
                   (default: by the names that exports in English, German and Chinese use)
  --key-file FILE  the fingerprint key: 64 hex digits (default: the public development key); once for each key in force
  --epoch N        epoch of the key, 1 to 65535 (default 1); with several keys the epoch of each, in their order
Exit code: 0 all read and identified, 1 some were not, 2 wrong usage.
`

interface Options {
  readonly files: readonly string[]
  readonly json: boolean
  readonly mapping: LedgerMapping | undefined
  readonly keys: KeyRing
}

interface Failure {
  readonly code: string
  readonly message: string
}

/** What came of a file, or of each invoice in it: refused, read but not identified, or all of it. */
type Outcome =
  | { readonly file: string; readonly error: Failure }
  | { readonly file: string; readonly invoice: NormalisedInvoice; readonly identityError: Failure }
  | {
      readonly file: string
      readonly invoice: NormalisedInvoice
      readonly identity: Identity
      /** Under each key, the newest first. */
      readonly fingerprints: readonly string[]
    }

/** Runs the command and returns its exit code. */
export async function fingerprintCommand(args: string[]): Promise<number> {
  const options = await optionsOf(args)
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${USAGE}`)
    return 2
  }
  let exitCode = 0
  for (const file of options.files) {
    for (const outcome of await outcomesOf(file, options)) {
      if (!('fingerprints' in outcome)) exitCode = 1
      process.stdout.write(options.json ? `${JSON.stringify(objectOf(outcome))}\n` : `${blockOf(outcome)}\n`)
    }
  }
  return exitCode
}

/** The parsed arguments, or what is wrong with them. */
async function optionsOf(args: string[]): Promise<Options | string> {
  const known = {
    json: { type: 'boolean', default: false },
    mapping: { type: 'string' },
    'key-file': { type: 'string', multiple: true },
    epoch: { type: 'string', multiple: true }
  } as const
  try {
    const { values, positionals } = parseArgs({ args, options: known, allowPositionals: true })
    if (positionals.length === 0) return 'No file given'
    const files = values['key-file'] ?? []
    const epochs = values.epoch ?? ['1']
    const wrong = epochs.find((epoch) => !/^[0-9]+$/.test(epoch) || Number(epoch) < 1 || Number(epoch) > 0xffff)
    if (wrong !== undefined) return `--epoch ${wrong} is not 1 to 65535`
    if (epochs.length !== Math.max(files.length, 1)) return 'Give --epoch once for each --key-file'
    const keys = files.length === 0 ? [DEVELOPMENT_FINGERPRINT_KEY] : await Promise.all(files.map(keyOf))
    const ring = keyRingOf(keys.map((key, index) => ({ key, epoch: Number(epochs[index]) })))
    const mapping =
      values.mapping === undefined ? undefined : parseLedgerMapping(await readFile(values.mapping, 'utf8'))
    return { files: positionals, json: values.json, mapping, keys: ring }
  } catch (error) {
    return (error as Error).message
  }
}

async function keyOf(file: string): Promise<Uint8Array> {
  const text = (await readFile(file, 'utf8')).trim().replace(/^0x/, '')
  // The message must not repeat what the file holds: it may be a key in another form.
  if (!/^[0-9a-fA-F]{64}$/.test(text)) throw new Error(`--key-file ${file} does not hold 64 hex digits`)
  return new Uint8Array(Buffer.from(text, 'hex'))
}

async function outcomesOf(file: string, { mapping, keys }: Options): Promise<Outcome[]> {
  try {
    return readInvoices(await bytesOf(file), mapping).map((invoice) => outcomeOf(file, invoice, keys))
  } catch (error) {
    return [{ file, error: failureOf(error) }]
  }
}

function outcomeOf(file: string, invoice: NormalisedInvoice, keys: KeyRing): Outcome {
  try {
    const identities = identitiesOf(invoice)
    return { file, invoice, identity: identities[0], fingerprints: fingerprintsOf(identities, keys) }
  } catch (error) {
    return { file, invoice, identityError: failureOf(error) }
  }
}

class FileUnreadable extends Error {}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new FileUnreadable(`The file cannot be read: ${(error as Error).message}`)
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof DocumentRefused) return error.toJSON()
  if (error instanceof FileUnreadable) return { code: 'FILE_UNREADABLE', message: error.message }
  throw error
}

/** Fields of `--json`. Absent fields are left out, amounts are minor units as decimal strings. */
function objectOf(outcome: Outcome): object {
  if ('error' in outcome) return outcome
  const { file, invoice } = outcome
  const read = {
    file,
    row: rowOf(invoice),
    format: invoice.format,
    type: invoice.class,
    number: invoice.number,
    issueDate: invoice.issueDate,
    dueDate: invoice.dueDate,
    currency: invoice.currency,
    payable: String(invoice.payable),
    gross: invoice.gross === undefined ? undefined : String(invoice.gross),
    seller: partyObjectOf(invoice.seller),
    buyer: partyObjectOf(invoice.buyer),
    payee: invoice.payee && partyObjectOf(invoice.payee),
    preceding: invoice.preceding.length > 0 ? invoice.preceding : undefined
  }
  if ('identityError' in outcome)
    return { ...read, identity: null, fingerprint: null, identityError: outcome.identityError }
  const { identity, fingerprints } = outcome
  return { ...read, identity, fingerprint: fingerprints[0], ...(fingerprints.length > 1 ? { fingerprints } : {}) }
}

/** Of a ledger, as spreadsheets count. */
function rowOf({ provenance }: NormalisedInvoice): number | undefined {
  const row = /^\/row ([0-9]+)\//.exec(provenance['number'] ?? '')?.[1]
  return row === undefined ? undefined : Number(row)
}

function partyObjectOf({ ids, ...identifiers }: Party): object {
  return ids.length > 0 ? { ...identifiers, ids } : identifiers
}

/** The same for people. */
function blockOf(outcome: Outcome): string {
  if ('error' in outcome)
    return `${printable(outcome.file)}\n  refused      ${outcome.error.code}: ${printable(outcome.error.message)}\n`
  const { file, invoice } = outcome
  const money = (minor: bigint): string => `${decimalFromMinor(minor, invoice.currency)} ${invoice.currency}`
  const rows: [string, string | undefined][] = [
    ['document', `${invoice.format}, ${invoice.class === 'R' ? 'receivable' : 'credit'}`],
    ['row', rowOf(invoice)?.toString()],
    ['number', invoice.number],
    ['issued', invoice.issueDate],
    ['due', invoice.dueDate],
    ['payable', money(invoice.payable)],
    ['gross', invoice.gross === undefined ? undefined : money(invoice.gross)],
    ['seller', partyLineOf(invoice.seller)],
    ['buyer', partyLineOf(invoice.buyer)],
    ['payee', invoice.payee && partyLineOf(invoice.payee)],
    ['preceding', invoice.preceding.join(', ') || undefined]
  ]
  if ('identityError' in outcome)
    rows.push(['fingerprint', `none, ${outcome.identityError.code}: ${outcome.identityError.message}`])
  else {
    rows.push(['identity', outcome.identity.join(' · ')])
    for (const one of outcome.fingerprints) rows.push(['fingerprint', `${one} (epoch ${epochOf(one)})`])
  }
  const lines = rows.flatMap(([label, value]) =>
    value === undefined ? [] : [`  ${label.padEnd(13)}${printable(value)}`]
  )
  return `${printable(file)}\n${lines.join('\n')}\n`
}

function partyLineOf({ name, vat, uscc, tax, legal, endpoint, ids }: Party): string {
  const identifier = vat ?? uscc ?? tax ?? legal?.v ?? ids[0]?.v ?? endpoint?.v
  return [name, identifier].filter((part) => part !== undefined).join(', ') || '(not given)'
}

/** Text from a stranger's file must not steer the terminal: control and bidi characters are shown as escapes. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}
