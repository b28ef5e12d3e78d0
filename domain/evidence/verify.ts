/** Verification of an evidence package, without network when the trust anchors know its head. */
import { getBytes } from 'ethers'
import { noteIdToHex, receivableIdOfNote } from '../note/span.ts'
import type { Verifiers } from '../participant/signers.ts'
import type { TrustAnchors } from './anchors.ts'
import {
  compareWithChain,
  requireAnchoredOnChain,
  requireOnChain,
  requireSameChain,
  type ChainReader
} from './chain-check.ts'
import {
  isSameAddress,
  requireCommand,
  requireKnownSigners,
  requireOrdered,
  requireSignatures
} from './command-check.ts'
import { EvidenceError, type EvidenceErrorCode } from './errors.ts'
import { verifyHead } from './head.ts'
import { leafHash, verifyInclusion } from './merkle.ts'
import { holdingsOf, outcomeOf, type Outcome } from './outcome.ts'
import { digestsOf, openPackage, proofOf, type Manifest, type OpenedPackage, type Subject } from './package.ts'
import {
  parseRecord,
  type CommandRecord,
  type DocumentRecord,
  type EvidenceRecord,
  type StateRecord
} from './record.ts'
import { replay, type Replayed } from './replay.ts'
import { evidenceDeployment } from './shape.ts'

/** One thing looked at. `ok` is null when it could not be checked with what was given; `detail` says why. */
export interface Check {
  name: string
  ok: boolean | null
  detail: string
  code?: EvidenceErrorCode
}

/**
 * `verified`: everything holds, up to the trust anchors. `consistent`: nothing is wrong, but something could not be checked.
 * `failed`: at least one check has a code.
 */
export interface Report {
  result: 'verified' | 'consistent' | 'failed'
  checks: Check[]
  /** The result in one sentence. */
  summary: string
  subject?: Subject
  outcome?: Outcome
}

interface Records {
  documents: DocumentRecord[]
  commands: CommandRecord[]
  states: StateRecord[]
}

/** Returned by a check that could not be made. */
interface Unchecked {
  unchecked: string
}

/**
 * Verifies a package. Never throws for what is in it; rejects only when `chain` does.
 * @param anchors What the verifier trusts; without them nothing says whose log and whose keys these are.
 * @param chain A node to ask as well; its contracts' addresses are taken from the anchors where given.
 */
export async function verifyPackage(bytes: Uint8Array, anchors?: TrustAnchors, chain?: ChainReader): Promise<Report> {
  const checks = new Checks()
  const opened = await checks.run('package', 'PACKAGE_UNREADABLE', () => {
    const value = openPackage(bytes)
    return { value, detail: `${value.members.size} members, ${bytes.length} bytes` }
  })
  if (!opened) return checks.report()
  const { manifest } = opened
  const deployment = anchors?.deployment ?? manifest.deployment
  await checks.run('digests', 'DIGEST_MISMATCH', () => checkDigests(opened))
  await checks.run('deployment', 'DEPLOYMENT_MISMATCH', () => checkDeployment(manifest, anchors, chain))
  await checks.run('head signature', 'HEAD_SIGNATURE_INVALID', () => checkHead(manifest, anchors))
  await checks.run('anchoring', 'HEAD_NOT_ANCHORED', () => checkAnchoring(manifest, anchors, chain))
  const records = await checks.run('records', 'RECORD_MALFORMED', () => readRecords(opened))
  await checks.run('log inclusion', 'LEAF_NOT_IN_LOG', () => checkInclusion(opened))
  if (!records) return checks.report(manifest.subject)

  const receivableId = receivableIdOf(manifest.subject)
  await checks.run('signatures', 'SIGNATURE_INVALID', () => checkSignatures(records.commands, deployment))
  await checks.run('signers', 'SIGNER_UNKNOWN', () => checkSigners(records.commands, anchors))
  await checks.run('commands', 'COMMAND_MISMATCH', () => {
    for (const command of records.commands) requireCommand(command, deployment, receivableId)
    return { detail: `${records.commands.length} commands call functions of the registry and concern the subject` }
  })
  const replayed = await checks.run('state', 'STATE_MISMATCH', () => checkState(records, manifest.subject, anchors))
  if (replayed) {
    await checks.run('authority', 'COMMAND_MISMATCH', () => {
      const unordered = requireOrdered(replayed, records.commands, deployment)
      if (unordered === 0) return { detail: 'each transaction did what its signed command says, by who may order it' }
      const detail = `${unordered} transactions came without a signed command of this registry's api`
      return chain ? { detail: `${detail}; the chain is asked for them` } : { unchecked: detail }
    })
  }
  await checks.run('documents', 'DOCUMENT_MISMATCH', () => checkDocuments(opened, records, replayed))
  if (chain && replayed) {
    await checks.run('chain', 'STATE_MISMATCH', async () => {
      const touching = [...new Set(replayed.steps.map(({ record }) => record))]
      await requireOnChain(chain, touching, deployment)
      return { detail: await compareWithChain(chain, replayed, deployment.receivables) }
    })
  }
  const noteId = manifest.subject.kind === 'note' ? BigInt(manifest.subject.id) : undefined
  return checks.report(manifest.subject, replayed && outcomeOf(replayed, anchors, noteId))
}

