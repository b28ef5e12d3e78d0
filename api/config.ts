import { readFile } from 'node:fs/promises'
import type { Deployment } from '../domain/chain/contracts.ts'

/** What the api's processes are given: one JSON file, read once. Secrets are named by file, never inlined. */
export interface ApiConfig {
  host: string
  port: number
  databaseUrl: string
  rpcUrl: string
  deployment: Deployment
  /** File with the consortium's fingerprint key, 32 bytes hex, and its epoch. */
  fingerprintKeyFile: string
  fingerprintKeyEpoch: number
  /** File with the service's key, 32 bytes hex: what was read from documents is sealed under it. */
  serviceKeyFile: string
  /** Address whose signature is on the log heads. */
  logOperator: string
  /** File with the operator's private key (0x-hex): it signs certificates too. */
  operatorKeyFile: string
}

export interface RelayerConfig {
  databaseUrl: string
  rpcUrl: string
  deployment: Deployment
  /** File with the private key (0x-hex) that pays for transactions, anchors and signs log heads. */
  keyFile: string
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
