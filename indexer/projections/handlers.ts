import type { EventName, PlacedEvent } from '../decode.ts'
import { evidenceLogHandlers } from './evidence-log.ts'
import { fingerprintHandlers } from './fingerprints.ts'
import type { Handler, Handlers } from './handler.ts'
import { noteHandlers } from './notes.ts'
import { participantHandlers } from './participants.ts'
import { receivableHandlers } from './receivables.ts'
import type { WorkingSet } from './working-set.ts'

/** Every event has a handler: a new one that lacks it does not compile. */
const handlers: Handlers<EventName> = {
  // Who administers the directory is not shown anywhere; the event itself is stored.
  AuthorityUpdated: () => {},
  ...participantHandlers,
  ...fingerprintHandlers,
  ...receivableHandlers,
  ...noteHandlers,
  ...evidenceLogHandlers
}

/** Folds an event into the rows. @throws ProjectionConflictError when they are not as the event presupposes */
export function foldEvent(event: PlacedEvent, rows: WorkingSet): void {
  const handle = handlers[event.name] as Handler<EventName>
  handle(event, rows)
}