/** Runs checks and keeps their outcomes. */
export class Checks {
  readonly #checks: Check[] = []

  get made(): readonly Check[] {
    return this.#checks
  }

  /** Runs one check and keeps its outcome. What it throws is its refusal; `code` is for what has none of its own. */
  async run<T>(
    name: string,
    code: EvidenceErrorCode,
    work: () => Verdict<T> | Promise<Verdict<T>>
  ): Promise<T | undefined> {
    try {
      const verdict = await work()
      if ('unchecked' in verdict) {
        this.#checks.push({ name, ok: null, detail: verdict.unchecked })
        return undefined
      }
      this.#checks.push({ name, ok: true, detail: verdict.detail })
      return verdict.value
    } catch (error) {
      if (error instanceof EvidenceError) {
        this.#checks.push({ name, ok: false, detail: detailOf(error), code: error.code })
      } else if (error instanceof RangeError || error instanceof TypeError) {
        this.#checks.push({ name, ok: false, detail: error.message, code })
      } else {
        throw error
      }
      return undefined
    }
  }

  report(subject?: Subject, outcome?: Outcome): Report {
    const failed = this.#checks.filter(({ ok }) => ok === false)
    const open = this.#checks.filter(({ ok }) => ok === null)
    const result = failed.length > 0 ? 'failed' : open.length > 0 ? 'consistent' : 'verified'
    const about = subject ? `${subject.kind} ${subject.id}` : 'this file'
    const summaries = {
      verified: `Verified: the evidence for ${about} holds.`,
      consistent: `Consistent, not verified: nothing is wrong with the evidence for ${about}, but not checked: ${open.map(({ name }) => name).join(', ')}.`,
      failed: `Failed: the evidence for ${about} is refused (${[...new Set(failed.map(({ code }) => code))].join(', ')}).`
    }
    return {
      result,
      checks: this.#checks,
      summary: summaries[result],
      ...(subject && { subject }),
      ...(outcome && { outcome })
    }
  }
}

export type Verdict<T> = { detail: string; value?: T } | Unchecked

