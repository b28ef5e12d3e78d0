import { randomBytes } from 'node:crypto'
import { callOf, type Command } from '../../domain/intent/commands.ts'
import { digestOfTypedData, executeTypedData, nonceOfIntent } from '../../domain/intent/typed-data.ts'
import { wordsOf } from '../../domain/intent/words.ts'
import { receivableIdToHex } from '../../domain/note/span.ts'
import type { Transaction } from '../database.ts'
import type { Caller } from '../plugins/auth.ts'
import type { Deployment } from '../../domain/chain/contracts.ts'
import { namesOf } from '../participants/repository.ts'
import { findIntent, insertIntent, type IntentView } from './repository.ts'

/** Signers have this long; a maker and a checker may sit in two time zones. Seconds. */
export const SIGNING_WINDOW = 24 * 3600

export interface Proposal {
  command: Command
  /** Of the receivable concerned. */
  receivableId: bigint
  currency: number
  /** 0x-hex, for commands about a note. */
  noteId?: string
  /** The request's own fields, kept for people and audits. */
  request: object
}

/** UUID of version 7 (RFC 9562): sorts by time. */
export function newIntentId(now = Date.now()): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(now, 0, 6)
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** Writes down what the caller wants and what it has to sign. Nothing happens until it signs. */
export async function createIntent(
  tx: Transaction,
  deployment: Deployment,
  caller: Caller,
  proposal: Proposal
): Promise<IntentView> {
  const intentId = newIntentId()
  const deadline = Math.floor(Date.now() / 1000) + SIGNING_WINDOW
  const typedData = executeTypedData(
    deployment.chainId,
    caller.account,
    [callOf(proposal.command, deployment)],
    nonceOfIntent(intentId),
    deadline
  )
  const names = await namesOf(tx, partiesOf(proposal.command))
  const words = wordsOf(proposal.command, {
    currency: proposal.currency,
    nameOf: (id) => names.get(id) ?? `participant ${id}`
  })
  await insertIntent(tx, {
    intentId,
    participantId: caller.participantId,
    kind: proposal.command.kind,
    command: proposal.request,
    typedData,
    digest: digestOfTypedData(typedData),
    words,
    receivableId: receivableIdToHex(proposal.receivableId),
    noteId: proposal.noteId ?? null
  })
  return (await findIntent(tx, intentId, caller.participantId))!
}

function partiesOf(command: Command): number[] {
  switch (command.kind) {
    case 'register':
    case 'issue':
      return [command.terms.creditor, command.terms.debtor]
    case 'transfer':
      return [command.assignee]
    case 'lock':
      return [command.factor]
    default:
      return []
  }
}
