import { toPem } from '../../domain/crypto/pem.ts'
import { canMove, livingStates, type ManagedKeyState } from '../../domain/participant/managed-key.ts'
import type { KeyKind } from '../../domain/participant/private-key.ts'
import type { AccountSigner, Quorum, SignerDuty } from '../../domain/participant/signers.ts'
import type { Pool, Transaction } from '../database.ts'
import type { KeyPlace, MadeKey } from './custody.ts'

/** A key in custody as people see it. */
export interface ManagedKey {
  managedKeyId: string
  userId: string
  duty: SignerDuty
  kind: KeyKind
  /** ERC-7913, 0x-hex. */
  signer: string
  state: ManagedKeyState
  /** Whether the directory has it among the account's signers. */
  isSigner: boolean
  /** PKCS#10 of an SM2 key, PEM. */
  certificateRequest: string | null
  intentId: string
  removalIntentId: string | null
  createdBy: string
  createdAt: string
  changedAt: string
}

type Row = Omit<ManagedKey, 'createdAt' | 'changedAt' | 'certificateRequest'> & {
  createdAt: Date
  changedAt: Date
  request: Buffer | null
}

/** Of the caller's participant, oldest first; of one user, or one key, where asked for. */
export async function managedKeysOf(
  client: Pool | Transaction,
  participantId: number,
  { userId, managedKeyId }: { userId?: string | undefined; managedKeyId?: string } = {}
): Promise<ManagedKey[]> {
  const { rows } = await client.query<Row>({
    name: 'managed-key.list',
    text: `select k.managed_key_id as "managedKeyId", k.user_id as "userId", k.duty, k.kind, k.signer, k.state,
                  exists (select from jsonb_array_elements(p.signers) one where lower(one ->> 'signer') = k.signer) as "isSigner",
                  k.certificate_request as request, k.intent_id as "intentId", k.removal_intent_id as "removalIntentId", k.created_by as "createdBy",
                  k.created_at as "createdAt", k.changed_at as "changedAt"
             from app.managed_key k join app.participant p using (participant_id)
            where k.participant_id = $1 and ($2::uuid is null or k.user_id = $2) and ($3::uuid is null or k.managed_key_id = $3)
            order by k.created_at, k.managed_key_id`,
    values: [participantId, userId ?? null, managedKeyId ?? null]
  })
  return rows.map(({ createdAt, changedAt, request, ...row }) => ({
    ...row,
    certificateRequest: request && toPem('CERTIFICATE REQUEST', request),
    createdAt: createdAt.toISOString(),
    changedAt: changedAt.toISOString()
  }))
}

/** What the account of a participant has by the directory, locked against other changes; for its own keys only. */
export async function accountKeysOf(
  service: Transaction,
  participantId: number
): Promise<{ signers: AccountSigner[]; quorum: Quorum }> {
  const { rows } = await service.query<{ signers: AccountSigner[]; makers: number; checkers: number }>(
    `select signers, makers_required as makers, checkers_required as checkers
       from app.participant where participant_id = $1 for no key update`,
    [participantId]
  )
  const { signers, makers, checkers } = rows[0]!
  return { signers, quorum: { makers, checkers } }
}

export interface NewManagedKey extends KeyPlace, MadeKey {
  intentId: string
  createdBy: string
}

/** @returns false when the user has a living key */
export async function insertManagedKey(service: Transaction, key: NewManagedKey): Promise<boolean> {
  const { rowCount } = await service.query(
    `insert into app.managed_key (managed_key_id, participant_id, user_id, duty, kind, signer, sealed, sealed_under,
                                  certificate_request, intent_id, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (user_id) where state in ('proposed', 'active', 'suspended') do nothing`,
    [
      key.managedKeyId,
      key.participantId,
      key.userId,
      key.duty,
      key.kind,
      key.signer,
      key.sealed,
      key.sealedUnder,
      key.certificateRequest,
      key.intentId,
      key.createdBy
    ]
  )
  return rowCount === 1
}

/** The one function that moves a key from state to state; in a final one its private key is gone. @returns whether it was in `from` */
export async function moveManagedKey(
  service: Pool | Transaction,
  managedKeyId: string,
  from: readonly ManagedKeyState[],
  to: ManagedKeyState
): Promise<boolean> {
  const wrong = from.find((state) => !canMove(state, to))
  if (wrong !== undefined) throw new RangeError(`a key in custody never goes from ${wrong} to ${to}`)
  const { rowCount } = await service.query(
    `update app.managed_key
        set state = $3, changed_at = now(), sealed = case when $4 then sealed end, sealed_under = case when $4 then sealed_under end
      where managed_key_id = $1 and state = any($2)`,
    [managedKeyId, from, to, livingStates.includes(to)]
  )
  return rowCount === 1
}

/** A key for one use: with what its user may do now, and locked, so that a suspension waits for the use or stops it. */
export interface LockedKey {
  userId: string
  duty: SignerDuty
  kind: KeyKind
  signer: string
  state: ManagedKeyState
  sealed: Buffer | null
  /** Whether the user is let in and has the key's duty. */
  hasDuty: boolean
}

export async function lockManagedKey(
  service: Transaction,
  participantId: number,
  managedKeyId: string
): Promise<LockedKey | undefined> {
  const { rows } = await service.query<LockedKey>({
    name: 'managed-key.lock',
    text: `select k.user_id as "userId", k.duty, k.kind, k.signer, k.state, k.sealed, u.is_active and k.duty = any(u.duties) as "hasDuty"
             from app.managed_key k join app.participant_user u using (user_id)
            where k.participant_id = $1 and k.managed_key_id = $2 for share of k, u`,
    values: [participantId, managedKeyId]
  })
  return rows[0]
}

/** Of an intent or of a quote. */
export interface ManagedKeyUse {
  intentId: string | null
  quoteId: string | null
  userId: string
  digest: string
  requestId: string
  usedAt: string
}

export async function keepUse(
  service: Transaction,
  use: Omit<ManagedKeyUse, 'usedAt'> & { managedKeyId: string; participantId: number }
): Promise<void> {
  await service.query({
    name: 'managed-key.keep-use',
    text: `insert into app.managed_key_use (managed_key_id, intent_id, participant_id, user_id, digest, request_id, quote_id)
           values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
    values: [use.managedKeyId, use.intentId, use.participantId, use.userId, use.digest, use.requestId, use.quoteId]
  })
}

/** Newest intent or quote first; `before` is the last one of the page before. */
export async function usesOf(
  client: Pool | Transaction,
  managedKeyId: string,
  page: { limit: number; before?: string | undefined }
): Promise<ManagedKeyUse[]> {
  const { rows } = await client.query<Omit<ManagedKeyUse, 'usedAt'> & { usedAt: Date }>({
    name: 'managed-key.uses',
    text: `select intent_id as "intentId", quote_id as "quoteId", user_id as "userId", digest, request_id as "requestId", used_at as "usedAt"
             from app.managed_key_use where managed_key_id = $1 and ($2::uuid is null or subject_id < $2)
            order by subject_id desc limit $3`,
    values: [managedKeyId, page.before ?? null, page.limit]
  })
  return rows.map(({ usedAt, ...row }) => ({ ...row, usedAt: usedAt.toISOString() }))
}