function checkDigests({ manifest, members }: OpenedPackage): Verdict<void> {
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

async function checkDeployment(
  manifest: Manifest,
  anchors?: TrustAnchors,
  chain?: ChainReader
): Promise<Verdict<void>> {
  const { deployment, head } = manifest
  requireSame('head', { chainId: head.chainId, evidenceLog: head.evidenceLog }, deployment)
  if (anchors) requireSame('manifest', deployment, anchors.deployment)
  if (chain) await requireSameChain(chain, anchors?.deployment ?? deployment)
  if (anchors) return { detail: `the registry of the trust anchors on chain ${deployment.chainId}` }
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

function checkHead({ head }: Manifest, anchors?: TrustAnchors): Verdict<void> {
  const operator = anchors?.logOperator ?? head.operator
  if (!verifyHead(head, operator)) {
    throw new EvidenceError('HEAD_SIGNATURE_INVALID', 'the head is not signed by the log operator', {
      required: operator
    })
  }
  const detail = `head of ${head.size} leaves at ${head.time} is signed by ${operator}`
  return anchors ? { detail } : { unchecked: `${detail}; no trust anchors say whether that is the log's operator` }
}

async function checkAnchoring(manifest: Manifest, anchors?: TrustAnchors, chain?: ChainReader): Promise<Verdict<void>> {
  const { head, anchor } = manifest
  const known = anchors?.heads.find(({ size }) => size === head.size)
  const refuse = (message: string, presented: unknown, required?: unknown): never => {
    throw new EvidenceError('HEAD_NOT_ANCHORED', message, { presented, required })
  }
  if (known && known.root !== head.root)
    refuse('the trust anchors have another root of that size', head.root, known.root)
  if (known && anchor && (known.txHash !== anchor.txHash || known.blockNumber !== anchor.blockNumber)) {
    refuse('the head was anchored by another transaction', anchor.txHash, known.txHash)
  }
  if (chain) {
    await requireAnchoredOnChain(chain, manifest, anchors?.deployment.evidenceLog ?? manifest.deployment.evidenceLog)
    return { detail: `the chain holds the root of ${head.size} leaves` }
  }
  if (known) return { detail: `anchored in block ${known.blockNumber}, as the trust anchors say` }
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

function readRecords({ manifest, members }: OpenedPackage): Verdict<Records> {
  const records: EvidenceRecord[] = manifest.records.map(({ path }) => {
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
    states: records.filter((record) => record.kind === 'state')
  }
  const { documents, commands, states } = value
  return { value, detail: `${documents.length} documents, ${commands.length} commands, ${states.length} transactions` }
}

function checkInclusion({ manifest, members }: OpenedPackage): Verdict<void> {
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

function checkSignatures(commands: CommandRecord[], verifiers: Verifiers): Verdict<void> {
  const unchecked = commands.reduce((sum, command) => sum + requireSignatures(command, verifiers), 0)
  if (unchecked > 0) return { unchecked: `${unchecked} signatures are for verifiers that only the chain can ask` }
  return { detail: `${commands.length} commands are signed as they say` }
}

function checkSigners(commands: CommandRecord[], anchors?: TrustAnchors): Verdict<void> {
  if (!anchors) return { unchecked: 'no trust anchors say whose keys these are' }
  for (const command of commands) requireKnownSigners(command, anchors)
  return { detail: 'each key belongs to the participant that it signed for' }
}

function checkState(records: Records, subject: Subject, anchors?: TrustAnchors): Verdict<Replayed> {
  const receivableId = receivableIdOf(subject)
  const value = replay(receivableId, records.states)
  if (subject.kind === 'note' && !value.notes.some(({ noteId }) => noteIdToHex(noteId) === subject.id)) {
    throw new EvidenceError('LINEAGE_INCOMPLETE', 'no record opens the note', { required: subject.id })
  }
  return { value, detail: holdingsOf(value, anchors) }
}

function checkDocuments({ manifest, members }: OpenedPackage, records: Records, replayed?: Replayed): Verdict<void> {
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
  const founding = related.find(({ contentCommitment }) => contentCommitment === terms.contentCommitment)
  if (related.length > 0 && !founding) {
    throw new EvidenceError('DOCUMENT_MISMATCH', 'a document has the fingerprint that was claimed and other content', {
      presented: related[0]?.contentCommitment,
      required: terms.contentCommitment
    })
  }
  return { detail: founding ? `${detail}; document ${founding.documentId} is the one registered` : detail }
}

function receivableIdOf(subject: Subject): bigint {
  return subject.kind === 'note' ? receivableIdOfNote(BigInt(subject.id)) : BigInt(subject.id)
}

function detailOf({ message, presented, required }: EvidenceError): string {
  const values = [presented && `presented ${presented}`, required && `required ${required}`].filter(Boolean)
  return values.length > 0 ? `${message} (${values.join(', ')})` : message
}
