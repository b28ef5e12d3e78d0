/** Checks that what happened was ordered: by the participant entitled, with its own keys. */
import type { Call } from '../intent/commands.ts'
import { digestOfCalls, isUserIdWrong, isValidPart, nonceOfIntent } from '../intent/typed-data.ts'
import type { Verifiers } from '../participant/signers.ts'
import type { TrustAnchors } from './anchors.ts'
import { isSameAddress } from './shape.ts'
import { EvidenceError, type EvidenceErrorCode } from './errors.ts'
import type { CommandRecord } from './record.ts'
import { isDeedOf, orderOf, type Order } from './orders.ts'
import type { Step } from './replay-book.ts'
import type { Replayed } from './replay.ts'
import { contractAt, type ReadDeployment } from './versions.ts'

/** The calls that a package shows, by their EIP-712 hash. */
export type ShownCalls = ReadonlyMap<string, Call>

/**
 * Checks a command: it is of this chain, the calls that are shown of it are commands to this registry, and at least one is
 * about the subject. Throws COMMAND_MISMATCH.
 */
export function requireCommand(
  command: CommandRecord,
  shown: ShownCalls,
  deployment: ReadDeployment,
  receivableId?: bigint
): void {
  const title = `command ${command.intentId}`
  if (command.chainId !== deployment.chainId) {
    refuse('COMMAND_MISMATCH', `${title} is for another chain`, command.chainId, deployment.chainId)
  }
  const orders = ordersOf(command, shown, deployment)
  const isAbout = receivableId === undefined || orders.some((order) => order.receivableId === receivableId)
  if (!isAbout) refuse('COMMAND_MISMATCH', `${title} does not concern the subject`)
}

/** Throws COMMAND_MISMATCH for a call that no command gives. */
export function requireUsed(shown: ShownCalls, commands: readonly CommandRecord[]): void {
  const given = new Set(commands.flatMap(({ calls }) => calls))
  const stray = [...shown.keys()].find((hash) => !given.has(hash))
  if (stray) refuse('COMMAND_MISMATCH', 'a call is of no command', stray)
}

/**
 * Recomputes the digest and checks each signature over it. Returns how many are of kinds that can't be checked here (other
 * verifiers than those given). Throws SIGNATURE_INVALID, or USER_ID_WRONG for an SM2 signature under no user id.
 */
export function requireSignatures(command: CommandRecord, verifiers: Verifiers): number {
  const title = `command ${command.intentId}`
  const { chainId, account, calls, intentId, deadline } = command
  const digest = digestOfCalls(chainId, account, calls, nonceOfIntent(intentId), deadline)
  if (digest !== command.digest) refuse('SIGNATURE_INVALID', `${title} has another digest`, command.digest, digest)
  const signers = command.signatures.map(({ signer }) => signer.toLowerCase())
  if (new Set(signers).size !== signers.length) refuse('SIGNATURE_INVALID', `${title} has one signer twice`)
  let unchecked = 0
  for (const part of command.signatures) {
    const isValid = isValidPart(digest, part, verifiers)
    if (isValid === undefined) unchecked++
    else if (!isValid) {
      const code = isUserIdWrong(digest, part, verifiers) ? 'USER_ID_WRONG' : 'SIGNATURE_INVALID'
      refuse(code, `${title} is not signed by the key that it names`, part.signature, part.signer)
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
 * the calls shown of that command say, by a participant entitled to it. Returns how many transactions name no intent.
 * @throws EvidenceError COMMAND_MISMATCH
 */
export function requireOrdered(
  replayed: Replayed,
  commands: readonly CommandRecord[],
  shown: ShownCalls,
  deployment: ReadDeployment
): number {
  const byIntent = new Map(commands.map((command) => [command.intentId, command]))
  if (byIntent.size !== commands.length) refuse('COMMAND_MISMATCH', 'one intent has two commands')
  const used = new Set<string>()
  let unordered = 0
  for (const [txHash, done] of Map.groupBy(replayed.steps, ({ record }) => record.txHash)) {
    const { intentId } = done[0]!.record
    if (done.some(({ record }) => record.intentId !== intentId)) {
      refuse('COMMAND_MISMATCH', `transaction ${txHash} names several commands`)
    }
    if (!intentId) {
      unordered++
      continue
    }
    const command = byIntent.get(intentId)
    if (!command) refuse('COMMAND_MISMATCH', `transaction ${txHash} names a command that is not here`, intentId)
    if (used.has(intentId)) refuse('COMMAND_MISMATCH', `command ${intentId} was carried out twice`)
    used.add(intentId)
    const orders = ordersOf(command, shown, deployment).filter(
      ({ receivableId }) => receivableId === replayed.receivableId
    )
    if (orders.length !== done.length || !orders.every((order, i) => isDeedOf(order, done[i] as Step))) {
      refuse('COMMAND_MISMATCH', `transaction ${txHash} did something else than command ${intentId} says`)
    }
    for (const { event, actors } of done) {
      if (actors && !actors.map(String).includes(command.participantId)) {
        refuse('COMMAND_MISMATCH', `${event.name} was not ordered by who may`, command.participantId, actors.join())
      }
    }
  }
  return unordered
}

/** Orders on receivables that are shown. A batch may also claim or release fingerprints, which concerns no receivable. */
export function ordersOf(command: CommandRecord, shown: ShownCalls, deployment: ReadDeployment): Order[] {
  return command.calls.flatMap((hash) => {
    const call = shown.get(hash)
    if (!call) return []
    const contract = contractAt(call.target, deployment)
    if (contract !== 'receivables' && contract !== 'fingerprints') {
      const { target } = call
      refuse('COMMAND_MISMATCH', `command ${command.intentId} calls another contract`, target, deployment.receivables)
    }
    const order = orderOf(contract, call.data)
    if (order) return order.receivableId === undefined ? [] : [order as Order]
    return refuse(
      'COMMAND_MISMATCH',
      `command ${command.intentId} calls a function that is not a command`,
      call.data.slice(0, 10)
    )
  })
}

function refuse(code: EvidenceErrorCode, message: string, presented?: unknown, required?: unknown): never {
  throw new EvidenceError(code, message, { presented, required })
}
