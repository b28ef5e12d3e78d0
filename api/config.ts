import { readFile } from 'node:fs/promises'
import type { Deployment } from '../domain/chain/contracts.ts'

/** A process's own SM2 key. Each process has a store of its own: who breaks into one can't sign as the other. */
export interface SigningFiles {
  /** Made by `SoftwareKeyStore.toFile`, sealed under the key of the next file. */
  keyStoreFile: string
  /** 32 bytes hex. In production handed over by another system, never kept beside the store. */
  keyEncryptionKeyFile: string
  /** PEM: the certificate of the key that signs, then those between it and an authority. */
  certificateFile: string
}

/** What the api's processes are given: one JSON file, read once. Secrets are named by file, never inlined. */
export interface ApiConfig {
  host: string
  port: number
  databaseUrl: string
  rpcUrl: string
  deployment: Deployment
  /**
   * Files with the consortium's fingerprint keys, 32 bytes hex each, and their epochs: the one of the highest epoch is current, the
   * others are those under which claims may still live (docs/adr/0016).
   */
  fingerprintKeys: { file: string; epoch: number }[]
  /** File with the service's key, 32 bytes hex: what was read from documents is sealed under it. */
  serviceKeyFile: string
  /** Signs certificates. */
  signing: SigningFiles
  /** SM2 keys (x‖y, 0x-hex) that may sign log heads, and those that may sign certificates: several while one follows another. */
  logKeys: string[]
  certificateKeys: string[]
  /** DER (0x-hex) of the authorities whose certificates participants and the service itself have. */
  authorities: string[]
}

export interface RelayerConfig {
  databaseUrl: string
  rpcUrl: string
  deployment: Deployment
  /** File with the private key (0x-hex) that pays for transactions and anchors. */
  keyFile: string
  /** Signs log heads. */
  signing: SigningFiles
  /** How often to look, milliseconds. */
  pollMs: number
}

/** Reads `--config FILE`. */
export async function readConfig<T>(args: readonly string[]): Promise<T> {
  const at = args.indexOf('--config')
  const file = at >= 0 ? args[at + 1] : undefined
  if (!file) throw new Error('give the configuration: --config FILE')
  return JSON.parse(await readFile(file, 'utf8')) as T
}

/** First line of a key file, without white space. */
export async function readKey(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim()
}
