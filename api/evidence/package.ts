import type { Deployment } from '../../domain/chain/contracts.ts'
import type { Call } from '../../domain/intent/commands.ts'
import { callsToShow, lineageOf } from '../../domain/evidence/lineage.ts'
import { consistencyProof, inclusionProof } from '../../domain/evidence/merkle.ts'
import { buildPackage, type PackageInput, type Subject } from '../../domain/evidence/package.ts'
import { logIndexOf, type PlacedRecord } from '../../domain/evidence/record-order.ts'
import { parseRecord } from '../../domain/evidence/record.ts'
import { replay } from '../../domain/evidence/replay.ts'
import type { Step } from '../../domain/evidence/replay-book.ts'
import { receivableIdOfNote, receivableIdToHex } from '../../domain/note/span.ts'
import { asService, inSnapshot, type Pool, type Transaction } from '../database.ts'
import { documentsBehind, sealedDocument } from '../documents/repository.ts'
import type { SealedDocument } from '../documents/readers.ts'
import { ApiError } from '../errors.ts'
import type { Caller } from '../plugins/auth.ts'
import { versionOf } from '../receivables/versions.ts'
import { certificatesBehind } from './certificates.ts'
import { anchoredRoot, newestAnchoredHead } from './head.ts'
import {
  commandLeaves,
  decisionLeaves,
  documentLeaves,
  grantLeaves,
  missingLeaves,
  placedLeaves,
  quoteLeaves,
  type Leaf
} from './leaves.ts'
import { nodeReader } from './log.ts'

const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'application/ofd': 'ofd',
  'application/edifact': 'edi',
  'text/csv': 'csv'
}

/** What goes into a package beside its head. */
interface Parts {
  leaves: Leaf[]
  calls: Call[]
  files: SealedDocument[]
  /** Events that have no leaf yet. */
  missing: number
  /** Address of the registry version that it is about. */
  receivables: string
}

/**
 * Everything that proves a subject, under the newest anchored head, and nothing that does not: a receivable with all its
 * notes; a note with its own lineage; a document; a transaction with its command.
 * @param reader Whose decisions on alarms are in it; a regulator is shown everybody's
 * @param since Size of an anchored head that the reader has: the package proves that its head only added to that one
 * @param clear Documents that go in as they are, each with a record among those of the subject
 * @throws ApiError EVIDENCE_PENDING while the newest of it is not under an anchored head, LOG_HEAD_UNKNOWN for `since`
 */
export function packageOf(
  pool: Pool,
  deployment: Deployment,
  subject: Subject,
  reader: Caller,
  since?: number,
  clear: PackageInput['documents'] = []
): Promise<Uint8Array> {
  // One moment throughout: a state that is recorded between two reads would be missing without a word.
  const assemble = (tx: Transaction) => packageWithin(tx, deployment, subject, reader, since, clear)
  // The routes have checked who asks; a package tells also what others did with the same receivable.
  return asService(pool, (service) => inSnapshot(service, assemble))
}

async function packageWithin(
  tx: Transaction,
  deployment: Deployment,
  subject: Subject,
  reader: Caller,
  since: number | undefined,
  clear: PackageInput['documents']
): Promise<Uint8Array> {
  const { leaves, calls, files, missing, receivables } = await partsOf(tx, deployment, subject, reader)
  const head = await newestAnchoredHead(tx)
  const newest = Math.max(0, ...leaves.map(({ leafIndex }) => leafIndex))
  if (!head || newest >= head.signed.size || missing > 0) {
    throw new ApiError('EVIDENCE_PENDING', {
      presented: { anchored: head?.signed.size ?? 0, missing },
      required: { size: newest + 1 }
    })
  }
  const read = nodeReader(tx)
  const { size } = head.signed
  const records = []
  for (const { leafIndex, record } of leaves) {
    records.push({ leafIndex, bytes: record, proof: await inclusionProof(leafIndex, size, read) })
  }
  const root = since === undefined ? undefined : await anchoredRoot(tx, since)
  if (since !== undefined && (root === undefined || since > size)) {
    throw new ApiError('LOG_HEAD_UNKNOWN', { presented: since })
  }
  return buildPackage({
    subject,
    deployment: { ...deployment, receivables },
    records,
    calls,
    certificates: await certificatesBehind(tx, leaves),
    head: head.signed,
    ...(since !== undefined &&
      root && { extends: { size: since, root, proof: await consistencyProof(since, size, read) } }),
    anchor: head.anchor,
    documents: clear,
    sealed: files.map(({ sealed, sha256, mediaType, keys }) => ({
      bytes: new Uint8Array(sealed),
      sha256,
      extension: EXTENSIONS[mediaType] ?? 'xml',
      keys
    }))
  })
}

