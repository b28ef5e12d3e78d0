import type { EventName, PlacedEvent } from '../decode.ts'
import { evidenceLogHandlers } from './evidence-log.ts'
import { fingerprintHandlers } from './fingerprints.ts'
import { noteHandlers } from './notes.ts'
import { participantHandlers } from './participants.ts'
import { receivableHandlers } from './receivables.ts'
import type { Handlers, Statement } from './statement.ts'

/** Every event has a handler: a new one that lacks it does not compile. */
const handlers: Handlers<EventName> = {
  // Who administers the directory is not shown anywhere; the event itself is stored.
  AuthorityUpdated: () => [],
  ...participantHandlers,
  ...fingerprintHandlers,
  ...receivableHandlers,
  ...noteHandlers,
  ...evidenceLogHandlers
}

/** The statements that fold an event into the projection. */
export function statementsOf(event: PlacedEvent): Statement[] {
  const handle = handlers[event.name] as (event: PlacedEvent) => Statement[]
  return handle(event)
}
