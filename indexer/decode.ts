import { checksummed } from '../domain/chain/address.ts'
import type { Deployment } from '../domain/chain/contracts.ts'
import type { ContractEvent } from '../domain/chain/events.ts'
import {
  evidenceLogEvents,
  fingerprintsEvents,
  participantAccountEvents,
  participantsEvents,
  receivablesEvents
} from '../domain/chain/events.generated.ts'
import { registryAddresses } from '../domain/chain/registries.ts'
import { decodeClaimHex } from '../domain/fingerprint/claim-word.ts'
import { recoveryEvents, type RecoveryEvent } from '../domain/participant/recovery-events.ts'
import { filterOf } from './chain/bloom.ts'
import { quantityOf } from './chain/hex.ts'
import { receivableIdAt, subjectOf } from './chain/known-values.ts'
import { requireRegistry } from './config.ts'
import { IndexerError } from './errors.ts'
import { layoutOf, type EventLayout } from './layout.ts'

/** A log as JSON-RPC gives it: hex in lower case (execution-apis, base types), addresses in any. */
export interface RawLog {
  address: string
  topics: string[]
  data: string
  blockHash: string
  transactionHash: string
  transactionIndex: string
  logIndex: string
  removed?: boolean
}

export interface TermsArgs {
  creditor: string
  debtor: string
  amount: string
  currency: string
  maturity: string
  contentCommitment: string
}

/** A note's event: `note` is the word that was stored, to be read by `decodeNoteWord` (domain/note/note-word.ts). */
interface NoteArgs {
  noteId: string
  note: string
}

interface RegistrationArgs {
  receivableId: string
  terms: TermsArgs
  fingerprints: string[]
}

/**
 * Arguments by event, as they are stored: integers as decimal strings, receivable ids as 48 and note ids and words as 64
 * hex digits. Words stay packed, as the log has them, so that a stored event can be held against the chain without
 * repacking. Fresh and stored events look the same, so one handler folds both.
 */
export interface EventArgs {
  AuthorityUpdated: { authority: string }
  ParticipantAdmitted: {
    id: string
    account: string
    roles: string
    legalIdentityHash: string
    certificateHash: string
  }
  ParticipantRolesChanged: { id: string; roles: string }
  ParticipantStatusChanged: { id: string; status: string }
  RegistryAuthorised: { number: string; registry: string }
  FingerprintClaimed: { fingerprint: string; claim: string }
  FingerprintReleased: { fingerprint: string; claim: string; reason: string }
  ReceivableRegistered: RegistrationArgs
  ReceivableIssued: RegistrationArgs
  ReceivableConfirmed: { receivableId: string }
  ReceivableRejected: { receivableId: string; reason: string }
  ReceivableWithdrawn: { receivableId: string }
  ReceivableDisputed: { receivableId: string; reason: string }
  ReceivableDisputeLifted: { receivableId: string; reason: string }
  ReceivableSettled: { receivableId: string; payment: string }
  ReceivableClosed: { receivableId: string }
  NoteOffered: NoteArgs & { tradeDocument: string }
  NoteAccepted: NoteArgs
  NoteRefused: NoteArgs & { reason: string }
  NoteRecalled: NoteArgs
  NotesMerged: NoteArgs & { mergedId: string }
  NoteDilutionOffered: NoteArgs & { creditNote: string }
  NoteCancelled: NoteArgs
  NoteLocked: NoteArgs & { quote: string }
  NoteUnlocked: NoteArgs
  NoteFinanced: NoteArgs & { disbursement: string }
  NoteReleased: NoteArgs & { repayment: string }
  NoteForeclosed: NoteArgs
  NoteReturnOffered: NoteArgs & { demand: string }
  NoteReturned: NoteArgs
  NoteFrozen: NoteArgs & { freeze: { order: string; escrow: string; authority: string } }
  NoteUnfrozen: NoteArgs & { order: string }
  NoteSettled: NoteArgs & { payment: string }
  HeadAnchored: { size: string; root: string }
  RecoveryStarted: { proposal: string; readyAt: string }
  RecoveryEnded: { proposal: string; isDone: boolean }
}
export type EventName = keyof EventArgs

