import { contracts, type Deployment } from '../chain/contracts.ts'
import { claimReasons, releaseReasons, type ClaimReason, type ReleaseReason } from '../fingerprint/claim-word.ts'
import { notePurposes, type NotePurpose } from '../note/note-word.ts'
import { receivableIdOfNote } from '../note/span.ts'
import { receivableIdOf, type Terms } from '../receivable/terms.ts'
import { directoryCallOf, isDirectoryCommand, type DirectoryCommand, type DirectoryTargets } from './directory.ts'

/** What an offer or a lock is for, of those that a holder may choose. */
export type TransferPurpose = Extract<NotePurpose, 'transfer' | 'trade-transfer'>
export type LockPurpose = Extract<NotePurpose, 'assignment' | 'recourse-assignment' | 'pledge'>

/** Everything a participant can order. */
export type Command = RegistryCommand | DirectoryCommand

/** What is done with receivables, notes and fingerprints. Ids are bigints, amounts minor units, times unix seconds, hashes 0x-hex. */
export type RegistryCommand =
  | { kind: 'register'; terms: Terms; fingerprints: readonly string[] }
  | { kind: 'issue'; terms: Terms; fingerprints: readonly string[] }
  | { kind: 'confirm'; terms: Terms; fingerprints: readonly string[] }
  | { kind: 'reject'; terms: Terms; fingerprints: readonly string[]; reason: string }
  | { kind: 'withdraw'; terms: Terms; fingerprints: readonly string[] }
  | { kind: 'dispute'; receivableId: bigint; reason: string }
  | { kind: 'liftDispute'; receivableId: bigint; reason: string }
  | {
      kind: 'transfer'
      noteId: bigint
      amount: bigint
      assignee: number
      deadline: number
      purpose: TransferPurpose
      /** A commitment, or for `trade-transfer` the fingerprint to claim. */
      tradeDocument: string
    }
  | { kind: 'accept'; noteId: bigint }
  /** `tradeFingerprint`: what a `trade-transfer` claimed, else 32 zero bytes. */
  | { kind: 'refuse'; noteId: bigint; tradeFingerprint: string; reason: string }
  | { kind: 'recall'; noteId: bigint; tradeFingerprint: string }
  | { kind: 'merge'; noteId: bigint; nextId: bigint }
  | { kind: 'offerDilution'; noteId: bigint; amount: bigint; deadline: number; creditNote: string }
  | { kind: 'acceptDilution'; noteId: bigint }
  | {
      kind: 'lock'
      noteId: bigint
      amount: bigint
      factor: number
      deadline: number
      purpose: LockPurpose
      quote: string
    }
  | { kind: 'unlock'; noteId: bigint }
  | { kind: 'finance'; noteId: bigint; disbursement: string }
  | { kind: 'release'; noteId: bigint; repayment: string }
  | { kind: 'foreclose'; noteId: bigint }
  | { kind: 'returnNote'; noteId: bigint; deadline: number; demand: string }
  | { kind: 'acceptReturn'; noteId: bigint }
  | { kind: 'settle'; noteId: bigint; amount: bigint; payment: string }
  | { kind: 'settleReceivable'; receivableId: bigint; payment: string }
  | { kind: 'close'; receivableId: bigint }
  | { kind: 'freeze'; noteId: bigint; amount: bigint; until: number; escrow: number; order: string }
  | { kind: 'unfreeze'; noteId: bigint; order: string }
  | { kind: 'claim'; fingerprint: string; subject: bigint; reason: ClaimReason }
  | { kind: 'releaseClaim'; fingerprint: string; reason: ReleaseReason }

export type CommandKind = Command['kind']

/** One call of a batch, as the account executes it. */
export interface Call {
  target: string
  data: string
}

/** The contracts that commands call. `receivables` is the registry version that the command is for. */
export type Targets = Pick<Deployment, 'receivables' | 'fingerprints'> & DirectoryTargets

/**
 * The receivable that a command is about, whose registry version it goes to; undefined for one that founds a receivable, on
 * whatever version that may be, and for those about no receivable.
 */
export function receivableOfCommand(command: Command): bigint | undefined {
  if (command.kind === 'register' || command.kind === 'issue') return undefined
  if ('terms' in command) return receivableIdOf(command.terms, command.fingerprints)
  if ('receivableId' in command) return command.receivableId
  return 'noteId' in command ? receivableIdOfNote(command.noteId) : undefined
}

/** The contract call that carries out a command. */
export function callOf(command: Command, deployment: Targets): Call {
  if (isDirectoryCommand(command)) return directoryCallOf(command, deployment)
  const { fingerprints, receivables } = contracts
  switch (command.kind) {
    case 'claim':
      return {
        target: deployment.fingerprints,
        data: fingerprints.encodeFunctionData('claim', [
          command.fingerprint,
          command.subject,
          claimReasons.indexOf(command.reason)
        ])
      }
    case 'releaseClaim':
      return {
        target: deployment.fingerprints,
        data: fingerprints.encodeFunctionData('release', [command.fingerprint, releaseReasons.indexOf(command.reason)])
      }
    default:
      return {
        target: deployment.receivables,
        data: receivables.encodeFunctionData(command.kind, argsOf(command))
      }
  }
}

function argsOf(command: Exclude<RegistryCommand, { kind: 'claim' | 'releaseClaim' }>): unknown[] {
  switch (command.kind) {
    case 'register':
    case 'issue':
    case 'confirm':
    case 'withdraw':
      return [command.terms, command.fingerprints]
    case 'reject':
      return [command.terms, command.fingerprints, command.reason]
    case 'dispute':
    case 'liftDispute':
      return [command.receivableId, command.reason]
    case 'transfer': {
      const { noteId, amount, assignee, deadline, purpose, tradeDocument } = command
      return [noteId, assignee, amount, deadline, notePurposes.indexOf(purpose), tradeDocument]
    }
    case 'lock': {
      const { noteId, amount, factor, deadline, purpose, quote } = command
      return [noteId, factor, amount, deadline, notePurposes.indexOf(purpose), quote]
    }
    case 'refuse':
      return [command.noteId, command.tradeFingerprint, command.reason]
    case 'recall':
      return [command.noteId, command.tradeFingerprint]
    case 'merge':
      return [command.noteId, command.nextId]
    case 'offerDilution':
      return [command.noteId, command.amount, command.deadline, command.creditNote]
    case 'finance':
      return [command.noteId, command.disbursement]
    case 'release':
      return [command.noteId, command.repayment]
    case 'returnNote':
      return [command.noteId, command.deadline, command.demand]
    case 'settle':
      return [command.noteId, command.amount, command.payment]
    case 'settleReceivable':
      return [command.receivableId, command.payment]
    case 'close':
      return [command.receivableId]
    case 'freeze':
      return [command.noteId, command.amount, command.until, command.escrow, command.order]
    case 'unfreeze':
      return [command.noteId, command.order]
    case 'accept':
    case 'acceptDilution':
    case 'unlock':
    case 'foreclose':
    case 'acceptReturn':
      return [command.noteId]
  }
}
