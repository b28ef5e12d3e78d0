/** Verification of an evidence package, without network when the trust anchors know its head. */
import { receivableIdOfNote, receivableIdToHex } from '../note/span.ts'
import type { TrustAnchors } from './anchors.ts'
import { checkCertificates } from './certificate-checks.ts'
import { compareWithChain, requireOnChain, type ChainReader } from './chain-check.ts'
import { Checks, type Report, type Verdict } from './checks.ts'
import { ordersOf, requireCommand, requireOrdered, requireUsed, type ShownCalls } from './command-check.ts'
import { EvidenceError } from './errors.ts'
import { holdingsOf, outcomeOf } from './outcome.ts'
import { callsOf, openPackage, type OpenedPackage, type Subject } from './package.ts'
import {
  checkAnchoring,
  checkConsistency,
  checkDecisions,
  checkGrants,
  checkDeployment,
  checkDigests,
  checkDocuments,
  checkHead,
  checkInclusion,
  checkSignatures,
  checkSigners,
  readRecords,
  type Records
} from './package-checks.ts'
import { checkQuote, checkQuoteSignatures, checkQuoteSigners, isOfQuote } from './quote-checks.ts'
import { inChainOrder, type PlacedRecord } from './record-order.ts'
import { receivableOfEvent, replay, type Replayed } from './replay.ts'
import { readBy, requireClaimedBy, type ReadDeployment } from './versions.ts'

export type { Check, Report } from './checks.ts'

export interface Expectation {
  /** Id of what the package has to be about: one about something else is of no use, however true. */
  subject?: string | undefined
  /** Whether it is enough that the chain was so at the package's newest block: else a chain that moved on makes it stale. */
  isHistoric?: boolean
}

/** What all checks share. */
interface Given {
  opened: OpenedPackage
  records: Records
  shown: ShownCalls
  deployment: ReadDeployment
  anchors: TrustAnchors | undefined
  chain: ChainReader | undefined
  expected: Expectation
}

/**
 * Verifies a package. Never throws for what is in it; rejects only when `chain` does.
 * @param anchors What the verifier trusts; without them nothing says whose log and whose keys these are.
 * @param chain A node to ask as well; its contracts' addresses are taken from the anchors where given.
 */
export async function verifyPackage(
  bytes: Uint8Array,
  anchors?: TrustAnchors,
  chain?: ChainReader,
  expected: Expectation = {}
): Promise<Report> {
  const checks = new Checks()
  const opened = await checks.run('package', 'PACKAGE_UNREADABLE', () => {
    const value = openPackage(bytes)
    return { value, detail: `${value.members.size} members, ${bytes.length} bytes` }
  })
  if (!opened) return checks.report()
  const { manifest } = opened
  const { subject } = manifest
  const deployment = readBy(subject, manifest.deployment, anchors?.deployment)
  if (expected.subject !== undefined) {
    await checks.run('subject', 'SUBJECT_MISMATCH', () => checkSubject(subject, expected.subject as string))
  }
  await checks.run('digests', 'DIGEST_MISMATCH', () => checkDigests(opened))
  await checks.run('deployment', 'DEPLOYMENT_MISMATCH', () => checkDeployment(manifest, anchors, chain))
  await checks.run('head signature', 'HEAD_SIGNATURE_INVALID', () => checkHead(manifest, anchors))
  await checks.run('anchoring', 'HEAD_NOT_ANCHORED', () => checkAnchoring(manifest, anchors, chain))
  if (manifest.extends) {
    await checks.run('consistency', 'LOG_NOT_CONSISTENT', () => checkConsistency(manifest, anchors))
  }
  const records = await checks.run('records', 'RECORD_MALFORMED', () => readRecords(opened))
  await checks.run('log inclusion', 'LEAF_NOT_IN_LOG', () => checkInclusion(opened))
  if (!records) return checks.report(subject)
  if (records.grants.length > 0) await checks.run('grants', 'SUBJECT_MISMATCH', () => checkGrants(records, subject.id))

  await checks.run('signatures', 'SIGNATURE_INVALID', () => checkSignatures(records.commands, deployment))
  await checks.run('signers', 'SIGNER_UNKNOWN', () => checkSigners(records.commands, anchors))
  await checks.run('certificates', 'CERT_MISMATCH', () => checkCertificates(opened, records, deployment, anchors))
  const shown = await checks.run('commands', 'COMMAND_MISMATCH', () => checkCommands(opened, records, deployment))
  if (isOfQuote(records)) await verifyQuote(checks, opened, records, deployment, anchors)
  const given: Given = { opened, records, shown: shown ?? new Map(), deployment, anchors, chain, expected }
  switch (subject.kind) {
    case 'document':
      await checks.run('record', 'DOCUMENT_MISMATCH', () => checkDocumentRecord(subject.id, records))
      await checks.run('documents', 'DOCUMENT_MISMATCH', () => checkDocuments(opened, records))
      return checks.report(subject)
    case 'transaction':
      await verifyTransaction(checks, subject.id, given)
      return checks.report(subject)
    default: {
      const replayed = await verifyHistory(checks, subject, given)
      return checks.report(subject, replayed && outcomeOf(replayed, anchors))
    }
  }
}

