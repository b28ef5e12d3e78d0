/** Private keys that the service keeps: made here, sealed at once, opened for one signature. Nothing else ever has one. */
import { getBytes } from 'ethers'
import { requestCertificate, type Name } from '../../domain/crypto/certificate.ts'
import { CryptoError } from '../../domain/crypto/errors.ts'
import { SigningKey } from '../../domain/crypto/sm2.ts'
import { newPrivateKey, signDigest, signerOf, type KeyKind } from '../../domain/participant/private-key.ts'
import type { SignerDuty, Verifiers } from '../../domain/participant/signers.ts'
import type { Pool, Transaction } from '../database.ts'
import { inTransaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import type { Vault } from '../vault.ts'

/** All that a key is bound to: a row that was changed, or stands in for another, does not open. */
export interface KeyPlace {
  managedKeyId: string
  participantId: number
  userId: string
  duty: SignerDuty
  kind: KeyKind
  signer: string
}

function placeOf({ managedKeyId, participantId, userId, duty, kind, signer }: KeyPlace): string {
  return `managed key ${managedKeyId} ${participantId} ${userId} ${duty} ${kind} ${signer}`
}

export interface MadeKey {
  signer: string
  sealed: Buffer
  sealedUnder: string
  /** PKCS#10 of an SM2 key, DER: it proves possession, so it can only be made here. */
  certificateRequest: Buffer | null
}

/** A new key, of which only the signer can be read. `subject`: whose certificate an SM2 key is to get. */
export async function makeKey(
  vault: Vault,
  verifiers: Verifiers,
  whose: Omit<KeyPlace, 'signer'>,
  subject: Name
): Promise<MadeKey> {
  const privateKey = newPrivateKey(whose.kind)
  const signer = signerOf(whose.kind, privateKey, verifiers)
  const certificateRequest =
    whose.kind === 'sm2' ? Buffer.from(await requestCertificate(subject, new SigningKey(getBytes(privateKey)))) : null
  const sealed = vault.seal(privateKey, placeOf({ ...whose, signer }))
  return { signer, sealed, sealedUnder: vault.keyId, certificateRequest }
}

/**
 * The signature of a key over a 32-byte digest, 0x-hex.
 * @throws ApiError MANAGED_KEY_LOCKED when the vault can not open it
 */
export function signSealed(vault: Vault, place: KeyPlace, sealed: Uint8Array, digest: string): string {
  return signDigest(place.kind, opened(vault, place, sealed), digest)
}

function opened(vault: Vault, place: KeyPlace, sealed: Uint8Array): string {
  try {
    return vault.open(sealed, placeOf(place)) as string
  } catch (error) {
    if (error instanceof CryptoError) throw new ApiError('MANAGED_KEY_LOCKED', { presented: place.managedKeyId })
    throw error
  }
}

/**
 * Seals under the vault's key whatever is sealed under another one of it.
 * @returns how many it were
 * @throws Error that names a key which the vault can not open: a process that could not sign with it must not start
 */
export async function resealKeys(pool: Pool, vault: Vault): Promise<number> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<KeyPlace & { sealed: Buffer; sealedUnder: string }>(
      `select managed_key_id as "managedKeyId", participant_id as "participantId", user_id as "userId", duty, kind, signer, sealed,
              sealed_under as "sealedUnder"
         from app.managed_key where sealed is not null and sealed_under <> $1 for update`,
      [vault.keyId]
    )
    for (const row of rows) {
      const place = placeOf(row)
      await tx.query('update app.managed_key set sealed = $2, sealed_under = $3 where managed_key_id = $1', [
        row.managedKeyId,
        vault.seal(openedAtStart(vault, place, row), place),
        vault.keyId
      ])
    }
    return rows.length
  })
}

function openedAtStart(
  vault: Vault,
  place: string,
  row: { managedKeyId: string; sealed: Buffer; sealedUnder: string }
) {
  try {
    return vault.open(row.sealed, place)
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
  }
  const required = `the service key ${row.sealedUnder} is needed in otherServiceKeyFiles`
  throw new Error(`the key in custody ${row.managedKeyId} does not open: ${required}`)
}

/** How many keys in custody are sealed under which of the service's keys. */
export async function sealingKeysInUse(service: Pool | Transaction): Promise<{ keyId: string; count: number }[]> {
  const { rows } = await service.query<{ keyId: string; count: number }>(
    `select sealed_under as "keyId", count(*)::int as count from app.managed_key where sealed is not null group by 1 order by 1`
  )
  return rows
}
