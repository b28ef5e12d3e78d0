import type { PlacedEvent } from '../decode.ts'
import { changedBy, requireState, type Handlers } from './handler.ts'
import type { ParticipantRow } from './rows.ts'
import type { WorkingSet } from './working-set.ts'

/** Order equals `IParticipants.Status`. */
const statuses = ['none', 'active', 'suspended'] as const

function change(
  event: PlacedEvent<'ParticipantRolesChanged' | 'ParticipantStatusChanged'>,
  { participants }: WorkingSet,
  fields: Partial<ParticipantRow>
): void {
  const before = participants.get(event.args.id)
  requireState(before !== undefined, event, () => `participant ${event.args.id} is not admitted`)
  participants.put(Object.assign(before, fields, changedBy(event)))
}

/** The directory. */
export const participantHandlers: Handlers<
  'ParticipantAdmitted' | 'ParticipantRolesChanged' | 'ParticipantStatusChanged'
> = {
  ParticipantAdmitted(event, { participants }) {
    const { id, account, roles, legalIdentityHash, certificateHash } = event.args
    requireState(participants.get(id) === undefined, event, () => `participant ${id} is admitted already`)
    participants.put({
      participant_id: Number(id),
      account,
      roles: Number(roles),
      status: 'active',
      legal_identity_hash: legalIdentityHash,
      certificate_hash: certificateHash,
      admitted_block: event.blockNumber,
      ...changedBy(event)
    })
  },
  ParticipantRolesChanged(event, rows) {
    change(event, rows, { roles: Number(event.args.roles) })
  },
  ParticipantStatusChanged(event, rows) {
    const status = statuses[Number(event.args.status)]
    requireState(status !== undefined && status !== 'none', event, () => `status ${event.args.status} is unknown`)
    change(event, rows, { status })
  }
}
