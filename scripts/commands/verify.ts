/** `tallystick verify FILE`: says what an evidence package or a certificate proves, without our servers. */
import { open, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { hexlify } from 'ethers'
import { fromPem } from '../../domain/crypto/pem.ts'
import { selfTest } from '../../domain/crypto/self-test.ts'
import { parseTrustAnchors, type TrustAnchors } from '../../domain/evidence/anchors.ts'
import { EvidenceError } from '../../domain/evidence/errors.ts'
import { packageLimits } from '../../domain/evidence/package.ts'
import type { KnownBlock } from '../../domain/evidence/certificate/trust.ts'
import { verifyCertificate, type CertificateReport } from '../../domain/evidence/certificate/verify.ts'
import { requireAuthority } from '../../domain/evidence/signed.ts'
import { verifyPackage, type Report } from '../../domain/evidence/verify.ts'
import { chainReader, ChainUnreachable } from '../../client/chain-reader.ts'

const USAGE = `Usage: tallystick verify PACKAGE [--json] [--anchors FILE] [--rpc URL] [--subject ID] [--historic]
                        [--block NUMBER:HASH] [--authority FILE] [--data DIR]

Verifies an evidence package (zip) or a certificate (JSON) offline against trust anchors, and against a chain when one is
named. A certificate holds as of its block: only a chain can tell whether it is stale.
  --json          one JSON object
  --anchors FILE  the trust anchors (default: trust-anchors.json of the data folder, if there)
  --rpc URL       ask this node as well: a package that it has moved on from is stale
  --historic      it is enough that the package was true as of its newest block
  --subject ID    what the package has to be about
  --block N:HASH  a block hash that you know from elsewhere, for certificates; may be repeated
  --authority FILE  certificates (PEM or DER) of an authority that you trust, in place of those that the trust anchors
                  name; may be repeated
  --data DIR      data folder (default: TALLYSTICK_DATA, else .tallystick in the project)
Exit code: 0 verified, 1 failed, 2 wrong usage or nothing to read, 3 consistent: nothing is wrong, but not all is proven (no trust anchors, or a
quote that its factor has not signed).
`

const exitCodes = { verified: 0, failed: 1, consistent: 3 } as const

interface Options {
  file: string
  json: boolean
  anchors: string | undefined
  rpc: string | undefined
  blocks: KnownBlock[]
  authorities: string[]
  subject: string | undefined
  isHistoric: boolean
  dataDir: string
}

/** Something outside the package kept us from judging it. */
class NotVerifiable extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Runs the command and returns its exit code. */
export async function verifyCommand(args: string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(USAGE)
    return 0
  }
  const options = optionsOf(args)
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${USAGE}`)
    return 2
  }
  selfTest()
  try {
    const trusted = await anchorsOf(options)
    const report = await reportOf(options, trusted?.anchors)
    const origin = trusted?.file ?? null
    const output = options.json ? JSON.stringify({ ...report, trustAnchors: origin }) : textOf(report, origin)
    process.stdout.write(`${output}\n`)
    return exitCodes[report.result]
  } catch (error) {
    if (!(error instanceof NotVerifiable || error instanceof ChainUnreachable)) throw error
    const { code, message } = error
    if (options.json) process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`)
    else process.stderr.write(`${code}: ${message}\n`)
    return 2
  }
}

function optionsOf(args: string[]): Options | string {
  const known = {
    json: { type: 'boolean', default: false },
    anchors: { type: 'string' },
    rpc: { type: 'string' },
    subject: { type: 'string' },
    historic: { type: 'boolean', default: false },
    block: { type: 'string', multiple: true, default: [] as string[] },
    authority: { type: 'string', multiple: true, default: [] as string[] },
    data: { type: 'string' }
  } as const
  try {
    const { values, positionals } = parseArgs({ args, options: known, allowPositionals: true })
    const [file, ...others] = positionals
    if (file === undefined) return 'No package given'
    if (others.length > 0) return 'Only one package at a time'
    if (values.rpc !== undefined && !/^https?:$/.test(URL.parse(values.rpc)?.protocol ?? '')) {
      return `--rpc ${values.rpc} is not an http or https URL`
    }
    const blocks = values.block.map(blockOf)
    const projectRoot = resolve(import.meta.dirname, '../..')
    const dataDir = values.data ?? (process.env['TALLYSTICK_DATA'] || join(projectRoot, '.tallystick'))
    const { json, anchors, rpc, subject, historic: isHistoric, authority: authorities } = values
    return { file, json, anchors, rpc, subject, isHistoric, blocks, authorities, dataDir }
  } catch (error) {
    return (error as Error).message
  }
}

