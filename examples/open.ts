/** What every example needs: the api, the firm's keys from its key files, and what it signs for. */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import {
  Api,
  knownOf,
  openKeyFile,
  parseKeyFile,
  signerOfFile,
  type IntentSigner,
  type Known
} from '../client/index.ts'

/** One firm at the api. */
export interface Firm {
  api: Api
  participantId: number
  signers: readonly IntentSigner[]
  /** Registry and account that it signs for: from the key file, never from the api. */
  known: Known
}

/** Opens the key files of one firm (maker, and checker where it has one); one of them holds the API key. */
export async function openFirm(apiUrl: string, files: readonly string[], passphrase: string): Promise<Firm> {
  const opened = await Promise.all(
    files.map(async (path) => {
      const file = parseKeyFile(await readFile(path, 'utf8'))
      return { file, secret: await openKeyFile(file, passphrase) }
    })
  )
  const [first] = opened
  if (!first) throw new Error('give at least one key file')
  const apiKey = opened.find(({ secret }) => secret.apiKey !== undefined)?.secret.apiKey
  return {
    // Short outages are waited out: every request is safe to repeat.
    api: new Api({ baseUrl: apiUrl, credential: () => apiKey, patience: 30_000 }),
    participantId: first.file.participantId,
    signers: opened.map(({ file, secret }) => signerOfFile(file, secret)),
    known: knownOf(first.file)
  }
}

/** `--url URL --key FILE [--key FILE] --passphrase-file FILE [argument …]` */
export async function fromCommandLine(): Promise<{ firm: Firm; url: string; rest: string[] }> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:8080' },
      key: { type: 'string', multiple: true, default: [] as string[] },
      'passphrase-file': { type: 'string' }
    }
  })
  if (values['passphrase-file'] === undefined) throw new Error('give --passphrase-file FILE')
  const passphrase = (await readFile(values['passphrase-file'], 'utf8')).trim()
  return { firm: await openFirm(values.url, values.key, passphrase), url: values.url, rest: positionals }
}
