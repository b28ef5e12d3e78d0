/** The single checks of a package that need no replay. */
import { getBytes } from 'ethers'
import type { Verifiers } from '../participant/signers.ts'
import type { TrustAnchors } from './anchors.ts'
import { requireAnchoredOnChain, requireSameChain, type ChainReader } from './chain-check.ts'
import type { Verdict } from './checks.ts'
import { requireKnownSigners, requireSignatures } from './command-check.ts'
import { EvidenceError } from './errors.ts'
import { contradicted, requireSignedHead } from './head.ts'
import { leafHash, verifyConsistency, verifyInclusion } from './merkle.ts'
import { digestsOf, proofOf, type Manifest, type OpenedPackage } from './package.ts'
import type { PlacedRecord } from './record-order.ts'
import {
  parseRecord,
  type CommandRecord,
  type DecisionRecord,
  type DocumentRecord,
  type EvidenceRecord,
  type GrantRecord,
  type SignatureRecord,
  type WithdrawalRecord
} from './record.ts'
import type { Replayed } from './replay.ts'
import { isSameAddress, evidenceDeployment } from './shape.ts'
import { requireVersion, requireVersionCode } from './versions.ts'

export interface Records {
  documents: DocumentRecord[]
  commands: CommandRecord[]
  placed: PlacedRecord[]
  decisions: DecisionRecord[]
  grants: GrantRecord[]
  /** What a factor did about a quote, in the order of the log. */
  quoteActs: (SignatureRecord | WithdrawalRecord)[]
}

export function checkDigests({ manifest, members }: OpenedPackage): Verdict<void> {
  for (const { path, ...declared } of manifest.members) {
    const actual = digestsOf(members.get(path) as Uint8Array)
    for (const part of ['bytes', 'sha256', 'sm3'] as const) {
      if (actual[part] !== declared[part]) {
        const values = { presented: actual[part], required: declared[part] }
        throw new EvidenceError('DIGEST_MISMATCH', `${path} has another ${part}`, values)
      }
    }
  }
  return { detail: `SHA-256 and SM3 of ${manifest.members.length} members are as declared` }
}

export async function checkDeployment(
  manifest: Manifest,
  anchors?: TrustAnchors,
  chain?: ChainReader
): Promise<Verdict<void>> {
  const { deployment, head } = manifest
  requireSame('head', { chainId: head.chainId, evidenceLog: head.evidenceLog }, deployment)
  const { receivables: _, ...others } = deployment
  if (anchors) requireSame('manifest', others, anchors.deployment)
  const version = anchors && requireVersion('manifest', deployment, anchors.deployment)
  if (chain) await requireSameChain(chain, anchors?.deployment ?? deployment)
  if (chain && version) requireVersionCode(await chain.codeOf(deployment.receivables), version, deployment)
  const named = version ? `version ${version} of the registry` : 'the registry'
  if (anchors) return { detail: `${named} of the trust anchors on chain ${deployment.chainId}` }
  const origin = chain ? 'the chain is the one named, but the contract addresses' : 'chain and contract addresses'
  return { unchecked: `${origin} are only what the package says` }
}

function requireSame(
  title: string,
  presented: Partial<Manifest['deployment']>,
  required: Manifest['deployment']
): void {
  const expected = evidenceDeployment(required)
  for (const [part, value] of Object.entries(presented)) {
    const other = expected[part as keyof typeof expected]
    if (!isSameAddress(String(value), String(other))) {
      throw new EvidenceError('DEPLOYMENT_MISMATCH', `${title} names another ${part}`, {
        presented: value,
        required: other
      })
    }
  }
}

export function checkHead({ head }: Manifest, anchors?: TrustAnchors): Verdict<void> {
  const { certificate } = requireSignedHead(head, anchors)
  const detail = `head of ${head.size} leaves at ${head.time} is signed by ${certificate.subject}`
  return anchors ? { detail } : { unchecked: `${detail}; no trust anchors say whether that is the log's operator` }
}