/** Throws for what is no `NUMBER:HASH`. */
function blockOf(text: string): KnownBlock {
  const match = /^(0|[1-9][0-9]{0,15}):(0x[0-9a-f]{64})$/.exec(text)
  if (!match) throw new Error(`--block ${text} is not NUMBER:HASH`)
  return { number: Number(match[1]), hash: match[2] as string }
}

/** Never looks beside the package: whoever made the package could have put them there. */
async function anchorsOf(options: Options): Promise<{ file: string; anchors: TrustAnchors } | undefined> {
  const file = resolve(options.anchors ?? join(options.dataDir, 'trust-anchors.json'))
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (options.anchors === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') {
      if (options.authorities.length === 0) return undefined
      throw new NotVerifiable(
        'ANCHORS_UNREADABLE',
        'An authority says whose keys these are only beside trust anchors: --anchors FILE'
      )
    }
    throw new NotVerifiable('ANCHORS_UNREADABLE', `The trust anchors can't be read: ${(error as Error).message}`)
  }
  try {
    const anchors = parseTrustAnchors(JSON.parse(text))
    if (options.authorities.length === 0) return { file, anchors }
    const authorities = (await Promise.all(options.authorities.map(authoritiesIn))).flat()
    return { file, anchors: { ...anchors, authorities } }
  } catch (error) {
    if (!(error instanceof EvidenceError || error instanceof SyntaxError)) throw error
    throw new NotVerifiable('ANCHORS_MALFORMED', `${file}: ${error.message}`)
  }
}

/** Certificates of authorities in a file, DER as 0x-hex. */
async function authoritiesIn(name: string): Promise<string[]> {
  try {
    const bytes = await readFile(name)
    const isPem = bytes.includes('-----BEGIN CERTIFICATE-----')
    const ders = isPem ? fromPem(bytes.toString('utf8')).map(({ der }) => der) : [bytes]
    const authorities = ders.map((der) => hexlify(der))
    authorities.forEach(requireAuthority)
    return authorities
  } catch (error) {
    throw new NotVerifiable('AUTHORITY_UNREADABLE', `The authority ${name} can't be read: ${(error as Error).message}`)
  }
}

/** A certificate is JSON and begins with a brace, which no zip does. */
async function reportOf(options: Options, anchors: TrustAnchors | undefined): Promise<Report | CertificateReport> {
  const bytes = await packageBytes(options.file)
  const chain = options.rpc === undefined ? undefined : chainReader(options.rpc)
  try {
    if (bytes[0] === 0x7b) return await verifyCertificate(bytes, { anchors, chain, blocks: options.blocks })
    const { subject, isHistoric } = options
    return await verifyPackage(bytes, anchors, chain, { subject, isHistoric })
  } finally {
    chain?.close()
  }
}

/** Reads one byte more than a package may have at most, so that a huge file is refused without being read. */
async function packageBytes(file: string): Promise<Uint8Array> {
  try {
    await using handle = await open(file, 'r')
    const { size } = await handle.stat()
    const length = Math.min(size, packageLimits.totalBytes + 1)
    const bytes = new Uint8Array(length)
    let read = 0
    while (read < length) {
      const { bytesRead } = await handle.read(bytes, read, length - read)
      if (bytesRead === 0) break
      read += bytesRead
    }
    return bytes.subarray(0, read)
  } catch (error) {
    throw new NotVerifiable('FILE_UNREADABLE', `The package can't be read: ${(error as Error).message}`)
  }
}

function textOf(report: Report | CertificateReport, origin: string | null): string {
  const lines = [origin === null ? 'Trust anchors: none' : `Trust anchors: ${origin}`]
  for (const { name, ok, detail, code } of report.checks) {
    const mark = ok === null ? '–' : ok ? '✓' : '✗'
    lines.push(`${mark} ${name.padEnd(14)} ${code ? `${code}: ` : ''}${printable(detail)}`)
  }
  const history = 'certificate' in report ? report.certificate?.words : (report as Report).outcome?.history
  if (history) lines.push('', ...history.map((line) => `  ${printable(line)}`), '')
  return [...lines, printable(report.summary)].join('\n')
}

/** Names and messages may come from the package: no control characters reach the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '�')
}
