/** Makes certificates: reads the facts from a node, proves them, and has the operator sign. */
import { encodeHeader, decodeHeader } from '../proof/header.ts'
import { qbftHash } from '../proof/qbft.ts'
import { wordsOf, type StateProof } from '../proof/state-proof.ts'
import { isSameAddress, evidenceDeployment, rfc3339, type EvidenceDeployment } from '../shape.ts'
import { EvidenceError } from '../errors.ts'
import { claimFacts, payToFacts, provenanceFacts, type ReadWord } from './facts.ts'
import type { CertifiedSigner } from '../signed.ts'
import { signStatement } from './signature.ts'
import type { Certificate, CertificateProof, PayToStatement, Statement } from './statement.ts'

/** What a certificate is to be about. */
export type CertificateSubject =
  | { kind: 'fingerprint'; fingerprint: string }
  | { kind: 'pay-to'; receivableId: string }
  | { kind: 'provenance'; noteId: string }

/** A node, as the issuer needs it. */
export interface StateNode {
  /** A block as JSON-RPC gives it. */
  block(number: number | 'latest'): Promise<Record<string, unknown>>
  storageAt(address: string, slot: string, block: number): Promise<bigint>
  /** `eth_getProof`, in the form of a certificate. */
  proof(address: string, slots: readonly string[], block: number): Promise<StateProof>
  /** Runtime code, 0x-hex. */
  codeAt(address: string, block: number): Promise<string>
}

export interface IssueOptions {
  deployment: EvidenceDeployment
  /** The registry version that the subject lives on, where it is not the deployment's own. */
  version?: string | undefined
  node: StateNode
  signer: CertifiedSigner
  /** Names and accounts of payees. */
  payees(ids: readonly number[]): Promise<PayToStatement['payees']>
  /** Records the statement in the log, and its place under an anchored head; undefined when that takes too long. */
  anchor?(statement: Statement): Promise<CertificateProof['anchored'] | undefined>
  /** Unix seconds. */
  now: number
}

/** The chain goes on while it is read: a node may answer for a block with the state of the next one (anvil 1.7.1 does). */
const ATTEMPTS = 5
const passing: readonly string[] = ['STATE_PROOF_INVALID', 'FACTS_MISMATCH', 'SPANS_INCOMPLETE']

/**
 * A certificate as of the newest block: a node that was started again may have forgotten the state of older ones. Nothing is
 * signed that its own proof does not show.
 * @throws EvidenceError FACTS_MISMATCH or SPANS_INCOMPLETE when there is nothing to state, HEADER_MISMATCH for a chain that
 *   names blocks otherwise, STATE_PROOF_INVALID for a node whose state is not that of its blocks
 */
export async function issueCertificate(subject: CertificateSubject, options: IssueOptions): Promise<Certificate> {
  const { statement, proof } = await provenStatement(subject, options)
  const anchored = await options.anchor?.(statement)
  return {
    statement,
    proof: { ...proof, ...(anchored && { anchored }) },
    signature: await signStatement(statement, options.signer)
  }
}

type Proven = Pick<Certificate, 'statement' | 'proof'>

async function provenStatement(subject: CertificateSubject, options: IssueOptions): Promise<Proven> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await proveNewest(subject, options)
    } catch (error) {
      const mayPass = error instanceof EvidenceError && passing.includes(error.code)
      if (!mayPass || attempt === ATTEMPTS) throw error
    }
  }
}

async function proveNewest(subject: CertificateSubject, options: IssueOptions): Promise<Proven> {
  const { node, now } = options
  const own = evidenceDeployment(options.deployment)
  const deployment = { ...own, receivables: options.version ?? own.receivables }
  const block = await node.block('latest')
  const rlp = encodeHeader(block)
  const header = decodeHeader(rlp)
  const hash = String(block['hash'])
  const hashing = header.hash === hash ? 'header' : 'qbft'
  if (hashing === 'qbft' && qbftHash(header) !== hash) {
    throw new EvidenceError('HEADER_MISMATCH', 'the header does not have the hash that the node gives', {
      presented: hash,
      required: header.hash
    })
  }
  const words = { fingerprints: new Map<string, bigint>(), receivables: new Map<string, bigint>() }
  const read: ReadWord = async (contract, slot) => {
    const word = await node.storageAt(deployment[contract], slot, header.number)
    words[contract].set(slot, word)
    return word
  }
  const asOf = { number: header.number, hash, time: rfc3339(header.time) }
  const common = { v: 1 as const, deployment, asOf, issuedAt: rfc3339(now) }
  const statement = { ...common, ...(await factsOf(subject, read, header.time, options)) } as Statement
  const state = await Promise.all(
    (['fingerprints', 'receivables'] as const)
      .filter((contract) => words[contract].size > 0)
      .map(async (contract) => {
        const proof = await node.proof(deployment[contract], [...words[contract].keys()], header.number)
        requireShown(wordsOf(header.stateRoot, proof), words[contract])
        return proof
      })
  )
  const isOther = words.receivables.size > 0 && !isSameAddress(deployment.receivables, own.receivables)
  const code = isOther ? await node.codeAt(deployment.receivables, header.number) : undefined
  return { statement, proof: { header: rlp, hashing, state, ...(code && { code }) } }
}

function requireShown(shown: ReadonlyMap<string, bigint>, read: ReadonlyMap<string, bigint>): void {
  for (const [slot, word] of read) {
    if (shown.get(slot) === word) continue
    throw new EvidenceError('STATE_PROOF_INVALID', `the proof shows another word in slot ${slot} than the node said`, {
      presented: word,
      required: shown.get(slot)
    })
  }
}

async function factsOf(
  subject: CertificateSubject,
  read: ReadWord,
  time: number,
  options: IssueOptions
): Promise<object> {
  switch (subject.kind) {
    case 'fingerprint':
      return { fingerprint: subject.fingerprint, ...(await claimFacts(read, subject.fingerprint)) }
    case 'pay-to': {
      const facts = await payToFacts(read, BigInt(subject.receivableId), time)
      const ids = [...new Set(facts.spans.map(({ payee }) => payee))].filter((id) => id !== 0).sort((a, b) => a - b)
      return { receivableId: subject.receivableId, ...facts, payees: await options.payees(ids) }
    }
    case 'provenance':
      return { noteId: subject.noteId, ...(await provenanceFacts(read, BigInt(subject.noteId), time)) }
  }
}
