import { getBytes } from 'ethers'
import { utf8 } from '../domain/crypto/bytes.ts'
import { CryptoError } from '../domain/crypto/errors.ts'
import { hmacSm3 } from '../domain/crypto/hash.ts'
import { open, seal } from '../domain/crypto/sm4.ts'
import { canonicalBytes } from '../domain/fingerprint/fingerprint.ts'
import { readKey, type ApiConfig } from './config.ts'

/** Seals what the service itself has to read again: JSON for one place, so that no row can stand in for another. */
export interface Vault {
  /** Names the key that is sealed under from now on; tells nothing of it. 8 hex digits. */
  readonly keyId: string
  /** `place` names table and row. */
  seal(value: unknown, place: string): Buffer
  /** Throws CryptoError SEALED_MISMATCH for a key that it does not have, or another place. */
  open(sealed: Uint8Array, place: string): unknown
  /** 32 bytes by which equal values are found: HMAC-SM3 under a key for that use, which tells nothing to who has no key. */
  digest(value: readonly string[], use: string): Buffer
}

export interface VaultKeys {
  /** 32 bytes each: what was sealed under them is opened as well. */
  others?: readonly Uint8Array[]
  /** Of digests, where it is another than the one that seals: digests that are kept must go on being found. */
  digestKey?: Uint8Array
}

/** A vault that seals under one key of 32 bytes. */
export function vaultOf(key: Uint8Array, { others = [], digestKey = key }: VaultKeys = {}): Vault {
  const keys = new Map<string, Uint8Array>()
  const keyFor = (use: string): Uint8Array => {
    const derived = keys.get(use) ?? hmacSm3(digestKey, utf8(`tallystick digest ${use}`))
    keys.set(use, derived)
    return derived
  }
  return {
    keyId: Buffer.from(hmacSm3(key, utf8('tallystick key id'))).toString('hex', 0, 4),
    seal: (value, place) => Buffer.from(seal(key, utf8(JSON.stringify(value)), utf8(place))),
    open: (sealed, place) => JSON.parse(new TextDecoder().decode(openBy([key, ...others], sealed, place))) as unknown,
    digest: (value, use) => Buffer.from(hmacSm3(keyFor(use), canonicalBytes(value)))
  }
}

/** By whichever of the keys it was sealed under. */
function openBy(keys: readonly Uint8Array[], sealed: Uint8Array, place: string): Uint8Array {
  for (const key of keys) {
    try {
      return open(key, sealed, utf8(place))
    } catch (error) {
      if (!(error instanceof CryptoError) || error.code !== 'SEALED_MISMATCH') throw error
    }
  }
  throw new CryptoError('SEALED_MISMATCH')
}

/** The vault of a configuration. */
export async function openVault(
  files: Pick<ApiConfig, 'serviceKeyFile' | 'otherServiceKeyFiles' | 'digestKeyFile'>
): Promise<Vault> {
  const { serviceKeyFile, otherServiceKeyFiles = [], digestKeyFile = serviceKeyFile } = files
  const bytesOf = async (file: string): Promise<Uint8Array> => getBytes(await readKey(file))
  return vaultOf(await bytesOf(serviceKeyFile), {
    others: await Promise.all(otherServiceKeyFiles.map(bytesOf)),
    digestKey: await bytesOf(digestKeyFile)
  })
}
