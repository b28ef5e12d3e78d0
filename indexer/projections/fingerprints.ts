import { one, type Handlers } from './statement.ts'

/** Claims over all registry versions, not only ours. */
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
         (fingerprint, registry, subject, state, claimed_at, changed_block, changed_tx)
       values ($1, $2, $3, 'claimed', $4, $5, $6)
       on conflict (fingerprint) do update set registry = excluded.registry, subject = excluded.subject,
         state = 'claimed', claimed_at = excluded.claimed_at, released_at = null,
         changed_block = excluded.changed_block, changed_tx = excluded.changed_tx
       where current.state = 'released'`,
      [args.fingerprint, args.registry, args.subject, blockTime, blockNumber, txHash]
    )
  ],
  FingerprintReleased: ({ args, blockNumber, blockTime, txHash }) => [
    one(
      'fingerprint_released',
      `update fingerprint_claim set state = 'released', released_at = $4, changed_block = $5, changed_tx = $6
       where fingerprint = $1 and state = 'claimed' and registry = $2 and subject = $3`,
      [args.fingerprint, args.registry, args.subject, blockTime, blockNumber, txHash]
    )
  ]
}