export async function checkAnchoring(
  manifest: Manifest,
  anchors?: TrustAnchors,
  chain?: ChainReader
): Promise<Verdict<void>> {
  const { head, anchor } = manifest
  const known = anchors?.heads.find(({ size }) => size === head.size)
  const refuse = (message: string, presented: unknown, required?: unknown): never => {
    throw new EvidenceError('HEAD_NOT_ANCHORED', message, { presented, required })
  }
  if (known && known.root !== head.root) throw contradicted(head, known.root, anchors)
  if (known && anchor && (known.txHash !== anchor.txHash || known.blockNumber !== anchor.blockNumber)) {
    refuse('the head was anchored by another transaction', anchor.txHash, known.txHash)
  }
  if (chain) {
    const evidenceLog = anchors?.deployment.evidenceLog ?? manifest.deployment.evidenceLog
    const root = await chain.headRootOf(evidenceLog, head.size)
    if (root !== head.root && !/^0x0{64}$/.test(root)) throw contradicted(head, root, anchors)
    await requireAnchoredOnChain(chain, manifest, evidenceLog)
    return { detail: `the chain holds the root of ${head.size} leaves` }
  }
  if (known) return { detail: `anchored in block ${known.blockNumber}, as the trust anchors say` }
  if (manifest.extends && anchors?.heads.some(({ size }) => size === manifest.extends?.size)) {
    return { unchecked: `the trust anchors know an earlier head, of ${manifest.extends.size} leaves` }
  }
  if (anchors && anchors.heads.length > 0) {
    const sizes = anchors.heads.map(({ size }) => size)
    refuse(
      'the trust anchors do not know that head: fetch newer ones or ask the chain',
      head.size,
      `of ${Math.max(...sizes)} at most`
    )
  }
  return { unchecked: 'no trusted heads and no chain to ask' }
}

/** The head only added to an earlier one, which the trust anchors know. */
export function checkConsistency({ head, extends: earlier }: Manifest, anchors?: TrustAnchors): Verdict<void> {
  if (!earlier) return { detail: 'no earlier head is named' }
  const proof = earlier.proof.map((hash) => getBytes(hash))
  if (!verifyConsistency(earlier.size, head.size, getBytes(earlier.root), getBytes(head.root), proof)) {
    const values = { presented: earlier.size, required: head.size }
    throw new EvidenceError('LOG_NOT_CONSISTENT', 'the head is not the earlier one with leaves added', values)
  }
  const known = anchors?.heads.find(({ size }) => size === earlier.size)
  if (!known) return { unchecked: `it extends a head of ${earlier.size} leaves that no trust anchors know` }
  if (known.root !== earlier.root) {
    throw new EvidenceError('HEAD_FORKED', 'the head that it extends is another one of that size', {
      presented: earlier.root,
      required: known.root
    })
  }
  return { detail: `it extends the head of ${earlier.size} leaves that was anchored in block ${known.blockNumber}` }
}

export function readRecords({ manifest, members }: OpenedPackage): Verdict<Records> {
  const inOrder = manifest.records.toSorted((a, b) => a.leafIndex - b.leafIndex)
  const records: EvidenceRecord[] = inOrder.map(({ path }) => {
    try {
      return parseRecord(members.get(path) as Uint8Array)
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error
      throw new EvidenceError(error.code, `${path}: ${error.message}`, error)
    }
  })
  const value: Records = {
    documents: records.filter((record) => record.kind === 'document'),
    commands: records.filter((record) => record.kind === 'command'),
    placed: records.filter((record) => record.kind === 'state' || record.kind === 'cut'),
    decisions: records.filter((record) => record.kind === 'decision'),
    grants: records.filter((record) => record.kind === 'grant'),
    quoteActs: records.filter((record) => record.kind === 'signature' || record.kind === 'withdrawal')
  }
  const { documents, commands, placed, decisions, grants, quoteActs } = value
  const cuts = placed.filter(({ kind }) => kind === 'cut').length
  const others =
    (cuts === 0 ? '' : `, ${cuts} cuts of others`) +
    (decisions.length === 0 ? '' : `, ${decisions.length} decisions on alarms`) +
    (grants.length === 0 ? '' : `, ${grants.length} grants`) +
    (quoteActs.length === 0 ? '' : `, ${quoteActs.length} signatures and withdrawals of quotes`)
  return {
    value,
    detail: `${documents.length} documents, ${commands.length} commands, ${placed.length - cuts} events${others}`
  }
}

