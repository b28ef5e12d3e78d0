/** Calls back to commands: what somebody is asked to sign is read from the bytes that will be signed, never from what is said of them. */
import { ZeroHash, type Result } from 'ethers'
import { contracts } from '../chain/contracts.ts'
import { registryNumberOf } from '../chain/registries.ts'
import { claimReasons, releaseReasons } from '../fingerprint/claim-word.ts'
import { notePurposes } from '../note/note-word.ts'
import type { Call, Command, LockPurpose, RegistryCommand, Targets, TransferPurpose } from './commands.ts'
import { directoryAbiOf, directoryCommandOf } from './directory.ts'

export type { Targets } from './commands.ts'

/** The call is none of the registry's, or not in the one form that `callOf` gives it. */
export class CallUnknown extends Error {
  readonly code = 'CALL_UNKNOWN'
}

/**
 * The command that a call carries out: the inverse of `callOf`, whichever registry version of Fingerprints it goes to.
 * @throws CallUnknown for another contract, another function, or bytes that `callOf` would not give
 */
export function commandOf(call: Call, targets: Targets): Command {
  const { receivables, fingerprints } = targets
  const isReceivables = isSame(call.target, receivables) || registryNumberOf(fingerprints, call.target) !== undefined
  const isRegistry = isReceivables || isSame(call.target, fingerprints)
  const abi = !isRegistry
    ? directoryAbiOf(call.target, targets)
    : isReceivables
      ? contracts.receivables
      : contracts.fingerprints
  const parsed = parse(abi, call.data)
  if (!parsed && abi === contracts.participantAccount) {
    throw new CallUnknown(`the call goes to ${call.target}, which is no contract of this registry`)
  }
  // ABI decoding is lenient (offsets, bytes behind the end): what is shown must be all that is there.
  if (!parsed || abi.encodeFunctionData(parsed.fragment, parsed.args).toLowerCase() !== call.data.toLowerCase()) {
    throw new CallUnknown('the call is not one of the registry’s functions in its one form')
  }
  const { name, args } = parsed
  const command = !isRegistry
    ? directoryCommandOf(name, args, call.target)
    : isReceivables
      ? ofReceivables(name, args)
      : ofFingerprints(name, args)
  if (!command) throw new CallUnknown(`${name} is no command of a participant`)
  return command
}

function parse(abi: (typeof contracts)['receivables'], data: string) {
  try {
    return abi.parseTransaction({ data })
  } catch {
    return null
  }
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function ofFingerprints(name: string, args: Result): RegistryCommand | undefined {
  const fingerprint = String(args[0])
  if (name === 'claim') {
    const reason = claimReasons[Number(args[2])]
    return reason && { kind: 'claim', fingerprint, subject: args[1] as bigint, reason }
  }
  const reason = name === 'release' ? releaseReasons[Number(args[1])] : undefined
  return reason && { kind: 'releaseClaim', fingerprint, reason }
}

function ofReceivables(name: string, args: Result): RegistryCommand | undefined {
  const kind = name as Exclude<RegistryCommand['kind'], 'claim' | 'releaseClaim'>
  const id = args[0] as bigint
  const text = (at: number): string => String(args[at])
  switch (kind) {
    case 'register':
    case 'issue':
    case 'confirm':
    case 'withdraw':
      return { kind, ...registrationOf(args) }
    case 'reject':
      return { kind, ...registrationOf(args), reason: text(2) }
    case 'dispute':
    case 'liftDispute':
      return { kind, receivableId: id, reason: text(1) }
    case 'transfer':
    case 'lock': {
      const [party, amount, deadline] = [Number(args[1]), args[2] as bigint, Number(args[3])]
      const purpose = notePurposes[Number(args[4])]
      const common = { noteId: id, amount, deadline }
      if (kind === 'transfer') {
        const isKnown = purpose === 'transfer' || purpose === 'trade-transfer'
        if (!isKnown) return undefined
        return { kind, ...common, assignee: party, purpose: purpose as TransferPurpose, tradeDocument: text(5) }
      }
      if (purpose !== 'assignment' && purpose !== 'recourse-assignment' && purpose !== 'pledge') return undefined
      return { kind, ...common, factor: party, purpose: purpose as LockPurpose, quote: text(5) }
    }
    case 'refuse':
      return { kind, noteId: id, tradeFingerprint: text(1), reason: text(2) }
    case 'recall':
      return { kind, noteId: id, tradeFingerprint: text(1) }
    case 'merge':
      return { kind, noteId: id, nextId: args[1] as bigint }
    case 'offerDilution':
      return { kind, noteId: id, amount: args[1] as bigint, deadline: Number(args[2]), creditNote: text(3) }
    case 'finance':
      return { kind, noteId: id, disbursement: text(1) }
    case 'release':
      return { kind, noteId: id, repayment: text(1) }
    case 'returnNote':
      return { kind, noteId: id, deadline: Number(args[1]), demand: text(2) }
    case 'settle':
      return { kind, noteId: id, amount: args[1] as bigint, payment: text(2) }
    case 'settleReceivable':
      return { kind, receivableId: id, payment: text(1) }
    case 'close':
      return { kind, receivableId: id }
    case 'freeze': {
      const [amount, until, escrow] = [args[1] as bigint, Number(args[2]), Number(args[3])]
      return { kind, noteId: id, amount, until, escrow, order: text(4) }
    }
    case 'unfreeze':
      return { kind, noteId: id, order: text(1) }
    case 'accept':
    case 'acceptDilution':
    case 'unlock':
    case 'foreclose':
    case 'acceptReturn':
      return { kind, noteId: id }
    default:
      // Views and the registry's own functions are in the ABI as well.
      return undefined
  }
}

function registrationOf(args: Result) {
  const terms = args[0] as Result
  return {
    terms: {
      maturity: Number(terms[0]),
      creditor: Number(terms[1]),
      debtor: Number(terms[2]),
      amount: terms[3] as bigint,
      currency: Number(terms[4]),
      contentCommitment: String(terms[5] ?? ZeroHash)
    },
    fingerprints: [...(args[1] as Result)].map(String)
  }
}

/** Numbers of the participants that a command names, for whoever looks their names up. */
export function partiesOf(command: Command): number[] {
  switch (command.kind) {
    case 'register':
    case 'issue':
    case 'confirm':
    case 'reject':
    case 'withdraw':
      return [command.terms.creditor, command.terms.debtor]
    case 'transfer':
      return [command.assignee]
    case 'lock':
      return [command.factor]
    case 'freeze':
      return [command.escrow]
    case 'suspend':
    case 'reinstate':
    case 'changeRoles':
      return [command.participantId]
    default:
      return []
  }
}
