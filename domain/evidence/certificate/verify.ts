/** The verifier of certificates: offline against trust anchors and known blocks, and against a node when one is given. */
import { keccak256 } from 'ethers'
import { registryNumberOf } from '../../chain/registries.ts'
import type { TrustAnchors } from '../anchors.ts'
import { EvidenceError } from '../errors.ts'
import { decodeHeader, type BlockHeader } from '../proof/header.ts'
import { qbftHash } from '../proof/qbft.ts'
import { codeHashOf, wordsOf } from '../proof/state-proof.ts'
import { requireVersion, requireVersionCode } from '../versions.ts'
import { isSameAddress, canonicalBytes, evidenceDeployment, unixSeconds, type EvidenceDeployment } from '../shape.ts'
import { Checks, type Check, type Verdict } from '../checks.ts'
import { claimFacts, payToFacts, provenanceFacts, type ReadWord } from './facts.ts'
import { requireSignedStatement } from './signature.ts'
import { parseCertificate, type Certificate, type CertificateKind, type Statement } from './statement.ts'
import { checkBlock, type KnownBlock } from './trust.ts'
import { statementWords } from './words.ts'

/** A node to ask. Each rejects when it does not answer. */
export interface CertificateChain {
  chainId(): Promise<number>
  genesisHash(): Promise<string>
  blockHash(blockNumber: number): Promise<string | undefined>
  newestBlock(): Promise<{ number: number; time: number }>
  storageAt(address: string, slot: string): Promise<bigint>
  /** Root anchored for exactly `size` leaves; 32 zero bytes when none is. */
  headRootOf(evidenceLog: string, size: number): Promise<string>
}

export interface CertificateReport {
  result: 'verified' | 'consistent' | 'failed'
  checks: Check[]
  /** The result in one sentence. */
  summary: string
  certificate?: { kind: CertificateKind; asOf: Statement['asOf']; words: string[]; statement: Statement }
}

export interface CertificateTrust {
  anchors?: TrustAnchors | undefined
  chain?: CertificateChain | undefined
  /** Block hashes known from elsewhere. */
  blocks?: readonly KnownBlock[] | undefined
}

/**
 * Verifies a certificate. Never throws for what is in it; rejects only when the chain does. A certificate that was true as
 * of its block and is so no longer fails with CERTIFICATE_STALE, which only a node can tell.
 */
export async function verifyCertificate(bytes: Uint8Array, trust: CertificateTrust = {}): Promise<CertificateReport> {
  const checks = new Checks()
  const { anchors, chain } = trust
  const certificate = await checks.run('certificate', 'CERTIFICATE_MALFORMED', () => {
    const value = parseCertificate(bytes)
    return { value, detail: `${value.statement.kind}, as of block ${value.statement.asOf.number}` }
  })
  if (!certificate) return reportOf(checks)
  const { statement } = certificate
  // What the anchors say counts, not what the certificate does: words of another contract would prove nothing.
  const { deployment, version } = versionOf(statement, anchors)
  await checks.run('deployment', 'DEPLOYMENT_MISMATCH', () => checkDeployment(statement, anchors, chain))
  await checks.run('signature', 'SIGNATURE_INVALID', () => checkSignature(certificate, trust))
  const header = await checks.run('header', 'HEADER_MISMATCH', () => checkHeader(certificate))
  await checks.run('block', 'BLOCK_NOT_TRUSTED', () => checkBlock(certificate, header, trust))
  const words =
    header &&
    (await checks.run('state proof', 'STATE_PROOF_INVALID', () => checkState(certificate, header, deployment, version)))
  if (words) {
    if (statement.kind === 'pay-to') await checks.run('spans', 'SPANS_INCOMPLETE', () => checkSpans(statement))
    await checks.run('facts', 'FACTS_MISMATCH', () => checkFacts(statement, words))
    if (chain)
      await checks.run('freshness', 'CERTIFICATE_STALE', () => checkFreshness(statement, words, deployment, chain))
  }
  return reportOf(checks, statement)
}

/** The contracts that count: by the anchors, on the version that the certificate names where their Fingerprints creates it. */
function versionOf(
  statement: Statement,
  anchors: TrustAnchors | undefined
): { deployment: EvidenceDeployment; version?: number | undefined } {
  if (!anchors) return { deployment: statement.deployment }
  const { receivables } = statement.deployment
  const version = registryNumberOf(anchors.deployment.fingerprints, receivables)
  if (version === undefined || isSameAddress(receivables, anchors.deployment.receivables)) {
    return { deployment: anchors.deployment }
  }
  return { deployment: { ...anchors.deployment, receivables }, version }
}