/** What somebody decided on another receivable proves nothing of this one. */
export function checkDecisions({ decisions }: Records, receivableId: string): Verdict<void> {
  const other = decisions.find((one) => one.receivableId !== receivableId)
  if (other) {
    const values = { presented: other.receivableId, required: receivableId }
    throw new EvidenceError('SUBJECT_MISMATCH', 'a decision is about another receivable', values)
  }
  const words = decisions.map(({ participantId, decision, rule, score, decidedAt }) => {
    return `participant ${participantId} ${decision} ${rule} (${score}) at ${decidedAt}`
  })
  return { detail: words.join('; ') }
}

/** Who was shown another document proves nothing of this one. */
export function checkGrants({ grants }: Records, documentId: string): Verdict<void> {
  const other = grants.find((one) => one.documentId !== documentId)
  if (other) {
    const values = { presented: other.documentId, required: documentId }
    throw new EvidenceError('SUBJECT_MISMATCH', 'a grant is of another document', values)
  }
  const words = grants.map(({ grantedBy, grantedTo, sections, state, at }) => {
    return `participant ${grantedBy}: ${sections.join(', ')} ${state} to ${grantedTo} at ${at}`
  })
  return { detail: words.join('; ') }
}

export function checkInclusion({ manifest, members }: OpenedPackage): Verdict<void> {
  const { head } = manifest
  const root = getBytes(head.root)
  for (const record of manifest.records) {
    const leaf = leafHash(members.get(record.path) as Uint8Array)
    if (!verifyInclusion(record.leafIndex, head.size, leaf, proofOf(record), root)) {
      const message = `${record.path} is not leaf ${record.leafIndex} of the log of ${head.size} leaves`
      throw new EvidenceError('LEAF_NOT_IN_LOG', message, { presented: record.leafIndex })
    }
  }
  return { detail: `${manifest.records.length} records are leaves of the head's log` }
}

export function checkSignatures(commands: CommandRecord[], verifiers: Verifiers): Verdict<void> {
  const unchecked = commands.reduce((sum, command) => sum + requireSignatures(command, verifiers), 0)
  if (unchecked > 0) return { unchecked: `${unchecked} signatures are for verifiers that only the chain can ask` }
  return { detail: `${commands.length} commands are signed as they say` }
}

export function checkSigners(commands: CommandRecord[], anchors?: TrustAnchors): Verdict<void> {
  if (!anchors) return { unchecked: 'no trust anchors say whose keys these are' }
  for (const command of commands) requireKnownSigners(command, anchors)
  return { detail: 'each key belongs to the participant that it signed for' }
}

export function checkDocuments(
  { manifest, members }: OpenedPackage,
  records: Records,
  replayed?: Replayed
): Verdict<void> {
  for (const path of manifest.documents) {
    const { sha256, sm3, bytes } = digestsOf(members.get(path) as Uint8Array)
    const record = records.documents.find((one) => one.sha256 === sha256)
    if (!record || record.sm3 !== sm3 || record.byteLength !== String(bytes) || !path.includes(sha256.slice(2))) {
      throw new EvidenceError('DOCUMENT_MISMATCH', `${path} is not what its document record says`, {
        presented: sha256
      })
    }
  }
  const sealed = manifest.sealed ?? []
  const unrecorded = sealed.find(({ path, sha256 }) => {
    return !path.includes(sha256.slice(2)) || !records.documents.some((one) => one.sha256 === sha256)
  })
  if (unrecorded) {
    throw new EvidenceError('DOCUMENT_MISMATCH', `${unrecorded.path} is of no recorded document`, {
      presented: unrecorded.sha256
    })
  }
  const closed = sealed.length === 0 ? '' : `, ${sealed.length} more sealed to readers and not looked into`
  const detail = `${manifest.documents.length} of ${records.documents.length} recorded documents are inside${closed}`
  if (!replayed) return { detail }
  const { fingerprints, terms } = replayed
  const related = records.documents.filter((record) => record.fingerprints.some((one) => fingerprints.includes(one)))
  // By its commitment alone: its record has the fingerprints of the day it was uploaded, and keys may have followed each other since.
  const founding = records.documents.find(({ contentCommitment }) => contentCommitment === terms.contentCommitment)
  if (related.length > 0 && !founding) {
    throw new EvidenceError('DOCUMENT_MISMATCH', 'a document has the fingerprint that was claimed and other content', {
      presented: related[0]?.contentCommitment,
      required: terms.contentCommitment
    })
  }
  return { detail: founding ? `${detail}; document ${founding.documentId} is the one registered` : detail }
}
