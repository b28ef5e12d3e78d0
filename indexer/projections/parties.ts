import type { PlacedEvent } from '../decode.ts'
import type { WorkingSet } from './working-set.ts'

/** Records that a participant is or was a party, from the block where it became one. */
export function joinAsParty({ parties }: WorkingSet, event: PlacedEvent, participantId: number): void {
  const receivable_id = event.receivableId!
  if (parties.get(`${receivable_id} ${participantId}`)) return
  parties.put({ receivable_id, participant_id: participantId, since_block: event.blockNumber })
}