async function checkDeployment(
  statement: Statement,
  anchors: TrustAnchors | undefined,
  chain: CertificateChain | undefined
): Promise<Verdict<void>> {
  const stated = statement.deployment
  const known = anchors && evidenceDeployment(anchors.deployment)
  const version = anchors && requireVersion('the certificate', stated, anchors.deployment)
  for (const part of Object.keys(stated) as (keyof EvidenceDeployment)[]) {
    if (part !== 'receivables' && known && !isSameAddress(String(stated[part]), String(known[part]))) {
      throw new EvidenceError('DEPLOYMENT_MISMATCH', `the certificate names another ${part}`, {
        presented: stated[part],
        required: known[part]
      })
    }
  }
  if (chain) {
    const [chainId, genesisHash] = [await chain.chainId(), await chain.genesisHash()]
    if (chainId !== stated.chainId || genesisHash !== stated.genesisHash) {
      throw new EvidenceError('DEPLOYMENT_MISMATCH', 'the chain asked is another one', {
        presented: `${chainId} ${genesisHash}`,
        required: `${stated.chainId} ${stated.genesisHash}`
      })
    }
  }
  const named = version ? `version ${version} of the registry` : 'the registry'
  if (known) return { detail: `${named} of the trust anchors on chain ${stated.chainId}` }
  return { unchecked: 'the contracts are only what the certificate says' }
}

function checkSignature({ statement, signature }: Certificate, trust: CertificateTrust): Verdict<void> {
  const { certificate } = requireSignedStatement(statement, signature, trust.anchors)
  const detail = `signed by ${certificate.subject}`
  return trust.anchors ? { detail } : { unchecked: `${detail}; no trust anchors say whether that is the operator` }
}

function checkHeader({ statement, proof }: Certificate): Verdict<BlockHeader> {
  const { asOf } = statement
  const header = decodeHeader(proof.header)
  const hash = proof.hashing === 'qbft' ? qbftHash(header) : header.hash
  const refuse = (what: string, presented: unknown, required: unknown): never => {
    throw new EvidenceError('HEADER_MISMATCH', `the header has another ${what}`, { presented, required })
  }
  if (hash !== asOf.hash) refuse('hash', hash, asOf.hash)
  if (header.number !== asOf.number) refuse('number', header.number, asOf.number)
  if (header.time !== unixSeconds(asOf.time)) refuse('time', header.time, asOf.time)
  return { value: header, detail: `block ${asOf.number} of ${asOf.time} is ${hash}` }
}

type Words = Record<'fingerprints' | 'receivables', Map<string, bigint>>

/** @param version Number of a version that the anchors do not name, whose code must be shown */
function checkState(
  { proof }: Certificate,
  header: BlockHeader,
  deployment: EvidenceDeployment,
  version: number | undefined
): Verdict<Words> {
  const words: Words = { fingerprints: new Map(), receivables: new Map() }
  const seen = new Set<string>()
  for (const part of proof.state) {
    const contract = (['fingerprints', 'receivables'] as const).find((one) =>
      isSameAddress(deployment[one], part.address)
    )
    if (!contract || seen.has(contract)) {
      throw new EvidenceError('STATE_PROOF_INVALID', 'the proof is of another contract', { presented: part.address })
    }
    seen.add(contract)
    words[contract] = wordsOf(header.stateRoot, part)
    if (contract === 'receivables' && version) {
      requireProvenCode(proof.code, codeHashOf(header.stateRoot, part))
      requireVersionCode(proof.code, version, deployment)
    }
  }
  const count = words.fingerprints.size + words.receivables.size
  return { value: words, detail: `${count} words are proven against the state root ${header.stateRoot}` }
}

function requireProvenCode(code: string | undefined, required: string): asserts code is string {
  const presented = code === undefined ? 'none' : keccak256(code)
  if (presented === required) return
  throw new EvidenceError('STATE_PROOF_INVALID', 'the code of the registry version is not shown, or is another', {
    presented,
    required
  })
}

/** N1, by what the statement says: proofs of a part would show a part. */
function checkSpans({ spans, receivable }: Extract<Statement, { kind: 'pay-to' }>): Verdict<void> {
  let covered = 0n
  for (const { start, end } of spans) {
    if (BigInt(start) !== covered || BigInt(end) <= covered) {
      const values = { presented: `[${start}, ${end})`, required: covered }
      throw new EvidenceError('SPANS_INCOMPLETE', `the spans do not follow each other at ${covered}`, values)
    }
    covered = BigInt(end)
  }
  if (covered !== BigInt(receivable.amount)) {
    const values = { presented: covered, required: receivable.amount }
    throw new EvidenceError('SPANS_INCOMPLETE', 'the spans do not cover the receivable', values)
  }
  return { detail: `${spans.length} spans cover [0, ${receivable.amount}) without gap` }
}

