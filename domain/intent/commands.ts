import { contracts, type Deployment } from '../chain/contracts.ts'
import type { Terms } from '../receivable/terms.ts'

/** Everything a participant can order. Ids are bigints, amounts minor units, times unix seconds, hashes 0x-hex. */
export type Command =
  | { kind: 'register'; terms: Terms; fingerprints: readonly string[] }
  | { kind: 'issue'; terms: Terms; fingerprints: readonly string[] }
  | { kind: 'confirm'; receivableId: bigint }
  | { kind: 'reject'; receivableId: bigint; contentCommitment: string; fingerprints: readonly string[]; reason: string }
  | { kind: 'withdraw'; receivableId: bigint; contentCommitment: string; fingerprints: readonly string[] }
  | { kind: 'transfer'; noteId: bigint; amount: bigint; assignee: number; deadline: number; tradeDocument: string }
  | { kind: 'accept'; noteId: bigint }
  | { kind: 'refuse'; noteId: bigint; reason: string }
  | { kind: 'recall'; noteId: bigint }
  | { kind: 'lock'; noteId: bigint; amount: bigint; factor: number; deadline: number; quote: string }
  | { kind: 'unlock'; noteId: bigint }
  | { kind: 'finance'; noteId: bigint; disbursement: string }
  | { kind: 'settle'; noteId: bigint; payment: string }

export type CommandKind = Command['kind']

/** One call of a batch, as the account executes it. */
export interface Call {
  target: string
  data: string
}

/** The contract call that carries out a command. */
export function callOf(command: Command, deployment: Pick<Deployment, 'receivables'>): Call {
  return {
    target: deployment.receivables,
    data: contracts.receivables.encodeFunctionData(command.kind, argsOf(command))
  }
}

function argsOf(command: Command): unknown[] {
  switch (command.kind) {
    case 'register':
    case 'issue':
      return [command.terms, command.fingerprints]
    case 'confirm':
      return [command.receivableId]
    case 'reject':
      return [command.receivableId, command.contentCommitment, command.fingerprints, command.reason]
    case 'withdraw':
      return [command.receivableId, command.contentCommitment, command.fingerprints]
    case 'transfer':
      return [command.noteId, command.amount, command.assignee, command.deadline, command.tradeDocument]
    case 'lock':
      return [command.noteId, command.amount, command.factor, command.deadline, command.quote]
    case 'refuse':
      return [command.noteId, command.reason]
    case 'finance':
      return [command.noteId, command.disbursement]
    case 'settle':
      return [command.noteId, command.payment]
    case 'accept':
    case 'recall':
    case 'unlock':
      return [command.noteId]
  }
}
