import type { AccountSigner, Quorum } from '../../domain/participant/signers.ts'
import type { Transaction } from '../database.ts'

/** The directory gets the keys that the account has: nobody logs in with others any more, nor with certificates of others. */
export async function replaceKeys(
  service: Transaction,
  participantId: number,
  signers: readonly AccountSigner[],
  quorum: Quorum
): Promise<void> {
  const own = signers.map(({ signer, duty }) => ({ signer: signer.toLowerCase(), duty }))
  await service.query(
    'update app.participant set signers = $2, makers_required = $3, checkers_required = $4 where participant_id = $1',
    [participantId, JSON.stringify(own), quorum.makers, quorum.checkers]
  )
  await service.query(
    `update app.participant_certificate set revoked_at = now()
      where participant_id = $1 and use = 'signature' and revoked_at is null and not public_key = any($2::text[])`,
    [participantId, own.map(({ signer }) => `0x${signer.slice(42)}`)]
  )
}
