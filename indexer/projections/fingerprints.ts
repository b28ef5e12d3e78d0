import { decodeClaimWord, releaseReasons } from '../../domain/fingerprint/claim-word.ts'
import { receivableIdToHex } from '../../domain/note/span.ts'
import { one, type Handlers } from './statement.ts'

/** A claim's columns, in the order of the statements below. Subjects have the width of receivable ids. */
function claimOf(word: string): [registry: number, subject: string, claimant: number, reason: string] {
  const { registry, subject, claimant, reason } = decodeClaimWord(BigInt(word))
  return [registry, receivableIdToHex(subject), claimant, reason]
}

/** Claims of all registry versions and of factors, not only ours. */
export const fingerprintHandlers: Handlers<'RegistryAuthorised' | 'FingerprintClaimed' | 'FingerprintReleased'> = {
  RegistryAuthorised: ({ args, blockNumber, txHash }) => [
    one(
      'registry_authorised',
      'insert into registry (registry, address, changed_block, changed_tx) values ($1, $2, $3, $4)',
      [args.number, args.registry, blockNumber, txHash]
    )
  ],
  FingerprintClaimed: ({ args, blockNumber, blockTime, txHash }) => [
    one(
      'fingerprint_claimed',
      `insert into fingerprint_claim as current
         (fingerprint, registry, subject, claimant, reason, state, claimed_at, changed_block, changed_tx)
       values ($1, $2, $3, $4, $5, 'claimed', $6, $7, $8)
       on conflict (fingerprint) do update set registry = excluded.registry, subject = excluded.subject,
         claimant = excluded.claimant, reason = excluded.reason, state = 'claimed', claimed_at = excluded.claimed_at,
         released_at = null, release_reason = null,
         changed_block = excluded.changed_block, changed_tx = excluded.changed_tx
       where current.state = 'released'`,
      [args.fingerprint, ...claimOf(args.claim), blockTime, blockNumber, txHash]
    )
  ],
  FingerprintReleased: ({ args, blockNumber, blockTime, txHash }) => [
    one(
      'fingerprint_released',
      `update fingerprint_claim set state = 'released', released_at = $6, release_reason = $7,
         changed_block = $8, changed_tx = $9
       where fingerprint = $1 and state = 'claimed' and registry = $2 and subject = $3 and claimant = $4 and reason = $5`,
      [args.fingerprint, ...claimOf(args.claim), blockTime, releaseReasons[Number(args.reason)], blockNumber, txHash]
    )
  ]
}
