import { any, type Statement } from './statement.ts'

/** Records that a participant is or was a party, from the block where it became one. */
export function joinAsParty(
  receivableId: string | null,
  participantId: string | number,
  blockNumber: number
): Statement {
  return any(
    'party_joined',
    `insert into receivable_party (receivable_id, participant_id, since_block) values ($1, $2, $3)
     on conflict (receivable_id, participant_id) do nothing`,
    [receivableId, participantId, blockNumber]
  )
}
