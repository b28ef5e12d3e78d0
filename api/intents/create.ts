import { randomBytes } from 'node:crypto'
import { batchWordsOf, type BatchCommand } from '../../domain/intent/batch.ts'
import { callOf, type Command } from '../../domain/intent/commands.ts'
import { partiesOf } from '../../domain/intent/decode.ts'
import { digestOfTypedData, executeTypedData, nonceOfIntent } from '../../domain/intent/typed-data.ts'
import { wordsOf, type Words, type WordsContext } from '../../domain/intent/words.ts'
import type { Transaction } from '../database.ts'
import type { Caller } from '../plugins/auth.ts'
import type { Deployment } from '../../domain/chain/contracts.ts'
import { namesOf } from '../participants/repository.ts'
import { chainTime } from '../receivables/repository.ts'
import { findIntent, insertIntent, type IntentView } from './repository.ts'
import { targetsOf } from './versions.ts'

/** Signers have this long; a maker and a checker may sit in two time zones. Seconds. */
export const SIGNING_WINDOW = 24 * 3600

export interface Proposal {
  /** Carried out in this order, all or nothing. The first one gives the intent its kind. */
  commands: readonly [Command, ...Command[]]
  /** The receivable concerned, 0x-hex; none for a claim of a fingerprint elsewhere. */
  receivableId: string | null
  /** ISO 4217 number; zero where no amount is named. */
  currency: number
  /** 0x-hex, for commands about a note. */
  noteId?: string
  /** Of a batch of registrations or confirmations: what people know each as, in the order of the commands. */
  labels?: readonly string[]
  /** The request's own fields, kept for people and audits. */
  request: object
  /** Names of those whose accounts the commands name, by account. */
  accountNames?: ReadonlyMap<string, string>
  /** What is known of keys that the commands name, by signer. */
  keyNames?: ReadonlyMap<string, Words>
  /** Signatures are good until then at the latest, unix seconds; without it, as long as signers have. */
  latest?: number
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
  const { commands } = proposal
  const deadline = Math.min((await chainTime(tx)) + SIGNING_WINDOW, proposal.latest ?? Infinity)
  const targets = await targetsOf(tx, deployment, commands)
  const typedData = executeTypedData(
    deployment.chainId,
    caller.account,
    commands.map((command, i) => callOf(command, targets[i]!)),
    nonceOfIntent(intentId),
    deadline
  )
  const names = await namesOf(tx, commands.flatMap(partiesOf))
  const context = {
    currency: proposal.currency,
    nameOf: (id: number) => names.get(id) ?? `participant ${id}`,
    nameOfAccount: (account: string) => proposal.accountNames?.get(account),
    nameOfKey: (signer: string) => proposal.keyNames?.get(signer)
  }
  await insertIntent(tx, {
    intentId,
    participantId: caller.participantId,
    kind: commands[0].kind,
    command: proposal.request,
    typedData,
    digest: digestOfTypedData(typedData),
    words: wordsOfAll(proposal, context),
    receivableId: proposal.receivableId,
    noteId: proposal.noteId ?? null
  })
  return (await findIntent(tx, intentId, caller.participantId))!
}

function wordsOfAll({ commands, labels }: Proposal, context: WordsContext): Words {
  if (labels) return batchWordsOf(commands as readonly Command[] as readonly BatchCommand[], labels, context)
  const words = commands.map((command) => wordsOf(command, context))
  return { en: words.map(({ en }) => en).join('; '), zh: words.map(({ zh }) => zh).join('；') }
}
