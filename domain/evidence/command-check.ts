/** Checks that what happened was ordered: by the participant entitled, with its own keys. */
import { contracts } from '../chain/contracts.ts'
import {
  digestOfTypedData,
  executeTypes,
  nonceOfIntent,
  recoverSigner,
  type ExecuteTypedData
} from '../intent/typed-data.ts'
import { receivableIdOfNote, startOfNote } from '../note/span.ts'
import { receivableIdOf, type Terms } from '../receivable/terms.ts'
import type { TrustAnchors } from './anchors.ts'
import { EvidenceError, type EvidenceErrorCode } from './errors.ts'
import type { CommandRecord } from './record.ts'
import type { Replayed, Step } from './replay.ts'
import { canonicalBytes, type EvidenceDeployment } from './shape.ts'

/** A call on {Receivables} as an event must show it: the event's name and some of its arguments. */
interface Order {
  receivableId: bigint
  event: string
  args: Record<string, string>
  /** Length of the span ordered, where the call names one. */
  amount?: bigint
}

/**
 * Checks the form of a command: typed data of this deployment and intent, calls on Receivables that its ABI knows, at
 * least one about the subject. Throws COMMAND_MISMATCH.
 */
export function requireCommand(command: CommandRecord, deployment: EvidenceDeployment, receivableId: bigint): void {
  const { domain, types, message } = command.typedData
  const title = `command ${command.intentId}`
  if (domain.name !== 'Tallystick Account' || domain.version !== '1')
    refuse('COMMAND_MISMATCH', `${title} is not for an account`)
  if (domain.chainId !== deployment.chainId) {
    refuse('COMMAND_MISMATCH', `${title} is for another chain`, domain.chainId, deployment.chainId)
  }
  if (!isSameAddress(domain.verifyingContract, command.account)) {
    refuse('COMMAND_MISMATCH', `${title} is for another account`, domain.verifyingContract, command.account)
  }
  if (String(canonicalBytes(types)) !== String(canonicalBytes(executeTypes))) {
    refuse('COMMAND_MISMATCH', `${title} has other EIP-712 types`)
  }
  if (BigInt(message.nonce) !== nonceOfIntent(command.intentId)) {
    refuse('COMMAND_MISMATCH', `${title} has the nonce of another intent`, message.nonce)
  }
  if (!ordersOf(command, deployment).some((order) => order.receivableId === receivableId)) {
    refuse('COMMAND_MISMATCH', `${title} does not concern the subject`)
  }
}

/**
 * Recomputes the digest and recovers each signer. Returns how many signatures are of kinds that can't be checked here
 * (contract verifiers). Throws SIGNATURE_INVALID.
 */
export function requireSignatures(command: CommandRecord): number {
  const title = `command ${command.intentId}`
  const typedData = command.typedData as ExecuteTypedData
  const digest = digestOf(typedData, title)
  if (digest !== command.digest) refuse('SIGNATURE_INVALID', `${title} has another digest`, command.digest, digest)
  const signers = command.signatures.map(({ signer }) => signer.toLowerCase())
  if (new Set(signers).size !== signers.length) refuse('SIGNATURE_INVALID', `${title} has one signer twice`)
  let unchecked = 0
  for (const { signer, signature } of command.signatures) {
    if (signer.length !== 42) {
      unchecked++
      continue
    }
    const recovered = recover(typedData, signature, title)
    if (!isSameAddress(recovered, signer)) {
      refuse('SIGNATURE_INVALID', `${title} is signed by another key`, recovered, signer)
    }
  }
  return unchecked
}

/** Throws SIGNER_UNKNOWN unless account and every signer belong to the participant by the trust anchors. */
export function requireKnownSigners(command: CommandRecord, anchors: TrustAnchors): void {
  const title = `command ${command.intentId}`
  const participant = anchors.participants.find(({ id }) => String(id) === command.participantId)
  if (!participant)
    refuse('SIGNER_UNKNOWN', `${title} is of a participant unknown to the anchors`, command.participantId)
  if (!isSameAddress(participant.account, command.account)) {
    refuse('SIGNER_UNKNOWN', `${title} is for an account of another`, command.account, participant.account)
  }
  for (const { signer } of command.signatures) {
    if (!participant.signers.some((known) => isSameAddress(known, signer))) {
      refuse(
        'SIGNER_UNKNOWN',
        `${title}: the key is not one of ${participant.name}`,
        signer,
        participant.signers.join()
      )
    }
  }
}

/**
 * Holds what happened against what was ordered: each transaction that names an intent did to the receivable exactly what
 * that command says, by a participant entitled to it. Returns how many transactions name no intent.
 * @throws EvidenceError COMMAND_MISMATCH
 */