async function verifyHistory(checks: Checks, subject: Subject, given: Given): Promise<Replayed | undefined> {
  const { opened, records, shown, deployment, anchors, chain, expected } = given
  const noteId = subject.kind === 'note' ? BigInt(subject.id) : undefined
  const receivableId = noteId === undefined ? BigInt(subject.id) : receivableIdOfNote(noteId)
  const replayed = await checks.run('state', 'STATE_MISMATCH', () => {
    requireClaimedBy(deployment, records.placed, receivableId, anchors?.deployment)
    const value = replay(receivableId, records.placed, noteId)
    return { value, detail: holdingsOf(value, anchors) }
  })
  if (replayed) {
    await checks.run('authority', 'COMMAND_MISMATCH', () => {
      return checkUnordered(requireOrdered(replayed, records.commands, shown, deployment), chain)
    })
  }
  await checks.run('documents', 'DOCUMENT_MISMATCH', () => checkDocuments(opened, records, replayed))
  if (records.decisions.length > 0) {
    await checks.run('decisions', 'SUBJECT_MISMATCH', () => checkDecisions(records, receivableIdToHex(receivableId)))
  }
  if (chain && replayed) {
    await checks.run('chain', 'STATE_MISMATCH', async () => {
      await requireOnChain(chain, records.placed, deployment, (event) => {
        return noteId === undefined && receivableOfEvent(event) === receivableId
      })
      return { detail: await compareWithChain(chain, replayed, deployment.receivables, expected.isHistoric ?? false) }
    })
  }
  return replayed
}

async function verifyQuote(
  checks: Checks,
  opened: OpenedPackage,
  records: Records,
  deployment: ReadDeployment,
  anchors: TrustAnchors | undefined
): Promise<void> {
  const quote = await checks.run('quote', 'QUOTE_MISMATCH', () => checkQuote(opened, records))
  if (!quote) return
  await checks.run('quote signatures', 'SIGNATURE_INVALID', () => checkQuoteSignatures(quote, deployment))
  if (quote.signatures.length > 0) {
    await checks.run('quote signers', 'SIGNER_UNKNOWN', () => checkQuoteSigners(quote, anchors))
  }
}

