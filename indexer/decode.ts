import { getAddress, type ParamType, type Result } from 'ethers'
import { contracts, type Deployment } from '../domain/chain/contracts.ts'
import { noteIdToHex, receivableIdOfNote, receivableIdToHex } from '../domain/note/span.ts'
import { IndexerError } from './errors.ts'

/** A log as JSON-RPC gives it. */
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

interface CommitmentArgs {
  noteId: string
  fromNoteId: string
  end: string
  holder: string
  deadline: string
}

/**
 * Arguments by event, as they are stored: integers as decimal strings, receivable ids as 48 and note ids and words as 64
 * hex digits. Fresh and stored events look the same, so one handler folds both.
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
  FingerprintClaimed: { fingerprint: string; registry: string; subject: string }
  FingerprintReleased: { fingerprint: string; registry: string; subject: string }
  ReceivableRegistered: { receivableId: string; terms: TermsArgs; fingerprints: string[] }
  ReceivableIssued: { receivableId: string; terms: TermsArgs; fingerprints: string[] }
  ReceivableConfirmed: { receivableId: string }
  ReceivableRejected: { receivableId: string; reason: string }
  ReceivableWithdrawn: { receivableId: string }
  ReceivableSettled: { receivableId: string }
  NoteOpened: { noteId: string; end: string; holder: string }
  NoteOffered: CommitmentArgs & { assignee: string; tradeDocument: string }
  NoteAccepted: { noteId: string; holder: string; assignor: string; tier: string }
  NoteRefused: { noteId: string; reason: string }
  NoteRecalled: { noteId: string }
  NoteLocked: CommitmentArgs & { factor: string; quote: string }
  NoteUnlocked: { noteId: string }
  NoteFinanced: { noteId: string; holder: string; assignor: string; disbursement: string }
  NoteSettled: { noteId: string; holder: string; amount: string; payment: string }
  HeadAnchored: { size: string; root: string }
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
  /** Lower-case addresses whose logs are ours. */
  addresses: readonly string[]
  /** Undefined for other people's logs. @throws IndexerError EVENT_UNKNOWN for a log of ours that the ABI lacks. */
  decode(log: RawLog, block: { number: number; time: number }): PlacedEvent | undefined
}

/** A decoder for one deployment. */
export function createDecoder(deployment: Deployment): Decoder {
  const abis = new Map(
    (['participants', 'fingerprints', 'receivables', 'evidenceLog'] as const).map((name) => [
      deployment[name].toLowerCase(),
      contracts[name]
    ])
  )
  return {
    addresses: [...abis.keys()],
    decode(log, block) {
      const abi = abis.get(log.address.toLowerCase())
      if (!abi) return undefined
      const parsed = abi.parseLog({ topics: log.topics, data: log.data })
      if (!parsed) {
        throw new IndexerError(
          'EVENT_UNKNOWN',
          `${log.address} emitted ${log.topics[0]} in block ${block.number}, which this version's ABI lacks. ` +
            'Run the indexer of the version that was deployed',
          { transient: false }
        )
      }
      const args = argsOf(parsed.fragment.inputs, parsed.args)
      return {
        blockNumber: block.number,
        blockTime: block.time,
        logIndex: Number(log.logIndex),
        txHash: log.transactionHash,
        txIndex: Number(log.transactionIndex),
        address: getAddress(log.address),
        name: parsed.name,
        args,
        receivableId: receivableOf(args)
      } as PlacedEvent
    }
  }
}

function argsOf(inputs: readonly ParamType[], values: Result): Record<string, unknown> {
  return Object.fromEntries(inputs.map((input, i) => [input.name, valueOf(input, values[i])]))
}

function valueOf(type: ParamType, value: unknown): unknown {
  if (type.isArray()) return (value as unknown[]).map((item) => valueOf(type.arrayChildren, item))
  if (type.isTuple()) return argsOf(type.components, value as Result)
  // Only ids have these widths (contracts/interfaces): they are written as in domain/note/span.ts.
  if (type.type === 'uint192') return receivableIdToHex(value as bigint)
  if (type.type === 'uint256') return noteIdToHex(value as bigint)
  return String(value)
}

function receivableOf(args: Record<string, unknown>): string | null {
  const direct = args.receivableId ?? args.subject
  if (typeof direct === 'string') return direct
  return typeof args.noteId === 'string' ? receivableIdToHex(receivableIdOfNote(BigInt(args.noteId))) : null
}
