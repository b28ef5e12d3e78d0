import type { AccountSigner, Quorum } from '../../domain/participant/signers.ts'
import { asService, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import type { Caller } from '../plugins/auth.ts'

/**
 * Before the account is asked for what is to replace its keys: of two at once, the one that asked last also writes last. Whoever makes
 * what outlives its session waits too (`holdKeys`).
 */
export async function lockKeys(service: Transaction, participantId: number): Promise<void> {
  await service.query('select from app.participant where participant_id = $1 for no key update', [participantId])
}

/**
 * The directory gets the keys that the account has: nobody logs in with others any more, nor with certificates of others.
 * Returns whether it had others.
 */
export async function replaceKeys(
  service: Transaction,
  participantId: number,
  signers: readonly AccountSigner[],
  quorum: Quorum
): Promise<boolean> {
  const own = signers.map(({ signer, duty }) => ({ signer: signer.toLowerCase(), duty }))
  const { rows } = await service.query<{ hadOthers: boolean }>(
    `update app.participant p set signers = $2, makers_required = $3, checkers_required = $4
       from app.participant before where p.participant_id = $1 and before.participant_id = $1
     returning not (before.signers @> p.signers and p.signers @> before.signers) as "hadOthers"`,
    [participantId, JSON.stringify(own), quorum.makers, quorum.checkers]
  )
  await service.query(
    `update app.participant_certificate set revoked_at = now()
      where participant_id = $1 and use = 'signature' and revoked_at is null and not public_key = any($2::text[])`,
    [participantId, own.map(({ signer }) => `0x${signer.slice(42)}`)]
  )
  return rows[0]!.hadOthers
}

/**
 * Ends what whoever had the account's keys before a recovery may have made: sessions, API keys, users, and where events are posted. It
 * is for those who have the new keys to let in again whom they know (docs/adr/0045).
 */
export async function endCredentials(service: Transaction, participantId: number): Promise<void> {
  // First: who is making one of these holds this row (`holdKeys`), so that it is done before, and found below.
  await service.query('update app.participant set recoveries = recoveries + 1 where participant_id = $1', [
    participantId
  ])
  await service.query(
    `update app.api_key set revoked_at = now(), ended_by_recovery = true where participant_id = $1 and revoked_at is null`,
    [participantId]
  )
  await service.query('update app.participant_user set is_active = false where participant_id = $1 and is_active', [
    participantId
  ])
  await service.query(
    `update app.webhook_endpoint set state = 'disabled', reason = $2, failures = 0, failing_since = null
      where participant_id = $1 and state = 'active'`,
    [participantId, 'the account’s keys were recovered: enable it if it is yours, and its secret with nobody else']
  )
}

/**
 * Keeps a recovery waiting until the transaction is over that makes what outlives its session.
 * @throws ApiError CREDENTIAL_RECOVERED when the recovery came first
 */
export async function holdKeys(tx: Transaction, { participantId, recoveries }: Caller): Promise<void> {
  const { rows } = await asService(tx, (service) =>
    service.query<{ recoveries: number }>({
      name: 'participant.hold-keys',
      text: 'select recoveries from app.participant where participant_id = $1 for share',
      values: [participantId]
    })
  )
  if (rows[0]!.recoveries !== recoveries) throw new ApiError('CREDENTIAL_RECOVERED')
}
