/** The checks of a quote's package: what was offered, by whom it is signed, and what of that is only the registry's word. */
import { parseQuote, type Quote } from '../factoring/terms.ts'
import { QUOTE_FORMAT, quoteDigest, quoteTypedData } from '../factoring/signing.ts'
import { isUserIdWrong, isValidPart } from '../intent/typed-data.ts'
import { isQuorumReached, type Verifiers } from '../participant/signers.ts'
import type { TrustAnchors } from './anchors.ts'
import type { Verdict } from './checks.ts'
import { EvidenceError, type EvidenceErrorCode } from './errors.ts'
import { digestsOf, type OpenedPackage } from './package.ts'
import type { Records } from './package-checks.ts'
import { parseRecord, type SignatureRecord, type WithdrawalRecord } from './record.ts'
import { isSameAddress, rfc3339, unixSeconds, type EvidenceDeployment } from './shape.ts'

/** A quote with the signatures under it, in the order of the log. */
export interface SignedQuote {
  terms: Quote
  text: string
  signatures: SignatureRecord[]
}

/** Whether the package is a quote's, or has what only a quote's has. */
export function isOfQuote({ documents, quoteActs }: Records): boolean {
  return quoteActs.length > 0 || documents.some(({ format }) => format === QUOTE_FORMAT)
}

/**
 * The text is there and is that of the quote; what the factor did about it came after it, in the log's own order and by its times.
 * @throws EvidenceError DOCUMENT_MISMATCH, RECORD_MALFORMED, SUBJECT_MISMATCH, QUOTE_MISMATCH
 */
export function checkQuote(opened: OpenedPackage, records: Records): Verdict<SignedQuote> {
  const { manifest, members } = opened
  const { id } = manifest.subject
  const record = records.documents.find(({ documentId }) => documentId === id)
  if (record?.format !== QUOTE_FORMAT) refuse('SUBJECT_MISMATCH', 'the package tells of acts on a quote and is of none')
  const bytes = manifest.documents
    .map((path) => members.get(path) as Uint8Array)
    .find((one) => digestsOf(one).sha256 === record.sha256)
  if (!bytes) refuse('DOCUMENT_MISMATCH', 'the text of the quote is not in the package', undefined, record.sha256)
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  const terms = parseQuote(text)
  if (terms.quoteId !== id) refuse('SUBJECT_MISMATCH', 'the text is of another quote', terms.quoteId, id)
  const first = manifest.records.reduce((a, b) => (b.leafIndex < a.leafIndex ? b : a))
  if (parseRecord(members.get(first.path) as Uint8Array).kind !== 'document') {
    refuse('QUOTE_MISMATCH', 'the text is recorded after what was done about it')
  }
  const withdrawn = requireActs(records, terms)
  const signatures = records.quoteActs.filter((act) => act.kind === 'signature')
  const standing = withdrawn
    ? `withdrawn at ${withdrawn.at}`
    : `${terms.isFirm ? 'firm' : 'open to withdrawal'} until ${rfc3339(terms.expiresAt)}`
  const offer = `participant ${terms.factor} offers participant ${terms.requester} ${terms.purpose} of ${terms.amount} minor units of currency ${terms.currency}`
  return { value: { terms, text, signatures }, detail: `${offer}, ${standing}` }
}

function requireActs({ quoteActs }: Records, terms: Quote): WithdrawalRecord | undefined {
  let withdrawn: WithdrawalRecord | undefined
  for (const act of quoteActs) {
    const title = `the ${act.kind} at ${act.at}`
    if (act.documentId !== terms.quoteId) {
      refuse('SUBJECT_MISMATCH', `${title} is of another quote`, act.documentId, terms.quoteId)
    }
    if (act.participantId !== String(terms.factor)) {
      refuse('QUOTE_MISMATCH', `${title} is of another participant than the factor`, act.participantId, terms.factor)
    }
    if (withdrawn) refuse('QUOTE_MISMATCH', `${title} is recorded after the quote was withdrawn`)
    const time = unixSeconds(act.at)
    if (time < terms.issuedAt || time > terms.expiresAt) {
      const required = `${rfc3339(terms.issuedAt)} to ${rfc3339(terms.expiresAt)}`
      refuse('QUOTE_MISMATCH', `${title} is not of the time in which the quote stood`, act.at, required)
    }
    if (act.kind === 'withdrawal') withdrawn = act
  }
  if (withdrawn && terms.isFirm) refuse('QUOTE_MISMATCH', 'a firm quote can not be withdrawn', withdrawn.at)
  return withdrawn
}