export function requireOrdered(
  replayed: Replayed,
  commands: readonly CommandRecord[],
  deployment: EvidenceDeployment
): number {
  const byIntent = new Map(commands.map((command) => [command.intentId, command]))
  if (byIntent.size !== commands.length) refuse('COMMAND_MISMATCH', 'one intent has two commands')
  const steps = Map.groupBy(replayed.steps, ({ record }) => record)
  const used = new Set<string>()
  let unordered = 0
  for (const [record, done] of steps) {
    if (!record.intentId) {
      unordered++
      continue
    }
    const command = byIntent.get(record.intentId)
    if (!command)
      refuse('COMMAND_MISMATCH', `transaction ${record.txHash} names a command that is not here`, record.intentId)
    if (used.has(record.intentId)) refuse('COMMAND_MISMATCH', `command ${record.intentId} was carried out twice`)
    used.add(record.intentId)
    const orders = ordersOf(command, deployment).filter(({ receivableId }) => receivableId === replayed.receivableId)
    const deeds = done.filter(({ actors }) => actors !== null)
    if (orders.length !== deeds.length || !orders.every((order, i) => isDeedOf(order, deeds[i] as Step))) {
      refuse('COMMAND_MISMATCH', `transaction ${record.txHash} did something else than command ${record.intentId} says`)
    }
    for (const { event, actors } of deeds) {
      if (actors && !actors.map(String).includes(command.participantId)) {
        refuse('COMMAND_MISMATCH', `${event.name} was not ordered by who may`, command.participantId, actors.join())
      }
    }
  }
  return unordered
}

function ordersOf(command: CommandRecord, deployment: EvidenceDeployment): Order[] {
  return command.typedData.message.calls.map(({ target, data }) => {
    if (!isSameAddress(target, deployment.receivables)) {
      refuse('COMMAND_MISMATCH', `command ${command.intentId} calls another contract`, target, deployment.receivables)
    }
    return orderOf(command, data)
  })
}

const eventOfFunction: Record<string, string> = {
  register: 'ReceivableRegistered',
  issue: 'ReceivableIssued',
  confirm: 'ReceivableConfirmed',
  reject: 'ReceivableRejected',
  withdraw: 'ReceivableWithdrawn',
  transfer: 'NoteOffered',
  accept: 'NoteAccepted',
  refuse: 'NoteRefused',
  recall: 'NoteRecalled',
  lock: 'NoteLocked',
  unlock: 'NoteUnlocked',
  finance: 'NoteFinanced',
  settle: 'NoteSettled'
}

function orderOf(command: CommandRecord, data: string): Order {
  const call = parseCall(data)
  const event = call && eventOfFunction[call.name]
  if (!event)
    refuse('COMMAND_MISMATCH', `command ${command.intentId} calls a function that is not a command`, data.slice(0, 10))
  const named = (name: string): string => String(call.args.getValue(name))
  if (call.name === 'register' || call.name === 'issue') {
    const receivableId = receivableIdOf(call.args[0].toObject() as Terms, [...call.args[1]] as string[])
    return { receivableId, event, args: { receivableId: String(receivableId) } }
  }
  if (event.startsWith('Receivable')) {
    const receivableId = BigInt(named('receivableId'))
    const reason = call.name === 'reject' ? { reason: named('reason') } : {}
    return { receivableId, event, args: { receivableId: String(receivableId), ...reason } }
  }
  const noteId = BigInt(named('noteId'))
  const receivableId = receivableIdOfNote(noteId)
  const others = call.fragment.inputs.map(({ name }) => name).filter((name) => name !== 'noteId' && name !== 'amount')
  const args = Object.fromEntries(others.map((name) => [name, named(name)]))
  if (event === 'NoteOffered' || event === 'NoteLocked') {
    return { receivableId, event, args: { fromNoteId: String(noteId), ...args }, amount: BigInt(named('amount')) }
  }
  return { receivableId, event, args: { noteId: String(noteId), ...args } }
}

function isDeedOf(order: Order, { event }: Step): boolean {
  if (event.name !== order.event) return false
  if (Object.entries(order.args).some(([name, value]) => event.args[name] !== value)) return false
  const { end, noteId } = event.args as { end: string; noteId: string }
  return order.amount === undefined || BigInt(end) - startOfNote(BigInt(noteId)) === order.amount
}

function parseCall(data: string): ReturnType<typeof contracts.receivables.parseTransaction> {
  try {
    return contracts.receivables.parseTransaction({ data })
  } catch {
    return null
  }
}

function digestOf(typedData: ExecuteTypedData, title: string): string {
  try {
    return digestOfTypedData(typedData)
  } catch (error) {
    return refuse('SIGNATURE_INVALID', `${title} can't be hashed: ${(error as Error).message}`)
  }
}

function recover(typedData: ExecuteTypedData, signature: string, title: string): string {
  try {
    return recoverSigner(typedData, signature)
  } catch (error) {
    return refuse('SIGNATURE_INVALID', `${title} has a malformed signature: ${(error as Error).message}`)
  }
}

/** Addresses and keys are hex: case carries no meaning. */
export function isSameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function refuse(code: EvidenceErrorCode, message: string, presented?: unknown, required?: unknown): never {
  throw new EvidenceError(code, message, { presented, required })
}
