/** Quotes: a factor signs the text of what it offered, and whoever is shown one checks who signed it. */
import type { TrustAnchors } from '../domain/evidence/anchors.ts'
import { canonicalBytes } from '../domain/evidence/shape.ts'
import { quoteDigest, quoteTypedData, type QuoteTypedData } from '../domain/factoring/signing.ts'
import { parseQuote, type Quote } from '../domain/factoring/terms.ts'
import { isValidPart } from '../domain/intent/typed-data.ts'
import type { Api, Input } from './api.ts'
import type { Operations } from './operations.generated.ts'
import { ReviewError, type Known } from './review.ts'
import { signatureBody, type IntentSigner } from './signers.ts'

type SignableQuote = Operations['getQuote']['output']
/** As requests list it, and by itself. */
export type QuoteView = Omit<SignableQuote, 'typedData' | 'digest'>
type Offer = Input<'giveQuote'>['body']

/** Fields of the text that the api also shows one by one. */
const shownFields = [
  'quoteId',
  'requestId',
  'factor',
  'amount',
  'currency',
  'purpose',
  'advanceBp',
  'reserveBp',
  'annualRateBp',
  'dayCount',
  'interestDue',
  'fees',
  'isFirm',
  'expiresAt',
  'fundBy',
  'remark'
] as const

/**
 * The terms of a quote's text, which are those that the api shows one by one.
 * @throws ReviewError REVIEW_TERMS
 */
export function termsOf(quote: QuoteView): Quote {
  const terms = parseQuote(quote.text)
  for (const field of shownFields) {
    if (oneForm(terms[field]) !== oneForm(quote[field])) refuse(`${field} is not that of the quote’s text`)
  }
  return terms
}

/**
 * Signs a quote after a look at its text, with each signer that has not signed yet. Safe to call again after a crash.
 * @param known Registry and account that is signed for: from the key file, never from the api
 * @param offer What was offered, as it was sent: the text has to say the same
 * @throws ReviewError REVIEW_TERMS, REVIEW_CHAIN, REVIEW_DIGEST; ProblemError
 */
export async function signQuote(
  api: Api,
  quote: SignableQuote,
  signers: readonly IntentSigner[],
  known: Known,
  offer: Offer
): Promise<SignableQuote> {
  const terms = termsOf(quote)
  for (const [field, value] of Object.entries(offer)) {
    if (oneForm(terms[field as keyof Quote]) !== oneForm(value)) refuse(`${field} is not what was offered`)
  }
  const typedData = requireTypedData(quote, known)
  let signed = quote
  for (const signer of signers) {
    if (signed.signatures.some((one) => one.signer === signer.signer)) continue
    const part = await signer.sign(typedData)
    const key = `signature/${part.signer.slice(-64)}/${part.signature.slice(2, 66)}`
    signed = await api.call('signQuote', { quoteId: quote.quoteId, body: signatureBody(part) }, { key })
  }
  return signed
}

/** Made anew from the text and what the signer knows itself, so that nothing else can be signed. */
function requireTypedData({ text, digest }: SignableQuote, known: Known): QuoteTypedData {
  const typedData = quoteTypedData(known.chainId, known.fingerprints, known.account, text)
  if (quoteDigest(typedData) !== digest) {
    throw new ReviewError('REVIEW_DIGEST', 'the quote is to be signed for another registry, account or text than yours')
  }
  return typedData
}

/**
 * Requires that the factor's keys signed the quote, as many as its account wants, each over this text for this registry. Whose the keys
 * are is what the anchors say; how many are wanted, and that they were the account's when they signed, is the registry's word.
 * @returns the signers
 * @throws ReviewError REVIEW_TERMS, REVIEW_SIGNATURE
 */
export function requireSigned(quote: QuoteView, { deployment, participants }: TrustAnchors): string[] {
  const refuseSignature = (what: string): never => {
    throw new ReviewError('REVIEW_SIGNATURE', what)
  }
  const { factor } = termsOf(quote)
  const known = participants.find(({ id }) => id === factor)
  if (!known) return refuseSignature(`the anchors do not know the factor ${factor}`)
  if (quote.signedAt === null || quote.signatures.length === 0) refuseSignature('the factor has not signed the quote')
  const digest = quoteDigest(quoteTypedData(deployment.chainId, deployment.fingerprints, known.account, quote.text))
  return quote.signatures.map(({ signer, signature }) => {
    if (!known.signers.some((one) => one.toLowerCase() === signer))
      refuseSignature(`${signer} is no key of ${known.name}`)
    if (isValidPart(digest, { signer, signature }, deployment) !== true) {
      refuseSignature(`${signer} has not signed this quote`)
    }
    return signer
  })
}

function refuse(what: string): never {
  throw new ReviewError('REVIEW_TERMS', what)
}

function oneForm(value: unknown): string {
  return new TextDecoder().decode(canonicalBytes({ value }))
}
