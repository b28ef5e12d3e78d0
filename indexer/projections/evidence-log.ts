import { one, type Handlers } from './statement.ts'

/** Anchored heads: only ever larger. */
export const evidenceLogHandlers: Handlers<'HeadAnchored'> = {
  HeadAnchored: ({ args, blockNumber, blockTime, txHash }) => [
    one(
      'head_anchored',
      `insert into log_head (size, root, anchored_at, changed_block, changed_tx)
       select $1::bigint, $2, $3, $4, $5 where not exists (select from log_head where size >= $1::bigint)`,
      [args.size, args.root, blockTime, blockNumber, txHash]
    )
  ]
}
