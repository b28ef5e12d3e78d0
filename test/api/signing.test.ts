import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SigningFiles } from '../../api/config.ts'
import { openSigner } from '../../api/signing.ts'
import { parseCertificate } from '../../domain/crypto/certificate.ts'
import { verify } from '../../domain/crypto/sm2.ts'
import { certificateFiles, ensureCertificates } from '../../scripts/world/authority.ts'
import { ensureKeys, keyFiles } from '../../scripts/world/keys.ts'

const dir = mkdtempSync(join(tmpdir(), 'tallystick-signing-'))
let log: SigningFiles
let statements: SigningFiles

beforeAll(async () => {
  await ensureCertificates(dir, await ensureKeys(dir))
  const { stores } = keyFiles(dir)
  const files = certificateFiles(dir)
  log = { ...stores.log, certificateFile: files.log }
  statements = { ...stores.statements, certificateFile: files.statements }
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const file = (name: string, content: string) => {
  const path = join(dir, name)
  writeFileSync(path, content)
  return path
}

describe("a process's own SM2 key", () => {
  it('comes from its store and signs under its certificate', async () => {
    const signer = await openSigner(log)
    const message = new TextEncoder().encode('head')
    expect(verify(parseCertificate(signer.certificate).publicKey, message, await signer.sign(message))).toBe(true)
    expect(signer.intermediates).toHaveLength(1)
    expect((await openSigner(statements)).publicKey).not.toEqual(signer.publicKey)
  })

  it('is in no clear form in the store, and the store stays when the keys are made sure of again', async () => {
    const content = readFileSync(log.keyStoreFile, 'utf8')
    const keys = await ensureKeys(dir)
    const secret = Buffer.from(keys.log.signing.slice(2), 'hex')
    for (const form of ['hex', 'base64'] as const) expect(content).not.toContain(secret.toString(form))
    expect(readFileSync(log.keyStoreFile, 'utf8')).toBe(content)
  })

  it.each<[string, () => SigningFiles, RegExp]>([
    [
      'without its store',
      () => ({ ...log, keyStoreFile: join(dir, 'none') }),
      /none can't be used for signing: ENOENT/
    ],
    [
      'that another key locks',
      () => ({ ...log, keyEncryptionKeyFile: statements.keyEncryptionKeyFile }),
      /log\.store\.json can't be used for signing: KEY_STORE_LOCKED/
    ],
    ['that is no store', () => ({ ...log, keyStoreFile: file('broken', '{') }), /KEY_STORE_MALFORMED/],
    [
      'with the certificate of another key',
      () => ({ ...log, certificateFile: statements.certificateFile }),
      /KEY_UNKNOWN/
    ],
    ['without a certificate', () => ({ ...log, certificateFile: file('empty.pem', '') }), /no certificate in the text/]
  ])('%s is refused by name', async (_, files, message) => {
    await expect(openSigner(files())).rejects.toThrow(message)
  })

  const own = {
    'api/main.ts': () => ({
      host: '127.0.0.1',
      port: 0,
      fingerprintKeys: [{ file: keyFiles(dir).fingerprint, epoch: 1 }],
      serviceKeyFile: keyFiles(dir).service,
      sessionKeyFile: join(dir, 'session.pem'),
      logKeys: [],
      certificateKeys: [],
      authorities: []
    }),
    'api/relayer/main.ts': () => ({ keyFile: keyFiles(dir).operator, pollMs: 50 })
  }
  it.each(['api/main.ts', 'api/relayer/main.ts'] as const)('is needed for %s to start', async (entry) => {
    const config = {
      ...own[entry](),
      rpcUrl: 'http://127.0.0.1:1',
      databaseUrl: 'postgres://127.0.0.1:1/none',
      deployment: { chainId: 1, participants: '0x', receivables: '0x' },
      signing: { ...log, keyStoreFile: join(dir, 'gone.json') }
    }
    const path = fileURLToPath(new URL(`../../${entry}`, import.meta.url))
    const run = promisify(execFile)(process.execPath, [path, '--config', file('config.json', JSON.stringify(config))])
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/gone\.json can't be used for signing: ENOENT/)
    })
  })

  it('is not made for a data folder of before', async () => {
    const old = mkdtempSync(join(tmpdir(), 'tallystick-signing-'))
    try {
      await ensureKeys(old)
      const world = JSON.parse(readFileSync(keyFiles(old).world, 'utf8')) as Record<string, unknown>
      delete world['authority']
      writeFileSync(keyFiles(old).world, JSON.stringify(world))
      await expect(ensureKeys(old)).rejects.toMatchObject({
        code: 'DATA_FOLDER_OLDER',
        remedy: expect.stringContaining('--fresh')
      })
    } finally {
      rmSync(old, { recursive: true, force: true })
    }
  })
})
