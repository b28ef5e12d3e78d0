/** `tallystick unseal PACKAGE --key FILE --out FILE`: opens what a package has sealed to a reader, on the reader's machine. */
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { keyIdOf, unwrapWith } from '../../domain/crypto/envelope.ts'
import { CryptoError } from '../../domain/crypto/errors.ts'
import { importPrivateKey } from '../../domain/crypto/keys.ts'
import { selfTest } from '../../domain/crypto/self-test.ts'
import { publicKeyOf } from '../../domain/crypto/sm2.ts'
import { EvidenceError } from '../../domain/evidence/errors.ts'
import { unsealPackage } from '../../domain/evidence/sealed.ts'

const USAGE = `Usage: tallystick unseal PACKAGE --key FILE --out FILE [--passphrase-file FILE]

Opens the documents of an evidence package that are sealed to a reader, and writes the package with them in clear.
  --key FILE              the reader's SM2 private key: PKCS#8 or SEC1, PEM or DER, encrypted or not
  --passphrase-file FILE  its passphrase, the first line of a file
  --out FILE              where to write; a file that is there is not written over
Exit code: 0 written, 1 refused, 2 wrong usage or nothing to read.
`

/** Runs the command and returns its exit code. */
export async function unsealCommand(args: string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(USAGE)
    return 0
  }
  const known = { key: { type: 'string' }, out: { type: 'string' }, 'passphrase-file': { type: 'string' } } as const
  try {
    const { values, positionals } = parseArgs({ args, options: known, allowPositionals: true })
    const [file] = positionals
    if (positionals.length !== 1 || !file || !values.key || !values.out)
      throw new TypeError('Name a package, --key and --out')
    selfTest()
    const passphrase = values['passphrase-file'] && (await readFile(values['passphrase-file'], 'utf8')).split('\n')[0]
    const secret = importPrivateKey(await keyFileOf(values.key), passphrase)
    const keyId = keyIdOf(publicKeyOf(secret))
    const clear = await unsealPackage(new Uint8Array(await readFile(file)), keyId, unwrapWith(secret))
    await writeFile(values.out, clear, { flag: 'wx', mode: 0o600 })
    process.stdout.write(`${values.out}: the documents sealed to ${keyId} are in clear\n`)
    return 0
  } catch (error) {
    if (error instanceof EvidenceError || error instanceof CryptoError) {
      process.stderr.write(`${error.code}: ${error.message}\n`)
      return 1
    }
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`)
    return 2
  }
}

/** PEM as text, DER as bytes. */
async function keyFileOf(name: string): Promise<string | Uint8Array> {
  const bytes = await readFile(name)
  return bytes.includes('-----BEGIN') ? bytes.toString('utf8') : new Uint8Array(bytes)
}
