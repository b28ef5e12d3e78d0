/** Checks that what happened was ordered: by the participant entitled, with its own keys. */
import {
  digestOfTypedData,
  executeTypes,
  isValidPart,
  nonceOfIntent,
  type ExecuteTypedData
} from '../intent/typed-data.ts'
import type { Verifiers } from '../participant/signers.ts'
import type { TrustAnchors } from './anchors.ts'
import { EvidenceError, type EvidenceErrorCode } from './errors.ts'
import type { CommandRecord } from './record.ts'
import { isDeedOf, orderOf, type Order } from './orders.ts'
import type { Step } from './replay-book.ts'
import type { Replayed } from './replay.ts'
import { canonicalBytes, type EvidenceDeployment } from './shape.ts'

/**
 * Checks the form of a command: typed data of this deployment and intent, calls that are commands, at least one about the
 * subject. Throws COMMAND_MISMATCH.
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
 * Recomputes the digest and checks each signature over it. Returns how many are of kinds that can't be checked here (other
 * verifiers than those given). Throws SIGNATURE_INVALID.
 */
export function requireSignatures(command: CommandRecord, verifiers: Verifiers): number {
  const title = `command ${command.intentId}`
  const typedData = command.typedData as ExecuteTypedData
  const digest = digestOf(typedData, title)
  if (digest !== command.digest) refuse('SIGNATURE_INVALID', `${title} has another digest`, command.digest, digest)
  const signers = command.signatures.map(({ signer }) => signer.toLowerCase())
  if (new Set(signers).size !== signers.length) refuse('SIGNATURE_INVALID', `${title} has one signer twice`)
  let unchecked = 0
  for (const part of command.signatures) {
    const isValid = isValidPart(digest, part, verifiers)
    if (isValid === undefined) unchecked++
    else if (!isValid) {
      refuse('SIGNATURE_INVALID', `${title} is not signed by the key that it names`, part.signature, part.signer)
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
    if (orders.length !== done.length || !orders.every((order, i) => isDeedOf(order, done[i] as Step))) {
      refuse('COMMAND_MISMATCH', `transaction ${record.txHash} did something else than command ${record.intentId} says`)
    }
    for (const { event, actors } of done) {
      if (actors && !actors.map(String).includes(command.participantId)) {
        refuse('COMMAND_MISMATCH', `${event.name} was not ordered by who may`, command.participantId, actors.join())
      }
    }
  }
  return unordered
}

/** Orders on receivables. A batch may also claim or release fingerprints, which concerns no receivable. */
function ordersOf(command: CommandRecord, deployment: EvidenceDeployment): Order[] {
  return command.typedData.message.calls.flatMap(({ target, data }) => {
    const contract = (['receivables', 'fingerprints'] as const).find((name) => isSameAddress(target, deployment[name]))
    if (!contract) {
      refuse('COMMAND_MISMATCH', `command ${command.intentId} calls another contract`, target, deployment.receivables)
    }
    const order = orderOf(contract, data)
    if (order) return order.receivableId === undefined ? [] : [order as Order]
    return refuse(
      'COMMAND_MISMATCH',
      `command ${command.intentId} calls a function that is not a command`,
      data.slice(0, 10)
    )
  })
}

function digestOf(typedData: ExecuteTypedData, title: string): string {
  try {
    return digestOfTypedData(typedData)
  } catch (error) {
    return refuse('SIGNATURE_INVALID', `${title} can't be hashed: ${(error as Error).message}`)
  }
}

/** Addresses and keys are hex: case carries no meaning. */
export function isSameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function refuse(code: EvidenceErrorCode, message: string, presented?: unknown, required?: unknown): never {
  throw new EvidenceError(code, message, { presented, required })
}
