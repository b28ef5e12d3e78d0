import { one, type Handlers } from './statement.ts'

/** Order equals `IParticipants.Status`. */
const statuses = ['none', 'active', 'suspended'] as const

/** The directory. */
export const participantHandlers: Handlers<
  'ParticipantAdmitted' | 'ParticipantRolesChanged' | 'ParticipantStatusChanged'
> = {
  ParticipantAdmitted: ({ args, blockNumber, txHash }) => [
    one(
      'participant_admitted',
      `insert into participant (participant_id, account, roles, status, legal_identity_hash, certificate_hash,
         admitted_block, changed_block, changed_tx)
       values ($1, $2, $3, 'active', $4, $5, $6, $6, $7)`,
      [args.id, args.account, args.roles, args.legalIdentityHash, args.certificateHash, blockNumber, txHash]
    )
  ],
  ParticipantRolesChanged: ({ args, blockNumber, txHash }) => [
    one(
      'participant_roles_changed',
      'update participant set roles = $2, changed_block = $3, changed_tx = $4 where participant_id = $1',
      [args.id, args.roles, blockNumber, txHash]
    )
  ],
  ParticipantStatusChanged: ({ args, blockNumber, txHash }) => [
    one(
      'participant_status_changed',
      'update participant set status = $2, changed_block = $3, changed_tx = $4 where participant_id = $1',
      [args.id, statuses[Number(args.status)], blockNumber, txHash]
    )
  ]
}
