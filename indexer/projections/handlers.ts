import type { EventName, PlacedEvent } from '../decode.ts'
import { evidenceLogHandlers } from './evidence-log.ts'
import { fingerprintHandlers } from './fingerprints.ts'
import { requireState, type Handler, type Handlers } from './handler.ts'
import { noteHandlers } from './notes.ts'
import { participantHandlers } from './participants.ts'
import { isEnded, receivableHandlers } from './receivables.ts'
import type { WorkingSet } from './working-set.ts'

/** Every event has a handler: a new one that lacks it does not compile. */
const handlers: Handlers<EventName> = {
  // Who administers the directory is not shown anywhere; the event itself is stored.
  AuthorityUpdated: () => {},
  ...participantHandlers,
  ...fingerprintHandlers,
  ...receivableHandlers,
  ...noteHandlers,
  ...evidenceLogHandlers,
  // What an account says of its keys is no row of the registry's: who keeps the directory reads the events themselves.
  RecoveryStarted: () => {},
  RecoveryEnded: () => {}
}

/** Folds an event into the rows. @throws ProjectionConflictError when they are not as the event presupposes */
export function foldEvent(event: PlacedEvent, rows: WorkingSet): void {
  requireOwnVersion(event, rows)
  const handle = handlers[event.name] as Handler<EventName>
  handle(event, rows)
}

/** One version alone tells of a receivable, until it has ended it: then another one may begin with the same id. */
function requireOwnVersion(event: PlacedEvent, { notes, receivables, registries }: WorkingSet): void {
  if (event.receivableId === null || 'fingerprint' in event.args) return
  const version = registries.at(event.address)
  requireState(
    version !== undefined,
    event,
    () => `${event.address} is no registry version that Fingerprints announced`
  )
  // A note lives where its receivable does, and who folds the event looks at it in any case.
  const note = 'noteId' in event.args ? notes.get(event.args.noteId) : undefined
  if (note?.registry === version) return
  const before = receivables.get(event.receivableId)
  const isOwn = before === undefined || before.registry === version || isEnded(before)
  requireState(isOwn, event, () => `it lives on version ${before?.registry}, told by version ${version}`)
}