/**
 * Each signature is over this text, for this registry and the factor's account, by the key that it names.
 * @throws EvidenceError SIGNATURE_INVALID, USER_ID_WRONG, DEPLOYMENT_MISMATCH
 */
export function checkQuoteSignatures(
  { terms, text, signatures }: SignedQuote,
  deployment: Pick<EvidenceDeployment, 'chainId' | 'fingerprints'> & Verifiers
): Verdict<void> {
  if (signatures.length === 0) {
    return {
      unchecked: `no key of participant ${terms.factor} signed it: that this is its offer is only what the registry recorded`
    }
  }
  let unknown = 0
  for (const { chainId, registry, account, digest, signer, signature } of signatures) {
    if (chainId !== deployment.chainId || !isSameAddress(registry, deployment.fingerprints)) {
      const required = `${deployment.chainId} ${deployment.fingerprints}`
      refuse('DEPLOYMENT_MISMATCH', 'the quote is signed for another registry', `${chainId} ${registry}`, required)
    }
    const signed = quoteDigest(quoteTypedData(chainId, registry, account, text))
    if (signed !== digest) refuse('SIGNATURE_INVALID', 'the signature is over another text', digest, signed)
    const part = { signer, signature }
    const isValid = isValidPart(digest, part, deployment)
    if (isValid === undefined) unknown++
    else if (!isValid) {
      const code = isUserIdWrong(digest, part, deployment) ? 'USER_ID_WRONG' : 'SIGNATURE_INVALID'
      refuse(code, 'the quote is not signed by the key that is named', signature, signer)
    }
  }
  if (new Set(signatures.map(({ signer }) => signer.toLowerCase())).size !== signatures.length) {
    refuse('SIGNATURE_INVALID', 'the quote has one signer twice')
  }
  if (unknown > 0) return { unchecked: `${unknown} signatures are for verifiers that only the chain can ask` }
  const keys = signatures.map(({ signer, at }) => `the ${kindOf(signer, deployment)} key ${signer} at ${at}`)
  return { detail: `the text is signed by ${keys.join(' and ')}` }
}

/**
 * The keys and the account are the factor's by the trust anchors. That they were its keys at that time, and which duty each had, is
 * nowhere proven without the chain of then: the records say it, and so does this.
 * @throws EvidenceError SIGNER_UNKNOWN
 */
export function checkQuoteSigners({ terms, signatures }: SignedQuote, anchors?: TrustAnchors): Verdict<void> {
  if (!anchors) return { unchecked: 'no trust anchors say whose keys these are' }
  const participant = anchors.participants.find(({ id }) => id === terms.factor)
  if (!participant) refuse('SIGNER_UNKNOWN', 'the factor is unknown to the anchors', terms.factor)
  for (const { signer, account } of signatures) {
    if (!isSameAddress(participant.account, account)) {
      refuse('SIGNER_UNKNOWN', 'the quote is signed for an account of another', account, participant.account)
    }
    if (!participant.signers.some((known) => isSameAddress(known, signer))) {
      refuse('SIGNER_UNKNOWN', `the key is not one of ${participant.name}`, signer, participant.signers.join())
    }
  }
  const { makers, checkers } = (signatures.at(-1) as SignatureRecord).quorum
  const count = (wanted: SignatureRecord['duty']): number => signatures.filter(({ duty }) => duty === wanted).length
  const counted = `${count('maker')} of ${makers} makers and ${count('checker')} of ${checkers} checkers, as the registry recorded`
  const quorum = { makers: Number(makers), checkers: Number(checkers) }
  const signers = signatures.map(({ signer }) => signer)
  if (!isQuorumReached(signers, signatures, quorum)) {
    return { unchecked: `keys of ${participant.name} signed, but not enough for its account: ${counted}` }
  }
  return {
    detail: `the keys are of ${participant.name} by the trust anchors (${counted}; what each might do at that time is not proven offline)`
  }
}

function kindOf(signer: string, { p256Verifier, sm2Verifier }: Verifiers): string {
  if (signer.length === 42) return 'secp256k1'
  if (isSameAddress(signer.slice(0, 42), sm2Verifier)) return 'SM2'
  return isSameAddress(signer.slice(0, 42), p256Verifier) ? 'P-256' : 'unknown'
}

function refuse(code: EvidenceErrorCode, message: string, presented?: unknown, required?: unknown): never {
  throw new EvidenceError(code, message, { presented, required })
}