/** Where an event stands on the chain. */
export interface Placement {
  blockNumber: number
  /** Unix seconds. */
  blockTime: number
  logIndex: number
  txHash: string
  txIndex: number
  address: string
}

export type PlacedEvent<N extends EventName = EventName> = {
  [K in N]: Placement & { name: K; args: EventArgs[K]; receivableId: string | null }
}[N]

/** Turns logs of a deployment's contracts into events. */
export interface Decoder {
  /** Whether a block with this bloom may have logs of ours; false is certain. */
  mayConcern(bloom: Uint8Array): boolean
  /**
   * Undefined for other people's logs, but for those that look like an account's: whose account it is, if anybody's, is for the
   * projection to say. @throws IndexerError EVENT_UNKNOWN for a log of ours that the ABI lacks.
   */
  decode(log: RawLog, block: { number: number; time: number }): PlacedEvent | undefined
}

/** Whether an account tells it, whose addresses are in no deployment. */
export function isOfAccount(event: PlacedEvent): event is PlacedEvent<RecoveryEvent> {
  return isOfRecovery(event)
}

const isOfRecovery = ({ name }: { name: string }): boolean => (recoveryEvents as readonly string[]).includes(name)

/**
 * A decoder for one deployment. Logs of every registry version that Fingerprints can create are ours: nothing else can ever
 * stand at those addresses, so that none has to be learnt from the chain before its own first log.
 */
export function createDecoder(deployment: Deployment): Decoder {
  requireRegistry(deployment)
  const layouts = new Map([
    [deployment.participants.toLowerCase(), layoutsOf(participantsEvents)],
    [deployment.fingerprints.toLowerCase(), layoutsOf(fingerprintsEvents)],
    [deployment.evidenceLog.toLowerCase(), layoutsOf(evidenceLogEvents)]
  ])
  const ofRegistries = layoutsOf(receivablesEvents)
  for (const address of registryAddresses(deployment.fingerprints)) layouts.set(address.toLowerCase(), ofRegistries)
  const ofAccounts = layoutsOf(participantAccountEvents.filter(isOfRecovery))
  return {
    mayConcern: filterOf([...layouts.keys(), ...ofAccounts.keys()]),
    decode(log, block) {
      // Addresses alone may come in another spelling.
      const ours = layouts.get(log.address) ?? layouts.get(log.address.toLowerCase())
      const layout = (ours ?? ofAccounts).get(log.topics[0] ?? '')
      if (!layout) {
        if (!ours) return undefined
        throw unknownEvent(log, block.number, 'which this version’s ABI lacks')
      }
      let args: Record<string, unknown>
      try {
        args = layout.read(log.topics, log.data)
      } catch (cause) {
        // Anybody may give a topic to anything.
        if (!ours) return undefined
        throw unknownEvent(log, block.number, (cause as Error).message)
      }
      return {
        blockNumber: block.number,
        blockTime: block.time,
        logIndex: quantityOf(log.logIndex),
        txHash: log.transactionHash,
        txIndex: quantityOf(log.transactionIndex),
        address: checksummed(log.address),
        name: layout.name,
        args,
        receivableId: receivableOf(args)
      } as PlacedEvent
    }
  }
}

/** By first topic. */
function layoutsOf(events: readonly ContractEvent[]): Map<string, EventLayout> {
  return new Map(events.map((event) => [event.topic, layoutOf(event)]))
}

function unknownEvent(log: RawLog, blockNumber: number, why: string): IndexerError {
  return new IndexerError(
    'EVENT_UNKNOWN',
    `${log.address} emitted ${log.topics[0]} in block ${blockNumber}: ${why}. ` +
      'Run the indexer of the version that was deployed',
    { transient: false }
  )
}

/** Claims of trade documents and of factors are about no receivable. */
function receivableOf(args: Record<string, unknown>): string | null {
  if (typeof args.receivableId === 'string') return args.receivableId
  // A note's id is its receivable's, then where it starts.
  if (typeof args.noteId === 'string') return receivableIdAt(args.noteId, 2)
  if (typeof args.claim !== 'string') return null
  return decodeClaimHex(args.claim).reason === 'receivable' ? subjectOf(args.claim) : null
}