async function checkFacts(statement: Statement, words: Words): Promise<Verdict<void>> {
  const used = new Set<string>()
  const read: ReadWord = async (contract, slot) => {
    const word = words[contract].get(slot)
    if (word === undefined) {
      const code = statement.kind === 'pay-to' ? 'SPANS_INCOMPLETE' : 'STATE_PROOF_INVALID'
      throw new EvidenceError(code, `the proof lacks a word of ${contract}`, { required: slot })
    }
    used.add(`${contract} ${slot}`)
    return word
  }
  const facts = await factsOf(statement, read, unixSeconds(statement.asOf.time))
  const other = differenceOf(statement, facts)
  if (other) {
    const values = { presented: JSON.stringify(other.stated), required: JSON.stringify(other.proven) }
    throw new EvidenceError('FACTS_MISMATCH', `the state proves another ${other.name}`, values)
  }
  const count = words.fingerprints.size + words.receivables.size
  if (used.size !== count) {
    throw new EvidenceError('STATE_PROOF_INVALID', `${count - used.size} words that are proven say nothing here`)
  }
  if (statement.kind === 'pay-to') requirePayees(statement)
  return { detail: 'what is stated is what the words say' }
}

/** Each payee of a span is named once, and nobody else. */
function requirePayees({ spans, payees }: Extract<Statement, { kind: 'pay-to' }>): void {
  const ids = [...new Set(spans.map(({ payee }) => payee))].filter((id) => id !== 0).sort((a, b) => a - b)
  const named = payees.map(({ participantId }) => participantId)
  if (named.join() === ids.join()) return
  throw new EvidenceError('FACTS_MISMATCH', 'the payees are not those of the spans', {
    presented: named.join(),
    required: ids.join()
  })
}

/** The same words now, and the same facts at the newest block's time: freezes end and maturity comes without a write. */
async function checkFreshness(
  statement: Statement,
  words: Words,
  deployment: EvidenceDeployment,
  chain: CertificateChain
): Promise<Verdict<void>> {
  const newest = await chain.newestBlock()
  const stale = (what: string, presented: unknown, required: unknown): never => {
    const message = `true as of block ${statement.asOf.number}, but at block ${newest.number} ${what}`
    throw new EvidenceError('CERTIFICATE_STALE', message, { presented, required })
  }
  const read: ReadWord = (contract, slot) => chain.storageAt(deployment[contract], slot)
  let facts: object
  try {
    facts = await factsOf(statement, read, newest.time)
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error
    return stale(error.message, error.presented, error.required)
  }
  const other = differenceOf(statement, facts)
  if (other) stale(`${other.name} is another`, JSON.stringify(other.stated), JSON.stringify(other.proven))
  for (const contract of ['fingerprints', 'receivables'] as const) {
    for (const [slot, word] of words[contract]) {
      const now = await read(contract, slot)
      if (now !== word) stale(`a word of ${contract} is another`, `0x${word.toString(16)}`, `0x${now.toString(16)}`)
    }
  }
  return { detail: `nothing of it has changed up to block ${newest.number}` }
}

async function factsOf(statement: Statement, read: ReadWord, time: number): Promise<object> {
  switch (statement.kind) {
    case 'search':
    case 'no-claim':
      return claimFacts(read, statement.fingerprint)
    case 'pay-to':
      return payToFacts(read, BigInt(statement.receivableId), time)
    case 'provenance':
      return provenanceFacts(read, BigInt(statement.noteId), time)
  }
}

/** The first fact that differs. */
function differenceOf(
  statement: Statement,
  facts: object
): { name: string; stated: unknown; proven: unknown } | undefined {
  for (const [name, proven] of Object.entries(facts)) {
    const stated = (statement as unknown as Record<string, unknown>)[name]
    if (stated === undefined || String(canonicalBytes(stated)) !== String(canonicalBytes(proven))) {
      return { name, stated, proven }
    }
  }
  return undefined
}

function reportOf(checks: Checks, statement?: Statement): CertificateReport {
  const made = [...checks.made]
  const failed = made.filter(({ ok }) => ok === false)
  const open = made.filter(({ ok }) => ok === null)
  const result = failed.length > 0 ? 'failed' : open.length > 0 ? 'consistent' : 'verified'
  const about = statement ? `${statement.kind} certificate` : 'file'
  const asOf = statement ? ` as of block ${statement.asOf.number} (${statement.asOf.time})` : ''
  const summaries = {
    verified: `Verified: the ${about} holds${asOf}.`,
    consistent: `Consistent, not verified: nothing is wrong with the ${about}${asOf}, but not checked: ${open.map(({ name }) => name).join(', ')}.`,
    failed: `Failed: the ${about} is refused (${[...new Set(failed.map(({ code }) => code))].join(', ')}).`
  }
  const { kind } = statement ?? {}
  return {
    result,
    checks: made,
    summary: summaries[result],
    ...(statement &&
      kind && { certificate: { kind, asOf: statement.asOf, words: statementWords(statement), statement } })
  }
}