/** One transaction without what came before it: its events are what its command orders, kind by kind. */
async function verifyTransaction(checks: Checks, txHash: string, given: Given): Promise<void> {
  const { records, shown, deployment, chain } = given
  const ordered = await checks.run('state', 'STATE_MISMATCH', () => checkTransaction(txHash, records.placed))
  await checks.run('authority', 'COMMAND_MISMATCH', () => {
    const intents = new Set((ordered ?? []).map((record) => record.kind === 'state' && record.intentId))
    const command = records.commands.find(({ intentId }) => intents.has(intentId))
    if (!command || intents.size !== 1 || records.commands.length !== 1) return checkUnordered(1, chain)
    const done = (ordered ?? []).flatMap((record) =>
      record.kind === 'state' && record.event.contract === 'receivables' ? [record.event] : []
    )
    const orders = ordersOf(command, shown, deployment)
    const isDone = orders.every((order, i) => {
      const event = done[i]
      return event && order.event === event.name && order.receivableId === receivableOfEvent(event)
    })
    if (orders.length !== done.length || !isDone) {
      throw new EvidenceError('COMMAND_MISMATCH', `the transaction did something else than its command says`)
    }
    return { detail: `it did what command ${command.intentId} of participant ${command.participantId} says` }
  })
  if (!chain || !ordered) return
  await checks.run('chain', 'STATE_MISMATCH', async () => {
    await requireOnChain(chain, ordered, deployment, () => true)
    return { detail: 'the chain has that transaction with these events and no other' }
  })
}

/** Whose history the package tells; undefined for a document or a transaction. */
function receivableOf({ kind, id }: Subject): bigint | undefined {
  if (kind === 'receivable') return BigInt(id)
  return kind === 'note' ? receivableIdOfNote(BigInt(id)) : undefined
}

function checkSubject({ kind, id }: Subject, expected: string): Verdict<void> {
  if (id !== expected.toLowerCase()) {
    throw new EvidenceError('SUBJECT_MISMATCH', 'the package is about something else', {
      presented: id,
      required: expected
    })
  }
  return { detail: `it is about the ${kind} that is asked for` }
}

function checkCommands(opened: OpenedPackage, { commands }: Records, deployment: ReadDeployment): Verdict<ShownCalls> {
  const value = callsOf(opened)
  requireUsed(value, commands)
  const { subject } = opened.manifest
  const receivableId = receivableOf(subject)
  for (const command of commands) requireCommand(command, value, deployment, receivableId)
  const count = commands.reduce((sum, { calls }) => sum + calls.length, 0)
  const hidden = count === value.size ? '' : `, ${count - value.size} more concern others and are not shown`
  return { value, detail: `${commands.length} commands; ${value.size} calls of the registry's functions${hidden}` }
}

/** @param unordered Transactions that name no command of ours */
function checkUnordered(unordered: number, chain: ChainReader | undefined): Verdict<void> {
  if (unordered === 0) return { detail: 'each transaction did what its signed command says, by who may order it' }
  const detail = `${unordered} transactions came without a signed command of this registry's api`
  return chain ? { detail: `${detail}; the chain is asked for them` } : { unchecked: detail }
}

function checkTransaction(txHash: string, placed: readonly PlacedRecord[]): Verdict<PlacedRecord[]> {
  const value = inChainOrder(placed)
  const other = value.find((record) => record.txHash !== txHash)
  if (other)
    throw new EvidenceError('SUBJECT_MISMATCH', 'an event is of another transaction', { presented: other.txHash })
  const [first] = value
  if (!first) throw new EvidenceError('LINEAGE_INCOMPLETE', 'no record tells of the transaction', { required: txHash })
  return { value, detail: `${value.length} events in block ${first.blockNumber}, ${first.blockTime}` }
}

function checkDocumentRecord(documentId: string, { documents }: Records): Verdict<void> {
  const [record] = documents
  if (!record || documents.length !== 1 || record.documentId !== documentId) {
    throw new EvidenceError('SUBJECT_MISMATCH', 'the records are not exactly that of the document', {
      presented: documents.map((one) => one.documentId).join(),
      required: documentId
    })
  }
  return { detail: `a file of ${record.byteLength} bytes, SHA-256 ${record.sha256}, SM3 ${record.sm3}, was recorded` }
}
