import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getBytes } from 'ethers'
import { SoftwareKeyStore } from '../../domain/crypto/key-store.ts'
import { exportPkcs8Pem } from '../../domain/crypto/keys.ts'
import { InstanceError } from '../instance/instance-error.ts'
import { cast } from './cast.ts'
import { newPrivateKey, type SignerKey } from './signing.ts'

/** Keys of the embedded world. In production every participant keeps its own and none of this exists. */
export interface WorldKeys {
  /** Deploys; holds the AccessManager's admin and governance roles. */
  deployer: string
  /** Admits participants and helps those who lost their keys. */
  registrar: string
  /** Relays and anchors. */
  operator: string
  /** SM2, of the certificates' authority. */
  authority: { root: string; issuing: string }
  /** Signs log heads. */
  log: ServiceKey
  /** Signs certificates about the chain. */
  statements: ServiceKey
  /** 32 bytes hex: the consortium's fingerprint key. */
  fingerprint: string
  /** 32 bytes hex: the api seals under it what it has to read again. */
  service: string
  participants: Record<string, ParticipantKeys>
}

/** An SM2 key in a store of its own, and the 32 bytes that the store is sealed under; 0x-hex. */
export interface ServiceKey {
  signing: string
  keyEncryptionKey: string
}

export interface ParticipantKeys {
  signers: SignerKey[]
  apiKey: string
  /** SM2 private key, 0x-hex, that opens documents sealed to the participant. */
  encryption: string
}

export const keyFiles = (dataDir: string) => ({
  world: join(dataDir, 'keys', 'world.json'),
  operator: join(dataDir, 'keys', 'operator.key'),
  fingerprint: join(dataDir, 'keys', 'fingerprint.key'),
  service: join(dataDir, 'keys', 'service.key'),
  /** Made by the api. */
  session: join(dataDir, 'keys', 'session.pem'),
  stores: {
    log: storeFiles(dataDir, 'log'),
    statements: storeFiles(dataDir, 'statements')
  },
  /** PKCS#8 in PEM, for `tallystick unseal`. */
  encryption: (slug: string) => join(dataDir, 'keys', `${slug}.encryption.pem`)
})

function storeFiles(dataDir: string, name: string) {
  const file = join(dataDir, 'keys', `${name}.store.json`)
  return { keyStoreFile: file, keyEncryptionKeyFile: join(dataDir, 'keys', `${name}.store.key`) }
}

/** Reads the keys of a data folder. */
export async function readKeys(dataDir: string): Promise<WorldKeys> {
  return JSON.parse(await readFile(keyFiles(dataDir).world, 'utf8')) as WorldKeys
}

/** Reads the keys, or makes and keeps them on the first start. */
export async function ensureKeys(dataDir: string): Promise<WorldKeys> {
  const files = keyFiles(dataDir)
  // Only where there are none are new ones made: a file that can't be read must not be written over.
  const known = await readKeys(dataDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  if (known && !('authority' in known && cast.every(({ slug }) => slug in known.participants))) {
    throw new InstanceError(
      'DATA_FOLDER_OLDER',
      `the data folder ${dataDir} was made by an older version (before the registry signed by SM2, or had a registrar), and can't go on`,
      'begin anew with --fresh (it deletes all data), or give another folder with --data DIR'
    )
  }
  const keys = known ?? newKeys()
  await mkdir(join(dataDir, 'keys'), { recursive: true, mode: 0o700 })
  if (!known) await writeSecret(files.world, JSON.stringify(keys, null, 2))
  await writeSecret(files.operator, keys.operator)
  await writeSecret(files.fingerprint, keys.fingerprint)
  await writeSecret(files.service, keys.service)
  for (const name of ['log', 'statements'] as const) await writeStore(files.stores[name], keys[name])
  for (const [slug, { encryption }] of Object.entries(keys.participants)) {
    await writeSecret(files.encryption(slug), exportPkcs8Pem(getBytes(encryption)).trim())
  }
  return keys
}

function newKeys(): WorldKeys {
  const key = () => newPrivateKey('secp256k1')
  return {
    deployer: key(),
    registrar: key(),
    operator: key(),
    authority: { root: newPrivateKey('sm2'), issuing: newPrivateKey('sm2') },
    log: newServiceKey(),
    statements: newServiceKey(),
    fingerprint: `0x${randomBytes(32).toString('hex')}`,
    service: `0x${randomBytes(32).toString('hex')}`,
    participants: Object.fromEntries(
      cast.map(({ slug, signers }) => [
        slug,
        {
          signers: signers.map((one) => ({ ...one, privateKey: newPrivateKey(one.kind) })),
          apiKey: `ts_${randomBytes(24).toString('base64url')}`,
          encryption: newPrivateKey('sm2')
        }
      ])
    )
  }
}

function newServiceKey(): ServiceKey {
  return { signing: newPrivateKey('sm2'), keyEncryptionKey: `0x${randomBytes(32).toString('hex')}` }
}

/** Only where there is none: keys that came into it later must stay. */
async function writeStore(files: ReturnType<typeof storeFiles>, { signing, keyEncryptionKey }: ServiceKey) {
  await writeSecret(files.keyEncryptionKeyFile, keyEncryptionKey)
  if (existsSync(files.keyStoreFile)) return
  const store = new SoftwareKeyStore()
  await store.import(getBytes(signing), { uses: ['sign'] })
  const content = store.toFile({ keyEncryptionKey: getBytes(keyEncryptionKey) })
  await writeSecret(files.keyStoreFile, Buffer.from(content).toString('utf8').trim())
}

async function writeSecret(file: string, content: string): Promise<void> {
  await writeFile(`${file}.new`, `${content}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
}