async function partsOf(tx: Transaction, deployment: Deployment, subject: Subject, reader: Caller): Promise<Parts> {
  const noteId = subject.kind === 'note' ? BigInt(subject.id) : undefined
  const receivableId = noteId === undefined ? subject.id : receivableIdToHex(receivableIdOfNote(noteId))
  switch (subject.kind) {
    case 'receivable':
    case 'note': {
      const parts = await partsOfReceivable(tx, deployment, receivableId, noteId)
      return { ...parts, leaves: [...parts.leaves, ...(await decisionLeaves(tx, receivableId, reader))] }
    }
    case 'document': {
      const file = await sealedDocument(tx, subject.id)
      const { id } = subject
      const acts = [...(await grantLeaves(tx, id, reader)), ...(await quoteLeaves(tx, id))]
      const leaves = [...(await documentLeaves(tx, [id])), ...acts]
      return { leaves, calls: [], files: file ? [file] : [], missing: 0, receivables: deployment.receivables }
    }
    case 'transaction': {
      const { states } = await placedLeaves(tx, { txHash: subject.id })
      const commands = await commandLeaves(tx, intentsOf(states.map(parsed)))
      return {
        leaves: [...states, ...commands],
        calls: commands.flatMap(({ calls }) => calls),
        files: [],
        missing: await missingLeaves(tx, { txHash: subject.id }),
        receivables: deployment.receivables
      }
    }
  }
}

/** Of a note its lineage, else the receivable as a whole. */
async function partsOfReceivable(
  tx: Transaction,
  deployment: Deployment,
  receivableId: string,
  noteId?: bigint
): Promise<Parts> {
  const files = await documentsBehind(tx, receivableId)
  const receivables = await versionOf(tx, deployment, receivableId)
  const { states, cuts } = await placedLeaves(tx, { receivableId })
  const missing = await missingLeaves(tx, { receivableId })
  const documents = await documentLeaves(
    tx,
    files.map(({ documentId }) => documentId)
  )
  const records = states.map(parsed)
  // Without all events there is nothing to replay; the caller refuses.
  if (missing > 0 || states.length === 0) return { leaves: states, calls: [], files, missing, receivables }
  const { steps } = replay(BigInt(receivableId), records)
  const lineage = noteId === undefined ? { steps, cuts: [] } : lineageOf(noteId, steps)
  const told = new Set(lineage.steps)
  const places = placesOf(lineage.steps)
  // Claims are told beside, they are no steps.
  const shown = states.filter((_, i) => isAt(places, records[i]!) || isClaim(records[i]!))
  const cutPlaces = placesOf(lineage.cuts)
  const commands = await commandLeaves(tx, intentsOf(lineage.steps.map(({ record }) => record)))
  const calls = commands.flatMap((command) => {
    const done = steps.filter(({ record }) => record.intentId === command.intentId)
    return callsToShow(command.calls, receivables, BigInt(receivableId), done, (step) => told.has(step))
  })
  const shownCuts = cuts.filter((leaf) => isAt(cutPlaces, parsed(leaf)))
  return { leaves: [...documents, ...commands, ...shown, ...shownCuts], calls, files, missing, receivables }
}

function placesOf(steps: readonly Step[]): Set<string> {
  return new Set(steps.map(({ record }) => placeOf(record)))
}

function isAt(places: ReadonlySet<string>, record: PlacedRecord): boolean {
  return places.has(placeOf(record))
}

function placeOf(record: PlacedRecord): string {
  return `${record.blockHash} ${logIndexOf(record)}`
}

function isClaim(record: PlacedRecord): boolean {
  return record.kind === 'state' && record.event.contract === 'fingerprints'
}

function intentsOf(records: readonly PlacedRecord[]): string[] {
  return [...new Set(records.flatMap((record) => (record.kind === 'state' ? (record.intentId ?? []) : [])))]
}

function parsed(leaf: Leaf): PlacedRecord {
  return parseRecord(leaf.record) as PlacedRecord
}
